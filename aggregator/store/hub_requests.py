"""Requests to our hub: those that wait until their callbacks confirm them, and for a day those that were refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from aggregator.store.schema import hub_request
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class HubRequestRow(FromRow):
    """`mode`: subscribe or unsubscribe; `path`: of the document, below the output tree; `topic`: its address as the
    subscriber wrote it; `host`: host:port of the callback; `due_at`: when the callback is asked, None where it did not
    confirm; `message`: why."""

    table: ClassVar[Table] = hub_request
    id: int
    mode: str
    path: str
    topic: str
    callback: str
    host: str
    secret: str
    lease_seconds: int
    asked_at: datetime
    due_at: datetime | None = None
    failures: int = 0
    message: str = ""


IS_WAITING = hub_request.c.due_at.is_not(None)
REPLACE = delete(hub_request).where(
    hub_request.c.path == bindparam("path_"), hub_request.c.callback == bindparam("callback_")
)
ADD = insert(hub_request)
COLUMNS = HubRequestRow.columns()
DUE = select(*COLUMNS).where(hub_request.c.due_at <= bindparam("at_")).order_by(hub_request.c.due_at, hub_request.c.id)
NEXT = select(func.min(hub_request.c.due_at)).where(hub_request.c.due_at > bindparam("at_"))
DROP = delete(hub_request).where(hub_request.c.id == bindparam("id_"))
AGAIN = (
    update(hub_request)
    .where(hub_request.c.id == bindparam("id_"))
    .values(due_at=bindparam("due_at_"), failures=bindparam("failures_"), message=bindparam("message_"))
)
COUNT_WAITING = select(func.count()).select_from(hub_request).where(IS_WAITING)
COUNT_OF_HOST = COUNT_WAITING.where(hub_request.c.host == bindparam("host_"))
COUNT_REFUSED = select(func.count()).select_from(hub_request).where(hub_request.c.due_at.is_(None))
TIDY = delete(hub_request).where(hub_request.c.due_at.is_(None), hub_request.c.asked_at < bindparam("before_"))


class HubRequests(TableQueries):
    def put(self, row: HubRequestRow) -> None:
        """Replaces an earlier request for the same document and callback. The id of `row` is ignored."""
        self._connection.execute(REPLACE, {"path_": row.path, "callback_": row.callback})
        self._connection.execute(ADD, {name: value for name, value in row.values().items() if name != "id"})

    def due(self, at: datetime, most: int) -> list[HubRequestRow]:
        return [HubRequestRow(*row) for row in self._connection.execute(DUE.limit(most), {"at_": at})]

    def next_at(self, at: datetime) -> datetime | None:
        """When the first one after `at` is due."""
        return self._connection.execute(NEXT, {"at_": at}).scalar()

    def drop(self, ids: Iterable[int]) -> None:
        """Requests that were confirmed."""
        self._execute_all(DROP, ({"id_": id_} for id_ in ids))

    def failed(self, id_: int, failures: int, message: str, again_at: datetime | None) -> None:
        """`again_at`: when the callback is asked once more, None where it is not."""
        values = {"id_": id_, "failures_": failures, "message_": message, "due_at_": again_at}
        self._connection.execute(AGAIN, values)

    def waiting(self) -> int:
        return self._connection.execute(COUNT_WAITING).scalar_one()

    def waiting_of_host(self, host: str) -> int:
        return self._connection.execute(COUNT_OF_HOST, {"host_": host}).scalar_one()

    def refused(self) -> int:
        return self._connection.execute(COUNT_REFUSED).scalar_one()

    def tidy(self, before: datetime) -> None:
        """Deletes refused ones that were asked for before then."""
        self._connection.execute(TIDY, {"before_": before})
