"""The subscriptions of our own hub, and what is to be delivered to them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, and_, bindparam, case, delete, func, insert, or_, select, update

from aggregator.store.dialects import among
from aggregator.store.schema import hub_subscription
from aggregator.store.table import FromRow, TableQueries
from aggregator.store.types import Instant


@dataclass(frozen=True, slots=True)
class HubSubscriptionRow(FromRow):
    """`path`, `topic`, `host`: as in HubRequestRow; `sha256`: of the document as it was delivered last, or stood when
    the subscription began; `due_at`: when it is delivered, None where it did not change since; `failures` in a row,
    `failing_since` the first of them; `ended_by`: gone or failed."""

    table: ClassVar[Table] = hub_subscription
    id: int
    path: str
    topic: str
    callback: str
    host: str
    secret: str
    confirmed_at: datetime
    expires_at: datetime
    sha256: str = ""
    due_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    delivered_at: datetime | None = None
    status: int = 0
    message: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""

    def is_live(self, at: datetime) -> bool:
        return self.ended_at is None and self.expires_at > at


@dataclass(frozen=True, slots=True)
class Delivered:
    """What is recorded of a delivery: all that changes of its row."""

    id: int
    sha256: str
    due_at: datetime | None
    failures: int
    failing_since: datetime | None
    delivered_at: datetime | None
    status: int
    message: str
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class TopicCounts:
    """How many subscriptions a document has, and of these: how many are failing, and wait for a delivery."""

    path: str
    subscribers: int
    failing: int
    waiting: int
    delivered_at: datetime | None


TABLE = hub_subscription
COLUMNS = HubSubscriptionRow.columns()
IS_LIVE = and_(TABLE.c.ended_at.is_(None), TABLE.c.expires_at > bindparam("at_"))
OF = and_(TABLE.c.path == bindparam("path_"), TABLE.c.callback == bindparam("callback_"))
FIND = select(*COLUMNS).where(OF)
REMOVE = delete(TABLE).where(OF)
ADD = insert(TABLE)
RENEW = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("id_"))
    .values(
        topic=bindparam("topic_"),
        secret=bindparam("secret_"),
        confirmed_at=bindparam("at_"),
        expires_at=bindparam("expires_at_"),
        due_at=case((TABLE.c.due_at.is_not(None), bindparam("at_", type_=Instant())), else_=None),
        failures=0,
        failing_since=None,
        message="",
    )
)
CHANGED = (
    update(TABLE)
    .where(among(TABLE.c.path), TABLE.c.due_at.is_(None), IS_LIVE)
    .values(due_at=bindparam("at_", type_=Instant()))
)
SETTLE = update(TABLE).where(among(TABLE.c.path)).values(due_at=None)
DUE = (
    select(*COLUMNS)
    .where(TABLE.c.due_at <= bindparam("at_"), IS_LIVE)
    .order_by(TABLE.c.failures, TABLE.c.due_at, TABLE.c.id)
)
NEXT = select(func.min(TABLE.c.due_at)).where(TABLE.c.due_at > bindparam("at_"))
RECORD = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("id_"))
    .values({name: bindparam(f"{name}_") for name in Delivered.__slots__ if name != "id"})
)
COUNT = select(func.count()).select_from(TABLE).where(IS_LIVE)
COUNT_FAILING = COUNT.where(TABLE.c.failures > 0)
COUNT_OF_PATH = COUNT.where(TABLE.c.path == bindparam("path_"))
COUNT_OF_HOST = COUNT.where(TABLE.c.host == bindparam("host_"))
BY_TOPIC = (
    select(
        TABLE.c.path,
        func.count(),
        func.count(case((TABLE.c.failures > 0, 1))),
        func.count(TABLE.c.due_at),
        func.max(TABLE.c.delivered_at),
    )
    .where(IS_LIVE)
    .group_by(TABLE.c.path)
    .order_by(TABLE.c.path)
)
FAILING = (
    select(*COLUMNS)
    .where(TABLE.c.failures > 0, IS_LIVE)
    .order_by(TABLE.c.failing_since, TABLE.c.id)
    .limit(bindparam("most_"))
)
ENDED = select(TABLE.c.ended_by, func.count()).where(TABLE.c.ended_at.is_not(None)).group_by(TABLE.c.ended_by)
TIDY = delete(TABLE).where(
    or_(
        and_(TABLE.c.ended_at.is_(None), TABLE.c.expires_at <= bindparam("at_")),
        TABLE.c.ended_at < bindparam("before_"),
    )
)


class HubSubscriptions(TableQueries):
    def find(self, path: str, callback: str) -> HubSubscriptionRow | None:
        return self._found(HubSubscriptionRow, FIND, {"path_": path, "callback_": callback})

    def put(self, row: HubSubscriptionRow) -> None:
        """Replaces the subscription of the same document and callback. The id of `row` is ignored."""
        self.remove(row.path, row.callback)
        self._connection.execute(ADD, {name: value for name, value in row.values().items() if name != "id"})

    def renew(self, id_: int, topic: str, secret: str, expires_at: datetime, at: datetime) -> None:
        """The callback answers: what waits for its next attempt is due at once."""
        values = {"id_": id_, "topic_": topic, "secret_": secret, "expires_at_": expires_at, "at_": at}
        self._connection.execute(RENEW, values)

    def remove(self, path: str, callback: str) -> None:
        self._connection.execute(REMOVE, {"path_": path, "callback_": callback})

    def changed(self, paths: Iterable[str], at: datetime) -> None:
        """Documents that changed are to be delivered. Where a delivery failed, the next attempt has the new bytes."""
        self._change_each(CHANGED, paths, at_=at)

    def settle(self, paths: Iterable[str]) -> None:
        """Documents that are no longer published are not delivered."""
        self._change_each(SETTLE, paths)

    def due(self, at: datetime, most: int) -> list[HubSubscriptionRow]:
        """Those that did not fail first, so that the others do not delay them."""
        return [HubSubscriptionRow(*row) for row in self._connection.execute(DUE.limit(most), {"at_": at})]

    def next_at(self, at: datetime) -> datetime | None:
        """When the first one after `at` is due."""
        return self._connection.execute(NEXT, {"at_": at}).scalar()

    def record(self, deliveries: Iterable[Delivered]) -> None:
        rows = ({f"{name}_": getattr(one, name) for name in Delivered.__slots__} for one in deliveries)
        self._execute_all(RECORD, rows)

    # counts

    def count(self, at: datetime) -> int:
        return self._connection.execute(COUNT, {"at_": at}).scalar_one()

    def count_failing(self, at: datetime) -> int:
        return self._connection.execute(COUNT_FAILING, {"at_": at}).scalar_one()

    def count_of_path(self, path: str, at: datetime) -> int:
        return self._connection.execute(COUNT_OF_PATH, {"path_": path, "at_": at}).scalar_one()

    def count_of_host(self, host: str, at: datetime) -> int:
        return self._connection.execute(COUNT_OF_HOST, {"host_": host, "at_": at}).scalar_one()

    def by_topic(self, at: datetime) -> Iterator[TopicCounts]:
        return (TopicCounts(*row) for row in self._connection.execute(BY_TOPIC, {"at_": at}))

    def failing(self, at: datetime, most: int) -> list[HubSubscriptionRow]:
        """The longest failing first."""
        found = self._connection.execute(FAILING, {"at_": at, "most_": most})
        return [HubSubscriptionRow(*row) for row in found]

    def ended(self) -> dict[str, int]:
        """`ended_by` → how many."""
        return {row[0]: row[1] for row in self._connection.execute(ENDED)}

    def tidy(self, at: datetime, before: datetime) -> None:
        """Deletes those whose lease is over, and those that ended before then."""
        self._connection.execute(TIDY, {"at_": at, "before_": before})
