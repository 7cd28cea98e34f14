"""The outbox: documents of feeds that a hub has to be told of, and what it answered last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, bindparam, case, delete, func, insert, or_, select, update

from aggregator.store.dialects import among
from aggregator.store.schema import ping
from aggregator.store.table import FromRow, TableQueries
from aggregator.store.types import Instant


@dataclass(frozen=True, slots=True)
class PingRow(FromRow):
    """`path`: of the document, below the output tree; `sha256`: of the bytes that the hub is told of; `due_at`: when it
    is told, None where it was; `failures`: in a row; the last three are of the last attempt."""

    table: ClassVar[Table] = ping
    path: str
    sha256: str
    changed_at: datetime
    due_at: datetime | None = None
    failures: int = 0
    sent_at: datetime | None = None
    status: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Pinged:
    """One attempt. `due_at`: when to try again, None where the hub knows now; `failures`: in a row, with this one."""

    path: str
    sha256: str
    status: int
    message: str = ""
    due_at: datetime | None = None
    failures: int = 0


COLUMNS = PingRow.columns()
KNOWN = select(ping.c.path).where(among(ping.c.path))
ADD = insert(ping)
CHANGE = (
    update(ping)
    .where(ping.c.path == bindparam("path_"))
    .values(
        sha256=bindparam("sha256_"),
        changed_at=bindparam("at_"),
        due_at=func.coalesce(ping.c.due_at, bindparam("at_", type_=Instant())),
    )
)
FORGET = delete(ping).where(among(ping.c.path))
DUE = select(*COLUMNS).where(ping.c.due_at <= bindparam("at_")).order_by(ping.c.due_at, ping.c.path)
NEXT = select(func.min(ping.c.due_at)).where(ping.c.due_at > bindparam("at_"))
COUNT = select(func.count()).select_from(ping).where(ping.c.due_at.is_not(None))
MOST_FAILURES = select(func.max(ping.c.failures)).where(ping.c.due_at.is_not(None))
PUT_OFF = update(ping).where(ping.c.due_at < bindparam("until_")).values(due_at=bindparam("until_", type_=Instant()))
IN_TROUBLE = or_(ping.c.status == 0, ping.c.status >= 500, ping.c.status.in_((408, 425, 429)))  # the hub, not us
FORGIVE = update(ping).where(ping.c.due_at.is_not(None), IN_TROUBLE).values(failures=0)
WAITING = select(*COLUMNS).where(ping.c.due_at.is_not(None)).order_by(ping.c.changed_at, ping.c.path)
LAST = select(*COLUMNS).where(ping.c.sent_at.is_not(None)).order_by(ping.c.sent_at.desc(), ping.c.path).limit(1)
IS_SAME = ping.c.sha256 == bindparam("sha256_")  # else the document changed meanwhile, and the hub is told again
RECORD = (
    update(ping)
    .where(ping.c.path == bindparam("path_"))
    .values(
        due_at=case((IS_SAME, bindparam("due_at_", type_=Instant())), else_=ping.c.due_at),
        failures=bindparam("failures_"),
        sent_at=bindparam("at_"),
        status=bindparam("status_"),
        message=bindparam("message_"),
    )
)


class Pings(TableQueries):
    def changed(self, documents: Mapping[str, str], at: datetime) -> None:
        """`documents`: path → SHA-256 of those that changed. A hub that failed is not told of them sooner."""
        known = {row[0] for row in self._each(KNOWN, documents)}
        new = (PingRow(path, sha256, at, at).values() for path, sha256 in documents.items() if path not in known)
        self._execute_all(ADD, new)
        old = ({"path_": path, "sha256_": documents[path], "at_": at} for path in known)
        self._execute_all(CHANGE, old)

    def forget(self, paths: Iterable[str]) -> None:
        """Documents that are no longer published."""
        self._change_each(FORGET, paths)

    def due(self, at: datetime, most: int) -> list[PingRow]:
        """The longest waiting first."""
        return [PingRow(*row) for row in self._connection.execute(DUE.limit(most), {"at_": at})]

    def next_at(self, at: datetime) -> datetime | None:
        """When the first one after `at` is due."""
        return self._connection.execute(NEXT, {"at_": at}).scalar()

    def record(self, attempts: Iterable[Pinged], at: datetime) -> None:
        self._execute_all(
            RECORD, ({f"{name}_": getattr(one, name) for name in Pinged.__slots__} | {"at_": at} for one in attempts)
        )

    def most_failures(self) -> int:
        """In a row, of those that wait."""
        return self._connection.execute(MOST_FAILURES).scalar() or 0

    def put_off(self, until: datetime) -> None:
        """Nothing is due before then."""
        self._connection.execute(PUT_OFF, {"until_": until})

    def forgive(self) -> None:
        """Failures of the hub itself are no longer in a row."""
        self._connection.execute(FORGIVE)

    def waiting(self) -> list[PingRow]:
        """All that the hub has to be told yet, the oldest change first."""
        return [PingRow(*row) for row in self._connection.execute(WAITING)]

    def count(self) -> int:
        """How many the hub has to be told yet."""
        return self._connection.execute(COUNT).scalar_one()

    def last(self) -> PingRow | None:
        """The one that was sent last."""
        return self._found(PingRow, LAST)
