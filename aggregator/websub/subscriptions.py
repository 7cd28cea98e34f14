"""Asks hubs for the topics that sources name, renews leases before they end, and ends what is not wanted any more.

The store has an index of the times when there is something to do: ten thousand leases that are not due cost nothing.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urljoin

from aggregator.app import App
from aggregator.config import Config, SourceConfig
from aggregator.errors import FetchError
from aggregator.fetch import KeptClient, Outgoing, Reply, Sender
from aggregator.settings import fetch_settings
from aggregator.store import SubscriptionRow, Transaction
from aggregator.store.fact_names import CALLBACKS
from aggregator.store.subscriptions import living_topics
from aggregator.text.normalize import one_line, shorten
from aggregator.text.printable import visible
from aggregator.websub import lease

AT_ONCE = 100  # subscriptions
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 307, 308})  # 307 and 308 by WebSub 5.1.2; hubs that moved send the others, too
FORM = {"content-type": "application/x-www-form-urlencoded"}
GONE = 410
LONGEST_MESSAGE = 200  # characters of what a hub says

Mode = str  # subscribe | unsubscribe


def callback_url(config: Config, row: SubscriptionRow) -> str:
    return f"{config.server.public_url.rstrip('/')}/websub/{row.callback}"


def is_wanted(app: App, source_id: str) -> bool:
    """Whether a hub may be asked for news of this source."""
    source = app.rules.section(source_id)
    return isinstance(source, SourceConfig) and source.is_public and not source.paused


class Subscriber:
    """Keeps its connections until `close`, and knows the config whose sources it looked at."""

    def __init__(self) -> None:
        self._sender = KeptClient[Sender]()
        self._config: Config | None = None

    async def work(self, app: App) -> datetime | None:
        """Does what is due; returns when there is something to do next, None where there never is. Without
        `server.public_url` hubs could not reach us: then nothing is asked."""
        if not app.config.server.public_url:
            return None
        if self._config is not app.config:
            await asyncio.to_thread(follow_config, app)
            self._config = app.config
        rows = await asyncio.to_thread(_due, app)
        if rows:
            steps = Steps(app, await self._sender.open(fetch_settings(app.config), Sender))
            await asyncio.gather(*map(steps.take, rows))
        return await asyncio.to_thread(_earliest, app)

    async def close(self) -> None:
        await self._sender.close()


def follow_config(app: App) -> None:
    """Each source that may have a subscription gets one, and each other one ends; hubs are told where our address is
    another one. Looks at all sources: only for a config that is new."""
    now, address = app.clock(), app.config.server.public_url
    with app.store.write() as tx:
        if tx.facts.get(CALLBACKS) != address:
            tx.subscriptions.begin_anew(now)
            tx.subscriptions.poll_as_usual()
            tx.facts.set(CALLBACKS, address)
        living = living_topics(tx.subscriptions.all())
        unwanted = {id_ for id_ in living if not is_wanted(app, id_)}
        for id_, hub, topic in tx.subscriptions.named():
            if living.get(id_) != (hub, topic) and is_wanted(app, id_):
                tx.subscriptions.follow(id_, hub, topic, now)
        for id_ in sorted(unwanted):
            tx.subscriptions.follow(id_, "", "", now)
        tx.subscriptions.poll_as_usual(unwanted)


def _due(app: App) -> list[SubscriptionRow]:
    with app.store.read() as tx:
        return tx.subscriptions.due(app.clock(), AT_ONCE)


def _earliest(app: App) -> datetime | None:
    with app.store.read() as tx:
        return tx.subscriptions.earliest()


@dataclass(frozen=True, slots=True)
class Steps:
    """The next step of single subscriptions, each of which may fail alone."""

    app: App
    sender: Sender

    async def take(self, row: SubscriptionRow) -> None:
        if row.state == "ended":
            await self._write(lambda tx: tx.subscriptions.delete(row.id))
        elif row.state == "leaving":
            await self._leave(row)
        elif not is_wanted(self.app, row.source_id):
            await self._write(lambda tx: tx.subscriptions.follow(row.source_id, "", "", self.app.clock()))
        elif row.asked_at is not None:
            await self._change(row, lambda one, now: lease.failed(one, now, "unverified", "the hub never verified it"))
        else:
            await self._ask(row)

    async def _ask(self, row: SubscriptionRow) -> None:
        await self._change(row, lease.asking)
        try:
            reply = await self._send(row, "subscribe")
        except FetchError as error:
            await self._fail(row, error.message)
            return
        if reply.status == GONE:
            await self._change(row, lease.gone)
        elif not reply.is_success:
            await self._fail(row, _told(row, reply))

    async def _leave(self, row: SubscriptionRow) -> None:
        """The hub is told once. If it does not hear it, its deliveries get 410 until the lease ends."""
        await self._change(row, lease.ended)
        if row.expires_at is not None and row.expires_at > self.app.clock():
            with suppress(FetchError):
                await self._send(row, "unsubscribe")

    async def _fail(self, row: SubscriptionRow, message: str) -> None:
        """Unless the hub has verified it meanwhile."""

        def values(one: SubscriptionRow, now: datetime) -> lease.Values:
            return {} if one.asked_at is None else lease.failed(one, now, "refused", message)

        await self._change(row, values)

    async def _send(self, row: SubscriptionRow, mode: Mode) -> Reply:
        """The reply of the hub, or of the one that it redirects to. Raises FetchError."""
        form = {"hub.mode": mode, "hub.topic": row.topic, "hub.callback": callback_url(self.app.config, row)}
        if mode == "subscribe":
            form |= {"hub.lease_seconds": str(int(lease.ASKED_FOR.total_seconds())), "hub.secret": row.secret}
        url, body = row.hub, urlencode(form).encode()
        for _ in range(MOST_REDIRECTS + 1):
            reply = await self.sender.send(Outgoing("POST", url, FORM, body))
            if reply.status not in REDIRECTS:
                return reply
            url = _target(url, reply.headers.get("location", ""))
        raise FetchError("redirect", f"the hub redirects more than {MOST_REDIRECTS} times", transient=False)

    async def _change(self, row: SubscriptionRow, values: Callable[[SubscriptionRow, datetime], lease.Values]) -> None:
        """Changes the row as it is now: the hub may have called back since it was read."""

        def write(tx: Transaction) -> None:
            one, now = tx.subscriptions.find(row.id), self.app.clock()
            changed = values(one, now) if one else {}
            if one and changed:
                tx.subscriptions.change(one.id, **changed)
                if not tx.subscriptions.is_active(one.id, now):
                    tx.subscriptions.poll_as_usual([one.source_id])

        await self._write(write)

    async def _write(self, write: Callable[[Transaction], Any]) -> None:
        await asyncio.to_thread(self._write_now, write)

    def _write_now(self, write: Callable[[Transaction], Any]) -> None:
        with self.app.store.write() as tx:
            write(tx)


def _target(here: str, location: str) -> str:
    """Where a redirect leads; it must not lead from https down to http, since the request holds the secret."""
    if not location.strip():
        raise FetchError("redirect", "the hub redirects nowhere: its Location is missing", transient=False)
    try:
        target = urljoin(here, location.strip())
    except ValueError as error:
        raise FetchError("redirect", "the hub redirects to a place that is none", transient=False) from error
    if here.lower().startswith("https:") and not target.lower().startswith("https:"):
        raise FetchError("redirect", "the hub redirects from https down to http, which is refused", transient=False)
    return target


def _told(row: SubscriptionRow, reply: Reply) -> str:
    """The status with the beginning of what the hub says, without our secrets."""
    text = reply.body.decode("utf-8", "replace")
    text = text.replace(row.secret, "…").replace(row.callback, "…")
    said = "" if "html" in reply.headers.get("content-type", "") else shorten(visible(one_line(text)), LONGEST_MESSAGE)
    return f"the hub answers {reply.status}" + (f": {said}" if said else "")
