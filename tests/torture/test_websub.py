"""A daemon and a hub on loopback: how soon a delivery is published, and what kills lose."""

import random
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from sqlalchemy import insert

from aggregator.store import Store
from aggregator.store.schema import subscription
from tests.support.hubs import Form, Hub, atom, header
from tests.support.planet import Upstream
from tests.support.running import CONFIG, Running, daemon, eventually

pytestmark = pytest.mark.torture

KILLS = 20


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    hub.before = hub.verify_soon
    yield hub
    hub.close()


@pytest.fixture
def port() -> int:
    return free_port()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
    return found


def configure(folder: Path, port: int, *urls: str) -> None:
    sources = "".join(f"  - {{id: s{n}, url: {url}}}\n" for n, url in enumerate(urls))
    server = f"server: {{port: {port}, public_url: 'http://127.0.0.1:{port}/'}}"
    text = CONFIG.replace("server: {port: 0, token: open sesame}", server) + f"sources:\n{sources}"
    (folder / "config.yaml").write_text(text)


def active_form(hub: Hub) -> Form:
    """The form of a subscription that the hub verified."""
    eventually(lambda: hub.verified)
    return hub.forms[0]


def test_a_delivery_is_published_within_a_second(tmp_path: Path, hub: Hub, upstream: Upstream, port: int) -> None:
    topic = upstream.url("/feed")
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), topic))
    configure(tmp_path, port, topic)
    with daemon(tmp_path) as running:
        form = active_form(hub)
        eventually(lambda: running.titles() == ["old"])
        took = []
        for n, pause in enumerate((1.0, 25.0, 0.0, 0.0)):  # after 20 s the processes that read foreign text have ended
            time.sleep(pause)
            assert hub.deliver(form, atom(f"new {n}")).status == 202
            took.append(eventually(lambda: f"new {n}" in running.titles()))  # noqa: B023 - called at once
        print("seconds until a delivery is published:", [round(one, 2) for one in took])
        assert min(took) < 1  # the others say how busy the machine is


def test_no_kill_loses_a_delivery_or_publishes_it_twice(
    tmp_path: Path, hub: Hub, upstream: Upstream, port: int
) -> None:
    """The hub sends again what was not acknowledged, as hubs do; the feed itself shows none of it."""
    chance, topic = random.Random(21), upstream.url("/feed")
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), topic))
    configure(tmp_path, port, topic)
    sent: list[str] = []
    form: Form = {}
    seen: Counter[str] = Counter()
    for kill in range(KILLS):
        with daemon(tmp_path) as running:
            form = form or active_form(hub)
            for n in range(3):
                title = f"news {kill}-{n}"
                deliver(hub, form, title)
                sent.append(title)
            time.sleep(chance.random() / 2)
            running.end(signal.SIGKILL)
        seen.update(set(re.findall(r"<id>(urn:news [^<]+)</id>", published(running))))
    with daemon(tmp_path) as running:
        eventually(lambda: set(sent) <= set(running.titles()))
        titles = running.titles()
    assert Counter(titles) == Counter([*sent, "old"])


def deliver(hub: Hub, form: Form, title: str) -> None:
    """Until it is acknowledged, which it is only when it is stored."""

    def is_acknowledged() -> bool:
        try:
            return hub.deliver(form, atom(title)).status == 202
        except OSError:
            return False

    eventually(is_acknowledged)


def published(running: Running) -> str:
    file = running.folder / "feeds/all/atom.xml"
    text = file.read_text() if file.exists() else ""
    assert not feedparser.parse(text).bozo
    return text


def test_ten_thousand_idle_leases_cost_no_cpu(tmp_path: Path, hub: Hub, upstream: Upstream, port: int) -> None:
    topic = upstream.url("/feed")
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), topic))
    configure(tmp_path, port, topic)
    with daemon(tmp_path) as running:
        active_form(hub)
        running.end()
    store = Store(tmp_path / ".aggregator/state.db")
    store.open()
    later = datetime.now(UTC) + timedelta(days=7)
    rows = [
        {
            "source_id": "s0", "hub": hub.url(), "topic": topic, "callback": f"c{n}", "secret": "s", "state": "ended",
            "since": later, "next_at": later, "expires_at": later,
        }
        for n in range(10_000)
    ]  # fmt: skip
    with store.write() as tx:
        tx._connection.execute(insert(subscription), rows)
    store.close()
    costs = {}
    for name in ("leases", "none"):
        with daemon(tmp_path) as running:
            time.sleep(8)
            before = cpu(running)
            time.sleep(20)
            costs[name] = cpu(running) - before
            running.end()
        if name == "leases":
            store.open()
            with store.write() as tx:
                tx._connection.execute(subscription.delete().where(subscription.c.state == "ended"))
            store.close()
    print("seconds of CPU in 20 s:", costs)
    assert costs["leases"] < costs["none"] + 0.1


def cpu(running: Running) -> float:
    fields = Path(f"/proc/{running.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
