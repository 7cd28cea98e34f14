"""/status over real HTTP: the page, the document, and what goes on while it goes on."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape

import pytest
from lxml import etree
from sqlalchemy import insert

from aggregator.app import App
from aggregator.codec import pack
from aggregator.config import load_config
from aggregator.model.document import FeedInfo
from aggregator.model.status import Batch, Progress
from aggregator.store import SourceRow, Store
from aggregator.store.schema import source
from aggregator.web import StateReader, application_of
from aggregator.web import status as statuses
from aggregator.web.events import EventSender, EventStream
from aggregator.web.state_reader import StateVersion
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.serving import Client, Reply, served
from tests.support.simulation import story

HOUR = timedelta(hours=1)
MANY = range(10_000)
NAMES = ("<script>alert(1)</script>", "新媒体与趣头条", "مدونة الأخبار")


@dataclass
class StatusServer:
    """What a keeper looks at."""

    planet: Planet
    port: int

    def ask(self, path: str = "/status", **headers: str) -> Reply:
        with Client(self.port) as client:
            return client.ask(path, **headers)

    def document(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.ask(Accept="application/json").body)
        return found

    def text(self, path: str = "/status") -> str:
        return self.ask(path).body.decode()


@pytest.fixture
def context(planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> Iterator[StatusServer]:
    monkeypatch.setattr(statuses, "PAUSE", 0.05)
    planet.config["sources"] = []
    for place, name in enumerate(NAMES):
        url = upstream.serve(f"/{place}", rss(story(f"{place}"), title="A title"))
        planet.config["sources"].append({"url": url, "id": f"s{place}", "title": name})
    planet.config["sources"].append({"url": upstream.url("/nowhere"), "id": "lost", "publish": False})
    with planet.app():
        pass
    app = App(load_config(planet.root / "config.yaml", {}), Store(planet.root / ".aggregator/state.db"), lambda: NOON)
    with served(application_of(app, StateReader(app.store, app.output))) as port:
        yield StatusServer(planet, port)


def test_before_the_first_run_there_is_a_page_and_no_state(context: StatusServer) -> None:
    state = context.planet.root / ".aggregator/state.db"
    state.unlink()
    assert context.ask().status == 200
    assert "No source has been polled yet" in context.text()
    assert context.document()["sources"] == []
    assert not state.exists()


def test_the_page_tells_each_source_what_ails_it_and_what_to_do(context: StatusServer) -> None:
    context.planet.run()
    answer = context.ask()
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept"
    page = answer.body.decode()
    root = etree.HTML(page)
    names = [name.text for name in root.iterfind(".//ul[@class='rows sources']/li//*[@class='name']")]
    [lost] = [one["url"] for one in context.planet.config["sources"] if one["id"] == "lost"]
    assert names == [lost.removeprefix("http://"), *NAMES]  # what fails comes first
    assert NAMES[0] not in page
    assert "There is nothing at its address." in page
    assert "<code>aggregator source move ID URL</code>" in page
    assert "not published" in page
    assert len(root.findall(".//svg[@class='chart']")) == 1  # nothing is drawn of zeros
    assert len(root.findall(".//svg[@class='spark']")) == 3
    assert [cell.text for cell in root.iterfind(".//table/tbody/tr/td")] == ["4", "3", "0", "1", "3"]


def test_its_policy_admits_its_own_style_and_script_and_nothing_else(context: StatusServer) -> None:
    context.planet.run()
    answer, again = context.ask(), context.ask()
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    nonce = policy.pop("script-src").removeprefix("'nonce-").removesuffix("'")
    assert len(nonce) > 20
    assert policy.pop("style-src").startswith("'sha256-")
    assert policy == dict.fromkeys(policy, "'none'") | {"connect-src": "'self'"}
    page = answer.body.decode()
    assert re.findall("<script[^>]*>", page) == [f'<script nonce="{nonce}" src="status/live.js" defer>']
    assert nonce not in again.body.decode()
    assert " style=" not in page.partition("</style>")[2]
    addresses = set(re.findall(r"https?://[^\s<\"]+", page.partition("</style>")[2]))
    assert addresses == {source["url"] for source in context.planet.config["sources"] if source["id"] == "lost"}
    script = context.ask("/status/live.js")
    assert (script.status, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert context.ask("/status/other.js").status == 404
    assert context.ask("/").headers["content-security-policy"].startswith("default-src 'none'; img-src")


def test_the_document_is_that_of_the_command(context: StatusServer) -> None:
    context.planet.run()
    found = context.document()
    assert context.ask(Accept="application/json").headers["content-type"] == "application/json"
    sources = {row["id"]: row for row in found["sources"]}  # type: ignore[attr-defined]
    assert list(sources) == ["posts", "s0", "s1", "s2", "lost"][-4:]
    assert {"url", "state", "since", "last_attempt", "last_success", "next_poll", "entries", "failures"} <= set(
        sources["lost"]
    )
    assert (sources["lost"]["state"], sources["lost"]["kind"]) == ("new", "status")
    assert sources["s1"]["next_poll"] > "2026-11-23T12"
    assert {"held", "unmapped", "feeds"} <= set(found)
    assert found["runs"] == [
        {"at": "2026-11-23T12:00:00Z", "changed": 3, "unchanged": 0, "failed": 1, "new": 3, "pulled": 4}
    ]


def test_who_may_only_read_may_only_read(context: StatusServer) -> None:
    with Client(context.port) as client:
        head = client.ask("/status", "HEAD")
        assert (head.status, head.body) == (200, b"")
        assert client.ask("/status", "POST").status == 405


def test_a_state_that_cannot_be_read_is_told_in_a_sentence(context: StatusServer) -> None:
    (context.planet.root / ".aggregator/state.db").write_bytes(b"no database at all")
    answer = context.ask()
    assert answer.status == 503
    assert b"Traceback" not in answer.body


@pytest.mark.torture
def test_ten_thousand_sources_have_pages_of_two_hundred(planet: Planet) -> None:
    """Those that fail come first, whatever their place in the config."""
    with planet.app() as app:
        about = pack(FeedInfo(title="t" * 300))
        with app.store.write() as tx:
            rows = [
                SourceRow(f"s{n}", "feed", f"https://{n}.example/", n, about=about, state="ok") for n in range(10_000)
            ]
            rows[999::1000] = [replace(row, state="failing", error_kind="dns") for row in rows[999::1000]]
            tx.sources._connection.execute(insert(source), [row.values() for row in rows])
        with served(application_of(app, StateReader(Store(app.store.at), app.output))) as port:
            context = StatusServer(planet, port)
            first, last = context.text(), context.text("/status?page=50")
            far = context.text("/status?page=99999")
            ids = re.findall(r"<code>(s\d+)</code>", first)
            assert len(ids) == 200
            assert ids[:11] == [*(f"s{n}" for n in range(999, 10_000, 1000)), "s0"]
            assert "s9998" in last
            assert re.findall(r"<code>(s\d+)</code>", far) == re.findall(r"<code>(s\d+)</code>", last)
            assert 'href="?page=2"' in first
            assert len(first) < 400_000
            assert len(context.document()["sources"]) == 10_000  # type: ignore[arg-type]


# what goes on


class Listener:
    """One who listens to the events."""

    def __init__(self, port: int) -> None:
        self._client = Client(port)
        self._client.send("/status/events")
        self._file = self._client.socket.makefile("rb")
        self.head = self._file.readline()
        while self._file.readline().strip():
            pass

    def next(self) -> dict[str, object]:
        """The next message; raises ConnectionError where the stream ends."""
        while line := self._file.readline():
            if line.startswith(b"data: "):
                message: dict[str, object] = json.loads(line[6:])
                return message
        raise ConnectionError("ended")

    def rest(self) -> bytes:
        return self._file.read()

    def close(self) -> None:
        self._file.close()
        self._client.close()


def claim(context: StatusServer, token: str, until: datetime) -> None:
    with context.planet.app() as app, app.store.write() as tx:
        tx.sources.claim(NOON + HOUR, until=until, token=token, force=True)


def answer(context: StatusServer, source: str, token: str, outcome: str = "unchanged") -> None:
    with context.planet.app() as app, app.store.write() as tx:
        assert tx.sources.record(token, {source: {"last_attempt_at": NOON + HOUR}})
        tx.pulls.add(source_id=source, batch_at=NOON + HOUR, outcome=outcome)


@pytest.mark.torture
def test_who_listens_hears_what_another_process_does(context: StatusServer) -> None:
    context.planet.run()
    listener = Listener(context.port)
    assert b"200" in listener.head
    now = listener.next()
    assert (now["waiting"], now["running"]) == (0, False)
    assert now["batch"]["pulled"] == 4  # type: ignore[index]
    claim(context, "run", NOON + 2 * HOUR)
    now = listener.next()
    assert (now["waiting"], now["running"]) == (4, False)
    assert now["names"] == ["s0", "s1", "s2", "lost"]
    answer(context, "s1", "run")
    now = listener.next()
    assert (now["waiting"], now["running"], now["batch"]["pulled"]) == (3, True, 1)  # type: ignore[index]
    assert now["pulls"][0] == {"source": "s1", "outcome": "unchanged", "kind": ""}  # type: ignore[index]
    assert "Run in progress: 3 sources under way." in unescape(context.text())
    listener.close()


def test_streams_end_at_once_when_the_server_does(planet: Planet) -> None:
    with planet.app() as app:
        application = application_of(app, StateReader(Store(app.store.at), app.output))
        with served(application) as port:
            listeners = [Listener(port) for _ in range(3)]
            for one in listeners:
                one.next()
            ended = time.monotonic()
        assert time.monotonic() - ended < 2.5  # of the 3 s that it would wait
        for one in listeners:
            assert one.rest() == b"0\r\n\r\n" or one.rest() == b""
            one.close()


def test_only_so_many_may_listen_and_nobody_looks_when_none_does() -> None:
    looks: list[float] = []

    def tell() -> str:
        looks.append(time.monotonic())
        return json.dumps({"look": len(looks)})

    watch = EventStream(tell, pause=0.01, most=2)
    with served(watch) as port:
        assert not watch.is_reading
        first, second = Listener(port), Listener(port)
        assert first.next()["look"]
        assert first.next()["look"] < first.next()["look"]  # type: ignore[operator]
        with Client(port) as third:
            refused = third.ask("/")
            assert (refused.status, refused.headers["retry-after"]) == (503, "60")
        with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) as another:
            another.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert another.recv(12) == b"HTTP/1.1 200"
        first.close()
        second.close()
        until(lambda: not watch.is_reading)
        count = len(looks)
        again = Listener(port)
        again.next()
        assert len(looks) > count
        again.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_what_is_told_says_whether_the_newest_batch_is_the_one_under_way() -> None:
    old, new = Batch(NOON, unchanged=4), Batch(NOON + HOUR, unchanged=1)
    steps = iter([(0, old), (4, old), (3, new), (0, new), (4, new)])

    def look() -> Progress:
        waiting, batch = next(steps)
        return Progress(waiting, (), batch, ())

    marks: Iterator[StateVersion] = ((number,) for number in range(9))
    tell = EventSender(look, lambda: next(marks))
    assert [json.loads(tell())["running"] for _ in range(5)] == [False, False, True, False, False]


def test_nothing_is_asked_of_a_state_that_nobody_wrote() -> None:
    looks = 0

    def look() -> Progress:
        nonlocal looks
        looks += 1
        return Progress(0, (), None, ())

    tell = EventSender(look, lambda: (1,))
    assert len({tell() for _ in range(5)}) == 1
    assert looks == 1
