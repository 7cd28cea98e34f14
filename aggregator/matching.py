"""Which entry is this? Pure: what arrives and what is known in, a decision with its reason out.

The rules stand in the order in which they are tried; the first that holds decides. Inside one source an id, a link,
a path or the text tells that an entry was seen before; between sources only a link with agreeing words, or an id
with the same words, does: an id alone is a claim that anybody can make. A false join is as bad as a missed one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, ValuesView
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from aggregator.identity import is_public_id
from aggregator.known import Arriving, Index, Seen, Shows
from aggregator.likeness import like_titles, overlap, says_something, similarity

__all__ = ["Arriving", "Decision", "Document", "IdsPolicy", "Index", "Rule", "Seen", "repeats_ids"]

Rule = Literal["new", "guid", "link", "path", "fingerprint"]
IdsPolicy = Literal["auto", "guid", "link"]

HALF = 0.5
MIGRATION_LEAST = 3
MOST_ALIKE = 20  # a source that repeats one text for ever must not cost the square of its length
MOST_COMPARED = 5  # candidates whose whole text is compared, and …
MOST_COMPARISONS = 1000  # … comparisons in one document


@dataclass(frozen=True, slots=True)
class Decision:
    """`again`: the sighting that this is, seen again; else `joins`: the sighting whose entry it joins; else new."""

    rule: Rule
    reason: str
    again: Seen | None = None
    joins: Seen | None = None
    score: float | None = None


@dataclass(slots=True)
class Document:
    """One source's document while it is being matched: what it shows, what is known, what is taken already.

    `home` is the canonical form of the source's home page; `text_of` gives a known sighting's folded text.
    `complete`: absence means gone. `present` names paths that stand in a posts folder unread.
    """

    source_id: str
    arriving: Sequence[Arriving]
    known: Index
    elsewhere: Index
    text_of: Callable[[int], str]
    home: str = ""
    complete: bool = True
    ids: IdsPolicy = "auto"
    repeats_ids: bool = False
    across_sources: bool = True
    threshold: float = 0.85
    present: frozenset[str] = frozenset()
    _free: Index = field(init=False)
    _taken: Index = field(init=False, default_factory=Index)
    _entries: set[int] = field(init=False, default_factory=set)
    _shows: Shows = field(init=False)
    _comparisons: int = field(init=False, default=0)
    _migrates: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._free = Index(self.known)
        self._shows = Shows(self.arriving, self.present)
        self._migrates = self._is_migration()

    def decide(self, one: Arriving) -> Decision:
        """The first rule that holds. The caller adds what it makes of the decision by `settle`."""
        for rule in (self._unchanged, self._same_id, self._same_place, self._churned_id, self._same_text):
            if decision := rule(one):
                return decision
        if self.across_sources and (decision := self._other_source(one)):
            return decision
        return Decision("new", "nothing known is like it")

    def settle(self, seen: Seen) -> None:
        self.known.add(seen)
        self._free.remove(seen.id)
        self._taken.add(seen)
        self._entries.add(seen.entry_id)

    def is_gone(self, seen: Seen) -> bool:
        """No longer shown: known to be gone, or absent from this complete document."""
        return not self._is_shown(seen) and (seen.gone or self.complete)

    def _is_shown(self, seen: Seen) -> bool:
        if seen.path:
            return seen.path in self._shows.paths
        if self._shows.holds("item", seen):
            return True
        if seen.canonical and self.ids == "link":
            return self._shows.holds("link", seen)
        if seen.upstream_id and self._ids_are_void:
            return self._shows.holds("id and link", seen) or self._shows.holds("id and title", seen)
        return self._shows.holds("id", seen) if seen.upstream_id else self._shows.holds_anonymous_link(seen)

    def _is_for(self, one: Arriving, seen: Seen) -> bool:
        """Whether `one` may be it: it is nobody else's, who shows it unchanged or in its old file."""
        if seen.path and seen.path != one.path:
            return seen.path not in self._shows.paths
        return seen.item == one.item or not self._shows.holds("item", seen)

    @property
    def _ids_are_void(self) -> bool:
        return self.repeats_ids and self.ids == "auto"

    # the same source shows what it showed before

    def _unchanged(self, one: Arriving) -> Decision | None:
        """What stands twice in one document, letter by letter, is one sighting."""
        for seen in (*islice(self._free.find("item", one), 1), *islice(self._taken.find("item", one), 1)):
            return Decision("path" if one.path else "guid" if one.upstream_id else "link", "unchanged", again=seen)
        return None

    def _same_id(self, one: Arriving) -> Decision | None:
        if not one.upstream_id or (self.ids == "link" and one.canonical):
            return None
        found = self._same_thing(one) if self._ids_are_void else self._free.find("id", one)
        for seen in found:
            if self._is_for(one, seen):
                return Decision("guid", f"this source showed the id {one.upstream_id} before", again=seen)
        return self._same_id_twice(one)

    def _same_thing(self, one: Arriving) -> Iterator[Seen]:
        """Where ids are repeated, what else agrees: a link that both have alone, the date, or the words."""
        at_link = list(islice(self._free.find("id and link", one), 2))
        if len(at_link) == 1 and self._shows.links[one.canonical] < 2:
            yield from at_link
        for seen in islice(self._free.find("id and title", one), MOST_ALIKE):
            if (one.claimed and one.claimed == seen.claimed) or (one.whole and one.whole == seen.whole):
                yield seen
        for seen in islice(self._free.find("id", one), MOST_COMPARED):
            if not (self._shows.holds("link", seen) and seen.canonical != one.canonical) and self._is_half(one, seen):
                yield seen

    def _same_id_twice(self, one: Arriving) -> Decision | None:
        """The same entry twice in one document; or in two files, of which one was not read again."""
        alike = self._taken.find("id", one) if self.ids == "guid" else self.known.find("thing", one)
        for seen in islice(alike, MOST_ALIKE):
            if not self._ids_are_void or one.whole == seen.whole:
                return Decision("guid", f"the id {one.upstream_id} stands twice in this source", joins=seen)
        return None

    def _same_place(self, one: Arriving) -> Decision | None:
        if one.canonical and (not one.upstream_id or self.ids == "link"):
            if seen := next(self._at_link(one), None):
                return Decision("link", f"this source showed the link {one.canonical} before", again=seen)
            if seen := next(self._twice_at_link(one), None):
                return Decision("link", f"the link {one.canonical} stands twice in this source", joins=seen)
        for seen in sorted(self._free.find("path", one), key=lambda seen: (seen.gone, -seen.id)):
            why = not (one.upstream_id and seen.upstream_id) and self._is_same_post(one, seen)
            if why:
                return Decision("path", f"the same file, and {why}", again=seen)
        return None

    def _at_link(self, one: Arriving) -> Iterator[Seen]:
        """A link that stands on several entries needs words that agree."""
        found = [
            seen
            for seen in islice(self._free.find("link", one), MOST_ALIKE)
            if self._is_for(one, seen) and (not seen.upstream_id or self.ids == "link")
        ]
        entries = {seen.entry_id for seen in islice(self.known.find("link", one), MOST_ALIKE)}
        if self.ids == "link" or (len(entries) < 2 and self._shows.links[one.canonical] < 2):
            yield from found
        yield from (seen for seen in found if self._agreement(one, seen))

    def _twice_at_link(self, one: Arriving) -> Iterator[Seen]:
        """What another one of this document shows, or a file that was not read again."""
        by_link = self.ids == "link"
        for seen in islice(self.known.find("link" if by_link else "link and title", one), MOST_ALIKE):
            is_shown = seen in self._taken or not self._is_for(one, seen)
            is_other = says_something(one.text) and not self._is_half(one, seen)
            if is_shown and (by_link or (self._agreement(one, seen) and not is_other)):
                yield seen

    def _is_same_post(self, one: Arriving, seen: Seen) -> str:
        """Else the old post is gone, and this is another under its name."""
        if one.title and one.title == seen.title:
            return "the title agrees"
        if one.text and one.text == self.text_of(seen.id):
            return "the text agrees"
        return "half of the text agrees" if self._is_half(one, seen) else ""

    # the link stayed, the id churned

    def _churned_id(self, one: Arriving) -> Decision | None:
        if not self._is_evidence(one) or (self.ids == "guid" and one.upstream_id):
            return None
        if len({seen.entry_id for seen in self.known.find("link", one)}) > 1:
            return None
        for seen in self.known.latest("link", one, MOST_ALIKE):
            why = self._is_left_behind(seen) and self._agreement(one, seen)
            if why:
                change = f"its id changed from {seen.upstream_id or 'none'} to {one.upstream_id or 'none'}"
                return Decision("link", f"the same link, {change}, and {why}", joins=seen)
        return None

    def _agreement(self, one: Arriving, seen: Seen) -> str:
        """What agrees of title, claimed date and half of the text; "" where nothing does.

        A page that is new each time (a verse of the day) may keep its title: then both date and text tell.
        """
        if one.claimed and one.claimed == seen.claimed:
            return "the date agrees"
        if says_something(one.text) and self._is_half(one, seen):
            return "half of the text agrees"
        if not one.title or one.title != seen.title:
            return ""
        is_other = one.claimed and seen.claimed and one.text and self.text_of(seen.id) not in {"", one.text}
        return "" if is_other else "the title agrees"

    # the words stayed

    def _same_text(self, one: Arriving) -> Decision | None:
        alike = self._alike(one)
        standing = {seen.entry_id for seen in alike if self._is_shown(seen)}
        for seen in alike:
            is_left = seen.entry_id not in standing and self._is_left_behind(seen)
            if is_left and (self._migrates or self._is_in_time(one, seen)):
                return Decision("fingerprint", "the same words as an entry that is gone", joins=seen, score=1.0)
            recrawled = one.path and seen.path and not (one.upstream_id or one.canonical)
            if recrawled and not (seen.upstream_id or seen.canonical) and one.whole == seen.whole:
                return Decision("fingerprint", f"the same title, text and images as {seen.path}", joins=seen, score=1.0)
        return None

    def _alike(self, one: Arriving) -> list[Seen]:
        """The same in all before the same text under a new title, the same date before another, the newest first."""
        found = (self.known.latest(name, one, MOST_ALIKE) for name in ("whole", "body"))
        return [seen for some in found for seen in sorted(some, key=lambda seen: seen.claimed != one.claimed)]

    def _is_in_time(self, one: Arriving, seen: Seen) -> bool:
        """Whoever wrote it when the old one was still there did not write it anew. Undated, only the whole tells."""
        if one.claimed and seen.last_seen_at:
            return one.claimed <= seen.last_seen_at
        return bool(one.path) or one.whole == seen.whole

    def _is_left_behind(self, seen: Seen) -> bool:
        return seen.entry_id not in self._entries and self.is_gone(seen)

    def _is_migration(self) -> bool:
        """At least three entries, and half of the document, show the words of entries that are gone."""
        moved: set[int] = set()
        for one in self.arriving:
            if not self._shows_known(one):
                gone = (seen.entry_id for seen in self._alike(one) if self.is_gone(seen))
                moved.update(islice((entry_id for entry_id in gone if entry_id not in moved), 1))
        return len(moved) >= MIGRATION_LEAST and 2 * len(moved) >= len(self.arriving)

    def _shows_known(self, one: Arriving) -> bool:
        return any(True for name in ("item", "id") for _ in self.known.find(name, one))

    # another source

    def _other_source(self, one: Arriving) -> Decision | None:
        if self._is_evidence(one) and not any(self.known.find("link", one)):
            entries = Counter(source for source, _ in {(seen.source_id, seen.entry_id) for seen in self._sharing(one)})
            for seen in self._sharing(one):
                if entries[seen.source_id] == 1 and (likeness := self._likeness(one, seen)):
                    why, score = likeness
                    reason = f"source {seen.source_id} shows the same link, {why}"
                    return Decision("link", reason, joins=seen, score=score)
        for seen in self.elsewhere.find("id and whole", one) if is_public_id(one.upstream_id) else ():
            reason = f"source {seen.source_id} shows the same id with the same words"
            return Decision("guid", reason, joins=seen, score=1.0)
        return None

    def _sharing(self, one: Arriving) -> ValuesView[Seen]:
        return self.elsewhere.find("link", one)

    def _is_evidence(self, one: Arriving) -> bool:
        """A home page, or a link that this source shows on several entries, says nothing."""
        return bool(one.canonical) and one.canonical != self.home and self._shows.links[one.canonical] < 2

    def _likeness(self, one: Arriving, seen: Seen) -> tuple[str, float | None] | None:
        """Two link blogs that point at one article say different things of it."""
        if one.on_own_host and seen.on_own_host:
            return "both on its own site", None
        if like_titles(one.title, seen.title, self.threshold):
            return "under the same title", None
        if one.body and seen.body and self._may_compare():
            score = similarity(one.text, self.text_of(seen.id))
            return ("with near the same text", score) if score >= self.threshold else None
        return None

    # what agrees

    def _is_half(self, one: Arriving, seen: Seen) -> bool:
        return bool(one.text) and self._may_compare() and overlap(one.text, self.text_of(seen.id)) >= HALF

    def _may_compare(self) -> bool:
        self._comparisons += 1
        return self._comparisons <= MOST_COMPARISONS


def repeats_ids(arriving: Iterable[Arriving]) -> bool:
    """Whether this document shows one id on entries that are different things."""
    things: dict[str, tuple[str, str]] = {}
    for one in arriving:
        thing = (one.canonical, one.title)
        if one.upstream_id and things.setdefault(one.upstream_id, thing) != thing:
            return True
    return False
