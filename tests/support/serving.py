"""A server on loopback in a thread, and a client that sends exactly the given bytes."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

import uvloop
from starlette.types import ASGIApp

from aggregator.web import listen, serve


@dataclass(frozen=True)
class Reply:
    """`headers` by their names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """One connection, kept alive until the server closes it."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=10)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def ask(self, path: str | bytes, method: str = "GET", **headers: str) -> Reply:
        """A header's name is written with _ for -."""
        self.send(path, method, b"", **headers)
        return self.reply(method)

    def send(self, path: str | bytes, method: str = "GET", body: bytes = b"", **headers: str) -> None:
        target = path.encode() if isinstance(path, str) else path
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(b"%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n" % (method.encode(), target, lines.encode()) + body)

    def reply(self, method: str = "GET") -> Reply:
        """Raises ConnectionError where the server has closed."""
        first = self._file.readline()
        if not first:
            raise ConnectionError("closed")
        headers: dict[str, str] = {}
        while (line := self._file.readline()) not in {b"\r\n", b""}:
            name, _, value = line.decode("latin-1").rstrip("\r\n").partition(": ")
            assert name.lower() not in headers, f"{name} twice"
            headers[name.lower()] = value
        status = int(first.split()[1])
        bare = method == "HEAD" or status in {204, 304}
        return Reply(status, headers, b"" if bare else self._file.read(int(headers["content-length"])))

    def is_closed(self) -> bool:
        """Waits for it."""
        return self.bytes_left() == 0

    def bytes_left(self) -> int:
        """Of what the server sends until it closes or cuts the connection."""
        count = 0
        try:
            while piece := self.socket.recv(2**20):
                count += len(piece)
        except ConnectionError:
            return count
        return count


@contextmanager
def served(application: ASGIApp) -> Iterator[int]:
    """The port on which it is served meanwhile."""
    sockets = listen("127.0.0.1", 0)
    port: int = sockets[0].getsockname()[1]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stop = asyncio.Event()
        thread = threading.Thread(target=runner.run, args=(serve(application, sockets, stop),))
        thread.start()
        try:
            yield port
        finally:
            runner.get_loop().call_soon_threadsafe(stop.set)
            thread.join()
