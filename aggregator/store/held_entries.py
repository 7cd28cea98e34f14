"""Entries that are kept back: what a person sees of each, and which of their sightings wait for approval."""

from collections.abc import Iterable

from sqlalchemy import and_, bindparam, case, func, not_, or_, select, update

from aggregator.store.dialects import among
from aggregator.store.schema import entry, sighting, source
from aggregator.store.shown_entries import SHOWN, ShownEntry
from aggregator.store.table import TableQueries
from aggregator.store.tables.entries import WAITING

# Of several sightings of an entry, the one that would most likely be shown: of a source that is published, the first
# that still stands, else the last that went.
UNSEEN = not_(and_(source.c.configured, source.c.published))
WENT = or_(sighting.c.gone_at.is_not(None), sighting.c.deleted_at.is_not(None))
PLACE = func.row_number().over(
    partition_by=sighting.c.entry_id, order_by=(UNSEEN, WENT, case((WENT, -sighting.c.id), else_=sighting.c.id))
)
RANKED = (
    select(sighting.c.id, PLACE.label("place"))
    .join(source, source.c.id == sighting.c.source_id)
    .where(among(sighting.c.entry_id))
    .subquery()
)
OF = (
    select(*SHOWN)
    .join(sighting, sighting.c.entry_id == entry.c.id)
    .join(RANKED, RANKED.c.id == sighting.c.id)
    .join(source, source.c.id == sighting.c.source_id)
    .where(RANKED.c.place == 1)
)
WAITING_ENTRIES = select(sighting.c.entry_id).where(among(sighting.c.entry_id), sighting.c.withheld == WAITING)
APPROVE = update(sighting).where(among(sighting.c.entry_id), sighting.c.withheld == WAITING).values(withheld="")
APPROVE_OF = APPROVE.where(sighting.c.source_id == bindparam("source_id_"))
STATES_AT = (
    select(sighting.c.entry_id, sighting.c.withheld)
    .where(among(sighting.c.entry_id), sighting.c.source_id == bindparam("source_id_"))
    .distinct()
)
COUNT = select(func.count()).where(among(entry.c.id), entry.c.kept_back == WAITING)


class HeldEntries(TableQueries):
    def of(self, entry_ids: Iterable[int]) -> dict[int, ShownEntry]:
        """By entry id, whether it is shown or not."""
        return {row[0]: ShownEntry(*tuple(row)) for row in self._each(OF, entry_ids)}

    def states_at(self, source_id: str, entry_ids: Iterable[int]) -> dict[int, set[str]]:
        """Why the source's sightings of each entry are withheld, "" for one that is shown; without entries of which it
        has no sighting."""
        found: dict[int, set[str]] = {}
        known = {"source_id_": source_id, "among": list(entry_ids)}
        for entry_id, state in self._connection.execute(STATES_AT, known):
            found.setdefault(entry_id, set()).add(state)
        return found

    def with_waiting(self, entry_ids: Iterable[int]) -> set[int]:
        """Those of the entries of which a sighting waits for approval. The entry may be shown by another source."""
        return {row[0] for row in self._each(WAITING_ENTRIES, entry_ids)}

    def waiting_count(self, entry_ids: Iterable[int]) -> int:
        """How many of the entries wait for approval."""
        return sum(row[0] for row in self._each(COUNT, entry_ids))

    def approve(self, entry_ids: Iterable[int], source_id: str = "") -> None:
        """No sighting of these entries, or none of this source, waits any more. It takes effect with the next
        decision."""
        if source_id:
            self._change_each(APPROVE_OF, entry_ids, source_id_=source_id)
        else:
            self._change_each(APPROVE, entry_ids)
