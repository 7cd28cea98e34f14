"""One source's document while it is matched: its entries, the known sightings, and which of these are taken. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, ShownKeys
from aggregator.dedup.similarity import contradict, is_distinctive
from aggregator.dedup.sketch import KnownText, has_text, is_same, overlap_with

IdsPolicy = Literal["auto", "guid", "link"]

HALF = 0.5
MOST_ALIKE = 20  # candidates compared; else a source that repeats one text would cost quadratic time
MOST_COMPARISONS = 1000  # whole texts compared in one document


@dataclass(slots=True)
class DocumentState:
    """`home`: the canonical form of the source's home page; `text_of`: the folded text of a known sighting, or its
    sketch; `enclosures_of`: its enclosures. `complete`: an entry that is absent is gone. `present`: paths of posts that
    are in the folder but were not read again. `free`: known sightings that no entry matched yet; `taken`: the others,
    and the new ones; `displaced`: those whose id names another entry now.
    """

    arriving: Sequence[Arriving]
    known: CandidateIndex
    text_of: Callable[[int], KnownText]
    home: str = ""
    complete: bool = True
    ids: IdsPolicy = "auto"
    repeats_ids: bool = False
    present: frozenset[str] = frozenset()
    enclosures_of: Callable[[int], tuple[str, ...]] = lambda _: ()
    free: CandidateIndex = field(init=False)
    taken: CandidateIndex = field(init=False, default_factory=CandidateIndex)
    entries: set[int] = field(init=False, default_factory=set)
    displaced: set[int] = field(init=False, default_factory=set)
    shows: ShownKeys = field(init=False)
    _comparisons: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.free = CandidateIndex(self.known)
        self.shows = ShownKeys(self.arriving, self.present)

    def merge(self, seen: Known) -> None:
        self.known.add(seen)
        self.free.remove(seen.id)
        self.taken.add(seen)
        self.entries.add(seen.entry_id)

    def is_gone(self, seen: Known) -> bool:
        """Whether it is no longer shown: marked as gone, or absent from a complete document."""
        return not self.is_shown(seen) and (seen.gone or self.complete)

    def is_shown(self, seen: Known) -> bool:
        if seen.path:
            return seen.path in self.shows.paths
        if self.shows.holds("item", seen) or self.shows.holds("recovered", seen):
            return True
        if seen.canonical and self.ids == "link":
            return self.shows.holds("link", seen)
        if seen.upstream_id and self.ids_are_void:
            return any(self.shows.holds(name, seen) for name in ("id and link", "id and title")) or self._moved(seen)
        if seen.id in self.displaced:
            return self._moved(seen)
        return self.shows.holds("id", seen) if seen.upstream_id else self.shows.holds_anonymous_link(seen)

    def _moved(self, seen: Known) -> bool:
        """Whether it is shown under another id."""
        is_linked = self.is_own_link(seen.canonical)
        return self.shows.holds("link and title" if is_linked else "title and date", seen)

    def shows_known(self, one: Arriving) -> bool:
        """Whether the source showed the same item before, the same id, or the same link without an id."""
        names = ("item", "id") if one.upstream_id else ("item", "link")
        return any(True for name in names for _ in self.known.find(name, one))

    def may_be(self, one: Arriving, seen: Known) -> bool:
        """Whether `one` may be this sighting: no other entry shows it unchanged, or in its old file."""
        if seen.path and seen.path != one.path:
            return seen.path not in self.shows.paths
        return seen.item == one.item or not self.shows.holds("item", seen)

    @property
    def ids_are_void(self) -> bool:
        return self.repeats_ids and self.ids == "auto"

    def agreement(self, one: Arriving, seen: Known) -> str:
        """Which of claimed date, half of the text or title agrees; "" where none does.

        A page with new content each day (a verse of the day) may keep its title: where both claim a date, an equal
        title counts only with equal text.
        """
        if one.claimed and one.claimed == seen.claimed:
            return "the date agrees"
        if contradict(one.title, seen.title):
            return ""
        if is_distinctive(one.text) and self.is_half(one, seen):
            return "half of the text agrees"
        if not one.title or one.title != seen.title:
            return ""
        return "" if one.claimed and seen.claimed and self._differs(one, seen) else "the title agrees"

    def _differs(self, one: Arriving, seen: Known) -> bool:
        """Whether the texts differ, or the pictures where neither has a text."""
        text = self.text_of(seen.id)
        if one.text or has_text(text):
            return bool(one.text) and has_text(text) and not is_same(one.text, text)
        return bool(one.whole and seen.whole) and one.whole != seen.whole

    def is_left_behind(self, seen: Known) -> bool:
        return seen.entry_id not in self.entries and self.is_gone(seen)

    def is_half(self, one: Arriving, seen: Known) -> bool:
        return bool(one.text) and self.may_compare() and overlap_with(one.text, self.text_of(seen.id)) >= HALF

    def is_other_text(self, one: Arriving, seen: Known) -> bool:
        """Whether both have a text, and less than half of it agrees."""
        if not one.text or not has_text(known := self.text_of(seen.id)) or not self.may_compare():
            return False
        return overlap_with(one.text, known) < HALF

    def may_compare(self) -> bool:
        self._comparisons += 1
        return self._comparisons <= MOST_COMPARISONS

    def is_evidence(self, one: Arriving) -> bool:
        return self.is_own_link(one.canonical)

    def is_own_link(self, canonical: str) -> bool:
        """Whether a link identifies an entry: not the home page, nor a link of several entries of this document."""
        return bool(canonical) and canonical != self.home and self.shows.links[canonical] < 2
