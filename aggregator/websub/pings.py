"""The hub that `feeds.hub` names is told of each document that changed.

How is left to hubs (WebSub 6). The public ones take a form with `hub.mode=publish` and the address of the document, as
`hub.url` or as `hub.topic`: it has both. Not all take more than one address at once, so each document has its own.
"""

import asyncio
from collections.abc import Collection, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from aggregator.app import App
from aggregator.fetch import Outgoing, Sender
from aggregator.fetch.url import shown
from aggregator.model.problems import Problem
from aggregator.settings import own_hub
from aggregator.store import Pinged, PingRow, Transaction
from aggregator.threads import in_thread
from aggregator.websub.outbox import Messages, Outbox, Outcome
from aggregator.websub.retries import next_attempt

FORM = {"content-type": "application/x-www-form-urlencoded"}
AT_ONCE = 16  # documents: a hub in trouble is not asked by hundreds
PATIENCE = timedelta(seconds=10)  # of a run, for its hub


@dataclass(frozen=True, slots=True)
class Ping:
    """`failures`: of the hub in a row, before this one."""

    row: PingRow
    hub: str
    topic: str
    at: datetime
    failures: int

    @property
    def key(self) -> Hashable:
        return self.row.path

    @property
    def host(self) -> str:
        return urlsplit(self.hub).netloc

    async def send(self, sender: Sender) -> Outcome:
        form = urlencode({"hub.mode": "publish", "hub.url": self.topic, "hub.topic": self.topic})
        return Outcome.of(await sender.send(Outgoing("POST", self.hub, FORM, form.encode())), self.at)


@dataclass(frozen=True, slots=True)
class Pings:
    hub: str
    site: str
    name: ClassVar[str] = "ping"

    def due(self, tx: Transaction, at: datetime, most: int, under_way: Collection[Hashable]) -> Sequence[Ping]:
        rows = [row for row in tx.pings.due(at, AT_ONCE + len(under_way)) if row.path not in under_way]
        failures = tx.pings.most_failures() if rows else 0
        most = max(min(most, AT_ONCE - len(under_way)), 0)
        return [Ping(row, self.hub, self.site + row.path, at, failures) for row in rows[:most]]

    def record(self, tx: Transaction, done: Sequence[tuple[Ping, Outcome]], at: datetime) -> None:
        """Where the hub itself is in trouble, all that waits is put off; a success says that it is not."""
        if any(not outcome.fault for _, outcome in done):
            tx.pings.forgive()
        failures = tx.pings.most_failures()
        attempts = [_pinged(ping, outcome, min(ping.failures, failures), at) for ping, outcome in done]
        tx.pings.record(attempts, at)
        in_trouble = [one for one, (_, outcome) in zip(attempts, done, strict=True) if outcome.transient]
        if until := max((one.due_at for one in in_trouble if one.due_at), default=None):
            tx.pings.put_off(until)

    def next_at(self, tx: Transaction, at: datetime) -> datetime | None:
        return tx.pings.next_at(at)


def _pinged(ping: Ping, outcome: Outcome, before: int, at: datetime) -> Pinged:
    """`before`: failures of the hub in a row."""
    row = ping.row
    if not outcome.fault:
        return Pinged(row.path, row.sha256, outcome.status)
    failures = (before if outcome.transient else row.failures) + 1
    again = next_attempt(failures, at, outcome.retry_after)
    return Pinged(row.path, row.sha256, outcome.status, outcome.fault, again, failures)


def pings_of(app: App) -> Sequence[Messages]:
    """What to send for this config: nothing without a hub, or where it is our own."""
    config = app.config
    return [Pings(config.feeds.hub, config.site.url)] if config.feeds.hub and not own_hub(config) else []


async def ping_hub(app: App, patience: timedelta = PATIENCE) -> list[Problem]:
    """Tells the hub of `feeds.hub` what is due now. What it does not hear in that time waits for the next run. Returns
    what is wrong with the hub."""
    if not pings_of(app):
        return []
    answered, loop = asyncio.Event(), asyncio.get_running_loop()
    outbox, end = Outbox(lambda: app, pings_of, answered.set), loop.time() + patience.total_seconds()
    try:
        await outbox.run()
        while not outbox.is_idle and loop.time() < end:
            with suppress(TimeoutError):
                await asyncio.wait_for(answered.wait(), max(end - loop.time(), 0))
            answered.clear()
            await outbox.run()
    finally:
        await outbox.close()
    return await in_thread(lambda: _problems(app))


def _problems(app: App) -> list[Problem]:
    with app.store.read() as tx:
        waiting = tx.pings.waiting()
    failed = [row for row in waiting if row.failures]
    if not failed:
        return []
    last = max(failed, key=lambda row: row.sent_at or row.changed_at)
    count = f"{len(waiting)} document{'s' * (len(waiting) != 1)}"
    message = f"the hub {shown(app.config.feeds.hub)} was not told of {count} that changed: {last.message}"
    return [Problem("feeds.hub", "hub", f"{message}; it is told later", transient=True)]
