"""Asks callbacks whether they want what was asked in their name (WebSub 5.3).

Until a callback confirms it, a request changes nothing; so nobody subscribes, or unsubscribes, somebody else.
"""

import secrets
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from aggregator.fetch import Outgoing, Sender
from aggregator.store import HubRequestRow, HubSubscriptionRow, Transaction
from aggregator.websub.outbox import Outcome
from aggregator.websub.retries import next_attempt

ATTEMPTS = 5  # where no answer comes
KEPT = timedelta(days=1)  # refused requests, so that `status` counts them; MOST_KEPT at most
MOST_KEPT = 1000
KEPT_ENDED = timedelta(days=30)  # subscriptions that ended


@dataclass(frozen=True, slots=True)
class Verification:
    row: HubRequestRow
    challenge: str
    at: datetime

    @property
    def key(self) -> Hashable:
        return self.row.id

    @property
    def host(self) -> str:
        return self.row.host

    async def send(self, sender: Sender) -> Outcome:
        reply = await sender.send(Outgoing("GET", self.url))
        outcome = Outcome.of(reply, self.at)
        if outcome.fault or reply.body.strip() == self.challenge.encode():
            return outcome
        return replace(outcome, fault="it did not repeat the challenge")

    @property
    def url(self) -> str:
        """The callback with our parameters after its own."""
        asked = {"hub.mode": self.row.mode, "hub.topic": self.row.topic, "hub.challenge": self.challenge}
        if self.row.mode == "subscribe":
            asked["hub.lease_seconds"] = str(self.row.lease_seconds)
        callback = self.row.callback
        return f"{callback}{'&' if '?' in callback else '?'}{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class Verifications:
    name: ClassVar[str] = "verification"

    def due(self, tx: Transaction, at: datetime, most: int, under_way: Collection[Hashable]) -> Sequence[Verification]:
        rows = [row for row in tx.hub_requests.due(at, most + len(under_way)) if row.id not in under_way]
        return [Verification(row, secrets.token_urlsafe(32), at) for row in rows[:most]]

    def record(self, tx: Transaction, done: Sequence[tuple[Verification, Outcome]], at: datetime) -> None:
        for one, outcome in done:
            if outcome.fault:
                _refused(tx, one.row, outcome, at)
            else:
                _confirmed(tx, one.row, at)
        tx.hub_requests.tidy(at - KEPT)
        tx.hub_subscriptions.tidy(at, at - KEPT_ENDED)

    def next_at(self, tx: Transaction, at: datetime) -> datetime | None:
        return tx.hub_requests.next_at(at)


def _refused(tx: Transaction, row: HubRequestRow, outcome: Outcome, at: datetime) -> None:
    """Any answer but the challenge is final (WebSub 5.3.1)."""
    failures = row.failures + 1
    is_again = outcome.status == 0 and outcome.transient and failures < ATTEMPTS
    if not is_again and tx.hub_requests.refused() >= MOST_KEPT:
        tx.hub_requests.drop([row.id])
        return
    tx.hub_requests.failed(row.id, failures, outcome.fault, next_attempt(failures, at) if is_again else None)


def _confirmed(tx: Transaction, row: HubRequestRow, at: datetime) -> None:
    tx.hub_requests.drop([row.id])
    if row.mode == "unsubscribe":
        tx.hub_subscriptions.remove(row.path, row.callback)
        return
    expires = at + timedelta(seconds=row.lease_seconds)
    known = tx.hub_subscriptions.find(row.path, row.callback)
    if known and known.is_live(at):
        tx.hub_subscriptions.renew(known.id, row.topic, row.secret, expires, at)
        return
    document = tx.files.find(row.path)
    tx.hub_subscriptions.put(
        HubSubscriptionRow(
            0,
            row.path,
            row.topic,
            row.callback,
            row.host,
            row.secret,
            confirmed_at=at,
            expires_at=expires,
            sha256=document.sha256 if document else "",
        )
    )
