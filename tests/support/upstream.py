"""A web server on loopback that sends exactly the given bytes, and records requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network
from types import TracebackType
from typing import Any, Self

from aggregator.fetch import Fetcher, FetchSettings

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]
LOOPBACK = (IPv4Network("127.0.0.0/8"),)


def reply(status: int = 200, body: bytes = b"<rss/>", **headers: str) -> bytes:
    """A whole response; `content_type="…"` becomes `content-type: …`."""
    lines = [f"HTTP/1.1 {status} Said"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "content_length" not in headers and status != 304:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    return reply(status, b"", location=location)


@dataclass
class Asked:
    target: str
    headers: dict[str, str]


@dataclass
class Server:
    """`routes`: request target → the raw response, or a script that writes one; "*" for all others."""

    routes: Mapping[str, bytes | Script]
    host: str = "127.0.0.1"
    ssl: Any = None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.ssl)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str = "/", host: str = "") -> str:
        scheme = "https" if self.ssl else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer(await reader.readuntil(b"\r\n\r\n"), writer):
                pass
        writer.transport.abort()
        self._tasks.discard(task)

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> bool:
        """Returns False to close the connection."""
        first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")[:-2]
        asked = Asked(first.split(" ")[1], dict(line.split(": ", 1) for line in lines))
        self.asked.append(asked)
        said = self.routes.get(asked.target) or self.routes.get("*") or reply(404, b"")
        if isinstance(said, bytes):
            writer.write(said)
            await writer.drain()
            return b"connection: close" not in said.lower()
        await said(writer)
        with suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        return False


def settings(**changes: Any) -> FetchSettings:
    plain: dict[str, Any] = {
        "user_agent": "Tester/1.0 (+https://planet.example/)",
        "allow_networks": LOOPBACK,
        "gap": timedelta(0),
        "timeout": timedelta(seconds=5),
    }
    return FetchSettings(**plain | changes)


def fetcher(**changes: Any) -> Fetcher:
    return Fetcher(settings(**changes))
