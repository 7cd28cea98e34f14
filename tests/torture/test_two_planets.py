"""Two planets, each a daemon: the second subscribes to a category of the first at the first's own hub."""

import random
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import feedparser
import pytest

from tests.support.running import Running, daemon, eventually, patience

pytestmark = pytest.mark.torture

CONFIG = """\
site: {{title: {title}, url: "http://127.0.0.1:{port}/", since: 2026-11-23}}
fetch: {{gap: 0s, per_host: 64, allow_networks: [127.0.0.0/8]}}
feeds: {{min_entries: 1}}
server: {{port: {port}, public_url: "http://127.0.0.1:{port}/"{hub}}}
"""
POST = "---\ntitle: {0}\ndate: 2026-11-0{1}\ncategories: [News]\n---\nWords of {0}, which nobody else says.\n"


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


@dataclass
class Planets:
    first: Path
    second: Path

    def save(self, name: str, day: int = 1) -> None:
        (self.first / "posts/.new").write_text(POST.format(name, day))
        (self.first / "posts/.new").replace(self.first / "posts" / f"{name}.md")

    def subscriptions(self) -> int:
        return self._count(self.first, "hub_subscription", "ended_at IS NULL")

    def active(self) -> int:
        return self._count(self.second, "subscription", "state = 'active'")

    @staticmethod
    def _count(folder: Path, table: str, where: str) -> int:
        with closing(sqlite3.connect(folder / ".aggregator/state.db")) as state:
            [[count]] = state.execute(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(count)


@pytest.fixture
def planets(tmp_path: Path) -> Planets:
    ports = free_ports(2)
    both = Planets(tmp_path / "first", tmp_path / "second")
    (both.first / "posts").mkdir(parents=True)
    both.second.mkdir()
    own = CONFIG.format(title="First", port=ports[0], hub=", hub: true")
    (both.first / "config.yaml").write_text(f"{own}posts: [{{path: posts}}]\n")
    source = f"sources:\n  - {{id: first, url: 'http://127.0.0.1:{ports[0]}/news/atom.xml', every: 1h}}\n"
    (both.second / "config.yaml").write_text(CONFIG.format(title="Second", port=ports[1], hub="") + source)
    both.save("Zero")
    return both


def entries(folder: Path, feed: str) -> dict[str, feedparser.FeedParserDict]:
    """By title; each title is there once."""
    file = folder / "feeds" / feed / "atom.xml"
    found = feedparser.parse(file.read_bytes()).entries if file.exists() else []
    titles = [one.title for one in found]
    assert len(titles) == len(set(titles))
    assert len({one.id for one in found}) == len(found)
    return {one.title: one for one in found}


def arrived(planets: Planets, name: str) -> bool:
    return name in entries(planets.second, "all")


@contextmanager
def subscribed(planets: Planets) -> Iterator[tuple[Running, Running]]:
    with daemon(planets.first) as first:
        eventually(lambda: "Zero" in entries(planets.first, "news"))
        with daemon(planets.second) as second:
            eventually(planets.active)
            eventually(planets.subscriptions)
            yield first, second


def test_a_saved_post_is_in_the_other_feed_within_three_seconds(planets: Planets) -> None:
    with subscribed(planets) as (first, second):
        for day, name in enumerate(("One", "Two", "Three"), 1):
            planets.save(name, day)
            took = eventually(partial(arrived, planets, name))
            print(f"\n{name}: {took:.2f} s")
            assert took < patience(3)
            ours, theirs = entries(planets.first, "news")[name], entries(planets.second, "all")[name]
            assert (theirs.id, theirs.published, theirs.updated) == (ours.id, ours.published, ours.updated)
            assert theirs.link == ours.link
            assert theirs.source.title == "News · First"
            assert [tag.term for tag in theirs.tags] == ["News"]
        asked = [line for line in second.log.splitlines() if re.search(r"\] pull .*outcome=(changed|unchanged)", line)]
        assert len(asked) == 1  # all else was delivered
        assert not any("Traceback" in one.log for one in (first, second))


def test_kills_of_either_lose_nothing_and_publish_nothing_twice(planets: Planets) -> None:
    chance = random.Random(20)
    with subscribed(planets):
        pass
    both = [planets.first, planets.second]
    saved = ["Zero"]
    with ExitStack() as stack:
        running = [stack.enter_context(daemon(folder)) for folder in both]
        for number in range(20):
            victim = chance.randrange(2)
            planets.save(f"Post {number}", number % 9 + 1)
            saved.append(f"Post {number}")
            time.sleep(chance.uniform(0, 2.5))
            running[victim].end(signal.SIGKILL)
            running[victim] = stack.enter_context(daemon(both[victim]))
        planets.save("Last")
        saved.append("Last")
        eventually(lambda: sorted(entries(planets.first, "news")) == sorted(saved), within=60)
        took = eventually(lambda: sorted(entries(planets.second, "all")) == sorted(saved), within=300)
        print(f"\nall is there {took:.1f} s after the last of 20 kills")
    ours, theirs = entries(planets.first, "news"), entries(planets.second, "all")
    assert {title: one.id for title, one in theirs.items()} == {title: one.id for title, one in ours.items()}
