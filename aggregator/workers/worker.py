"""The process of a worker: its jobs, its signs of life, its web server; it ends at SIGTERM or SIGINT."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic

from aggregator.app import App, Clock
from aggregator.config import load_config
from aggregator.daemon.log import Log
from aggregator.daemon.signals import stopped_by_signals
from aggregator.daemon.signatures import config_signature
from aggregator.daemon.systemd import Supervisor
from aggregator.errors import AggregatorError, ConfigError
from aggregator.events import Observers
from aggregator.metrics import Counters
from aggregator.one_shot.batch import begin
from aggregator.publish.output_tree import Tree
from aggregator.report import Report
from aggregator.store import WorkerRow
from aggregator.threads import in_thread
from aggregator.web import Measures, measures_of, serve, worker_application
from aggregator.worker_pool import WorkerPool
from aggregator.workers.clock import DatabaseClock
from aggregator.workers.merging import Merging
from aggregator.workers.pulling import Pulling
from aggregator.workers.queue import Queue
from aggregator.workers.readiness import Readiness
from aggregator.workers.timing import Role, Timing

SILENT = 10  # heartbeats after which a worker is no longer listed
DUTIES = {"tick": "opening rounds", "pull": "pulling", "merge": "merging", "publish": "publishing"}


async def work(
    app: App,
    roles: Collection[Role],
    log: Log,
    *,
    timing: Timing | None = None,
    sockets: Sequence[socket.socket] = (),
    clock: Clock | None = None,
) -> None:
    """Works until SIGTERM or SIGINT. The caller holds the state open. `clock`: instead of the database's. Raises where
    the state or the output cannot be used at the start; later errors are told, and the next tick tries again."""
    timing = timing or Timing()
    database_clock = DatabaseClock(app.store)
    await in_thread(database_clock.look)
    app = replace(app, clock=clock or database_clock)
    measures = measures_of(app)
    app = replace(app, observer=Observers(Counters(measures.registry), log))
    if "publish" in roles:
        await in_thread(partial(_check_tree, app))
    with stopped_by_signals() as stop:
        async with WorkerPool(stay=True) as pool:
            worker = Worker(app, roles, log, timing, pool, database_clock)
            await worker.run(sockets, stop, measures)


def _check_tree(app: App) -> None:
    """Raises where publishing is impossible, or would harm what is published."""
    begin(app, alone=False)
    Tree(app.output).open()


class Worker:
    """Does what `Queue` asks, and tells how it went."""

    def __init__(
        self, app: App, roles: Collection[Role], log: Log, timing: Timing, pool: WorkerPool, clock: DatabaseClock
    ) -> None:
        self._app = app
        self._roles = roles
        self._log = log
        self._timing = timing
        self._clock = clock
        name = f"{socket.gethostname()}:{os.getpid()}"
        self._pulling = Pulling(app, pool, timing, name)
        self._merging = Merging(app, pool, timing, name)
        self._readiness = Readiness()
        self._queue = Queue(str(app.store.at), self, roles, timing, self._failed)
        self._config_seen = config_signature(app.config.file)
        now = clock()
        self._row = WorkerRow(name, ",".join(roles), now, now)

    async def run(self, sockets: Sequence[socket.socket], stop: asyncio.Event, measures: Measures) -> None:
        supervisor = Supervisor(os.environ)
        application = worker_application(self._app, measures, self._trouble, publishes="publish" in self._roles)
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(self._live()), group.create_task(self._watchdog(supervisor))]
            if sockets:
                group.create_task(serve(application, sockets, stop))
            supervisor.ready()
            self._log.info(f"ready: {', '.join(self._roles)}")
            await self._queue.run(stop)
            supervisor.stopping()
            self._log.info("ending")
            for one in others:
                one.cancel()
        await self._pulling.close()
        await self._leave()

    # what the queue asks for

    async def tick(self) -> Collection[int]:
        async with self._told("tick"):
            return await self._pulling.open_round()

    async def pull(self, shard: int) -> bool:
        async with self._told("pull") as report:
            return await self._pulling.pull(shard, report)

    async def merge(self) -> bool:
        async with self._told("merge") as report:
            is_behind = await self._merging.merge(report)
            self._app.observer.decided(report.entries.decisions())
            return is_behind

    async def publish(self) -> None:
        async with self._told("publish") as report:
            await self._merging.publish(report)

    @asynccontextmanager
    async def _told(self, job: str) -> AsyncIterator[Report]:
        """Logs and counts what a job did."""
        report, began = Report(), monotonic()
        yield report
        took = monotonic() - began
        self._log.batch(report, timedelta(seconds=took))
        self._app.observer.job_done(DUTIES[job], took)
        self._readiness.succeeded(job)

    def _failed(self, job: str, error: Exception) -> None:
        self._readiness.failed(job, str(error))
        if job in DUTIES:
            self._app.observer.job_failed(DUTIES[job])
        self._log.log_job_failure(DUTIES.get(job, "the queue"), error, self._timing.tick)

    # signs of life

    async def _live(self) -> None:
        """Says that this worker lives, goes by the database's clock, and takes a changed config up."""
        while True:
            try:
                await in_thread(self._clock.look)
                await in_thread(self._say)
                await self._reload()
                self._readiness.heard(monotonic())
            except AggregatorError as error:
                self._log.log_job_failure("signs of life", error, self._timing.heartbeat)
            await asyncio.sleep(self._timing.heartbeat.total_seconds())

    def _say(self) -> None:
        with self._app.store.write(alone=False) as tx:
            now = tx.workers.now()
            self._row = replace(self._row, seen_at=now, jobs=self._queue.running, pulls=self._pulling.pulls)
            tx.workers.say(self._row)
            tx.workers.drop_silent(now - SILENT * self._timing.heartbeat)

    async def _leave(self) -> None:
        def leave() -> None:
            with self._app.store.write(alone=False) as tx:
                tx.workers.leave(self._row.name)

        try:
            await in_thread(leave)
        except AggregatorError as error:  # it is dropped once it was silent for long
            self._log.log_job_failure("leaving", error, self._timing.heartbeat)

    async def _reload(self) -> None:
        seen = await in_thread(partial(config_signature, self._app.config.file))
        if seen == self._config_seen:
            return
        self._config_seen = seen
        try:
            config = await in_thread(partial(load_config, self._app.config.file))
        except ConfigError as error:
            self._log.config_refused(error)
            return
        self._log.add_secrets(config.secrets())
        if config.state != self._app.config.state:
            self._log.warning(f"{config.file}: another state needs a restart")
            return
        self._app = replace(self._app, config=config)
        self._pulling.app = self._app
        self._merging.put_in_force(self._app)
        self._log.info(f"{config.file} was reloaded")

    async def _watchdog(self, supervisor: Supervisor) -> None:
        while supervisor.period:
            supervisor.alive()
            await asyncio.sleep(supervisor.period.total_seconds())

    def _trouble(self) -> str:
        silent = SILENT * self._timing.heartbeat
        return self._readiness.trouble(monotonic(), silent, is_reached=self._queue.is_reached)
