"""An explanation as people read it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from aggregator.cli.console import page as stdout
from aggregator.explain import Explanation
from aggregator.explain.answer import Alike, InFeed, Sighted, TheEntry

MOST_IN = 20  # feeds, where not all are asked for
MOST_REASONS = 5
WIDEST = 32  # cells of a column but the last
LEAST_ROOM = 20

Part = str | tuple[str, str]  # words, with their style

STATES = {
    "shown": ("shown", "green"),
    "held": ("held", "yellow"),
    "hold": ("held by a person", "yellow"),
    "removed": ("removed by a person", "red"),
    "joined": ("joined to another entry by a person", "yellow"),
    "hidden": ("in no feed", "red"),
}


def print_explanation(story: Explanation, *, every: bool) -> None:
    """On stdout. `every`: each feed on a line of its own, also those that it is not in."""
    page = _Page(stdout(emoji=False))
    _tell_entry(page, story.entry)
    _tell_sightings(page, story.sightings)
    _tell_categories(page, story)
    _tell_feeds(page, story.feeds, every=every)
    _tell_likes(page, story.also_like)
    _tell_overrides(page, story)
    _tell_problems(page, story)


class _Page:
    """Words wrap below their own beginning; what somebody may copy (ids, links) is never broken."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def heading(self, words: str) -> None:
        self._print("")
        self._print("", (words, "bold"))

    def whole(self, indent: int, *parts: Part) -> None:
        self._print(" " * indent, *parts)

    def words(self, indent: int, *parts: Part) -> None:
        self._hang(" " * indent, Text.assemble(*parts), indent)

    def table(self, rows: Iterable[Sequence[str]], *, right: int = -1) -> None:
        """The last column wraps, or stands below where the others leave no room. `right`: a column of numbers."""
        listed = list(rows)
        widths = [min(max(map(cell_len, column)), WIDEST) for column in zip(*listed, strict=True)][:-1]
        for *cells, last in listed:
            padded = zip(cells, widths, range(len(widths)), strict=True)
            head = "  " + "".join(f"{_padded(cell, width, right=i == right)}  " for cell, width, i in padded)
            indent = 2 + sum(widths) + 2 * len(widths)
            if cell_len(head) > indent or not last:
                self._print(head.rstrip())
                head = " " * indent
            if last:
                self._hang(head, Text(last), indent)

    def _hang(self, head: str, text: Text, indent: int) -> None:
        room = max(self._console.width - indent, LEAST_ROOM)
        for line in text.divide(_breaks(text.plain, room)):
            line.rstrip()
            self._print(head, line)
            head = " " * indent

    def _print(self, head: str, *parts: Part | Text) -> None:
        self._console.print(Text.assemble(head, *parts), soft_wrap=True)


def _breaks(words: str, room: int) -> list[int]:
    """Where lines of `room` cells end: between words only, so that a long address stays whole."""
    breaks: list[int] = []
    used = 0
    at = 0
    for word in _words(words):
        if used and used + cell_len(word.rstrip()) > room:
            breaks.append(at)
            used = 0
        at += len(word)
        used += cell_len(word)
    return breaks


def _words(text: str) -> Iterator[str]:
    """Each with the blanks behind it."""
    word = ""
    for is_blank, run in groupby(text, str.isspace):
        word += "".join(run)
        if is_blank:
            yield word
            word = ""
    yield from filter(None, [word])


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * max(width - cell_len(cell), 0)
    return space + cell if right else cell + space


def _tell_entry(page: _Page, entry: TheEntry) -> None:
    page.whole(0, (entry.title or "untitled", "bold"))
    for address in dict.fromkeys((entry.link, entry.id)):
        if address:
            page.whole(2, address)
    words, color = STATES[entry.state]
    since = f" since {_short(entry.since)}" if entry.since else ""
    page.words(2, (words + since, color), f" · #{entry.number} · {_dates(entry)}")
    if entry.joined_to:
        page.whole(2, f"now {entry.joined_to}")
    if entry.categories:
        page.words(2, " · ".join(map(_path, entry.categories)))


def _dates(entry: TheEntry) -> str:
    dates = [f"published {_short(entry.published)}"]
    if entry.updated != entry.published:
        dates.append(f"updated {_short(entry.updated)}")
    dates.append(f"first seen {_short(entry.first_seen_at)}")
    if entry.changed_at != entry.first_seen_at:
        dates.append(f"changed {_short(entry.changed_at)}")
    return " · ".join(dates) + " UTC"


def _tell_sightings(page: _Page, sightings: Sequence[Sighted]) -> None:
    several = len(sightings) > 1
    page.heading(f"Seen {len(sightings)} times, as one entry" if several else "Seen once" if sightings else "Not seen")
    for one in sightings:
        page.whole(2, (f"#{one.number} {one.source}", "cyan"))
        page.words(5, (_seen(one), "dim"), (" · what feeds show", "green") if several and one.winner else "")
        for name, value in (("", one.path), ("", one.link), ("id ", one.id if one.id != one.link else "")):
            if value:
                page.whole(5, (name, "dim"), value)
        page.words(5, (f"{one.matched_by}: ", "dim"), f"{one.reason}{_evidence(one)}")
        if one.withheld:
            page.words(5, ("does not count: ", "red"), one.withheld)
        if one.dropped:
            page.words(5, (one.dropped, "dim"))


def _evidence(one: Sighted) -> str:
    parts = [f"#{one.matched_to.number}"] if one.matched_to else []
    parts += [f"{one.score:.2f} alike"] if one.score is not None else []
    return f" ({', '.join(parts)})" if parts else ""


def _seen(one: Sighted) -> str:
    first, last = _short(one.first_seen_at), _short(one.last_seen_at)
    gone = f", gone {_short(one.gone_at)}" if one.gone_at else ""
    return (first if first == last else f"{first} to {last}") + gone


def _tell_categories(page: _Page, story: Explanation) -> None:
    page.heading("Where its categories went" if story.categories else "No category came with it")
    ways: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in story.categories:
        rule = f"{one.rule} ({one.decider})" if one.rule else f"({one.decider})"
        came, went = _path(one.term) or "(no term)", _path(one.category or ("nowhere",))
        ways[came, f"→ {went}", rule].append(one.source)
    every = {one.source for one in story.categories}
    page.table((*way, "" if len(sources) == len(every) else ", ".join(sources)) for way, sources in ways.items())
    without: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for one in story.categories:
        if one.no_feed:
            without[one.no_feed][_path(one.category or ())] = None
    for why, paths in without.items():
        page.words(2, ("no feed of its own: ", "dim"), f"{', '.join(paths)}: {why}")


def _tell_feeds(page: _Page, feeds: Sequence[InFeed], *, every: bool) -> None:
    held_by = [one for one in feeds if one.in_]
    page.heading(f"In {len(held_by):,} of {len(feeds):,} feeds" if held_by else f"In none of {len(feeds):,} feeds")
    shown = held_by if every else held_by[:MOST_IN]
    page.table(((one.id, str(one.position), one.why) for one in shown), right=1)
    if len(held_by) > len(shown):
        page.words(2, (f"… and {len(held_by) - len(shown):,} more; -v shows all", "dim"))
    out = [one for one in feeds if not one.in_]
    if out and held_by:
        page.words(2, ("not in", "dim"))
    if out:
        page.table((one.id, one.why) for one in out) if every else page.table(_by_reason(out))


def _by_reason(out: Sequence[InFeed]) -> Iterator[tuple[str, str]]:
    """What holds for few feeds tells most."""
    counts = Counter(one.why for one in out)
    rare = sorted(counts, key=lambda why: counts[why])
    for why in rare[:MOST_REASONS]:
        first = next(one.id for one in out if one.why == why)
        yield (first if counts[why] == 1 else f"{first} and {counts[why] - 1:,} more"), why
    if rest := sum(counts[why] for why in rare[MOST_REASONS:]):
        yield f"{rest:,} more", "-v shows all"


def _tell_likes(page: _Page, likes: Sequence[Alike]) -> None:
    if likes:
        page.heading("Like it, and yet entries of their own")
    for one in likes:
        page.words(2, (one.title or "untitled", "cyan"))
        score = f" ({one.score:.2f} alike)" if one.score is not None else ""
        page.words(5, f"{one.why}{score}", (f" · {one.source}", "dim"))
        page.whole(5, one.id)


def _tell_overrides(page: _Page, story: Explanation) -> None:
    if story.overrides:
        page.heading("What a person said")
    for one in story.overrides:
        about = f" #{one.sighting}" if one.sighting else ""
        page.whole(2, f"{_short(one.at)}  {one.act}{about}", f"  {one.other}" if one.other else "")


def _tell_problems(page: _Page, story: Explanation) -> None:
    if story.problems:
        page.heading("What needs to be known")
    for one in story.problems:
        page.words(2, (f"{one.where}: " if one.where else "", "yellow"), f"{one.kind}: {one.message}")


def _path(names: Sequence[str]) -> str:
    return " › ".join(names)


def _short(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
