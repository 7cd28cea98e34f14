"""Servers on loopback that are asked as often as they answer: by wrk (Debian: wrk), else by a client of our own."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from getpass import getuser
from multiprocessing import get_context
from pathlib import Path

import psutil

from tests.bench.size import sized
from tests.support.running import eventually

CONNECTIONS = 16
QUESTIONS = sized(40_000, 4000)
SECONDS = 2
NGINX = """\
{user} daemon off; worker_processes 1; pid {root}/nginx.pid; error_log stderr crit;
events {{}}
http {{
  access_log off; keepalive_requests 1000000; client_body_temp_path {root}/body; proxy_temp_path {root}/proxy;
  fastcgi_temp_path {root}/fastcgi; uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}/feeds; }}
}}
"""


class Asking(asyncio.Protocol):
    """The same question again and again, the next when the last is answered."""

    def __init__(self, question: bytes, times: int, done: asyncio.Future[Counter[str]]) -> None:
        self._question, self._left, self._done = question, times, done
        self._received = b""
        self._statuses: Counter[str] = Counter()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvloop's are no others
        self._transport = transport
        transport.write(self._question)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        length = 0 if head[9:12] == b"304" else int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0] or 0)
        if not end or len(rest) < length:
            return
        self._received = b""
        self._statuses[head[9:12].decode()] += 1
        self._left -= 1
        if self._left:
            self._transport.write(self._question)
        else:
            self._transport.close()
            self._done.set_result(self._statuses)


async def ask_often(port: int, path: str, headers: str) -> tuple[float, Counter[str]]:
    """Questions answered in a second, and the statuses of the answers."""
    loop, question = asyncio.get_running_loop(), f"GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode()
    waiting: list[asyncio.Future[Counter[str]]] = []
    began = time.perf_counter()
    for _ in range(CONNECTIONS):
        done = loop.create_future()
        waiting.append(done)
        asking = partial(Asking, question, QUESTIONS // CONNECTIONS, done)
        await loop.create_connection(asking, "127.0.0.1", port)
    statuses = sum(await asyncio.gather(*waiting), Counter())
    return QUESTIONS / (time.perf_counter() - began), statuses


def loaded(port: int, path: str, header: str) -> tuple[float, float]:
    """The same question again and again: how often it was answered, in how many seconds. `header`: a line, or ""."""
    if wrk := shutil.which("wrk"):
        words = ["-H", header] if header else []
        address = f"http://127.0.0.1:{port}{path}"
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *words, address]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "Non-2xx or 3xx" not in said
        found = re.search(r"(\d+) requests in ([\d.]+)s", said)
        assert found, said
        return float(found[1]), float(found[2])
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        rate, statuses = elsewhere.submit(_ask, port, path, f"{header}\r\n" if header else "").result()
    assert len(statuses) == 1
    return QUESTIONS, QUESTIONS / rate


def _ask(port: int, path: str, headers: str) -> tuple[float, Counter[str]]:
    import uvloop

    return uvloop.run(ask_often(port, path, headers))


def cpu_of(server: psutil.Process) -> float:
    """Seconds of a processor, its children's included."""
    times = [one.cpu_times() for one in (server, *server.children())]
    return float(sum(one.user + one.system for one in times))


@contextmanager
def nginx(root: Path) -> Iterator[tuple[psutil.Process, int]]:
    """Serves the tree of `root` with one worker process; yields the master process and the port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    user = f"user {getuser()};" if os.getuid() == 0 else ""  # else its worker would be nobody, who may not read
    (root / "nginx.conf").write_text(NGINX.format(root=root, port=port, user=user))
    process = subprocess.Popen([shutil.which("nginx") or "nginx", "-p", str(root), "-c", str(root / "nginx.conf")])
    try:
        eventually(lambda: _listens(port))
        yield psutil.Process(process.pid), port
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
