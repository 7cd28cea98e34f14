"""Turns at hosts, with a clock that moves only while tasks sleep."""

import asyncio
import contextlib
import itertools
from collections.abc import Sequence
from datetime import timedelta

import pytest

from aggregator.fetch.host_queue import HostQueue


class Clock:
    """Time passes when everybody waits: `run_until_idle` wakes the sleepers in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self._tickets = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, next(self._tickets), waker))
        await waker

    async def run_until_idle(self) -> None:
        while True:
            for _ in range(20):
                await asyncio.sleep(0)
            self._sleepers = [sleeper for sleeper in self._sleepers if not sleeper[2].done()]
            if not self._sleepers:
                return
            first = min(self._sleepers)
            self.now = first[0]
            first[2].set_result(None)


def schedule(visits: Sequence[tuple[str, float]], **limits: float) -> list[tuple[str, float, float]]:
    """Everybody arrives at once, in order; what comes back is (name, start, end) in order of start."""
    return asyncio.run(_schedule(visits, **limits))


async def _schedule(visits: Sequence[tuple[str, float]], **limits: float) -> list[tuple[str, float, float]]:
    clock = Clock()
    hosts = HostQueue(
        concurrency=int(limits.get("concurrency", 64)),
        per_host=int(limits.get("per_host", 2)),
        gap=timedelta(seconds=limits.get("gap", 1)),
        clock=clock,
        sleep=clock.sleep,
    )
    starts: list[tuple[str, float, float]] = []

    async def visit(name: str, length: float) -> None:
        async with hosts.turn(name.rstrip("0123456789")):
            started = clock()
            starts.append((name, started, started + length))
            if length:
                await clock.sleep(length)

    tasks = [asyncio.create_task(visit(name, length)) for name, length in visits]
    await clock.run_until_idle()
    await asyncio.gather(*tasks)
    return starts


def test_starts_at_one_host_keep_the_gap_and_their_order() -> None:
    assert schedule([("a1", 0), ("a2", 0), ("a3", 0)]) == [("a1", 0, 0), ("a2", 1, 1), ("a3", 2, 2)]


def test_hosts_do_not_wait_for_each_other() -> None:
    assert [start for _, start, _ in schedule([("a1", 5), ("b1", 5), ("c1", 5)])] == [0, 0, 0]


def test_no_more_than_per_host_at_once() -> None:
    assert schedule([(f"a{n}", 10) for n in range(4)]) == [
        ("a0", 0, 10),
        ("a1", 1, 11),
        ("a2", 10, 20),
        ("a3", 11, 21),
    ]


def test_a_request_that_waits_for_its_host_holds_no_slot() -> None:
    """Two slots, and three sources of a slow host first in the queue: b starts at once."""
    visits = [("a1", 10), ("a2", 10), ("a3", 10), ("b1", 1)]
    assert ("b1", 0, 1) in schedule(visits, concurrency=2, per_host=1)


def test_no_more_than_concurrency_in_all() -> None:
    starts = schedule([(f"{name}1", 10) for name in "abcdef"], concurrency=2)
    assert [start for _, start, _ in starts] == [0, 0, 10, 10, 20, 20]


def test_the_gap_is_counted_from_the_real_start() -> None:
    """a2 could start at 1 but gets a slot at 10; a3 starts a second later, not at once."""
    visits = [("b1", 10), ("a1", 0), ("a2", 0), ("a3", 0)]
    starts = {name: start for name, start, _ in schedule(visits, concurrency=1)}
    assert starts == {"b1": 0, "a1": 10, "a2": 11, "a3": 12}


def test_a_cancelled_turn_releases_its_slots() -> None:
    async def story() -> bool:
        hosts = HostQueue(concurrency=1, per_host=1, gap=timedelta(0))
        async with hosts.turn("a"):
            waiting = [asyncio.create_task(visit(hosts, name)) for name in "ab"]
            await asyncio.sleep(0)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.wait_for(visit(hosts, "a"), 1)
        await asyncio.wait_for(visit(hosts, "b"), 1)
        return True

    assert asyncio.run(story())


async def visit(hosts: HostQueue, name: str) -> None:
    async with hosts.turn(name):
        pass


def test_an_error_releases_the_slots() -> None:
    async def story() -> None:
        hosts = HostQueue(concurrency=1, per_host=1, gap=timedelta(0))
        for _ in range(3):
            with pytest.raises(KeyError):
                async with hosts.turn("a"):
                    raise KeyError

    asyncio.run(story())


def test_a_turn_that_check_refuses_does_not_delay_the_next() -> None:
    async def story() -> list[float]:
        clock, starts = Clock(), []
        hosts = HostQueue(concurrency=1, per_host=1, gap=timedelta(seconds=5), clock=clock, sleep=clock.sleep)

        def refuse() -> None:
            raise ZeroDivisionError

        async def visit(*, is_refused: bool) -> None:
            with contextlib.suppress(ZeroDivisionError):
                async with hosts.turn("a:80", refuse if is_refused else lambda: None):
                    starts.append(clock.now)

        tasks = [asyncio.create_task(visit(is_refused=0 < n < 9)) for n in range(10)]
        await clock.run_until_idle()
        await asyncio.gather(*tasks)
        return starts

    assert asyncio.run(story()) == [0.0, 5.0]
