"""Whatever happens between our hub and its subscribers: in the end each has the newest document, none goes back to an
older one, and none gets the same bytes twice, but for a kill."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from aggregator.model.published import FileRow
from aggregator.publish.output_tree import Tree, sha256
from aggregator.store import HubSubscriptionRow, Store
from aggregator.store.schema import hub_subscription, published_file
from aggregator.websub.delivery import Deliveries, Delivery
from aggregator.websub.outbox import Outcome
from tests.support.planet import NOON

PATH = "news/atom.xml"
SITE = "https://planet.example/"
CALLBACKS = ("a", "b", "c")
BUSY = Outcome(503, "it answered 503", transient=True)

# What may happen: a document is published, begins to be written, is damaged by somebody; callbacks begin to fail or to
# answer; what is due is sent; the process is killed after it sent that; time goes by.
STEPS = st.sampled_from(
    ["publish", "publish the same", "begin", "damage", "fail a", "fail b", "answer", "send", "send", "kill", "wait"]
)


@dataclass
class World:
    store: Store
    tree: Path
    now: datetime = NOON
    version: int = 0
    published: bytes = b""
    failing: set[str] = field(default_factory=set)
    received: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in CALLBACKS})
    killed: bool = False

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(f"{SITE}websub/hub", SITE, Tree(self.tree))

    def begin(self) -> None:
        with self.store.write() as tx:
            tx.files.change({PATH: FileRow("")})

    def publish(self, version: int) -> None:
        """As the writer of the tree does: the file first, then what is recorded of it."""
        before, self.version = sha256(self.published), version
        self.published = b"<feed>%d</feed>" % version
        (self.tree / PATH).write_bytes(self.published)
        with self.store.write() as tx:
            tx.files.change({PATH: FileRow(sha256(self.published))})
            if before != sha256(self.published):
                tx.hub_subscriptions.changed([PATH], self.now)

    def send(self, *, records: bool = True) -> int:
        """What is due; returns how many requests were made."""
        with self.store.read() as tx:
            due = list(self.deliveries.due(tx, self.now, 100, ()))
        done = [(one, self.deliver(one)) for one in due]
        if records:
            with self.store.write() as tx:
                self.deliveries.record(tx, done, self.now)
        return len(done)

    def deliver(self, one: Delivery) -> Outcome:
        if not one.is_needed:
            return Outcome(one.row.status)
        if one.row.callback in self.failing:
            return BUSY
        self.received[one.row.callback].append(one.document.sha256)
        return Outcome(200)

    def do(self, step: str) -> None:
        match step.split():
            case ["publish"]:
                self.publish(self.version + 1)
            case ["publish", *_]:
                self.publish(self.version)
            case ["begin"]:
                self.begin()
            case ["damage"]:
                (self.tree / PATH).write_bytes(b"damaged")
            case ["fail", name]:
                self.failing.add(name)
            case ["answer"]:
                self.failing.clear()
            case ["send"]:
                self.send()
            case ["kill"]:
                self.killed = True
                self.send(records=False)
            case ["wait"]:
                self.now += timedelta(minutes=3)

    def settle(self) -> None:
        """A run repairs the tree, the callbacks answer, and all is sent."""
        self.failing.clear()
        self.publish(self.version + 1)
        for _ in range(20):
            self.send()
            with self.store.read() as tx:
                later = self.deliveries.next_at(tx, self.now)
            if later is None:
                break
            self.now = later
        assert self.send() == 0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    one = Store(tmp_path_factory.mktemp("state") / "state.db")
    one.open()
    return one


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    (folder / "news").mkdir()
    return folder


def begun(store: Store, tree: Path) -> World:
    """Three subscribers of a document that is published."""
    world = World(store, tree)
    row = HubSubscriptionRow(0, PATH, SITE + PATH, "", "r.example:443", "", NOON, NOON + timedelta(days=9))
    with store.write() as tx:
        tx._connection.execute(delete(hub_subscription))
        tx._connection.execute(delete(published_file))
        tx.files.add([(PATH, "news")])
    world.publish(0)
    with store.write() as tx:
        for name in CALLBACKS:
            one = HubSubscriptionRow(**row.values() | {"callback": name, "sha256": sha256(world.published)})
            tx.hub_subscriptions.put(one)
    return world


@given(st.lists(STEPS, max_size=15))
def test_each_subscriber_has_the_newest_in_the_end(store: Store, tree: Path, steps: Sequence[str]) -> None:
    world = begun(store, tree)
    for step in steps:
        world.do(step)
    world.settle()
    versions = {sha256(b"<feed>%d</feed>" % version): version for version in range(world.version + 1)}
    for got in world.received.values():
        order = [versions[one] for one in got]
        assert order[-1] == world.version
        assert order == sorted(order)
        assert world.killed or len(set(order)) == len(order)
