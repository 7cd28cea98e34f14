"""Who does what: Procrastinate on the database of the state. No other module imports it.

Its jobs are coarse (a shard, not a source), their arguments are ids, and none is tried again: what a job left undone
is due as before, and the next tick gives it to somebody. So three of its habits do no harm here:

- A job of a dead worker stays `doing` and holds its lock. Every worker ends such jobs (`_end_stalled`); retrying them
  is refused where the next one waits already.
- Its worker ends whenever its connection does, for example at each restart of the database. `run` starts it again.
- Jobs that ended stay, and slow the queue down: `delete_jobs="always"`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any, Protocol

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from psycopg import Error as PostgresError
from psycopg.errors import ForeignKeyViolation

from aggregator.errors import AggregatorError, StateError
from aggregator.workers.timing import Role, Timing, next_pause

TICK = "tick"
TURN = "merge or publish"  # the lock that both share
CONNECTIONS = 4  # of one worker to the queue; two more listen
POLL = 5.0  # seconds between two looks for jobs, where no notice comes


class Duties(Protocol):
    """What the jobs do. Each may raise an AggregatorError, which is told; the next tick tries again."""

    async def tick(self) -> Collection[int]:
        """Returns the shards with work."""

    async def pull(self, shard: int) -> bool:
        """Returns whether a round is complete."""

    async def merge(self) -> bool:
        """Returns whether the tree is behind."""

    async def publish(self) -> None: ...


@dataclass(slots=True)
class Queue:
    """`conninfo`: how libpq reaches the database; `pulls`: jobs of pulling at the same time; `failed` is called with
    the name of a job that failed and why; `is_reached`: whether the database answers."""

    conninfo: str
    duties: Duties
    roles: Collection[Role]
    timing: Timing
    failed: Callable[[str, Exception], None]
    pulls: int = 4
    is_reached: bool = False
    running: int = 0
    _app: App = field(init=False)
    _tasks: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        connector = PsycopgConnector(conninfo=self.conninfo, min_size=1, max_size=CONNECTIONS, timeout=10)
        self._app = App(connector=connector)
        self._tasks = {"pull": self._add("pull", self._pull)}
        for name, work in (("merge", self._merge), ("publish", self._publish)):
            self._tasks[name] = self._add(name, work, lock=TURN, queueing_lock=name)
        tick = self._add(TICK, self._tick, lock=TICK, queueing_lock=TICK)
        self._app.periodic(cron=self.timing.cron)(tick)

    def _add(self, name: str, work: Callable[..., Awaitable[None]], **options: Any) -> Any:
        async def job(**words: int) -> None:
            self.running += 1
            try:
                await work(**words)
            except AggregatorError as error:
                self.failed(name, error)
            except (ConnectorException, PostgresError) as error:
                self.failed(name, _unreached(error))
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                self.failed(name, error)
            finally:
                self.running -= 1

        return self._app.task(name=f"aggregator.{name}", queue=name, pass_context=False, **options)(job)

    # jobs

    async def _tick(self, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate gives it to every periodic task
        shards = await self.duties.tick()
        waiting = {job.queueing_lock for job in await self._app.job_manager.list_jobs_async(status="todo")}
        for shard in shards:
            if _lock("pull", shard) not in waiting:
                await self._defer("pull", shard=shard)
        await self._defer("merge")

    async def _pull(self, shard: int) -> None:
        if await self.duties.pull(shard):
            await self._defer("merge")

    async def _merge(self) -> None:
        if await self.duties.merge():
            await self._defer("publish")

    async def _publish(self) -> None:
        await self.duties.publish()

    async def _defer(self, name: str, **ids: int) -> None:
        """Puts a job into the queue, unless the same one waits there."""
        task, lock = self._tasks[name], _lock(name, *ids.values())
        own = {"lock": lock, "queueing_lock": lock} if ids else {}
        with suppress(AlreadyEnqueued):
            await task.configure(**own).defer_async(**ids)

    # the worker

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, whatever becomes of the database meanwhile."""
        pause = timedelta(0)
        while not stop.is_set():
            began = monotonic()
            try:
                await self._work(stop)
            except (ConnectorException, PostgresError) as error:
                self.failed("queue", _unreached(error))
            self.is_reached = False
            pause = next_pause(pause, timedelta(seconds=monotonic() - began))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause.total_seconds())

    async def _work(self, stop: asyncio.Event) -> None:
        """Registers a worker for each role and one for ticks, and works until one of them ends, or `stop` is set."""
        async with self._app.open_async():
            self.is_reached = True
            workers = [asyncio.create_task(self._run_worker([TICK], 1, listens=False))]
            workers += [
                asyncio.create_task(self._run_worker([role], self.pulls if role == "pull" else 1))
                for role in self.roles
            ]
            others = [asyncio.create_task(stop.wait()), asyncio.create_task(self._end_stalled())]
            try:
                await asyncio.wait([*workers, *others], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in (*workers, *others):
                    one.cancel()  # a worker waits for its jobs
                ended = await asyncio.gather(*workers, *others, return_exceptions=True)
        for result in ended:
            if isinstance(result, Exception):
                raise result

    async def _run_worker(self, queues: list[str], concurrency: int, *, listens: bool = True) -> None:
        timing = self.timing
        await self._app.run_worker_async(
            queues=queues,
            concurrency=concurrency,
            listen_notify=listens,
            fetch_job_polling_interval=min(POLL, timing.tick.total_seconds()),
            shutdown_graceful_timeout=timing.graceful.total_seconds(),
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=timing.heartbeat.total_seconds(),
            stalled_worker_timeout=timing.stalled.total_seconds(),
        )

    async def _end_stalled(self) -> None:
        """Ends the jobs of dead workers, over and over. It is no job itself: it would wait for the locks that it is to
        free."""
        jobs, seconds = self._app.job_manager, self.timing.stalled.total_seconds()
        while True:
            for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=seconds):
                with suppress(ConnectorException):  # another worker ended it first
                    await jobs.finish_job(job, Status.FAILED, delete_job=True)
            await jobs.prune_stalled_workers(seconds)
            await asyncio.sleep(seconds / 2)


def _lock(name: str, *ids: int) -> str:
    return " ".join((name, *map(str, ids)))


def _unreached(error: Exception) -> StateError:
    cause = error.__cause__ or error
    if isinstance(cause, ForeignKeyViolation):
        return StateError("this worker gave no sign of life in time, and others took its jobs; it registers again")
    return StateError(f"the database cannot be reached: {(str(cause).strip().splitlines() or [''])[0]}")
