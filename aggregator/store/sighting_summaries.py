"""Sightings without their large columns, so that many entries can be decided again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, bindparam, select

from aggregator.store.dialects import among
from aggregator.store.schema import sighting
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class SightingSummary(FromRow):
    """The columns that a decision needs."""

    table: ClassVar[Table] = sighting
    id: int
    entry_id: int
    source_id: str
    link: str
    canonical: str
    claimed: datetime | None
    first_seen_at: datetime
    digest: str
    gone_at: datetime | None
    deleted_at: datetime | None
    echo: bool
    recalled: bool
    withheld: str
    terms: bytes | None
    opt_out: bool
    kept_in: str | None
    sketch: bytes | None
    origin: str


# Built once, because they run for every batch.
OF_ENTRIES = select(*SightingSummary.columns()).where(among(sighting.c.entry_id)).order_by(sighting.c.id)
BETWEEN = (
    select(*SightingSummary.columns())
    .where(sighting.c.entry_id.between(bindparam("first"), bindparam("last")))
    .order_by(sighting.c.id)
)


class SightingSummaries(TableQueries):
    def of_entries(self, entry_ids: Iterable[int]) -> Iterator[SightingSummary]:
        """Summaries of all sightings of these entries, in merge order."""
        for row in self._each(OF_ENTRIES, entry_ids):
            yield SightingSummary(*row)

    def between(self, first: int, last: int) -> Iterator[SightingSummary]:
        """The same for all entries with ids from `first` to `last`."""
        for row in self._connection.execute(BETWEEN, {"first": first, "last": last}):
            yield SightingSummary(*row)
