"""Foreign markup is read in processes of their own: whatever happens there costs one call."""

import asyncio
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psutil
import pytest

from aggregator.errors import AggregatorError, FetchError, ParseError, PostError
from aggregator.pull.process import FeedBody, process_feed
from aggregator.text.urls import ContentSettings
from aggregator.worker_pool import Limits, WorkerPool
from tests.support import jobs
from tests.support.planet import rss

MEMORY = 400 * 2**20
LIMITS = Limits(time=timedelta(minutes=1), memory=MEMORY)
SHORT = Limits(time=timedelta(seconds=0.3), memory=MEMORY)
LITTLE_WORK = Limits(cpu=timedelta(seconds=0.1), time=timedelta(minutes=5), memory=MEMORY)


def children() -> list[psutil.Process]:
    """Our processes but multiprocessing's own tracker of resources, which lives as long as we do."""
    found = psutil.Process().children(recursive=True)
    return [one for one in found if "resource_tracker" not in " ".join(one.cmdline())]


@pytest.fixture(autouse=True)
def _others() -> None:
    """Whoever else has processes here (other tests do) keeps them."""
    OTHERS[:] = children()


OTHERS: list[psutil.Process] = []


def workers() -> list[psutil.Process]:
    """The processes that this test started."""
    return [one for one in children() if one not in OTHERS]


def isolated(limits: Limits = LIMITS) -> WorkerPool:
    return WorkerPool(limits, processes=1)


FATES = [
    (jobs.eat, "crashed or took more than 400 MiB of memory"),
    (jobs.leave, "crashed or took more than"),
    (jobs.crash, "crashed or took more than"),
    (jobs.recurse, "RecursionError"),
    (jobs.raise_unsendable, "UnsendableError: what happened"),
    (jobs.raise_unreadable, "UnsendableError: what happened"),
    (jobs.return_unsendable, "pickle|local object"),  # as Python up to 3.12 says it, and later
    (jobs.exit_politely, "SystemExit"),
    (jobs.interrupt, "KeyboardInterrupt"),
]


def test_whatever_happens_costs_one_call(capfd: pytest.CaptureFixture[str]) -> None:
    """Each fate is an error of ours, the next call works, and nothing is written to the terminal."""

    async def live() -> None:
        async with isolated() as isolation:
            for fate, message in FATES:
                with pytest.raises(ParseError, match=message):
                    await isolation.call(fate)
                assert await isolation.call(jobs.give, 1) == 1

    asyncio.run(live())
    assert capfd.readouterr() == ("", "")
    assert workers() == []


def test_a_call_that_works_for_too_long_is_stopped_and_the_next_one_works() -> None:
    async def live() -> None:
        async with isolated(LITTLE_WORK) as isolation:
            with pytest.raises(ParseError, match=re.escape("took more than 0.1 s of CPU and was stopped")) as raised:
                await isolation.call(jobs.loop)
            assert not raised.value.transient
            assert await isolation.call(jobs.give, 1) == 1

    asyncio.run(live())
    assert workers() == []


def test_a_call_that_neither_works_nor_ends_is_stopped_by_the_clock() -> None:
    """It may be the machine that was busy: the same document may be read next time."""

    async def live() -> None:
        async with isolated(SHORT) as isolation:
            with pytest.raises(ParseError, match=re.escape("had not ended after 0.3 s and was stopped")) as raised:
                await isolation.call(jobs.wait)
            assert raised.value.transient
        async with isolated() as isolation:
            assert await isolation.call(jobs.give, 1) == 1

    asyncio.run(live())
    assert workers() == []


def test_the_clock_stands_far_behind_the_work() -> None:
    assert (Limits().cpu, Limits().time) == (timedelta(seconds=10), timedelta(seconds=60))


def test_each_call_has_its_time_of_work_whatever_came_before_in_its_process() -> None:
    """The soft limit moves on with what was used; the hard one, which nobody could raise again, stays."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)

    async def live() -> list[jobs.Allowed]:
        async with isolated(Limits(cpu=timedelta(seconds=7))) as isolation:
            first = await isolation.call(jobs.allowed)
            await isolation.call(jobs.burn, 1.01)
            return [first, await isolation.call(jobs.allowed)]

    found = asyncio.run(live())
    assert len({one.process for one in found}) == 1
    for one in found:
        assert one.used + 6.9 < one.soft <= one.used + 8
        assert one.hard == hard
    assert found[0].soft < found[1].soft


def test_a_machine_with_a_lower_limit_of_work_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    from aggregator import worker_pool as isolation

    asked: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2, 5))
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: asked.append((what, limits)))
    isolation._allow(1_000_000)
    assert asked == [(resource.RLIMIT_CPU, (5, 5))]


@pytest.mark.parametrize(
    ("raiser", "kind", "fields"),
    [
        (
            jobs.raise_fetch_error,
            FetchError,
            {
                "kind": "status",
                "message": "busy",
                "transient": True,
                "status": 503,
                "retry_after": timedelta(seconds=5),
            },
        ),
        (jobs.raise_parse_error, ParseError, {"kind": "not-a-feed", "message": "a web page", "transient": False}),
        (jobs.raise_post_error, PostError, {"kind": "front-matter", "message": "no title", "line": 3}),
    ],
)
def test_our_own_errors_come_through_whole(
    raiser: Callable[[], None], kind: type[AggregatorError], fields: dict[str, object]
) -> None:
    with pytest.raises(kind) as raised:
        raiser()
    again = jobs.send_twice(raised.value)
    assert type(again) is kind
    assert {name: getattr(again, name) for name in fields} == fields
    assert str(again) == fields["message"]


def test_an_error_of_ours_is_raised_where_the_call_is_awaited() -> None:
    async def live() -> None:
        async with isolated() as isolation:
            with pytest.raises(FetchError, match="busy") as raised:
                await isolation.call(jobs.raise_fetch_error)
            assert (raised.value.status, raised.value.retry_after) == (503, timedelta(seconds=5))

    asyncio.run(live())


def test_nothing_is_started_before_the_first_call_and_nothing_is_left_behind() -> None:
    async def live() -> None:
        async with isolated() as isolation:
            assert workers() == []
            await isolation.call(jobs.number)
            assert len(workers()) == 1

    asyncio.run(live())
    assert workers() == []


def test_leaving_by_an_error_leaves_nothing_behind_either() -> None:
    async def live() -> None:
        async with isolated() as isolation:
            await isolation.call(jobs.number)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(live())
    assert workers() == []


def test_a_call_that_is_canceled_is_stopped() -> None:
    async def live() -> None:
        async with isolated(Limits(time=timedelta(minutes=5))) as isolation:
            assert await isolation.call(jobs.give, 1) == 1
            endless = asyncio.create_task(isolation.call(jobs.wait))
            await asyncio.sleep(0.1)
            endless.cancel()
            with pytest.raises(asyncio.CancelledError):
                await endless
            assert await asyncio.wait_for(isolation.call(jobs.give, 2), 5) == 2

    asyncio.run(live())
    assert workers() == []


def test_a_process_is_replaced_after_so_many_calls() -> None:
    async def live() -> list[int]:
        async with isolated(Limits(calls=2)) as isolation:
            return [await isolation.call(jobs.number) for _ in range(4)]

    numbers = asyncio.run(live())
    assert numbers[0] == numbers[1]
    assert numbers[2] == numbers[3]
    assert numbers[0] != numbers[2]


def test_waiting_for_a_turn_is_not_counted() -> None:
    """Many calls at once on one process: the limit is of one call, not of the queue."""

    async def live() -> list[object]:
        async with isolated() as isolation:
            return await asyncio.gather(*(isolation.call(jobs.give, n) for n in range(200)))

    assert asyncio.run(live()) == list(range(200))


def test_a_machine_with_a_lower_limit_of_its_own_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    from aggregator import worker_pool as isolation

    asked: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100, 100))
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: asked.append((what, limits)))
    isolation._limit(1000)
    assert (resource.RLIMIT_AS, (100, 100)) in asked


@contextmanager
def busy(load: int) -> Iterator[None]:
    """A machine on which so many others want each processor."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(load * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for one in others:
            one.kill()
            one.wait()


@pytest.mark.torture
def test_a_feed_that_needs_a_second_of_work_is_read_on_a_busy_machine() -> None:
    """It has the processor a twelfth of the time, so that it takes longer than the ten seconds of work it may do."""
    words = "<p>one <b>two</b> three, and <a href='/four'>four</a></p>"
    entries = [{"title": f"Entry {n}", "guid": f"urn:example:{n}", "description": words * 60} for n in range(60)]
    body = FeedBody("big", "https://blog.example/feed", "application/rss+xml", rss(*entries).encode())

    async def live() -> tuple[float, float]:
        async with isolated(Limits(calls=100)) as isolation:
            assert await isolation.call(jobs.give, 1) == 1
            used = (await isolation.call(jobs.allowed)).used
            with busy(12):
                begun = time.monotonic()
                refined = await isolation.call(process_feed, body, frozenset(), ContentSettings())
                took = time.monotonic() - begun
            assert len(refined.entries) == 60
            return (await isolation.call(jobs.allowed)).used - used, took

    used, took = asyncio.run(live())
    assert 0.5 < used < 10 < took
