"""Foreign markup is read in worker processes: a failure there costs one call."""

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
from pathlib import Path

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
    """Our child processes, except those of multiprocessing that live as long as this process: its resource tracker,
    and the server of which workers are forks."""
    found = psutil.Process().children(recursive=True)
    direct = psutil.Process().children()
    kept = [one for one in direct if {"resource_tracker", "forkserver"} & set(re.findall(r"\w+", str(one.cmdline())))]
    return [one for one in found if one not in kept]


@pytest.fixture(autouse=True)
def _others() -> None:
    """Processes of other tests are not counted."""
    OTHERS[:] = children()


OTHERS: list[psutil.Process] = []


def workers() -> list[psutil.Process]:
    """The processes that this test started."""
    return [one for one in children() if one not in OTHERS]


def new_pool(limits: Limits = LIMITS) -> WorkerPool:
    return WorkerPool(limits, processes=1)


FAILURES = [
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


@pytest.mark.torture
def test_a_failure_costs_one_call(capfd: pytest.CaptureFixture[str]) -> None:
    """Each failure is a ParseError, the next call works, and nothing is written to the terminal."""

    async def live() -> None:
        async with new_pool() as pool:
            for fail, message in FAILURES:
                with pytest.raises(ParseError, match=message):
                    await pool.call(fail)
                assert await pool.call(jobs.give, 1) == 1

    asyncio.run(live())
    assert capfd.readouterr() == ("", "")
    assert workers() == []


@pytest.mark.torture
def test_a_call_past_its_cpu_limit_is_stopped_and_the_next_one_works() -> None:
    async def live() -> None:
        async with new_pool(LITTLE_WORK) as pool:
            with pytest.raises(ParseError, match=re.escape("took more than 0.1 s of CPU and was stopped")) as raised:
                await pool.call(jobs.loop)
            assert not raised.value.transient
            assert await pool.call(jobs.give, 1) == 1

    asyncio.run(live())
    assert workers() == []


def test_a_call_that_only_waits_is_stopped_by_wall_clock_time() -> None:
    """The error is transient: perhaps the machine was busy, and the document can be read next time."""

    async def live() -> None:
        async with new_pool(SHORT) as pool:
            with pytest.raises(ParseError, match=re.escape("had not ended after 0.3 s and was stopped")) as raised:
                await pool.call(jobs.wait)
            assert raised.value.transient
        async with new_pool() as pool:
            assert await pool.call(jobs.give, 1) == 1

    asyncio.run(live())
    assert workers() == []


def test_the_wall_clock_limit_is_much_longer_than_the_cpu_limit() -> None:
    assert (Limits().cpu, Limits().time) == (timedelta(seconds=10), timedelta(seconds=60))


@pytest.mark.torture
def test_each_call_has_its_own_cpu_limit() -> None:
    """The soft limit grows with the CPU time used; the hard limit, which could not be raised again, stays."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)

    async def live() -> list[jobs.Allowed]:
        async with new_pool(Limits(cpu=timedelta(seconds=7))) as pool:
            first = await pool.call(jobs.allowed)
            await pool.call(jobs.burn, 1.01)
            return [first, await pool.call(jobs.allowed)]

    found = asyncio.run(live())
    assert len({one.process for one in found}) == 1
    for one in found:
        assert one.used + 6.9 < one.soft <= one.used + 8
        assert one.hard == hard
    assert found[0].soft < found[1].soft


def test_a_lower_cpu_limit_of_the_machine_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    from aggregator import worker_pool

    asked: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2, 5))
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: asked.append((what, limits)))
    worker_pool._allow_cpu(1_000_000)
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
def test_our_own_errors_keep_their_attributes(
    raiser: Callable[[], None], kind: type[AggregatorError], fields: dict[str, object]
) -> None:
    with pytest.raises(kind) as raised:
        raiser()
    again = jobs.send_twice(raised.value)
    assert type(again) is kind
    assert {name: getattr(again, name) for name in fields} == fields
    assert str(again) == fields["message"]


def test_our_own_error_is_raised_by_the_awaited_call() -> None:
    async def live() -> None:
        async with new_pool() as pool:
            with pytest.raises(FetchError, match="busy") as raised:
                await pool.call(jobs.raise_fetch_error)
            assert (raised.value.status, raised.value.retry_after) == (503, timedelta(seconds=5))

    asyncio.run(live())


def test_processes_start_with_the_first_call_and_end_with_the_pool() -> None:
    async def live() -> None:
        async with new_pool() as pool:
            assert workers() == []
            await pool.call(jobs.number)
            assert len(workers()) == 1

    asyncio.run(live())
    assert workers() == []


def test_processes_end_with_the_pool_after_an_error() -> None:
    async def live() -> None:
        async with new_pool() as pool:
            await pool.call(jobs.number)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(live())
    assert workers() == []


def test_a_canceled_call_is_stopped() -> None:
    async def live() -> None:
        async with new_pool(Limits(time=timedelta(minutes=5))) as pool:
            assert await pool.call(jobs.give, 1) == 1
            endless = asyncio.create_task(pool.call(jobs.wait))
            await asyncio.sleep(0.1)
            endless.cancel()
            with pytest.raises(asyncio.CancelledError):
                await endless
            assert await asyncio.wait_for(pool.call(jobs.give, 2), 5) == 2

    asyncio.run(live())
    assert workers() == []


def test_a_process_is_replaced_after_so_many_calls() -> None:
    async def live() -> list[int]:
        async with new_pool(Limits(calls=2)) as pool:
            return [await pool.call(jobs.number) for _ in range(4)]

    numbers = asyncio.run(live())
    assert numbers[0] == numbers[1]
    assert numbers[2] == numbers[3]
    assert numbers[0] != numbers[2]


def test_waiting_in_the_queue_does_not_count() -> None:
    """Many calls at once on one process: the limit applies to one call, not to the queue."""

    async def live() -> list[object]:
        async with new_pool() as pool:
            return await asyncio.gather(*(pool.call(jobs.give, n) for n in range(200)))

    assert asyncio.run(live()) == list(range(200))


def test_a_lower_memory_limit_of_the_machine_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    from aggregator import worker_pool

    asked: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100, 100))
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: asked.append((what, limits)))
    worker_pool._limit_process(1000)
    assert (resource.RLIMIT_DATA, (100, 100)) in asked


CALL = """
import asyncio, os, sys
from aggregator.worker_pool import WorkerPool

async def live():
    async with WorkerPool(processes=1) as pool:
        return await pool.call(os.getppid) == os.getpid()

if __name__ == "__main__":
    print(asyncio.run(live()))
"""


EARLY = """
import asyncio, os, signal
from multiprocessing import forkserver
from aggregator.worker_pool import WorkerPool, start_early

async def live(loading):
    async with WorkerPool(processes=1) as pool:
        is_fork = await pool.call(os.getppid) == loading
        return is_fork, await pool.call(eval, "'aggregator.posts.post' in __import__('sys').modules")

if __name__ == "__main__":
    start_early(posts=True)
    loading = forkserver._forkserver._forkserver_pid
    os.kill(loading, signal.SIGINT)
    is_blocked = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    print(*asyncio.run(live(loading)), is_blocked)
"""


def test_ctrl_c_does_not_reach_a_process_that_still_loads(tmp_path: Path) -> None:
    """It would print where it was interrupted. The process that started it is interrupted and says so."""
    script = tmp_path / "early.py"
    script.write_text(EARLY, encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("True True False", "")


@pytest.mark.parametrize(("depth", "is_our_child"), [(0, "False"), (60, "True")])
def test_without_a_short_path_for_temporary_files_no_process_is_a_fork(
    tmp_path: Path, depth: int, is_our_child: str
) -> None:
    """A socket has a path of 107 characters at most (unix(7))."""
    folder = tmp_path / "/".join(["x"] * depth)
    folder.mkdir(parents=True, exist_ok=True)
    script = tmp_path / "call.py"
    script.write_text(CALL, encoding="utf-8")
    short = {} if depth == 0 else {"TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, script], env=os.environ | short, capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == (is_our_child, "")


@contextmanager
def busy(load: int) -> Iterator[None]:
    """A machine on which this many other processes compete for each processor."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(load * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for one in others:
            one.kill()
            one.wait()


@pytest.mark.torture
def test_a_feed_that_needs_a_second_of_cpu_is_read_on_a_busy_machine() -> None:
    """It gets a twelfth of a processor, so it takes longer than its ten seconds of CPU time."""
    words = "<p>one <b>two</b> three, and <a href='/four'>four</a></p>"
    entries = [{"title": f"Entry {n}", "guid": f"urn:example:{n}", "description": words * 60} for n in range(250)]
    body = FeedBody("big", "https://blog.example/feed", "application/rss+xml", rss(*entries).encode())

    async def live() -> tuple[float, float]:
        async with new_pool(Limits(calls=100)) as pool:
            assert await pool.call(jobs.give, 1) == 1
            used = (await pool.call(jobs.allowed)).used
            with busy(12):
                begun = time.monotonic()
                refined = await pool.call(process_feed, body, frozenset(), ContentSettings())
                took = time.monotonic() - begun
            assert len(refined.entries) == 250
            return (await pool.call(jobs.allowed)).used - used, took

    used, took = asyncio.run(live())
    assert 0.1 < used < 10 < took
