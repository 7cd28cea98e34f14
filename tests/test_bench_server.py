"""How many questions the server answers in a second, beside nginx on the same files where it is installed."""

import asyncio
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.planet import Planet
from tests.serving import Client
from tests.test_server_command import port_of, serving

pytestmark = pytest.mark.bench

CONNECTIONS = 16
QUESTIONS = 16_000
NGINX = """\
daemon off; worker_processes 1; pid {root}/nginx.pid; error_log stderr crit;
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


def measure(port: int, path: str) -> dict[str, float]:
    import uvloop

    with Client(port) as client:
        plain, coded = client.ask(path), client.ask(path, Accept_Encoding="gzip, br")
    cases = {
        "304": f"If-None-Match: {plain.headers['etag']}\r\n",
        "200": "",
        "200, compressed": "Accept-Encoding: gzip, br\r\n" if "content-encoding" in coded.headers else "",
    }
    rates: dict[str, float] = {}
    for case, headers in cases.items():
        rate, statuses = uvloop.run(ask_often(port, path, headers))
        assert set(statuses) == {case[:3]}
        rates[case] = rate
    return rates


@contextmanager
def nginx(root: Path, port: int) -> Iterator[None]:
    (root / "nginx.conf").write_text(NGINX.format(root=root, port=port))
    process = subprocess.Popen(["nginx", "-p", str(root), "-c", str(root / "nginx.conf")])
    time.sleep(0.5)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def test_questions_in_a_second(planet: Planet) -> None:
    for n in range(50):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-10-{n % 28 + 1:02d}\n---\n{'many words ' * 80}\n")
    planet.run()
    size = (planet.root / "feeds/all/atom.xml").stat().st_size
    with serving(planet.root) as (_, line):
        port = port_of(line)
        ours = measure(port, "/all/atom.xml")
    for case, rate in ours.items():
        print(f"\nserve, {case:<16} {size // 1000:4} kB  {rate:8.0f} a second", end="")
    if not shutil.which("nginx"):
        print("\nnginx is not installed: nothing to compare with", file=sys.stdout)
        return
    with nginx(planet.root, port):
        for case, rate in measure(port, "/all/atom.xml").items():
            ratio = f"serve : nginx = {ours[case] / rate:.2f} : 1"
            print(f"\nnginx, {case:<16} {size // 1000:4} kB  {rate:8.0f} a second   {ratio}", end="")
