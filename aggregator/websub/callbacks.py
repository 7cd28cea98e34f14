"""What hubs send to our callbacks: verifications (GET) and deliveries (POST). Whatever comes has a decided answer.

A delivery is stored before it is acknowledged, so that a kill loses nothing. One that is not used is acknowledged, too:
who forges one learns nothing, and a hub does not send it again (WebSub 7.1).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from aggregator.app import App
from aggregator.store import SubscriptionRow, Transaction
from aggregator.store.subscriptions import ENDING
from aggregator.text.normalize import one_line, shorten
from aggregator.text.printable import visible
from aggregator.websub import lease
from aggregator.websub.signature import matches

LONGEST_CHALLENGE = 2048  # characters
LONGEST_REASON = 200
MOST_WAITING = 100  # deliveries of one subscription that are not taken in yet
UNKNOWN = "there is no such subscription"
OVER = "this subscription has ended"
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """`has_news`: a delivery waits to be taken in."""

    status: int
    text: str
    has_news: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """`signature`: the X-Hub-Signature header, "" for none; `body`: None where it was larger than allowed."""

    signature: str
    content_type: str
    body: bytes | None


def verify(app: App, callback: str, query: Mapping[str, str]) -> CallbackAnswer:
    """The answer to a GET: does the request that the hub got come from us (WebSub 5.3)? 404 where it does not."""
    mode, topic = query.get("hub.mode", ""), query.get("hub.topic", "")
    if (known := _find(app, callback)) is None or topic != known.topic:
        return CallbackAnswer(404, UNKNOWN)
    with app.store.write() as tx:
        row = tx.subscriptions.find(known.id) or replace(known, state="ended")
        match mode:
            case "denied":
                return _denied(app, tx, row, query.get("hub.reason", ""))
            case "subscribe":
                return _subscribed(app, tx, row, query)
            case "unsubscribe" if row.state in ENDING:
                return _echo(query)
        return CallbackAnswer(404, UNKNOWN)


def why_refused(app: App, callback: str) -> CallbackAnswer | None:
    """The answer where a delivery to this callback is not even read; None where it is."""
    row = _find(app, callback)
    if row is None:
        return CallbackAnswer(404, UNKNOWN)
    return CallbackAnswer(410, OVER) if row.state in ENDING else None


def _find(app: App, callback: str) -> SubscriptionRow | None:
    with app.store.read() as tx:
        return tx.subscriptions.of_callback(callback)


def accept(app: App, callback: str, delivery: Delivery) -> CallbackAnswer:
    """Stores a delivery that its hub signed; any other one is counted and dropped."""
    with app.store.write() as tx:
        row = tx.subscriptions.of_callback(callback)
        if row is None:
            return CallbackAnswer(404, UNKNOWN)
        if row.state in ENDING:
            return CallbackAnswer(410, OVER)
        if delivery.body is None:
            tx.subscriptions.poll_as_usual([row.source_id])  # what it held is polled
            return _drop(tx, row, "too_large")
        return _store(app, tx, row, delivery, delivery.body)


def _store(app: App, tx: Transaction, row: SubscriptionRow, delivery: Delivery, body: bytes) -> CallbackAnswer:
    if not delivery.signature:
        return _drop(tx, row, "unsigned")
    method = matches(delivery.signature, row.secret, body)
    if method is None:
        return _drop(tx, row, "forged")
    if tx.deliveries.waiting_count(row.id) >= MOST_WAITING:
        return CallbackAnswer(503, "too many deliveries wait; send it again later")
    now = app.clock()
    if not tx.deliveries.add(row.id, now, hashlib.sha256(body).hexdigest(), delivery.content_type, body):
        return _drop(tx, row, "repeated")
    tx.subscriptions.heard(row, method, now)
    return CallbackAnswer(202, ACCEPTED, has_news=True)


def _drop(tx: Transaction, row: SubscriptionRow, why: str) -> CallbackAnswer:
    tx.subscriptions.count(row.id, why)
    return CallbackAnswer(202, ACCEPTED)


def _subscribed(app: App, tx: Transaction, row: SubscriptionRow, query: Mapping[str, str]) -> CallbackAnswer:
    """A hub may verify again what it verified before; that changes nothing, nor does a lease that nobody asked for."""
    if row.state in {*ENDING, "wanted", "gone", "denied"}:
        return CallbackAnswer(404, UNKNOWN)
    now, seconds = app.clock(), _seconds(query.get("hub.lease_seconds", ""))
    answer = _echo(query) if seconds else CallbackAnswer(404, "a lease of no time is none")
    if answer.status == 200 and (row.asked_at is not None or not row.is_active(now)):
        tx.subscriptions.change(row.id, **lease.verified(row, now, timedelta(seconds=seconds)))
    return answer


def _denied(app: App, tx: Transaction, row: SubscriptionRow, reason: str) -> CallbackAnswer:
    if row.state not in ENDING:
        said = shorten(visible(one_line(reason)), LONGEST_REASON)
        tx.subscriptions.change(row.id, **lease.denied(row, app.clock(), said))
        tx.subscriptions.poll_as_usual([row.source_id])
    return CallbackAnswer(200, ACCEPTED)


def _echo(query: Mapping[str, str]) -> CallbackAnswer:
    challenge = query.get("hub.challenge", "")
    if not challenge or len(challenge) > LONGEST_CHALLENGE:
        return CallbackAnswer(404, "a verification has a challenge")
    return CallbackAnswer(200, challenge)


def _seconds(text: str) -> int:
    """The lease that a hub promises; that which we asked for where it names none that can be read."""
    longest = int(lease.LONGEST_LEASE.total_seconds())
    if text.isascii() and text.isdecimal():
        return int(text) if len(text) < 10 else longest
    return 0 if text.startswith("-") else int(lease.ASKED_FOR.total_seconds())
