"""What hubs delivered and is not taken in yet. A kill loses nothing: what was accepted stands here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from aggregator.store.dialects import among
from aggregator.store.schema import delivery, subscription
from aggregator.store.table import TableQueries


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery that waits, with the source and the topic that it is for."""

    id: int
    subscription_id: int
    source_id: str
    topic: str
    at: datetime
    content_type: str
    body: bytes


ADD = insert(delivery)
KNOWN = select(delivery.c.id).where(
    delivery.c.subscription_id == bindparam("of_"), delivery.c.digest == bindparam("digest_")
)
WAITING = (
    select(
        delivery.c.id,
        subscription.c.id,
        subscription.c.source_id,
        subscription.c.topic,
        delivery.c.at,
        delivery.c.content_type,
        delivery.c.body,
    )
    .join(subscription, subscription.c.id == delivery.c.subscription_id)
    .where(delivery.c.body.is_not(None))
    .order_by(delivery.c.id)
    .limit(bindparam("most_"))
)
COUNT = select(func.count()).where(delivery.c.body.is_not(None), delivery.c.subscription_id == bindparam("of_"))
TAKEN = update(delivery).where(among(delivery.c.id)).values(body=None)


class Deliveries(TableQueries):
    def add(self, subscription_id: int, at: datetime, digest: str, content_type: str, body: bytes) -> bool:
        """False where the same body came before."""
        if self._connection.execute(KNOWN, {"of_": subscription_id, "digest_": digest}).first():
            return False
        values = {"subscription_id": subscription_id, "at": at, "digest": digest, "content_type": content_type}
        self._connection.execute(ADD, values | {"body": body})
        return True

    def waiting(self, most: int) -> list[DeliveryRow]:
        """In the order in which they came."""
        return [DeliveryRow(*row) for row in self._connection.execute(WAITING, {"most_": most})]

    def waiting_count(self, subscription_id: int) -> int:
        return int(self._connection.execute(COUNT, {"of_": subscription_id}).scalar_one())

    def taken(self, ids: Iterable[int]) -> None:
        """Drops their bodies: they are recorded as pulls."""
        self._change_each(TAKEN, ids)

    def forget(self, before: datetime) -> int:
        """Deletes those that came before and were taken in; returns how many."""
        old = delete(delivery).where(delivery.c.at < before, delivery.c.body.is_(None))
        return self._connection.execute(old).rowcount
