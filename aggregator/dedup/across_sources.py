"""Finds the same entry in other sources: by the same link, the same id or nearly the same text. Pure.

A false join is as bad as a missed one, so an id or a link alone is not enough: anybody can claim an id, and two link
blogs that link to one article say different things about it. A rule returns a match, or None where it does not hold.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, ValuesView
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Literal

from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, Neighbor
from aggregator.dedup.copies import compare
from aggregator.dedup.decision import Match
from aggregator.dedup.document_state import DocumentState
from aggregator.dedup.similarity import contradict, like_titles
from aggregator.dedup.sketch import similarity_to
from aggregator.text.entry_ids import is_public_id

AcrossPolicy = Literal["off", "link", "near"]


@dataclass(slots=True)
class OtherSources:
    """`elsewhere`: sightings of other sources; `neighbors_of`: those whose text may be nearly the same; `is_ours`: the
    document is a feed that we publish; `source_id`: the source of the document."""

    document_state: DocumentState
    elsewhere: CandidateIndex
    neighbors_of: Callable[[Arriving], Iterable[Neighbor]]
    across: AcrossPolicy = "near"
    threshold: float = 0.85
    window: timedelta = timedelta(days=14)
    is_ours: bool = False
    source_id: str = ""

    def rules(self, *, is_ours: bool) -> Iterator[Callable[[Arriving], Match | None]]:
        """`is_ours`: the document is a feed of ours, or the entry says that it was taken from one."""
        if self.elsewhere:
            yield self._own_entry_returned
        if is_ours:
            return
        if self.elsewhere:
            yield self._named
            if self.across != "off":
                yield from (self._same_link, self._same_id)
        if self.across == "near":
            yield self._near

    def _own_entry_returned(self, one: Arriving) -> Match | None:
        """An entry of ours that came back through another planet or a feed of ours: it changes nothing.

        An id can be forged, so link, title or text has to agree as well, unless the entry says that it is ours. That
        claim can be forged, too, but the forged entry is then only left out.
        """
        is_ours = self.is_ours or one.is_ours
        for seen in self.elsewhere.find("given", one):
            if is_ours or self._is_same_thing(one, seen):
                return Match("guid", f"our own entry {one.given}, come back", joins=seen, own_entry_returned=True)
        for seen in self._sharing(one) if is_ours else ():
            if like_titles(one.title, seen.title, self.threshold):
                return Match(
                    "link", "our own entry by its link and title, come back", joins=seen, own_entry_returned=True
                )
        return None

    def _named(self, one: Arriving) -> Match | None:
        """The arriving entry names the source that it was taken from, or a known sighting names this source. A planet
        keeps an entry's link, and its id where it can."""
        for key in ("id", "given"):
            for seen in self.elsewhere.find(key, one):
                if self._is_named(one, seen):
                    return Match("guid", self._named_reason(one, "the same id"), joins=seen)
        for seen in self._sharing(one):
            if self._is_named(one, seen) and like_titles(one.title, seen.title, self.threshold):
                return Match("link", self._named_reason(one, "the same link and title"), joins=seen)
        return None

    def _is_named(self, one: Arriving, seen: Known) -> bool:
        return seen.source_id == one.origin or (bool(seen.origin) and seen.origin == self.source_id)

    def _named_reason(self, one: Arriving, same: str) -> str:
        return f"taken from source {one.origin or self.source_id}, as it says, which shows {same}"

    @staticmethod
    def _is_same_thing(one: Arriving, seen: Known) -> bool:
        pairs = ((one.canonical, seen.canonical), (one.title, seen.title), (one.whole, seen.whole))
        return any(a and a == b for a, b in pairs)

    def _same_link(self, one: Arriving) -> Match | None:
        if not self.document_state.is_evidence(one) or any(self.document_state.known.find("link", one)):
            return None
        entries = Counter(source for source, _ in {(seen.source_id, seen.entry_id) for seen in self._sharing(one)})
        for seen in self._sharing(one):
            if entries[seen.source_id] == 1 and (agreement := self._link_agreement(one, seen)):
                why, score = agreement
                return Match("link", f"source {seen.source_id} shows the same link, {why}", joins=seen, score=score)
        return None

    def _same_id(self, one: Arriving) -> Match | None:
        for seen in self.elsewhere.find("id and whole", one) if is_public_id(one.upstream_id) else ():
            reason = f"source {seen.source_id} shows the same id with the same words"
            return Match("guid", reason, joins=seen, score=1.0)
        return None

    def _near(self, one: Arriving) -> Match | None:
        """Nearly the same text, published at about the same time, and nothing that tells two uses of one template.
        Removed entries are compared last: a text that another source still shows may come from there."""
        neighbors = sorted(self.neighbors_of(one), key=lambda neighbor: neighbor.is_removed)
        for _, some in groupby(neighbors, lambda neighbor: neighbor.is_removed):
            alike = ((self._nearness(one, neighbor), neighbor.seen) for neighbor in some)
            score, seen = max(alike, key=lambda found: (found[0], -found[1].id))
            if score >= self.threshold:
                return Match("near", f"source {seen.source_id} shows nearly the same text", joins=seen, score=score)
        return None

    def _nearness(self, one: Arriving, other: Neighbor) -> float:
        """The similarity of the texts; 0 where they cannot be one entry, such as two entries of one source. What a
        person removed stays out in other words and under other titles, too."""
        is_in_time = other.is_removed or (one.dated is not None and abs(one.dated - other.dated) <= self.window)
        if not is_in_time or not self.document_state.may_compare():
            return 0.0
        is_other_entry = other.seen.entry_id in self.document_state.entries or not all(
            map(self.document_state.is_gone, other.siblings)
        )
        if is_other_entry:
            return 0.0
        likeness = compare(other.mine, other.theirs, self.threshold)
        is_apart = contradict(one.title, other.seen.title) if other.is_removed else likeness.apart
        return 0.0 if is_apart else likeness.score

    def _sharing(self, one: Arriving) -> ValuesView[Known]:
        return self.elsewhere.find("link", one)

    def _link_agreement(self, one: Arriving, seen: Known) -> tuple[str, float | None] | None:
        """Why the two are alike, and the score where texts were compared; None where they only share the link."""
        if one.on_own_host and seen.on_own_host:
            return "both on its own site", None
        if like_titles(one.title, seen.title, self.threshold):
            return "under the same title", None
        if one.body and seen.body and self.document_state.may_compare():
            score = similarity_to(one.text, self.document_state.text_of(seen.id))
            return ("with near the same text", score) if score >= self.threshold else None
        return None
