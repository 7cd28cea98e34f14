"""Subscriptions and hubs as the keeper sees them: without callbacks and secrets."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from aggregator.app import App
from aggregator.model.websub import HubStatus, SubscriptionStatus
from aggregator.polling.hub_trust import is_silent
from aggregator.store import HubTally, SubscriptionRow, Transaction
from aggregator.text.masking import showable

DROPPED = ("unsigned", "forged", "repeated", "too_large", "unreadable")
UNREACHABLE = "hubs cannot reach this server: server.public_url is not set"


def subscriptions_of(
    app: App, rows: Iterable[SubscriptionRow], relied_on: Collection[str], now: datetime
) -> tuple[SubscriptionStatus, ...]:
    """`rows`: of the store, `relied_on`: the sources whose hub has proved itself."""
    is_reachable = bool(app.config.server.public_url)
    return tuple(_status(row, row.source_id in relied_on, is_reachable, now) for row in rows if row.state != "ended")


def hubs_of(tx: Transaction, subscriptions: Iterable[SubscriptionStatus]) -> tuple[HubStatus, ...]:
    """Those with a subscription, or with news."""
    asked, active = Counter[str](), Counter[str]()
    for one in subscriptions:
        asked[one.hub] += 1
        active[one.hub] += one.state == "active"
    tallies = {showable(tally.hub): tally for tally in tx.subscriptions.tallies()}
    return tuple(_hub(tallies.get(hub) or HubTally(hub), asked[hub], active[hub]) for hub in sorted({*asked, *tallies}))


def _hub(tally: HubTally, asked: int, active: int) -> HubStatus:
    return HubStatus(
        hub=showable(tally.hub),
        subscriptions=asked,
        active=active,
        by_push=tally.by_push,
        by_poll=tally.by_poll,
        told=tally.told_at,
        missed=tally.missed_at,
        silent=is_silent(tally.missed),
    )


def _status(row: SubscriptionRow, relied_on: bool, is_reachable: bool, now: datetime) -> SubscriptionStatus:
    has_lapsed = row.state == "active" and not row.is_active(now)
    return SubscriptionStatus(
        source=row.source_id,
        hub=showable(row.hub),
        topic=showable(row.topic),
        state="lapsed" if has_lapsed else row.state,
        since=row.since,
        expires=row.expires_at,
        next=row.next_at if is_reachable else None,
        signature=row.method,
        delivered=row.delivered_at,
        accepted=row.accepted,
        dropped={name: count for name in DROPPED if (count := getattr(row, name))},
        relied_on=relied_on,
        silent=is_silent(row.missed),
        message=row.message or ("" if is_reachable else UNREACHABLE),
    )
