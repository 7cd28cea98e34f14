"""What slow clients cost a server."""

import resource
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from tests.commands.test_serve import port_of, serving
from tests.support.planet import Planet
from tests.support.running import eventually
from tests.support.serving import Client

pytestmark = pytest.mark.bench

MANY = 10_000


@pytest.fixture
def published(planet: Planet) -> Path:
    """The folder of a planet with something to serve."""
    for n in range(50):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-10-{n % 28 + 1:02d}\n---\n{'many words ' * 80}\n")
    planet.run()
    return planet.root


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
