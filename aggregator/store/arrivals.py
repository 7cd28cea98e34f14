"""Entries that were pulled and wait to be merged. They survive a crash between the two stages."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, bindparam, delete, insert, select, update

from aggregator.store.schema import arrival, pull, sighting, source
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class PendingPull:
    id: int
    source_id: str
    batch_at: datetime
    complete: bool
    document_updated: datetime | None
    deleted: list[str]
    outcome: str


@dataclass(frozen=True, slots=True)
class ArrivalRow(FromRow):
    """An entry of a pull. `draft`, `clean` and `comparable` are None where the source has a sighting with this `item`
    already."""

    table: ClassVar[Table] = arrival
    place: int
    item: str
    draft: bytes | None = None
    clean: bytes | None = None
    comparable: bytes | None = None


# Built once, because they run with every pull.
PENDING = (
    select(*(pull.c[one.name] for one in fields(PendingPull)))
    .join(source, source.c.id == pull.c.source_id)
    .where(pull.c.merged.is_(False))
)
IN_ORDER = (source.c.position, source.c.id, pull.c.batch_at, pull.c.id)
AS_ONE, BY_TIME = PENDING.order_by(*IN_ORDER), PENDING.order_by(pull.c.batch_at, *IN_ORDER)
OF = select(*ArrivalRow.columns()).where(arrival.c.pull_id == bindparam("pull_id_")).order_by(arrival.c.place)
ADD = insert(arrival)
DELETE = delete(arrival).where(arrival.c.pull_id == bindparam("pull_id_"))
MARK_MERGED = update(pull).where(pull.c.id == bindparam("pull_id_")).values(merged=True, new=bindparam("new_"))
KNOWN = select(sighting.c.item).where(sighting.c.source_id == bindparam("source_id_"))


class Arrivals(TableQueries):
    def add(self, arrived: Iterable[tuple[int, ArrivalRow]]) -> None:
        """`arrived`: the id of the pull, and an entry of it."""
        self._execute_all(ADD, ({"pull_id": pull_id, **row.values()} for pull_id, row in arrived))

    def pending(self, *, by_time: bool = False) -> list[PendingPull]:
        """Changed pulls that wait, in merge order: as one batch, or `by_time` one batch after the other."""
        return [PendingPull(*row) for row in self._all(BY_TIME if by_time else AS_ONE)]

    def of(self, pull_id: int) -> list[ArrivalRow]:
        return [ArrivalRow(*row) for row in self._all(OF, {"pull_id_": pull_id})]

    def merge(self, pull_id: int, *, new: int) -> None:
        """Marks a pull as merged. `new`: how many new entries it brought."""
        self._connection.execute(DELETE, {"pull_id_": pull_id})
        self._connection.execute(MARK_MERGED, {"pull_id_": pull_id, "new_": new})

    def known_items(self, source_id: str) -> frozenset[str]:
        """Digests of the stored drafts, which need not be cleaned again."""
        return frozenset(self._connection.execute(KNOWN, {"source_id_": source_id}).scalars())
