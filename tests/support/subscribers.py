"""Many subscribers on loopback in one thread, each a path: they confirm what they are asked and count what they get."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import uvloop


class Subscribers:
    """`delivered`: how often each path got a document."""

    def __init__(self) -> None:
        self.delivered: Counter[str] = Counter()
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def serve(self, started: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await stop.wait()
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0.1)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, target, *_ = head.split(b" ", 2)
                body = b""
                if method == b"POST":
                    lines = head.lower().split(b"\r\n")
                    length = next(line for line in lines if line.startswith(b"content-length:"))
                    await reader.readexactly(int(length.partition(b":")[2]))
                    self.delivered[target.decode()] += 1
                else:
                    body = parse_qs(urlsplit(target.decode()).query)["hub.challenge"][0].encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        self._writers.discard(writer)
        writer.close()


@contextmanager
def subscribers() -> Iterator[Subscribers]:
    some, started = Subscribers(), threading.Event()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stop = asyncio.Event()
        thread = threading.Thread(target=runner.run, args=(some.serve(started, stop),))
        thread.start()
        try:
            started.wait(10)
            yield some
        finally:
            runner.get_loop().call_soon_threadsafe(stop.set)
            thread.join()
