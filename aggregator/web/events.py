"""Server-sent events: the progress of runs, read from the state.

One task reads the state once a second for all clients, and only while there are clients. It reports runs of other
processes as well as runs of this one.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.types import Receive, Scope, Send

from aggregator.errors import AggregatorError
from aggregator.model.status import Batch, Progress
from aggregator.status.report import batch_json
from aggregator.web.clients import client_of
from aggregator.web.headers import GUARDS, Header
from aggregator.web.state_reader import StateVersion
from aggregator.web.tree import RETRY_LATER, plain

PAUSE = 1.0  # seconds between two readings
HEARTBEAT = 15.0  # seconds without a message, after which a comment shows whether the client is still there
MOST = 32  # streams of one client: each holds a connection, and one client must not use up all of them
HEAD: list[Header] = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # proxies must not buffer the stream
    *GUARDS,
]


class EventSender:
    """Renders progress as JSON. The newest batch is the running one where it differs from the newest batch that existed
    while nothing was waiting."""

    def __init__(self, read_progress: Callable[[], Progress], version: Callable[[], StateVersion]) -> None:
        self._read_progress = read_progress
        self._version = version
        self._seen: StateVersion | None = None
        self._before: Batch | None = None
        self._text = ""

    def __call__(self) -> str:
        """Waits for the disk. Returns the last text where the state did not change or cannot be read."""
        version = self._version()
        if version != self._seen or not self._text:
            with suppress(AggregatorError):
                self._text = json.dumps(self._as_dict(self._read_progress()), ensure_ascii=False)
                self._seen = version
        return self._text

    def _as_dict(self, now: Progress) -> dict[str, Any]:
        if not now.waiting:
            self._before = now.batch
        running = bool(now.waiting and now.batch and (self._before is None or now.batch.at != self._before.at))
        return {
            "waiting": now.waiting,
            "running": running,
            "names": list(now.names),
            "batch": batch_json(now.batch) if now.batch else None,
            "pulls": [{"source": one.source, "outcome": one.outcome, "kind": one.kind} for one in now.pulls],
        }


class EventStream:
    """The ASGI application of the stream. Streams end when the server sets the event `state["stop"]`."""

    def __init__(self, read: Callable[[], str], *, pause: float, most: int = MOST) -> None:
        self._read = read
        self._pause = pause
        self._most = most
        self._queues: set[asyncio.Queue[str]] = set()
        self._clients: Counter[str] = Counter()
        self._reader: asyncio.Task[None] | None = None

    @property
    def is_reading(self) -> bool:
        return self._reader is not None and not self._reader.done()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = client_of(scope)
        if self._clients[client] >= self._most:
            await _refuse(send)
            return
        queue: asyncio.Queue[str] = asyncio.Queue(1)
        self._queues.add(queue)
        self._clients[client] += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEAD})
            if scope["method"] != "HEAD":
                await self._stream(queue, scope, receive, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._queues.discard(queue)
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    async def _stream(self, queue: asyncio.Queue[str], scope: Scope, receive: Receive, send: Send) -> None:
        if not self.is_reading:
            self._reader = asyncio.create_task(self._read_repeatedly())
        ends = [asyncio.ensure_future(one) for one in (_gone(receive), _stopped(scope))]
        try:
            text = await asyncio.to_thread(self._read)
            await _send(send, b"retry: 3000\n\n" + _message(text))
            while not any(end.done() for end in ends):
                update = asyncio.ensure_future(queue.get())
                await asyncio.wait((update, *ends), timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
                if any(end.done() for end in ends):
                    update.cancel()
                elif update.done():
                    if update.result() != text:
                        text = update.result()
                        await _send(send, _message(text))
                else:
                    update.cancel()
                    await _send(send, b":\n\n")
        finally:
            for end in ends:
                end.cancel()

    async def _read_repeatedly(self) -> None:
        """Puts each new text into every queue. A queue holds one text: slow clients miss all but the newest."""
        last = ""
        while self._queues:
            text = await asyncio.to_thread(self._read)
            if text != last:
                for queue in self._queues:
                    if queue.full():
                        queue.get_nowait()
                    queue.put_nowait(text)
            last = text
            await asyncio.sleep(self._pause)


def _message(text: str) -> bytes:
    return f"data: {text}\n\n".encode(errors="replace")


def _send(send: Send, data: bytes) -> Awaitable[None]:
    return send({"type": "http.response.body", "body": data, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stopped(scope: Scope) -> None:
    """Waits for the stop event; forever where the server passes none."""
    stop: asyncio.Event = scope.get("state", {}).get("stop") or asyncio.Event()
    await stop.wait()


async def _refuse(send: Send) -> None:
    answer = plain(503, "too many streams are open for this client", RETRY_LATER)
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
