"""Publishers on loopback that keep score, in a process of their own: each address 127.x.y.z is a host.

`/N` answers with the document of feed N, after DELAY; `/moved/N` leads to another host. The score is how many requests
a host had at once, and within a second, at most.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, ClassVar

from tests.support import paths
from tests.support.planet import NOON, rss

DELAY = 0.05  # seconds
ENTRIES = 1  # of a feed


@dataclass(slots=True)
class Host:
    """`at_once`: requests under way; `most`: at any time; `busiest`: within a second; `recent`: when the last began."""

    at_once: int = 0
    most: int = 0
    busiest: int = 0
    recent: deque[float] = field(default_factory=deque)

    def begin(self, now: float) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.recent.append(now)
        while self.recent[0] <= now - 1:
            self.recent.popleft()
        self.busiest = max(self.busiest, len(self.recent))


@dataclass(frozen=True)
class Score:
    """`requests`: by path; `most`: requests at once at one host; `busiest`: within a second at one host."""

    requests: dict[str, int]
    most: int
    busiest: int

    @property
    def total(self) -> int:
        return sum(self.requests.values())


@dataclass(frozen=True)
class Publishers:
    port: int
    hosts: int

    def url(self, feed: int, *, moved: bool = False) -> str:
        return f"http://{address(feed % self.hosts)}:{self.port}/{'moved/' * moved}{feed}"

    def score(self) -> Score:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/score") as answer:
            return Score(**json.loads(answer.read()))


def address(host: int) -> str:
    return f"127.{1 + host // 62500}.{host // 250 % 250}.{1 + host % 250}"


@contextmanager
def publishers(hosts: int) -> Iterator[Publishers]:
    command = [sys.executable, "-m", "tests.scale.upstream", str(hosts)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=paths.PROJECT)
    assert process.stdout
    try:
        yield Publishers(int(process.stdout.readline()), hosts)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def document(feed: int) -> str:
    return rss(
        *(
            {
                "title": f"Entry {n} of {feed}",
                "link": f"https://blog{feed}.example/{n}",
                "guid": f"urn:example:{feed}:{n}",
                "pubDate": format_datetime(NOON.replace(day=1 + (feed + n) % 22), usegmt=True),
                "description": f"What feed {feed} says in its entry {n}, in words of its own: {feed * 7919 + n}.",
            }
            for n in range(ENTRIES)
        ),
        title=f"Feed {feed}",
    )


@dataclass
class _State:
    hosts: defaultdict[str, Host] = field(default_factory=lambda: defaultdict(Host))
    requests: Counter[str] = field(default_factory=Counter)
    count: int = 0


class _Answering(asyncio.Protocol):
    state: ClassVar[_State] = _State()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._received = transport, b""
        self._here, self._port = transport.get_extra_info("sockname")[:2]
        self._under_way = 0

    def connection_lost(self, error: Exception | None) -> None:
        """The requests of a process that was killed are under way no more."""
        if self._under_way:
            self.state.hosts[self._here].at_once -= self._under_way
            self._under_way = 0

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            if path == "/score":
                self._transport.write(_said(_score(self.state).encode()))
                continue
            self.state.requests[path] += 1
            loop = asyncio.get_running_loop()
            self.state.hosts[self._here].begin(loop.time())
            self._under_way += 1
            loop.call_later(DELAY, self._answer, path, head)

    def _answer(self, path: str, head: bytes) -> None:
        if not self._under_way:
            return  # the connection was cut
        self._under_way -= 1
        self.state.hosts[self._here].at_once -= 1
        feed = int(path.rpartition("/")[2])
        if path.startswith("/moved/"):
            there = f"http://{address((feed * 31 + 7) % self.state.count)}:{self._port}/{feed}"
            self._transport.write(f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode())
        elif f'"{feed}"'.encode() in head:
            self._transport.write(f'HTTP/1.1 304 Not Modified\r\nETag: "{feed}"\r\n\r\n'.encode())
        else:
            self._transport.write(_said(document(feed).encode(), f'ETag: "{feed}"\r\n'))


def _said(body: bytes, more: str = "") -> bytes:
    lines = f"Content-Type: application/xml\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return b"HTTP/1.1 200 OK\r\n" + lines.encode() + body


def _score(state: _State) -> str:
    hosts: Any = state.hosts.values()
    return json.dumps(
        {
            "requests": state.requests,
            "most": max((one.most for one in hosts), default=0),
            "busiest": max((one.busiest for one in hosts), default=0),
        }
    )


async def _serve(hosts: int) -> None:
    _Answering.state.count = hosts
    server = await asyncio.get_running_loop().create_server(
        _Answering, "0.0.0.0", 0, backlog=4096, family=socket.AF_INET
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(PermissionError):
        os.nice(-10)  # it must see requests when they come, however busy the machine is
    asyncio.run(_serve(int(sys.argv[1])))
