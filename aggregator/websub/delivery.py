"""Delivers documents that changed to the subscribers of our hub (WebSub 7): whole, as they stand in the tree."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import ClassVar

from aggregator.fetch import Outgoing, Sender
from aggregator.publish.output_tree import Tree, sha256
from aggregator.store import Delivered, HubSubscriptionRow, Transaction
from aggregator.text.link_header import feed_links
from aggregator.text.media_types import feed_type
from aggregator.websub.outbox import Outcome
from aggregator.websub.retries import is_given_up, next_attempt
from aggregator.websub.signature import sign

SOON = timedelta(seconds=2)  # until a document that is being written stands on the disk


@dataclass(frozen=True, slots=True)
class Document:
    """`data` is None where the file is being written, or is not what was published; `sha256`: of the bytes."""

    path: str
    data: bytes | None
    sha256: str
    links: str


@dataclass(frozen=True, slots=True)
class Delivery:
    row: HubSubscriptionRow
    document: Document
    at: datetime

    @property
    def key(self) -> Hashable:
        return self.row.id

    @property
    def host(self) -> str:
        return self.row.host

    @property
    def is_needed(self) -> bool:
        return self.document.data is not None and self.document.sha256 != self.row.sha256

    async def send(self, sender: Sender) -> Outcome:
        data = self.document.data
        if data is None or not self.is_needed:
            return Outcome(self.row.status)
        headers = {"content-type": feed_type(self.document.path), "link": self.document.links}
        if self.row.secret:
            headers["x-hub-signature"] = sign(self.row.secret, data, "sha256")
        return Outcome.of(await sender.send(Outgoing("POST", self.row.callback, headers, data)), self.at)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """`hub`: our own address; `site`: that of the tree."""

    hub: str
    site: str
    tree: Tree
    name: ClassVar[str] = "delivery"

    def due(self, tx: Transaction, at: datetime, most: int, under_way: Collection[Hashable]) -> Sequence[Delivery]:
        """Each document is read once for all its subscribers."""
        read = cache(lambda path: self._document(tx, path))
        rows = [row for row in tx.hub_subscriptions.due(at, most + len(under_way)) if row.id not in under_way]
        return [Delivery(row, read(row.path), at) for row in rows[:most]]

    def record(self, tx: Transaction, done: Sequence[tuple[Delivery, Outcome]], at: datetime) -> None:
        digest = cache(lambda path: _digest(tx, path))
        tx.hub_subscriptions.record(_delivered(one, outcome, digest(one.row.path), at) for one, outcome in done)

    def next_at(self, tx: Transaction, at: datetime) -> datetime | None:
        return tx.hub_subscriptions.next_at(at)

    def _document(self, tx: Transaction, path: str) -> Document:
        data = self.tree.read(path)
        found = "" if data is None else sha256(data)
        is_published = found != "" and found == _digest(tx, path)
        return Document(path, data if is_published else None, found, feed_links(self.site + path, self.hub))


def _digest(tx: Transaction, path: str) -> str | None:
    """Of the document as it was published last: "" while it is written, None where it is not published."""
    row = tx.files.find(path)
    return row.sha256 if row else None


def _delivered(one: Delivery, outcome: Outcome, newest: str | None, at: datetime) -> Delivered:
    """`newest`: the digest of the document by now. While it is written nothing is due: that comes with its end."""
    row, document = one.row, one.document
    if document.data is None:
        due_at = None if newest is None else at + SOON
        return _unchanged(row, due_at)
    due_at = None if newest in {document.sha256, "", None} else at
    if not one.is_needed:
        return _unchanged(row, due_at)
    if not outcome.fault:
        return Delivered(row.id, document.sha256, due_at, 0, None, at, outcome.status, "")
    return _failed(row, outcome, at)


def _failed(row: HubSubscriptionRow, outcome: Outcome, at: datetime) -> Delivered:
    since, failures = row.failing_since or at, row.failures + 1
    ended_by = "gone" if outcome.status == 410 else "failed" if is_given_up(since, at) else ""
    due_at = None if ended_by else next_attempt(failures, at, outcome.retry_after)
    return Delivered(
        row.id,
        row.sha256,
        due_at,
        failures,
        since,
        row.delivered_at,
        outcome.status,
        outcome.fault,
        at if ended_by else None,
        ended_by,
    )


def _unchanged(row: HubSubscriptionRow, due_at: datetime | None) -> Delivered:
    return Delivered(
        row.id, row.sha256, due_at, row.failures, row.failing_since, row.delivered_at, row.status, row.message
    )
