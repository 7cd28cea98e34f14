"""Server-sent events: what goes on, as it stands in the state, told to all who listen.

The state is looked at once a second for all of them, and only while there are any: so it tells of a run beside this
process as well as of one within it.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from starlette.types import Receive, Scope, Send

from aggregator.errors import AggregatorError
from aggregator.model.status import Batch, Progress
from aggregator.status.report import batch_json
from aggregator.web.headers import GUARDS, Header
from aggregator.web.state_reader import Seen
from aggregator.web.tree import AGAIN, plain

PAUSE = 1.0  # seconds between two looks
HEARTBEAT = 15.0  # seconds of silence, after which a comment shows whether somebody is still there
MOST = 32  # listeners of one client: each keeps a connection, and nobody may shut the others out
HEAD: list[Header] = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy is not to collect them
    *GUARDS,
]


class EventSender:
    """What is told, as JSON. Whether the newest batch is the one under way is known by the batch that there was while
    nothing was."""

    def __init__(self, look: Callable[[], Progress], written: Callable[[], Seen]) -> None:
        self._look = look
        self._written = written
        self._seen: Seen | None = None
        self._before: Batch | None = None
        self._said = ""

    def __call__(self) -> str:
        """Waits for the disk; what was said last holds on where the state cannot be read, or is still waiting."""
        seen = self._written()
        if seen != self._seen or not self._said:
            with suppress(AggregatorError):
                self._said = json.dumps(self._tell(self._look()), ensure_ascii=False)
                self._seen = seen
        return self._said

    def _tell(self, now: Progress) -> dict[str, Any]:
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


class Watch:
    """The ASGI application of the stream. Who serves says by `state["stop"]`, an event, when streams are to end."""

    def __init__(self, tell: Callable[[], str], *, pause: float, most: int = MOST) -> None:
        self._tell = tell
        self._pause = pause
        self._most = most
        self._boxes: set[asyncio.Queue[str]] = set()
        self._clients: Counter[str] = Counter()
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_looking(self) -> bool:
        return self._looking is not None and not self._looking.done()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = _client(scope)
        if self._clients[client] >= self._most:
            await _refuse(send)
            return
        box: asyncio.Queue[str] = asyncio.Queue(1)
        self._boxes.add(box)
        self._clients[client] += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEAD})
            if scope["method"] != "HEAD":
                await self._stream(box, scope, receive, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._boxes.discard(box)
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    async def _stream(self, box: asyncio.Queue[str], scope: Scope, receive: Receive, send: Send) -> None:
        if not self.is_looking:
            self._looking = asyncio.create_task(self._look())
        ends = [asyncio.ensure_future(one) for one in (_gone(receive), _told_to_stop(scope))]
        try:
            said = await asyncio.to_thread(self._tell)
            await _send(send, b"retry: 3000\n\n" + _message(said))
            while not any(end.done() for end in ends):
                news = asyncio.ensure_future(box.get())
                await asyncio.wait((news, *ends), timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
                if any(end.done() for end in ends):
                    news.cancel()
                elif news.done():
                    if news.result() != said:
                        said = news.result()
                        await _send(send, _message(said))
                else:
                    news.cancel()
                    await _send(send, b":\n\n")
        finally:
            for end in ends:
                end.cancel()

    async def _look(self) -> None:
        """Who is slow finds the newest in his box, not all that was missed."""
        last = ""
        while self._boxes:
            said = await asyncio.to_thread(self._tell)
            if said != last:
                for box in self._boxes:
                    if box.full():
                        box.get_nowait()
                    box.put_nowait(said)
            last = said
            await asyncio.sleep(self._pause)


def _client(scope: Scope) -> str:
    """Its address; of IPv6 the network, of which one client has all (RFC 6177)."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((int(address), 64), strict=False))
    return host


def _message(text: str) -> bytes:
    return f"data: {text}\n\n".encode(errors="replace")


def _send(send: Send, data: bytes) -> Awaitable[None]:
    return send({"type": "http.response.body", "body": data, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _told_to_stop(scope: Scope) -> None:
    """Never, where nobody says when."""
    stop: asyncio.Event = scope.get("state", {}).get("stop") or asyncio.Event()
    await stop.wait()


async def _refuse(send: Send) -> None:
    answer = plain(503, "too many are watching already", AGAIN)
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
