"""Finds entries that moved with little to go by: pictures or a few words under another id and link. Pure.

Their claimed date stays, and so does either their title or the rest of the document. The evidence comes from one source
alone, and an entry that the source still shows is never one that moved.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from aggregator.dedup.candidates import Arriving, Known
from aggregator.dedup.decision import Match
from aggregator.dedup.document_state import MOST_ALIKE, DocumentState
from aggregator.dedup.generic_titles import is_generic
from aggregator.dedup.similarity import contradict, is_distinctive

DAY = timedelta(days=1)
MIN_MIGRATED = 3
MIN_STAYED = 2  # other entries of a document, that show that it stayed as it was


@dataclass(slots=True)
class MovedEntries:
    """`standing`: how many sightings the source showed in its last document; `unknown`: what is new in this one."""

    document_state: DocumentState
    standing: Callable[[], int]
    unknown: list[Arriving] = field(init=False)
    _stayed: list[Known] = field(init=False, default_factory=list)  # before anything was merged
    _migrates: bool | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        state = self.document_state
        self.unknown = [one for one in state.arriving if not state.shows_known(one)]
        if len(self.unknown) == 1:
            self._stayed = [seen for seen in state.known if not seen.gone and state.is_shown(seen)]

    def rules(self) -> Iterator[Callable[[Arriving], Match | None]]:
        yield from (self._same_title_and_date, self._same_date_in_the_same_document)

    # ── the same title, and the same date ──

    def _same_title_and_date(self, one: Arriving) -> Match | None:
        seen = self._gone_namesake(one)
        if seen is None or one.claimed is None or seen.claimed is None:
            return None
        if one.claimed == seen.claimed:
            return Match("fingerprint", "the same title and date as an entry that is gone", joins=seen)
        if abs(one.claimed - seen.claimed) < DAY and self._is_migration():
            why = "the same title as an entry that is gone, dated to the same day, as others of this document"
            return Match("fingerprint", why, joins=seen)
        return None

    def _gone_namesake(self, one: Arriving) -> Known | None:
        """The one known entry with this title, where it is gone."""
        state = self.document_state
        is_named = one.upstream_id and state.ids == "guid"
        if one.path or is_named or not one.claimed or state.shows.titles[one.title] > 1 or is_generic(one.title):
            return None
        found = state.known.latest("title", one, MOST_ALIKE)
        is_one = len({seen.entry_id for seen in found}) == 1
        return next(filter(state.is_left_behind, found), None) if is_one else None

    def _is_migration(self) -> bool:
        """Whether at least three entries, and half of the document, have title and day of entries that are gone."""
        if self._migrates is None:
            moved = sum(map(self._has_gone_namesake, self.unknown))
            self._migrates = moved >= MIN_MIGRATED and 2 * moved >= len(self.document_state.arriving)
        return self._migrates

    def _has_gone_namesake(self, one: Arriving) -> bool:
        found = self.document_state.known.latest("title", one, MOST_ALIKE)
        gone = (seen for seen in found if self.document_state.is_gone(seen))
        is_near = (one.claimed and seen.claimed and abs(one.claimed - seen.claimed) < DAY for seen in gone)
        return not is_generic(one.title) and len({seen.entry_id for seen in found}) == 1 and any(is_near)

    # ── the same date, and all others stayed ──

    def _same_date_in_the_same_document(self, one: Arriving) -> Match | None:
        state = self.document_state
        if not self._stayed or one.item != self.unknown[0].item or one.path or state.ids != "auto" or state.repeats_ids:
            return None
        if state.shows.dates[one.claimed] != 1 or not state.complete or len(state.arriving) <= MIN_STAYED:
            return None
        found = [seen for seen in islice(state.known.find("date", one), MOST_ALIKE) if not seen.gone]
        left = [seen for seen in found if state.is_left_behind(seen)]
        if len(found) != 1 or not left or self.standing() != len(self._stayed) + 1 or self._is_other(one, left[0]):
            return None
        why = "the date of the only entry that is gone, while all others of the document stayed"
        return Match("fingerprint", why, joins=left[0])

    def _is_other(self, one: Arriving, seen: Known) -> bool:
        if contradict(one.title, seen.title):
            return True
        return is_distinctive(one.text) and self.document_state.is_other_text(one, seen)
