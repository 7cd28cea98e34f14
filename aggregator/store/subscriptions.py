"""Subscriptions at hubs, and who was first with the news of each hub's topics."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Select, Table, and_, bindparam, delete, func, insert, select, update

from aggregator.store.schema import delivery, hub_tally, source, subscription
from aggregator.store.table import FromRow, TableQueries, change_by_id, change_values

ENDING = ("leaving", "ended")
MOST_ENDING = 5  # of one source; one that names another hub with every pull is followed no further until they ended
RANDOM = 32  # bytes: of a callback's path, and of a secret


@dataclass(frozen=True, slots=True)
class SubscriptionRow(FromRow):
    table: ClassVar[Table] = subscription
    id: int
    source_id: str
    hub: str
    topic: str
    callback: str
    secret: str
    state: str
    since: datetime
    next_at: datetime | None = None
    asked_at: datetime | None = None
    expires_at: datetime | None = None
    failures: int = 0
    message: str = ""
    method: str = ""
    delivered_at: datetime | None = None
    accepted: int = 0
    unsigned: int = 0
    forged: int = 0
    repeated: int = 0
    too_large: int = 0
    unreadable: int = 0
    told: int = 0
    missed: int = 0

    def is_active(self, at: datetime) -> bool:
        """Whether its hub has promised to deliver, and the promise still holds."""
        return self.state == "active" and self.expires_at is not None and self.expires_at > at


@dataclass(frozen=True, slots=True)
class HubTally(FromRow):
    table: ClassVar[Table] = hub_tally
    hub: str
    by_push: int = 0
    by_poll: int = 0
    missed: int = 0
    told_at: datetime | None = None
    missed_at: datetime | None = None


ROWS = select(*SubscriptionRow.columns())
LIVES = subscription.c.state.not_in(ENDING)
OF_SOURCE = ROWS.where(subscription.c.source_id == bindparam("source_id_")).order_by(subscription.c.id)
LIVING = OF_SOURCE.where(LIVES)
BY_ID = ROWS.where(subscription.c.id == bindparam("id_"))
BY_CALLBACK = ROWS.where(subscription.c.callback == bindparam("callback_"))
DUE = (
    ROWS.where(subscription.c.next_at <= bindparam("now_"))
    .order_by(subscription.c.next_at, subscription.c.id)
    .limit(bindparam("most_"))
)
EARLIEST = select(func.min(subscription.c.next_at))
ADD = insert(subscription)
RELYING = source.c.hub_proved.is_(True)
OWN_SCHEDULE = func.coalesce(source.c.due_at, source.c.next_poll_at)
TALLIES = select(*HubTally.columns()).order_by(hub_tally.c.hub)
NAMED = select(source.c.id, source.c.hub, source.c.topic).where(source.c.configured, source.c.hub != "")


class Subscriptions(TableQueries):
    def all(self) -> list[SubscriptionRow]:
        return self._rows(ROWS.order_by(subscription.c.source_id, subscription.c.id))

    def find(self, id_: int) -> SubscriptionRow | None:
        return next(iter(self._rows(BY_ID, id_=id_)), None)

    def of_callback(self, callback: str) -> SubscriptionRow | None:
        return next(iter(self._rows(BY_CALLBACK, callback_=callback)), None)

    def of_source(self, source_id: str) -> SubscriptionRow | None:
        """The one that lives."""
        return next(iter(self._rows(LIVING, source_id_=source_id)), None)

    def due(self, now: datetime, most: int) -> list[SubscriptionRow]:
        """Those with something to do, by the index of their times."""
        return self._rows(DUE, now_=now, most_=most)

    def earliest(self) -> datetime | None:
        """When there is something to do next; None where there never is."""
        return self._connection.execute(EARLIEST).scalar()

    def named(self) -> list[tuple[str, str, str]]:
        """(source id, hub, topic) of the sources of the config that name a hub."""
        return [(row[0], row[1], row[2]) for row in self._connection.execute(NAMED)]

    def follow(self, source_id: str, hub: str, topic: str, at: datetime) -> None:
        """Lets the source have a subscription to this topic at this hub, and end any other; "" for no hub."""
        rows = self._rows(OF_SOURCE, source_id_=source_id)
        living = [row for row in rows if row.state not in ENDING]
        same = [row for row in living if (row.hub, row.topic) == (hub, topic)][:1]
        if hub and not same and len(rows) - len(living) >= MOST_ENDING:
            return
        for row in living:
            if row not in same:
                self.end(row, at)
        if hub and not same:
            self._add(source_id, hub, topic, at)

    def end(self, row: SubscriptionRow, at: datetime) -> None:
        """Its hub is told, where it was ever asked."""
        self.change(row.id, state="leaving", since=at, next_at=at, asked_at=None)

    def begin_anew(self, at: datetime) -> None:
        """Lets all that live be asked for again, as if they never were."""
        never: dict[str, Any] = {"state": "wanted", "since": at, "next_at": at, "asked_at": None, "expires_at": None}
        self._connection.execute(update(subscription).where(LIVES).values(never))

    def change(self, id_: int, **values: Any) -> None:
        self._connection.execute(change_by_id(subscription, tuple(values)), change_values(id_, values))

    def count(self, id_: int, name: str) -> None:
        """Counts one more delivery under the name of a column."""
        column = subscription.c[name]
        self._connection.execute(update(subscription).where(subscription.c.id == id_).values({column: column + 1}))

    def is_active(self, id_: int, at: datetime) -> bool:
        row = self.find(id_)
        return row is not None and row.is_active(at)

    def delete(self, id_: int) -> None:
        self._connection.execute(delete(delivery).where(delivery.c.subscription_id == id_))
        self._connection.execute(delete(subscription).where(subscription.c.id == id_))

    def _add(self, source_id: str, hub: str, topic: str, at: datetime) -> None:
        own = {"callback": secrets.token_urlsafe(RANDOM), "secret": secrets.token_urlsafe(RANDOM)}
        values = {"source_id": source_id, "hub": hub, "topic": topic, "state": "wanted", "since": at, "next_at": at}
        self._connection.execute(ADD, values | own)

    def _rows(self, query: Select[Any], **values: Any) -> list[SubscriptionRow]:
        return [SubscriptionRow(*row) for row in self._connection.execute(query, values)]

    # who was first

    def poll_as_usual(self, ids: Collection[str] | None = None) -> None:
        """Ends the reliance on the hubs of these sources, None for all: each is polled by its own schedule."""
        which = RELYING if ids is None else and_(RELYING, source.c.id.in_(ids))
        self._connection.execute(update(source).where(which).values(hub_proved=False, next_poll_at=OWN_SCHEDULE))

    def tallies(self) -> list[HubTally]:
        return [HubTally(*row) for row in self._connection.execute(TALLIES)]

    def tally(self, hub: str, *, by_push: int = 0, by_poll: int = 0, at: datetime) -> None:
        """Counts new entries of a topic of this hub, by who was first with them."""
        if by_push:
            self._count(hub, {"by_push": by_push, "told_at": at})
        else:
            self._count(hub, {"by_poll": by_poll, "missed": 1, "missed_at": at})

    def heard(self, row: SubscriptionRow, method: str, at: datetime) -> None:
        """Its hub delivered something that it signed."""
        self.change(row.id, method=method, delivered_at=at, accepted=row.accepted + 1, missed=0)
        silent = and_(hub_tally.c.hub == row.hub, hub_tally.c.missed > 0)
        self._connection.execute(update(hub_tally).where(silent).values(missed=0))

    def _count(self, hub: str, more: dict[str, Any]) -> None:
        sums = {name: hub_tally.c[name] + value if isinstance(value, int) else value for name, value in more.items()}
        if not self._connection.execute(update(hub_tally).where(hub_tally.c.hub == hub).values(sums)).rowcount:
            self._connection.execute(insert(hub_tally), {"hub": hub} | more)


def living_topics(rows: Iterable[SubscriptionRow]) -> dict[str, tuple[str, str]]:
    """Source id → hub and topic of the subscription that lives."""
    return {row.source_id: (row.hub, row.topic) for row in rows if row.state not in ENDING}
