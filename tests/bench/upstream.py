"""Publishers on loopback, in a process of their own: /FEED answers with the document of a feed.

`GET /generation/N` makes the documents of a generation before it answers: making them is no part of what is measured.
"""

import asyncio
import hashlib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests.bench import corpus
from tests.support import paths


@dataclass(frozen=True)
class Publishers:
    port: int
    feeds: int

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{self.port}/{feed}" for feed in range(self.feeds)]

    def show(self, generation: int) -> None:
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/generation/{generation}").read()


@contextmanager
def publishers(feeds: int, size: int) -> Iterator[Publishers]:
    """Feeds of `size` entries each, at generation 0."""
    command = [sys.executable, "-m", "tests.bench.upstream", str(feeds), str(size)]
    with _started(command) as port:
        yield Publishers(port, feeds)


@contextmanager
def files_served(folder: Path) -> Iterator[Publishers]:
    """The files below `folder`, in the order of their paths."""
    with _started([sys.executable, "-m", "tests.bench.upstream", str(folder)]) as port:
        yield Publishers(port, len(_files(folder)))


@contextmanager
def _started(command: list[str]) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=paths.PROJECT)
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


class Answering(asyncio.Protocol):
    answers: ClassVar[dict[bytes, tuple[bytes, bytes]]] = {}  # path → ETag, answer
    sizes: ClassVar[tuple[int, int]] = (0, 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._received = transport, b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/generation/"):
            Answering.answers = _generation(int(path.rpartition(b"/")[2]), *Answering.sizes)
            return _said(b"", "text/plain", "")
        etag, answer = Answering.answers[path]
        return b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\n\r\n" if etag in head else answer


def _said(body: bytes, media_type: str, etag: str) -> bytes:
    lines = f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\nETag: {etag}\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\n" + lines.encode() + body


def _tagged(body: bytes, media_type: str) -> tuple[bytes, bytes]:
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return etag.encode(), _said(body, media_type, etag)


def _generation(number: int, feeds: int, size: int) -> dict[bytes, tuple[bytes, bytes]]:
    return {
        b"/%d" % feed: _tagged(corpus.document(feed, number, size), corpus.media_type(feed)) for feed in range(feeds)
    }


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=1024)
    server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _main(*words: str) -> None:
    if len(words) == 1:
        files = enumerate(_files(Path(words[0])))
        Answering.answers = {b"/%d" % n: _tagged(file.read_bytes(), "application/xml") for n, file in files}
    else:
        Answering.sizes = int(words[0]), int(words[1])
        Answering.answers = _generation(0, *Answering.sizes)
    asyncio.run(_serve())


if __name__ == "__main__":
    _main(*sys.argv[1:])
