"""Who works on the state, as each worker says of itself; and the database's clock, which all of them go by."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import Table, bindparam, delete, insert, select, text

from aggregator.store.schema import worker
from aggregator.store.table import FromRow, TableQueries
from aggregator.store.types import Instant

NOW = text("SELECT clock_timestamp()")


@dataclass(frozen=True, slots=True)
class WorkerRow(FromRow):
    """`name`: machine:pid; `jobs`: that it does now; `pulls`: that it recorded since it started."""

    table: ClassVar[Table] = worker
    name: str
    roles: str
    started_at: datetime
    seen_at: datetime
    jobs: int = 0
    pulls: int = 0


ALL = select(*WorkerRow.columns()).order_by(worker.c.name)
DROP = delete(worker).where(worker.c.name == bindparam("name_"))
DROP_SILENT = delete(worker).where(worker.c.seen_at < bindparam("before_", type_=Instant()))


class Workers(TableQueries):
    def now(self) -> datetime:
        """The time of the database's clock, by which leases are counted: those of machines may differ by minutes."""
        if self._connection.dialect.name == "sqlite":
            return datetime.now(UTC)
        found: datetime = self._connection.execute(NOW).scalar_one()
        return found.astimezone(UTC)

    def all(self) -> list[WorkerRow]:
        return [WorkerRow(*row) for row in self._connection.execute(ALL)]

    def say(self, row: WorkerRow) -> None:
        """Stores that this worker works, and how it is."""
        self.leave(row.name)
        self._connection.execute(insert(worker), row.values())

    def leave(self, name: str) -> None:
        self._connection.execute(DROP, {"name_": name})

    def drop_silent(self, before: datetime) -> None:
        """Deletes workers that said nothing since then."""
        self._connection.execute(DROP_SILENT, {"before_": before})
