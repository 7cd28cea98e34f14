"""The queue with duties that only note what they were asked for, on a real PostgreSQL."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from aggregator.errors import StateError
from aggregator.workers.queue import Queue
from aggregator.workers.timing import Timing
from tests.support.postgresql import Server

pytestmark = pytest.mark.torture
QUICK = Timing(tick=timedelta(seconds=1), heartbeat=timedelta(seconds=0.2), stalled=timedelta(seconds=1))
DEAD = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status)
VALUES ('pull', 'aggregator.pull', 'pull 7', 'pull 7', '{"shard": 7}', 'doing')
"""


@dataclass
class Noted:
    shards: list[int] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    async def tick(self) -> Collection[int]:
        return self.shards

    async def pull(self, shard: int) -> bool:
        self.done.append(f"pull {shard}")
        if shard == 9:
            raise StateError("no room")
        return False

    async def merge(self) -> bool:
        self.done.append("merge")
        return True

    async def publish(self) -> None:
        self.done.append("publish")


def run(server: Server, database: str, noted: Noted, until: Callable[[], bool]) -> list[str]:
    """Runs a worker of all roles until that holds; returns what failed."""
    failed: list[str] = []

    async def work() -> None:
        stop = asyncio.Event()
        queue = Queue(
            server.address(database),
            noted,
            ("pull", "merge", "publish"),
            QUICK,
            lambda job, why: failed.append(f"{job}: {why}"),
        )
        running = asyncio.create_task(queue.run(stop))
        async with asyncio.timeout(120):
            while not until():  # noqa: ASYNC110 - the server is asked, too
                await asyncio.sleep(0.05)
        stop.set()
        await running

    asyncio.run(work())
    return failed


@pytest.fixture
def emptied(postgresql: Server, database: str) -> Server:
    postgresql.empty(database)
    return postgresql


def test_a_tick_brings_pulls_then_merging_then_publishing(emptied: Server, database: str) -> None:
    noted = Noted([3, 5])
    assert not run(emptied, database, noted, lambda: "publish" in noted.done and "pull 5" in noted.done)
    assert {"pull 3", "pull 5", "merge", "publish"} == set(noted.done)
    with emptied.connect(database) as connection:
        left = connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'todo'").fetchone()
    assert left == (0,)  # jobs that ended are deleted


def test_the_job_of_a_dead_worker_is_ended_and_the_next_one_done(emptied: Server, database: str) -> None:
    """It holds the lock that the next one waits for; trying it again would be refused."""
    with emptied.connect(database) as connection:
        connection.execute(DEAD)
    noted = Noted([7])
    assert not run(emptied, database, noted, lambda: "pull 7" in noted.done)


def test_a_job_that_fails_is_told_and_not_tried_again(emptied: Server, database: str) -> None:
    noted = Noted([9])

    def is_enough() -> bool:
        noted.shards = [] if "pull 9" in noted.done else [9]
        return noted.done.count("publish") >= 2

    assert set(run(emptied, database, noted, is_enough)) == {"pull: no room"}


def test_a_worker_registers_anew_where_its_connections_are_cut(emptied: Server, database: str) -> None:
    noted = Noted([1])
    cut: list[tuple[object, ...]] = []

    def is_enough() -> bool:
        if "publish" in noted.done and not cut:
            with emptied.connect() as connection:
                cut.extend(connection.execute(CUT, [database]).fetchall())
            noted.done.clear()
        return bool(cut) and "publish" in noted.done

    run(emptied, database, noted, is_enough)
    assert cut


CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
