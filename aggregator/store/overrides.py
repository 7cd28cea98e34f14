"""Decisions of a person about entries. They are kept for ever."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, func, insert, or_, select

from aggregator.store.dialects import among
from aggregator.store.schema import override
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class OverrideRow(FromRow):
    """`act`: split, join, hold, release, approve, remove, restore. `other_id`: the entry that a split made or a join
    absorbed; `sighting_id`: what was split off."""

    table: ClassVar[Table] = override
    at: datetime
    act: str
    entry_id: int
    other_id: int | None = None
    sighting_id: int | None = None


NEWEST = select(func.max(override.c.id))


class Overrides(TableQueries):
    def add(self, row: OverrideRow) -> None:
        self._connection.execute(insert(override).values(**row.values()))

    def newest(self) -> int:
        """The id of the last override, 0 for none. It tells whether data cached between transactions is current."""
        return int(self._connection.execute(NEWEST).scalar() or 0)

    def of(self, entry_ids: Iterable[int]) -> list[OverrideRow]:
        """The overrides of these entries, oldest first."""
        concerned = or_(among(override.c.entry_id), among(override.c.other_id))
        statement = select(override.c.id, *OverrideRow.columns()).where(concerned)
        rows = {row[0]: OverrideRow(*row[1:]) for row in self._each(statement, entry_ids)}
        return [rows[id_] for id_ in sorted(rows)]
