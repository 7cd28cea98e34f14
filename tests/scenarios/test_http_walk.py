"""Everything that the daemon promises of HTTP, checked with curl."""

import gc
import gzip
import json
import shutil
import socket
import subprocess
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import brotli
import pytest

from aggregator.daemon.daemon import Daemon
from aggregator.daemon.scheduler import utc_now
from aggregator.web import TreeAnswers
from tests.support.planet import Planet
from tests.support.serving import Client, Reply
from tests.support.serving_daemon import served_daemon

TOKEN = "open sesame"
DESCRIPTORS = Path("/proc/self/fd")
SLOW = 300
HALVES = (b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"POST /api/run HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")


@dataclass(frozen=True)
class Walk:
    daemon: Daemon
    port: int
    planet: Planet

    def curl(self, path: str, *words: str) -> Reply:
        curl = shutil.which("curl")
        if not curl:
            pytest.skip("curl is not installed")
        address = f"http://127.0.0.1:{self.port}{path}"
        command = [curl, "--silent", "--include", "--path-as-is", "--max-time", "10", *words, address]
        head, _, body = subprocess.run(command, capture_output=True, check=True).stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return Reply(int(first.split()[1]), {name.lower(): value for name, value in headers.items()}, body)


@pytest.fixture
def walk(planet: Planet) -> Iterator[Walk]:
    planet.config["server"] = {"token": TOKEN}
    planet.post("a.md", f"---\ntitle: A\ndate: 2026-11-01\ncategories: [News]\n---\n{'Many words. ' * 100}\n")
    planet.run()
    with served_daemon(planet) as (daemon, port):
        yield Walk(daemon, port, planet)


def test_all_that_is_promised_of_http_holds(walk: Walk) -> None:
    feed = walk.curl("/news/atom.xml")
    assert (feed.status, feed.body) == (200, (walk.planet.root / "feeds/news/atom.xml").read_bytes())
    tag, at = feed.headers["etag"], feed.headers["last-modified"]
    assert tag == f'"{walk.planet.index()["news"]["formats"]["atom"]["sha256"]}"'
    assert feed.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert feed.headers["vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    assert feed.headers["link"] == '<https://planet.example/news/atom.xml>; rel="self"'
    assert feed.headers["x-content-type-options"] == "nosniff"
    assert "script" not in feed.headers["content-security-policy"]
    assert 0 <= int(feed.headers["cache-control"].removeprefix("public, max-age=")) <= 300
    for path, kind in (
        ("/news/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/news/feed.json", "application/feed+json; charset=utf-8"),
        ("/", "text/html; charset=utf-8"),
        ("/index.json", "application/json"),
    ):
        assert walk.curl(path).headers["content-type"] == kind

    for known in (f"If-None-Match: {tag}", f"If-Modified-Since: {at}"):
        same = walk.curl("/news/atom.xml", "-H", known)
        assert (same.status, same.body, same.headers["etag"]) == (304, b"", tag)
    codings: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress}
    for coding, decode in codings.items():
        coded = walk.curl("/news/atom.xml", "-H", f"Accept-Encoding: {coding}")
        assert (coded.headers["content-encoding"], decode(coded.body)) == (coding, feed.body)
        assert coded.headers["etag"] == tag[:-1] + f'-{coding}"'
    head = walk.curl("/news/atom.xml", "--head")
    assert (head.status, head.body) == (200, b"")
    assert head.headers | {"date": ""} == feed.headers | {"date": ""}
    assert walk.curl("/news").headers["location"] == "/news/"
    assert walk.curl("/nowhere").status == 404
    assert walk.curl("/news/atom.xml", "-X", "DELETE").status == 405
    for trick in ("/../config.yaml", "/%2e%2e/config.yaml", "/news/atom.xml%00", "/..%2f.aggregator/state.db"):
        assert walk.curl(trick).status == 404


def test_what_the_program_says_itself_is_as_promised_and_who_is_late_is_not_ready(walk: Walk) -> None:
    page, document = walk.curl("/status"), walk.curl("/status", "-H", "Accept: application/json")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert json.loads(document.body)["sources"][0]["id"] == "posts"
    assert walk.curl("/healthz").body == walk.curl("/readyz").body == b"ok"
    numbers = walk.curl("/metrics")
    assert numbers.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b'aggregator_sources{state="ok"} 1.0\n' in numbers.body
    for path in ("/status", "/healthz", "/readyz", "/metrics"):
        head = walk.curl(path, "--head")
        assert (head.status, head.body, head.headers["cache-control"]) == (200, b"", "no-store")
        assert walk.curl(path, "-X", "POST").status == 405

    planned = [job.at for job in walk.daemon.scheduler.jobs]
    for words in ((), ("-H", "Authorization: Bearer wrong"), ("-d", "x" * 10_000)):
        for path in ("/api/run", "/api/sources/posts/poll"):
            refused = walk.curl(path, "-X", "POST", *words)
            assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert [job.at for job in walk.daemon.scheduler.jobs] == planned  # nothing was done
    taken = walk.curl("/api/run", "-X", "POST", "-H", f"Authorization: Bearer {TOKEN}")
    assert (taken.status, json.loads(taken.body)) == (202, {"taken": "run"})

    pull = walk.daemon.scheduler.pull
    with Client(walk.port) as client:
        assert client.ask("/readyz").status == 200
        pull.at = utc_now() - timedelta(minutes=2)
        late = client.ask("/readyz")
        assert (late.status, late.body) == (503, b"the schedule is late: pulling should have begun 2 min ago")
        assert client.ask("/healthz").status == 200
        pull.at, pull.failures = utc_now(), 3
        assert client.ask("/readyz").body == b"the schedule is late: pulling failed 3 times in a row"
        pull.failures = 0
        assert client.ask("/readyz").status == 200


def test_neither_slow_clients_nor_a_missing_tree_end_the_service(walk: Walk) -> None:
    with ExitStack() as at_end:
        for n in range(SLOW):
            one = at_end.enter_context(socket.create_connection(("127.0.0.1", walk.port), timeout=10))
            one.sendall(HALVES[n % len(HALVES)])
        with Client(walk.port) as client:
            client.socket.settimeout(2)
            assert client.ask("/news/atom.xml").status == 200
            assert client.ask("/readyz").status == 200

    feeds = walk.planet.root / "feeds"
    away = feeds.rename(walk.planet.root / "away")
    with Client(walk.port) as client:
        assert client.ask("/news/atom.xml").status == 404
        assert client.ask("/readyz").status == 503
        feeds.write_text("a file")
        assert client.ask("/news/atom.xml").status == 404
        feeds.unlink()
        away.rename(feeds)
        (feeds / "news/atom.xml").unlink()
        (feeds / "news/atom.xml").mkdir()
        assert client.ask("/news/atom.xml").status == 404
        assert client.ask("/news/rss.xml").status == 200
        assert client.ask("/readyz").status == 200


@pytest.mark.torture
def test_a_hundred_configs_leave_nothing_open_behind(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for the garbage to be collected either: a daemon hardly ever does."""
    made: list[weakref.ref[TreeAnswers]] = []
    begin = TreeAnswers.__init__

    def begun(self: TreeAnswers, *words: object) -> None:
        made.append(weakref.ref(self))
        begin(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(TreeAnswers, "__init__", begun)
    paths = ("/status", "/readyz", "/metrics", "/news/atom.xml", "/news/")
    gc.disable()
    try:
        with Client(walk.port) as client:
            assert {client.ask(path).status for path in paths} == {200}
            before = len(list(DESCRIPTORS.iterdir()))
            for n in range(100):
                walk.daemon.put_in_force(walk.daemon._batches.app.config)
                assert client.ask(paths[n % len(paths)]).status == 200
            assert len(list(DESCRIPTORS.iterdir())) <= before + 5  # threads of the server's, perhaps
            alive = [one for one in made if one() is not None]
            assert (len(made), len(alive)) == (100, 1)
    finally:
        gc.enable()
