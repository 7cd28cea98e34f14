"""Pull, merge and publish as the daemon calls them, with a clock that the test sets."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import yaml

from aggregator.config import load_config
from aggregator.daemon.batches import Batches, StoppedError
from aggregator.errors import OutputError, StateError
from aggregator.overrides.apply import keep
from aggregator.pull import claim
from aggregator.pull.claim import Claimed
from aggregator.pull.feeds import LATE, TurnDeadline
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)


class Day:
    """The batches of a planet, and the current time."""

    def __init__(self, planet: Planet) -> None:
        self.now = NOON
        self.planet = planet
        self.batches: Batches

    def step(self, _: str) -> None:
        return

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Batches]:
        with self.planet.app() as app:
            pool = self.planet.pool
            pool.stop = _nothing  # type: ignore[method-assign]
            try:
                async with Batches(replace(app, clock=lambda: self.now), pool) as self.batches:
                    yield self.batches
            finally:
                del pool.stop

    def run_batches(self, work: Any) -> None:
        async def run_work() -> None:
            async with self.opened():
                await work(self.batches)

        self.planet.runner.run(run_work())


async def _nothing() -> None:
    return


@pytest.fixture
def day(planet: Planet) -> Day:
    return Day(planet)


@pytest.fixture
def silent() -> Iterator[str]:
    with closing(socket.create_server(("127.0.0.1", 0))) as one:
        yield f"http://127.0.0.1:{one.getsockname()[1]}/feed"


def item(title: str, **more: str) -> dict[str, str]:
    return {"title": title, "guid": f"urn:{title}", "link": f"https://blog.example/{title}"} | more


def sources(*urls: str) -> list[dict[str, Any]]:
    return [{"id": f"s{n}", "url": url, "every": "1h"} for n, url in enumerate(urls)]


async def until(holds: Callable[[], bool]) -> None:
    while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - no event to wait for
        await asyncio.sleep(0.01)


def test_a_source_is_polled_when_due_also_after_a_restart(day: Day, upstream: Upstream) -> None:
    day.planet.config["sources"] = sources(upstream.serve("/a", rss(item("one"))))

    async def work(batches: Batches) -> None:
        await batches.pull(day.step)
        due = await asyncio.to_thread(batches.earliest)
        assert due is not None
        assert due >= NOON + HOUR

    day.run_batches(work)
    assert (len(upstream.asked), day.planet.titles()) == (1, ["one"])
    day.now = NOON + HOUR / 2
    day.run_batches(lambda batches: batches.pull(day.step))
    assert len(upstream.asked) == 1
    day.now = NOON + HOUR * 2
    day.run_batches(lambda batches: batches.pull(day.step))
    assert len(upstream.asked) == 2


def test_a_requested_source_is_polled_before_it_is_due(day: Day, upstream: Upstream) -> None:
    day.planet.config["sources"] = sources(upstream.serve("/a", rss(item("one"))), upstream.serve("/b", rss()))

    async def work(batches: Batches) -> None:
        await batches.pull(day.step)
        upstream.serve("/a", rss(item("two"), item("one")))
        day.now += timedelta(minutes=1)
        await batches.pull(day.step, {"s0"})

    day.run_batches(work)
    assert [path for path, _ in upstream.asked].count("/a") == 2
    assert set(day.planet.titles()) == {"one", "two"}


def test_a_source_that_waits_for_its_host_is_left_to_a_later_batch(
    day: Day, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    day.planet.config["fetch"] |= {"gap": "1h"}
    day.planet.config["sources"] = sources(upstream.serve("/a", rss(item("a"))), upstream.serve("/b", rss(item("b"))))
    monkeypatch.setattr(
        "aggregator.daemon.batches.TurnDeadline", lambda fetcher: TurnDeadline(fetcher, timedelta(seconds=0.3))
    )

    async def work(batches: Batches) -> None:
        batch = await batches.pull(day.step)
        assert (batch.report.sources.due, batch.report.sources.polled) == (1, 1)
        assert day.planet.titles() == ["a"]
        earliest = await asyncio.to_thread(batches.earliest)
        assert earliest is not None
        assert earliest <= NOON  # the other source is not leased, and due

    day.run_batches(work)
    assert [path for path, _ in upstream.asked] == ["/a"]


def test_a_post_does_not_wait_for_a_slow_host_whose_batch_is_merged_when_complete(
    day: Day, upstream: Upstream, silent: str
) -> None:
    day.planet.config["fetch"] |= {"timeout": "1s"}
    day.planet.config["sources"] = sources(silent, upstream.serve("/a", rss(item("a"))))
    day.planet.post("first.md", "---\ntitle: First\ndate: 2026-11-01\n---\nWords\n")

    async def work(batches: Batches) -> None:
        await batches.read_local(day.step)
        pulling = asyncio.create_task(batches.pull(day.step))
        await until(lambda: _arrived(batches))
        day.planet.post("second.md", "---\ntitle: Second\ndate: 2026-11-02\n---\nWords\n")
        await batches.read_local(day.step)
        assert not pulling.done()
        assert day.planet.titles() == ["Second", "First"]
        batch = await pulling
        assert (batch.report.sources.changed, batch.report.sources.failed) == (1, 1)
        assert set(day.planet.titles()) == {"Second", "First", "a"}

    day.run_batches(work)


def _arrived(batches: Batches) -> bool:
    with batches.app.store.read() as tx:
        return bool(tx.arrivals.pending())


def test_a_pull_stuck_in_the_queue_of_another_host_fails(
    day: Day, upstream: Upstream, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.pages["/a"] = (302, {"Location": silent}, b"")
    day.planet.config["fetch"] |= {"timeout": "1s", "per_host": 1}
    day.planet.config["sources"] = sources(silent, upstream.url("/a"))
    monkeypatch.setattr(
        "aggregator.daemon.batches.TurnDeadline", lambda fetcher: TurnDeadline(fetcher, timedelta(seconds=0.3))
    )
    monkeypatch.setattr("aggregator.pull.feeds.PARSING", timedelta(0))

    async def work(batches: Batches) -> None:
        report = (await batches.pull(day.step)).report
        assert report.sources.failed == 2
        assert {problem.where: problem.message == LATE for problem in report.problems} == {"s0": False, "s1": True}

    day.run_batches(work)


def test_a_canceled_batch_releases_its_sources(day: Day, silent: str) -> None:
    day.planet.config["sources"] = sources(silent)

    async def work(batches: Batches) -> None:
        pulling = asyncio.create_task(batches.pull(day.step))
        await until(lambda: not _due(batches))
        pulling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pulling
        assert await asyncio.to_thread(_due, batches) == [("s0", silent)]

    day.run_batches(work)


def test_a_batch_that_is_canceled_while_it_claims_releases_its_sources(
    day: Day, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    day.planet.config["sources"] = sources(silent)
    claimed, canceled = threading.Event(), threading.Event()

    def slow(*args: Any) -> Claimed:
        found = now(*args)
        claimed.set()
        canceled.wait(10)
        return found

    now = claim._claim
    monkeypatch.setattr(claim, "_claim", slow)

    async def work(batches: Batches) -> None:
        pulling = asyncio.create_task(batches.pull(day.step))
        await asyncio.to_thread(claimed.wait, 10)
        pulling.cancel()
        await asyncio.sleep(0)
        canceled.set()
        with pytest.raises(asyncio.CancelledError):
            await pulling
        assert await asyncio.to_thread(_due, batches) == [("s0", silent)]

    day.run_batches(work)


def _due(batches: Batches) -> list[tuple[str, str]]:
    with batches.app.store.read() as tx:
        known = tx.sources.find("s0")
        return tx.sources.due(NOON) if known else [("not yet", "")]


def test_a_new_config_is_adopted_and_overrides_are_published(day: Day) -> None:
    day.planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\ncategories: [News]\n---\nWords\n")

    async def work(batches: Batches) -> None:
        assert (await batches.read_local(day.step)).is_of_new_config
        assert not (await batches.read_local(day.step)).is_of_new_config
        file = day.planet.root / "config.yaml"
        file.write_text(yaml.safe_dump(day.planet.config | {"categories": {"aliases": {"Press": ["News"]}}}))
        batches.put_in_force(load_config(file, {}))
        with pytest.raises(StoppedError):
            await batches.read_local(_stop)
        await batches.read_local(day.step)
        assert "press" in day.planet.index()
        keep(batches.app, "remove", [day.planet.ids()[0]])
        await batches.publish_overrides(day.step)
        assert day.planet.ids() == []

    day.run_batches(work)


def _stop(_: str) -> None:
    raise StoppedError("enough")


@pytest.mark.parametrize("fault", ["an empty state beside a tree", "an output that is a file"])
def test_it_does_not_start_where_it_would_do_harm(day: Day, fault: str) -> None:
    day.planet.post("a.md", "---\ntitle: A\n---\nWords\n")
    if fault == "an output that is a file":
        (day.planet.root / "feeds").write_text("mine")
    else:
        day.planet.run()
        (day.planet.root / ".aggregator/state.db").unlink()
    with pytest.raises((StateError, OutputError)):
        day.run_batches(lambda batches: batches.read_local(day.step))


def test_old_pulls_are_deleted(day: Day) -> None:
    async def work(batches: Batches) -> None:
        with batches.app.store.write() as tx:
            for n in range(130):
                tx.pulls.add(source_id="a", batch_at=NOON + n * HOUR, outcome="unchanged")
        assert await batches.prune_pulls(day.step) == 30
        assert await batches.prune_pulls(day.step) == 0

    day.run_batches(work)
