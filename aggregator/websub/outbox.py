"""What has to be sent to hubs and subscribers: it waits in the state, is sent when it is due, and is recorded.

Nothing waits for a slow receiver but what that receiver gets. What is under way when the process ends is sent again by
the next one.
"""

import asyncio
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

from aggregator.app import App
from aggregator.errors import FetchError
from aggregator.events import Sent
from aggregator.fetch import KeptClient, Reply, Sender
from aggregator.fetch.errors import retry_after
from aggregator.fetch.sender import LIMIT
from aggregator.settings import fetch_settings
from aggregator.store import Transaction
from aggregator.threads import in_thread

MOST_UNDER_WAY = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request. `status`: of the answer, 0 for none; `fault`: why it failed, "" if it did not;
    `transient`: trying again may help; `retry_after`: the pause that was asked for."""

    status: int = 0
    fault: str = ""
    transient: bool = False
    retry_after: timedelta | None = None

    @classmethod
    def of(cls, reply: Reply, at: datetime) -> "Outcome":
        if reply.is_success:
            return cls(reply.status)
        wait = retry_after(reply.headers, at)
        is_passing = reply.status >= 500 or reply.status in {408, 425, 429}
        return cls(reply.status, f"it answered {named(reply.status)}", is_passing, wait)

    @classmethod
    def of_error(cls, error: FetchError) -> "Outcome":
        return cls(error.status, error.message, error.transient)


def named(status: int) -> str:
    """The status with our words for it, never the server's own."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


class Message(Protocol):
    """One request that is due. `key` tells it from all others of its kind; `host`: where it goes."""

    @property
    def key(self) -> Hashable: ...

    @property
    def host(self) -> str: ...

    async def send(self, sender: Sender) -> Outcome:
        """Raises FetchError where there is no answer."""
        ...


class Messages(Protocol):
    """One kind of requests. Its methods wait for the state. `record` may be called twice with the same."""

    name: ClassVar[str]

    def due(self, tx: Transaction, at: datetime, most: int, under_way: Collection[Hashable]) -> Sequence[Message]:
        """At most `most` that are due, without those that are under way."""
        ...

    def record(self, tx: Transaction, done: Sequence[tuple[Any, Outcome]], at: datetime) -> None: ...

    def next_at(self, tx: Transaction, at: datetime) -> datetime | None:
        """When the first one after `at` is due."""
        ...


Key = tuple[type[Messages], Hashable]
Done = tuple[Messages, Message, Outcome]


class Outbox:
    """`app` returns the one in force, `messages` the kinds that are sent for it. `called` is called when there is
    something to record: `run` does that. Only one `run` at a time. `limit`: of a single exchange."""

    def __init__(
        self,
        app: Callable[[], App],
        messages: Callable[[App], Sequence[Messages]],
        called: Callable[[], None] = lambda: None,
        *,
        limit: timedelta = LIMIT,
    ) -> None:
        self._app = app
        self._messages = messages
        self._call = called
        self._limit = limit
        self._sender = KeptClient[Sender]()
        self._sending: set[asyncio.Task[None]] = set()
        self._taken: set[Key] = set()  # sent, or being sent, and not recorded yet
        self._done: list[Done] = []
        self._has_called = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way and nothing is left to record."""
        return not (self._sending or self._done)

    async def run(self) -> datetime | None:
        """Records what was answered, and starts to send what is due. Returns when more is due, None for never."""
        self._has_called = False
        app, kinds = self._app(), self._messages(self._app())
        if not (kinds or self._done):
            return None
        done, self._done = self._done, []
        try:
            found, next_at = await in_thread(lambda: self._step(app, kinds, done))
        except BaseException:
            self._done = done + self._done
            raise
        self._taken -= {_key(one, message) for one, message, _ in done}
        self._taken |= {_key(one, message) for one, message in found}
        if found:
            sender = await self._sender.open(fetch_settings(app.config), partial(Sender, limit=self._limit))
            for one, message in found:
                sending = asyncio.create_task(self._send(sender, one, message))
                self._sending.add(sending)
                sending.add_done_callback(self._sending.discard)
        return next_at

    async def close(self) -> None:
        """What is under way ends, and is sent again by the next process; what was answered is recorded."""
        for sending in self._sending:
            sending.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._done:
            done, self._done = self._done, []
            app = self._app()
            await in_thread(lambda: _record(app, done, app.clock()))
        await self._sender.close()

    def _step(
        self, app: App, kinds: Sequence[Messages], done: Sequence[Done]
    ) -> tuple[list[tuple[Messages, Message]], datetime | None]:
        """What to send now, and when more is due."""
        at = app.clock()
        _record(app, done, at)
        taken = self._taken - {_key(one, message) for one, message, _ in done}
        found: list[tuple[Messages, Message]] = []
        with app.store.read() as tx:
            for one in kinds:
                under_way = {key for kind, key in taken if kind is type(one)}
                most = MOST_UNDER_WAY - len(taken) - len(found)
                found += [(one, message) for message in one.due(tx, at, most, under_way)] if most > 0 else []
            times = [time for one in kinds if (time := one.next_at(tx, at))]
        return found, min(times, default=None)

    async def _send(self, sender: Sender, messages: Messages, message: Message) -> None:
        try:
            outcome = await message.send(sender)
        except FetchError as error:
            outcome = Outcome.of_error(error)
        except Exception as error:  # noqa: BLE001 - not even a bug may stop what else is sent
            outcome = Outcome(fault=f"{type(error).__name__}: {error}", transient=True)
        self._done.append((messages, message, outcome))
        self._app().observer.sent(Sent(messages.name, message.host, outcome.status, outcome.fault))
        if not self._has_called:
            self._has_called = True
            self._call()


def _key(messages: Messages, message: Message) -> Key:
    return type(messages), message.key


def _record(app: App, done: Sequence[Done], at: datetime) -> None:
    if not done:
        return
    kinds = {type(one): one for one, _, _ in done}
    with app.store.write() as tx:
        for kind, one in kinds.items():
            one.record(tx, [(message, outcome) for other, message, outcome in done if type(other) is kind], at)
