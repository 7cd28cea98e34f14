"""Prints an explanation as text."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from aggregator.cli.console import page as stdout
from aggregator.cli.hints import runnable
from aggregator.explain import Explanation
from aggregator.explain.answer import EntryInfo, FeedAnswer, SightingInfo, SimilarEntry
from aggregator.text.date_formats import to_the_minute

MAX_FEEDS = 20  # without -v
MAX_REASONS = 5
MAX_WIDTH = 32  # cells of each column but the last
MIN_WIDTH = 20  # cells of wrapped text

Part = str | tuple[str, str]  # text, or text with its style

STATES = {
    "shown": ("shown", "green"),
    "held": ("held", "yellow"),
    "site": ("held: its source became another site", "yellow"),
    "hold": ("held by a person", "yellow"),
    "too-old": ("too old for its source", "yellow"),
    "waiting": ("waiting for approval", "yellow"),
    "removed": ("removed by a person", "red"),
    "joined": ("joined to another entry by a person", "yellow"),
    "hidden": ("in no feed", "red"),
}


def print_explanation(explanation: Explanation, *, all_feeds: bool) -> None:
    """Prints to stdout. `all_feeds`: one line per feed, also for feeds without the entry."""
    page = _Page(stdout())
    _print_entry(page, explanation.entry)
    _print_sightings(page, explanation.sightings)
    _print_categories(page, explanation)
    _print_feeds(page, explanation.feeds, all_feeds=all_feeds)
    _print_similar(page, explanation.also_like)
    _print_overrides(page, explanation)
    _print_problems(page, explanation)


class _Page:
    """Wrapped lines keep their indent. Ids and links are never broken, so that they can be copied."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def heading(self, words: str) -> None:
        self._print("")
        self._print("", (words, "bold"))

    def whole(self, indent: int, *parts: Part) -> None:
        self._print(" " * indent, *parts)

    def words(self, indent: int, *parts: Part) -> None:
        self._hang(" " * indent, Text.assemble(*map(_as_typed, parts)), indent)

    def table(self, rows: Iterable[Sequence[str]], *, right: int = -1) -> None:
        """The last column wraps; it starts on the next line if a cell before it is too wide. `right`: index of a
        right-aligned column."""
        all_rows = list(rows)
        widths = [min(max(map(cell_len, column)), MAX_WIDTH) for column in zip(*all_rows, strict=True)][:-1]
        for *cells, last in all_rows:
            padded = zip(cells, widths, range(len(widths)), strict=True)
            head = "  " + "".join(f"{_padded(cell, width, right=i == right)}  " for cell, width, i in padded)
            indent = 2 + sum(widths) + 2 * len(widths)
            if cell_len(head) > indent or not last:
                self._print(head.rstrip())
                head = " " * indent
            if last:
                self._hang(head, Text(runnable(last)), indent)

    def _hang(self, head: str, text: Text, indent: int) -> None:
        width = max(self._console.width - indent, MIN_WIDTH)
        for line in text.divide(_breaks(text.plain, width)):
            line.rstrip()
            self._print(head, line)
            head = " " * indent

    def _print(self, head: str, *parts: Part | Text) -> None:
        self._console.print(Text.assemble(head, *parts), soft_wrap=True)


def _as_typed(part: Part) -> Part:
    return runnable(part) if isinstance(part, str) else (runnable(part[0]), part[1])


def _breaks(text: str, width: int) -> list[int]:
    """Offsets at which lines of `width` cells end: only between words, so that a long URL stays whole."""
    breaks: list[int] = []
    used = 0
    at = 0
    for word in _words(text):
        if used and used + cell_len(word.rstrip()) > width:
            breaks.append(at)
            used = 0
        at += len(word)
        used += cell_len(word)
    return breaks


def _words(text: str) -> Iterator[str]:
    """Each word with the blanks after it."""
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


def _print_entry(page: _Page, entry: EntryInfo) -> None:
    page.whole(0, (entry.title or "untitled", "bold"))
    for address in dict.fromkeys((entry.link, entry.id)):
        if address:
            page.whole(2, address)
    words, color = STATES[entry.state]
    since = f" since {to_the_minute(entry.since)}" if entry.since else ""
    page.words(2, (words + since, color), f" · #{entry.number} · {_dates(entry)}")
    if entry.joined_to:
        page.whole(2, f"now {entry.joined_to}")
    if entry.categories:
        page.words(2, " · ".join(map(_path, entry.categories)))


def _dates(entry: EntryInfo) -> str:
    dates = [f"published {to_the_minute(entry.published)}"]
    if entry.updated != entry.published:
        dates.append(f"updated {to_the_minute(entry.updated)}")
    dates.append(f"first seen {to_the_minute(entry.first_seen_at)}")
    if entry.changed_at != entry.first_seen_at:
        dates.append(f"changed {to_the_minute(entry.changed_at)}")
    return " · ".join(dates) + " UTC"


def _print_sightings(page: _Page, sightings: Sequence[SightingInfo]) -> None:
    several = len(sightings) > 1
    page.heading(f"Seen {len(sightings)} times, as one entry" if several else "Seen once" if sightings else "Not seen")
    for one in sightings:
        page.whole(2, (f"#{one.number} {one.source}", "cyan"))
        page.words(5, (_dates_seen(one), "dim"), (" · shown in feeds", "green") if several and one.winner else "")
        for name, value in (("", one.path), ("", one.link), ("id ", one.id if one.id != one.link else "")):
            if value:
                page.whole(5, (name, "dim"), value)
        page.words(5, (f"{one.matched_by}: ", "dim"), f"{one.reason}{_evidence(one)}")
        if one.withheld:
            page.words(5, ("ignored: ", "red"), one.withheld)
        if one.apart_today:
            page.words(5, ("it would be another entry today: ", "yellow"), one.apart_today)
        if one.dropped:
            page.words(5, (one.dropped, "dim"))


def _evidence(one: SightingInfo) -> str:
    parts = [f"#{one.matched_to.number}"] if one.matched_to else []
    parts += [f"{one.score:.2f} alike"] if one.score is not None else []
    return f" ({', '.join(parts)})" if parts else ""


def _dates_seen(one: SightingInfo) -> str:
    first, last = to_the_minute(one.first_seen_at), to_the_minute(one.last_seen_at)
    gone = f", gone {to_the_minute(one.gone_at)}" if one.gone_at else ""
    return (first if first == last else f"{first} to {last}") + gone


def _print_categories(page: _Page, explanation: Explanation) -> None:
    page.heading("Its category terms" if explanation.categories else "No category terms")
    routes: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in explanation.categories:
        rule = f"{one.rule} ({one.decider})" if one.rule else f"({one.decider})"
        came, went = _path(one.term) or "(no term)", _path(one.category or ("nowhere",))
        routes[came, f"→ {went}", rule].append(one.source)
    every = {one.source for one in explanation.categories}
    page.table((*route, "" if len(sources) == len(every) else ", ".join(sources)) for route, sources in routes.items())
    _print_own_feeds(page, "a feed of its own: ", ((one.own_feed, one.category) for one in explanation.categories))
    _print_own_feeds(page, "no feed of its own: ", ((one.no_feed, one.category) for one in explanation.categories))


def _print_own_feeds(page: _Page, head: str, found: Iterable[tuple[str | None, Sequence[str] | None]]) -> None:
    """One line for each reason. `found`: (why, category)."""
    reasons: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for why, category in found:
        if why:
            reasons[why][_path(category or ())] = None
    for why, paths in reasons.items():
        page.words(2, (head, "dim"), f"{', '.join(paths)}: {why}")


def _print_feeds(page: _Page, feeds: Sequence[FeedAnswer], *, all_feeds: bool) -> None:
    held_by = [one for one in feeds if one.in_]
    lacking = [one for one in feeds if one.left_out]
    partly = ", but not in every format" if any(one.left_out for one in held_by) else ""
    page.heading(
        f"In {len(held_by):,} of {len(feeds):,} feeds{partly}" if held_by else f"In none of {len(feeds):,} feeds"
    )
    shown = held_by if all_feeds else held_by[:MAX_FEEDS]
    page.table(((one.id, str(one.position), one.why) for one in shown), right=1)
    if len(held_by) > len(shown):
        page.words(2, (f"… and {len(held_by) - len(shown):,} more; -v shows all", "dim"))
    for one in lacking if all_feeds else lacking[:MAX_FEEDS]:
        for lack in one.left_out:
            withheld = "the document is withheld: " if lack.withheld else ""
            page.words(2, (f"not in {lack.file} of feed {one.id}: ", "red"), f"{withheld}{lack.why}")
    out = [one for one in feeds if not one.in_]
    if out and held_by:
        page.words(2, ("not in", "dim"))
    if out:
        page.table((one.id, _with_told(one)) for one in out) if all_feeds else page.table(_by_reason(out))


def _by_reason(out: Sequence[FeedAnswer]) -> Iterator[tuple[str, str]]:
    """The rarest reasons first: they say the most about this entry."""
    counts = Counter(map(_with_told, out))
    rare = sorted(counts, key=lambda why: counts[why])
    for why in rare[:MAX_REASONS]:
        first = next(one.id for one in out if _with_told(one) == why)
        yield (first if counts[why] == 1 else f"{first} and {counts[why] - 1:,} more"), why
    if rest := sum(counts[why] for why in rare[MAX_REASONS:]):
        yield f"{rest:,} more", "-v shows all"


def _with_told(one: FeedAnswer) -> str:
    return f"{one.why}; readers see {one.told}" if one.told else one.why


def _print_similar(page: _Page, similar: Sequence[SimilarEntry]) -> None:
    if similar:
        page.heading("Similar, but separate entries")
    for one in similar:
        page.words(2, (one.title or "untitled", "cyan"))
        score = f" ({one.score:.2f} alike)" if one.score is not None else ""
        page.words(5, f"{one.why}{score}", (f" · {one.source}", "dim"))
        page.whole(5, one.id)


def _print_overrides(page: _Page, explanation: Explanation) -> None:
    if explanation.overrides:
        page.heading("Decisions of a person")
    for one in explanation.overrides:
        about = f" #{one.sighting}" if one.sighting else ""
        page.whole(2, f"{to_the_minute(one.at)}  {one.act}{about}", f"  {one.other}" if one.other else "")


def _print_problems(page: _Page, explanation: Explanation) -> None:
    if explanation.problems:
        page.heading("Problems")
    for one in explanation.problems:
        page.words(2, (f"{one.where}: " if one.where else "", "yellow"), f"{one.kind}: {one.message}")


def _path(names: Sequence[str]) -> str:
    return " › ".join(names)
