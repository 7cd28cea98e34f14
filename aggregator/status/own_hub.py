"""What hubs are told of our feeds, and who subscribes to our own hub, without callbacks and secrets."""

from datetime import datetime

from aggregator.app import App
from aggregator.model.websub import FailingSubscriber, OutboxStatus, OwnHubStatus, TopicStatus
from aggregator.settings import own_hub
from aggregator.store import HubSubscriptionRow, PingRow, Transaction
from aggregator.text.masking import showable

MOST = 20  # feeds that wait, or subscribers in trouble


def outbox_of(app: App, tx: Transaction) -> OutboxStatus | None:
    """None where no other hub is told."""
    hub = app.config.feeds.hub
    if not hub or own_hub(app.config):
        return None
    waiting, last = tx.pings.waiting(), tx.pings.last()
    failed = max((row for row in waiting if row.failures and row.sent_at), key=_sent_at, default=last)
    return OutboxStatus(
        hub=showable(hub),
        waiting=len(waiting),
        feeds=tuple(row.path for row in waiting[:MOST]),
        since=waiting[0].changed_at if waiting else None,
        next=min((row.due_at for row in waiting if row.due_at), default=None),
        sent=last.sent_at if last else None,
        status=failed.status if failed else 0,
        message=failed.message if failed else "",
        failures=failed.failures if failed else 0,
    )


def _sent_at(row: PingRow) -> datetime:
    return row.sent_at or row.changed_at


def own_hub_of(app: App, tx: Transaction, now: datetime) -> OwnHubStatus | None:
    """None where this server is none."""
    hub = own_hub(app.config)
    if not hub:
        return None
    site = app.config.site.url
    topics = tuple(
        TopicStatus(site + one.path, one.subscribers, one.failing, one.waiting, one.delivered_at)
        for one in tx.hub_subscriptions.by_topic(now)
    )
    ended = tx.hub_subscriptions.ended()
    return OwnHubStatus(
        hub=hub,
        subscribers=sum(one.subscribers for one in topics),
        failing=sum(one.failing for one in topics),
        waiting=sum(one.waiting for one in topics),
        topics=topics,
        requests=tx.hub_requests.waiting(),
        refused=tx.hub_requests.refused(),
        gone=ended.get("gone", 0),
        failed=ended.get("failed", 0),
        troubles=tuple(_failing(site, row) for row in tx.hub_subscriptions.failing(now, MOST)),
    )


def _failing(site: str, row: HubSubscriptionRow) -> FailingSubscriber:
    since = row.failing_since or row.confirmed_at
    return FailingSubscriber(site + row.path, row.host, since, row.failures, row.due_at, row.status, row.message)
