"""One source's document while it is being matched: what it shows, what is known, what is taken already. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, Shows
from aggregator.dedup.similarity import contradict, says_something
from aggregator.dedup.sketch import KnownText, is_said, is_same, overlap_with

IdsPolicy = Literal["auto", "guid", "link"]

HALF = 0.5
MOST_ALIKE = 20  # a source that repeats one text for ever must not cost the square of its length
MOST_COMPARISONS = 1000  # whole texts compared in one document


@dataclass(slots=True)
class DocumentState:
    """`home` is the canonical form of the source's home page; `text_of` gives a known sighting's folded text, or
    what is left of it.
    `complete`: absence means gone. `present` names paths that stand in a posts folder unread.
    """

    arriving: Sequence[Arriving]
    known: CandidateIndex
    text_of: Callable[[int], KnownText]
    home: str = ""
    complete: bool = True
    ids: IdsPolicy = "auto"
    repeats_ids: bool = False
    present: frozenset[str] = frozenset()
    free: CandidateIndex = field(init=False)
    taken: CandidateIndex = field(init=False, default_factory=CandidateIndex)
    entries: set[int] = field(init=False, default_factory=set)
    shows: Shows = field(init=False)
    _comparisons: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.free = CandidateIndex(self.known)
        self.shows = Shows(self.arriving, self.present)

    def merge(self, seen: Known) -> None:
        self.known.add(seen)
        self.free.remove(seen.id)
        self.taken.add(seen)
        self.entries.add(seen.entry_id)

    def is_gone(self, seen: Known) -> bool:
        """No longer shown: known to be gone, or absent from this complete document."""
        return not self.is_shown(seen) and (seen.gone or self.complete)

    def is_shown(self, seen: Known) -> bool:
        if seen.path:
            return seen.path in self.shows.paths
        if self.shows.holds("item", seen) or self.shows.holds("recalled", seen):
            return True
        if seen.canonical and self.ids == "link":
            return self.shows.holds("link", seen)
        if seen.upstream_id and self.ids_are_void:
            return self.shows.holds("id and link", seen) or self.shows.holds("id and title", seen)
        return self.shows.holds("id", seen) if seen.upstream_id else self.shows.holds_anonymous_link(seen)

    def may_be(self, one: Arriving, seen: Known) -> bool:
        """Whether `one` may be it: it is nobody else's, who shows it unchanged or in its old file."""
        if seen.path and seen.path != one.path:
            return seen.path not in self.shows.paths
        return seen.item == one.item or not self.shows.holds("item", seen)

    @property
    def ids_are_void(self) -> bool:
        return self.repeats_ids and self.ids == "auto"

    def agreement(self, one: Arriving, seen: Known) -> str:
        """What agrees of title, claimed date and half of the text; "" where nothing does.

        A page that is new each time (a verse of the day) may keep its title: then both date and text tell.
        """
        if one.claimed and one.claimed == seen.claimed:
            return "the date agrees"
        if contradict(one.title, seen.title):
            return ""
        if says_something(one.text) and self.is_half(one, seen):
            return "half of the text agrees"
        if not one.title or one.title != seen.title:
            return ""
        return "" if one.claimed and seen.claimed and self._says_else(one, seen) else "the title agrees"

    def _says_else(self, one: Arriving, seen: Known) -> bool:
        """Whether the texts differ; or, where neither has any, the pictures."""
        text = self.text_of(seen.id)
        if one.text or is_said(text):
            return bool(one.text) and is_said(text) and not is_same(one.text, text)
        return bool(one.whole and seen.whole) and one.whole != seen.whole

    def is_left_behind(self, seen: Known) -> bool:
        return seen.entry_id not in self.entries and self.is_gone(seen)

    def is_half(self, one: Arriving, seen: Known) -> bool:
        return bool(one.text) and self.may_compare() and overlap_with(one.text, self.text_of(seen.id)) >= HALF

    def may_compare(self) -> bool:
        self._comparisons += 1
        return self._comparisons <= MOST_COMPARISONS

    def is_evidence(self, one: Arriving) -> bool:
        """A home page, or a link that this source shows on several entries, says nothing."""
        return bool(one.canonical) and one.canonical != self.home and self.shows.links[one.canonical] < 2
