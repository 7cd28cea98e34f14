"""How many requests the server answers in a second, beside nginx on the same files where it is installed; and what
slow clients cost. Asked by wrk (Debian: wrk), else by a client of our own in another process."""

import asyncio
import os
import re
import resource
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from getpass import getuser
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest

from tests.commands.test_serve import port_of, serving
from tests.support.planet import Planet
from tests.support.running import eventually
from tests.support.serving import Client

pytestmark = pytest.mark.bench

CONNECTIONS = 16
QUESTIONS = 16_000
SECONDS = 3
MANY = 10_000
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


@dataclass(frozen=True)
class Rate:
    """Answers in a second as the clock has it, and in a second of the server's own work, on however busy a machine."""

    wall: float
    core: float


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


def measure(port: int, path: str, server: psutil.Process) -> dict[str, Rate]:
    with Client(port) as client:
        plain, coded = client.ask(path), client.ask(path, Accept_Encoding="gzip, br")
        known = plain.headers["etag"]
        assert client.ask(path, If_None_Match=known).status == 304
    cases = {
        "304": f"If-None-Match: {known}",
        "200": "",
        "200, compressed": "Accept-Encoding: gzip, br" if "content-encoding" in coded.headers else "",
    }
    rates: dict[str, Rate] = {}
    for case, header in cases.items():
        before = spent(server)
        count, seconds = loaded(port, path, header)
        rates[case] = Rate(count / seconds, count / (spent(server) - before))
    return rates


def spent(server: psutil.Process) -> float:
    """Seconds of a processor, its children's included."""
    times = [one.cpu_times() for one in (server, *server.children())]
    return float(sum(one.user + one.system for one in times))


@contextmanager
def nginx(root: Path, port: int) -> Iterator[psutil.Process]:
    user = f"user {getuser()};" if os.getuid() == 0 else ""  # else its worker would be nobody, who may not read
    (root / "nginx.conf").write_text(NGINX.format(root=root, port=port, user=user))
    process = subprocess.Popen([shutil.which("nginx") or "nginx", "-p", str(root), "-c", str(root / "nginx.conf")])
    try:
        eventually(lambda: _listens(port))
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def published(planet: Planet) -> Path:
    """The folder of a planet with something to serve."""
    for n in range(50):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-10-{n % 28 + 1:02d}\n---\n{'many words ' * 80}\n")
    planet.run()
    return planet.root


def test_questions_in_a_second(published: Path) -> None:
    """A core answers 5,000 times a second that nothing changed, and a tenth as often as nginx, or more. Both are
    counted by the work of the server itself: what else the machine has to do changes them little."""
    with serving(published) as (process, line):
        port = port_of(line)
        ours = measure(port, "/all/atom.xml", psutil.Process(process.pid))
    for case, rate in ours.items():
        print(f"\nserve, {case:<16} {rate.wall:8.0f} a second, {rate.core:8.0f} a second of a core", end="")
    assert ours["304"].core >= 5000
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed (Debian: nginx-light): nothing to compare with")
    with nginx(published, port) as master:
        theirs = measure(port, "/all/atom.xml", master)
    for case, rate in theirs.items():
        print(f"\nnginx, {case:<16} {rate.wall:8.0f} a second, {rate.core:8.0f} a second of a core", end="")
        print(f"   serve : nginx = {ours[case].wall / rate.wall:.2f} : 1", end="")
        print(f" by the clock, {ours[case].core / rate.core:.2f} : 1 by work", end="")
    print()
    assert ours["304"].core * 10 >= theirs["304"].core


def test_ten_thousand_slow_connections(published: Path) -> None:
    """Each begins a question and never ends it. What they cost, and when everybody else is served again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < MANY + 500:
        pytest.skip(f"this machine allows {hard} open files to a process: too few for {MANY} connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with serving(published) as (process, line), ExitStack() as at_end:
            port, server = port_of(line), psutil.Process(process.pid)
            before = server.memory_info().rss
            began = time.monotonic()
            for _ in range(MANY):
                one = at_end.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
                with suppress(ConnectionError):  # cut off already
                    one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
            took, more = time.monotonic() - began, server.memory_info().rss - before
            held = len(server.net_connections("tcp")) - 1
            print(f"\n{MANY:,} slow connections in {took:.1f} s: {held:,} are held, for {more / 2**20:.0f} MiB", end="")
            print(f"\nwho comes meanwhile is answered {status(port)}", end="")
            pause = eventually(lambda: status(port) == 200, within=60)
            print(f"\nafter {pause:.0f} s more everybody is served again")
            eventually(lambda: len(server.net_connections("tcp")) < 10, within=60)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def status(port: int) -> int:
    """0 where the connection is cut."""
    with suppress(ConnectionError), Client(port) as client:
        return client.ask("/all/atom.xml").status
    return 0
