"""The daemon as the hub of its feeds: a process of its own, subscribers beside it."""

import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from aggregator.store import HubSubscriptionRow, Store
from tests.support.foreign_servers import Answered, Foreign, Received, confirm, foreign
from tests.support.running import CONFIG, Running, daemon, eventually, patience
from tests.support.serving import Client
from tests.support.subscribers import subscribers

POST = "---\ntitle: {0}\ndate: 2026-11-01\ncategories: [News]\n---\nWords of {0}.\n"
TOPIC = "https://planet.example/news/atom.xml"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as one:
        port: int = one.getsockname()[1]
        return port


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text(POST.format("First"))
    port = free_port()
    server = f"server: {{port: {port}, hub: true, public_url: 'http://127.0.0.1:{port}/'}}"
    (tmp_path / "config.yaml").write_text(CONFIG.replace("server: {port: 0, token: open sesame}", server))
    return tmp_path


@pytest.fixture
def reader() -> Iterator[Foreign]:
    with foreign() as one:
        yield one


def ask(running: Running, callback: str, mode: str = "subscribe", **more: str) -> int:
    form = urlencode({"hub.mode": mode, "hub.topic": TOPIC, "hub.callback": callback} | more).encode()
    with Client(running.port) as client:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(form))}
        client.send("/websub/hub", "POST", form, **kind)
        return client.reply().status


def save(folder: Path, name: str, text: str) -> None:
    """At once, so that no half of it is read."""
    (folder / "posts/.new").write_text(text)
    (folder / "posts/.new").replace(folder / "posts" / name)


def live(folder: Path) -> int:
    with closing(sqlite3.connect(folder / ".aggregator/state.db")) as state:
        [[count]] = state.execute("SELECT count(*) FROM hub_subscription WHERE ended_at IS NULL")
    return int(count)


def subscribe_all(folder: Path, callbacks: Iterable[str]) -> None:
    """As if they had asked and confirmed."""
    store, now = Store(folder / ".aggregator/state.db"), datetime.now(UTC)
    row = HubSubscriptionRow(0, "news/atom.xml", TOPIC, "", "127.0.0.1:1", "secret", now, now + timedelta(days=1))
    store.open()
    with store.write() as tx:
        for callback in callbacks:
            tx.hub_subscriptions.put(replace(row, callback=callback))
    store.close()


@pytest.mark.torture
def test_a_saved_post_is_delivered_at_once(folder: Path, reader: Foreign) -> None:
    with daemon(folder) as running:
        eventually(lambda: "] publish " in running.log)
        assert ask(running, reader.url("/back"), **{"hub.secret": "hush"}) == 202
        eventually(lambda: live(folder))
        save(folder, "b.md", POST.format("Second"))
        print(f"\na saved post is delivered after {eventually(lambda: reader.of('POST')):.2f} s")
        assert reader.of("POST")[0].body == (folder / "feeds/news/atom.xml").read_bytes()
        eventually(lambda: b'aggregator_websub_requests_total{kind="delivery"} 1.0\n' in running.ask("/metrics").body)
        assert running.end()[0] == 0
        assert not any(word in running.log for word in ("Traceback", "hush"))


@pytest.mark.torture
def test_what_could_not_be_delivered_is_delivered_after_a_restart(folder: Path, reader: Foreign) -> None:
    with daemon(folder) as running:
        eventually(lambda: "] publish " in running.log)
        subscribe_all(folder, [reader.url("/back")])
        reader.answer = lambda _: Answered(503)
        save(folder, "c.md", POST.format("Second"))
        eventually(lambda: len(reader.of("POST")) == 1)
        eventually(lambda: "503 Service Unavailable" in running.log)
        assert running.end()[0] == 0
    reader.answer = confirm
    save(folder, "d.md", POST.format("Third"))
    with daemon(folder) as running:
        assert ask(running, reader.url("/back")) == 202  # what waits for its next attempt is due at once
        eventually(lambda: b"Third" in reader.of("POST")[-1].body)
        assert ask(running, reader.url("/back"), "unsubscribe") == 202
        eventually(lambda: not live(folder))


@pytest.mark.torture
def test_one_change_reaches_a_thousand_subscribers_within_seconds(folder: Path) -> None:
    with daemon(folder) as running, subscribers() as all_of_them:
        eventually(lambda: "] publish " in running.log)
        subscribe_all(folder, [all_of_them.url(f"/{number}") for number in range(1000)])
        eventually(lambda: live(folder) == 1000)
        big = "".join(f"<p>Some words of paragraph {number}, which are many.</p>\n" for number in range(2000))
        save(folder, "b.md", POST.format("Second") + big)
        eventually(lambda: all_of_them.delivered)
        began = time.monotonic()
        eventually(lambda: len(all_of_them.delivered) == 1000)
        took = time.monotonic() - began
        size = (folder / "feeds/news/atom.xml").stat().st_size
        print(f"\n1,000 subscribers of {size:,} bytes: {took:.2f} s")
        assert took < patience(5)
        time.sleep(1)
        assert sum(all_of_them.delivered.values()) == 1000


@pytest.mark.torture
def test_who_hangs_delays_no_other(folder: Path, reader: Foreign) -> None:
    def hang(received: Received) -> Answered:
        if received.method == "POST":
            time.sleep(15)
        return confirm(received)

    with foreign(hang) as slow, daemon(folder) as running:
        eventually(lambda: "] publish " in running.log)
        for number in range(50):
            assert ask(running, slow.url(f"/{number}")) == 202
        assert ask(running, reader.url("/back")) == 202
        eventually(lambda: live(folder) == 51)
        save(folder, "b.md", POST.format("Second"))
        eventually(lambda: len(reader.of("POST")) == 1, within=patience(5))
        save(folder, "c.md", POST.format("Third"))
        eventually(lambda: len(reader.of("POST")) == 2, within=patience(5))
        assert running.end()[1] < 10
