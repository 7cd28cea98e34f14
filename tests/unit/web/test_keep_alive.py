"""How long a connection stays open between two requests that are answered at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aggregator.web import MovedFeeds, ServedFiles, Site, TreeAnswers, application, uvicorn_server
from tests.support.serving import Client, served

IDLE = 0.2  # seconds
FILE = "/small.txt"
HEAD = "HTTP/1.1\r\nHost: x\r\n"


@dataclass
class Server:
    """/readyz waits for the gate."""

    port: int
    gate: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(uvicorn_server, "KEEP_ALIVE", IDLE)
    (tmp_path / FILE[1:]).write_text("small")
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(tmp_path), MovedFeeds(dict, pause=3600), lambda: 5)
    found = Server(0)

    def trouble() -> str:
        found.gate.wait(10)
        return ""

    with served(application(tree, trouble=trouble)) as found.port, ExitStack() as at_end:
        at_end.callback(found.gate.set)
        with Client(found.port) as client:
            for _ in range(2):  # reads the file, then encodes it
                assert client.ask(FILE).status == 200
        yield found


def test_it_ends_when_it_was_idle_and_not_before(server: Server) -> None:
    began = time.monotonic()
    with Client(server.port) as client:
        while (asked := time.monotonic()) < began + 2 * IDLE:
            assert client.ask(FILE).status == 200
        assert client.is_closed()
        assert IDLE * 0.9 < time.monotonic() - asked < 20 * IDLE


def test_a_request_that_began_has_more_time(server: Server) -> None:
    with Client(server.port) as slow, Client(server.port) as idle:
        slow.ask(FILE)
        slow.socket.sendall(f"GET {FILE} {HEAD}".encode())
        idle.ask(FILE)
        assert idle.is_closed()
        slow.socket.sendall(b"\r\n")
        assert slow.reply().body == b"small"
        assert slow.ask(FILE).status == 200
        assert slow.is_closed()


def test_an_answer_that_takes_longer_is_not_cut_off(server: Server) -> None:
    """Both requests come together: the first is answered at once, the second waits."""
    with Client(server.port) as slow, Client(server.port) as idle:
        slow.socket.sendall(f"GET {FILE} {HEAD}\r\nGET /readyz {HEAD}\r\n".encode())
        assert slow.reply().body == b"small"
        idle.ask(FILE)
        assert idle.is_closed()
        server.gate.set()
        assert slow.reply().body == b"ok"
