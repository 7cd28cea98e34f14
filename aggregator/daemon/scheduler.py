"""The schedule of the daemon: apscheduler runs seven jobs, and the store knows which sources are due.

A job that was missed runs once, as soon as it can. A job that fails logs one line and is tried again, later each time.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.daemon.batches import Batches, BatchResult, StoppedError
from aggregator.daemon.log import Log
from aggregator.daemon.timing import LONGEST_SLEEP, is_stuck, next_local_read, next_tick, retry_in, why_late
from aggregator.events import NULL_OBSERVER, Observer
from aggregator.report import Progress
from aggregator.text.counts import count_of
from aggregator.websub.hub import take
from aggregator.websub.messages import messages_of
from aggregator.websub.outbox import Outbox
from aggregator.websub.subscriptions import Subscriber

OVERRIDES_EVERY = timedelta(seconds=2)
PRUNE_EVERY = timedelta(days=1)
FIRST_PRUNE = timedelta(minutes=10)
MIN_DELAY = timedelta(milliseconds=20)  # apscheduler counts a job as running until a moment after it ended

Work = Callable[[Progress], Awaitable[datetime]]  # returns when to run next


def utc_now() -> datetime:
    return datetime.now(UTC)


class Job:
    """Work that never runs twice at a time. `soon` during a run makes it run once more afterwards."""

    def __init__(
        self,
        name: str,
        work: Work,
        plan: Callable[["Job"], None],
        log: Log,
        *,
        first: datetime,
        observer: Observer = NULL_OBSERVER,
    ) -> None:
        self.name = name
        self.at = first
        self.failures = 0  # in a row
        self.task: asyncio.Task[None] | None = None
        self._work = work
        self._plan = plan
        self._log = log
        self._observer = observer
        self._is_wanted = False
        self._is_stopped = False
        self._stepped = 0.0

    @property
    def is_running(self) -> bool:
        return self.task is not None

    @property
    def idle(self) -> timedelta:
        """Time since its last step."""
        return timedelta(seconds=time.monotonic() - self._stepped)

    def soon(self) -> None:
        self._is_wanted = True
        if not self.is_running:
            self._plan_at(utc_now())

    def stop(self) -> None:
        self._is_stopped = True
        if self.task:
            self.task.cancel()

    async def run(self) -> None:
        self.task, self._is_wanted = asyncio.current_task(), False
        began = time.monotonic()
        try:
            self._step("")
            at = await self._work(self._step)
            self.failures = 0
            self._observer.job_done(self.name, time.monotonic() - began)
        except (StoppedError, asyncio.CancelledError):
            return
        except Exception as error:  # noqa: BLE001 - no error, not even a bug, may end the server
            self.failures += 1
            pause = retry_in(self.failures)
            self._observer.job_failed(self.name)
            self._log.log_job_failure(self.name, error, pause)
            at = utc_now() + pause
        finally:
            self.task = None
        self._plan_at(utc_now() if self._is_wanted else at)

    def _step(self, _: str) -> None:
        self._stepped = time.monotonic()
        if self._is_stopped:
            raise StoppedError("the daemon ends")

    def _plan_at(self, at: datetime) -> None:
        self.at = max(at, utc_now() + MIN_DELAY)
        self._plan(self)


class Scheduler:
    """The seven jobs of the daemon."""

    def __init__(self, batches: Batches, log: Log) -> None:
        self._batches = batches
        self._log = log
        self._requested: set[str] = set()
        self._due: datetime | None = None
        self._subscriber = Subscriber()
        self._is_reachable = False
        self._jobs = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self.pull = self._add_job("pulling", self._pull)
        self.take_in = self._add_job("taking in deliveries", self._take_in)
        self.read_local = self._add_job("reading posts", self._read_local)
        self.publish_overrides = self._add_job("publishing", self._publish_overrides)
        self.subscribe = self._add_job("subscribing", self._subscribe)
        self.prune_pulls = self._add_job("tidying", self._prune, first=FIRST_PRUNE)
        self.deliver = self._add_job("delivering", self._deliver)
        self._outbox = Outbox(lambda: batches.app, messages_of, self.deliver.soon)

    def start(self, *, is_reachable: bool = False) -> None:
        """`is_reachable`: this process listens, so that hubs can call back."""
        self._is_reachable = is_reachable
        self._jobs.start()

    async def stop(self) -> None:
        """Returns once no job is running."""
        self._jobs.pause()
        tasks = [job.task for job in self.jobs if job.task]
        for job in self.jobs:
            job.stop()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(self._subscriber.close(), self._outbox.close())
        self._jobs.shutdown(wait=False)

    def wake(self) -> None:
        """Plans jobs anew after the clock was set or the machine slept."""
        jobs = (self.pull, self.take_in, self.read_local, self.publish_overrides, self.subscribe, self.deliver)
        for job in jobs:
            job.soon()

    # requests from outside

    def knows(self, source_id: str) -> bool:
        return self._batches.app.knows(source_id)

    def refusal(self, source_id: str) -> str:
        """Why the source cannot be polled now; "" where it can."""
        return self._batches.refusal(source_id)

    def run(self) -> None:
        """Polls due sources, reads posts and publishes, now."""
        self._batches.publish_soon()
        self.read_local.soon()
        self.pull.soon()

    def poll(self, source_id: str) -> None:
        """Polls this source, due or not; for a posts folder, reads the posts."""
        if any(folder.id == source_id for folder in self._batches.app.folders):
            self.read_local.soon()
            return
        self._requested.add(source_id)
        self.pull.soon()

    def take_request(self, form: bytes) -> None:
        """Stores a request to our own hub. May be called in any thread."""
        take(self._batches.app, form)

    def deliver_soon(self) -> None:
        self.deliver.soon()

    def seconds_to_change(self) -> float:
        """Seconds until the tree may change, as far as it is planned."""
        if self.pull.is_running:
            return 0
        return ((self._due or utc_now() + timedelta(days=1)) - utc_now()).total_seconds()

    def is_stuck(self) -> bool:
        """Whether a running job made no step for a long time, or pulling is long overdue."""
        running = [job for job in self.jobs if job.is_running]
        overdue = timedelta(0) if self.pull.is_running else utc_now() - self.pull.at
        longest = max((job.idle for job in running), default=timedelta(0))
        return is_stuck(longest, overdue)

    def trouble(self) -> str:
        """Why the tree may be behind, "" where it is not. Strangers may read it. May be called in any thread."""
        now = utc_now()
        reasons = (
            why_late(
                job.name,
                idle=job.idle if job.is_running else None,
                overdue=now - job.at,
                failures=job.failures,
            )
            for job in (self.pull, self.take_in, self.read_local, self.publish_overrides)
        )
        return next(filter(None, reasons), "")

    # jobs

    async def _pull(self, step: Progress) -> datetime:
        requested, self._requested = self._requested, set()
        try:
            batch = await self._logged(self._batches.pull(step, requested))
        except BaseException:
            self._requested |= requested
            raise
        self._due = await asyncio.to_thread(self._batches.earliest)
        self.subscribe.soon()  # sources may name other hubs
        return next_tick(utc_now(), self._due, was_full=batch.was_full)

    async def _take_in(self, step: Progress) -> datetime:
        batch = await self._logged(self._batches.take_in(step))
        return utc_now() if batch.was_full else utc_now() + LONGEST_SLEEP

    async def _subscribe(self, _: Progress) -> datetime:
        app = self._batches.adopted if self._is_reachable else None
        earliest = await self._subscriber.work(app) if app else None
        await self._batches.expect_deliveries(expected=earliest is not None)
        return next_tick(utc_now(), earliest, was_full=False)

    async def _read_local(self, step: Progress) -> datetime:
        began = utc_now()
        batch = await self._logged(self._batches.read_local(step))
        if batch.is_of_new_config:
            self.pull.soon()  # polls new sources at once; then sources that left the config leave their hubs
        return utc_now() + next_local_read(utc_now() - began)

    async def _publish_overrides(self, step: Progress) -> datetime:
        await self._logged(self._batches.publish_overrides(step))
        return utc_now() + OVERRIDES_EVERY

    async def _prune(self, step: Progress) -> datetime:
        count = await self._batches.prune_pulls(step)
        if count:
            self._log.info(f"{count_of(count, 'old pull')} deleted")
        if pruned := await self._batches.prune_content(step):
            self._log.info(f"the content of {count_of(pruned, 'old entry', 'old entries')} was dropped (retention)")
        return utc_now() + PRUNE_EVERY

    async def _deliver(self, _: Progress) -> datetime:
        """Tells hubs and subscribers what they have to hear of."""
        latest = utc_now() + LONGEST_SLEEP
        return min(await self._outbox.run() or latest, latest)

    async def _logged(self, work: Awaitable[BatchResult]) -> BatchResult:
        began = time.monotonic()
        batch = await work
        self._log.batch(batch.report, timedelta(seconds=time.monotonic() - began))
        if batch.report.feeds.written:
            self.deliver.soon()
        return batch

    @property
    def jobs(self) -> tuple[Job, ...]:
        return (
            self.pull,
            self.take_in,
            self.read_local,
            self.publish_overrides,
            self.subscribe,
            self.prune_pulls,
            self.deliver,
        )

    def _add_job(self, name: str, work: Work, *, first: timedelta = timedelta(0)) -> Job:
        observer = self._batches.app.observer
        job = Job(name, work, self._plan, self._log, first=utc_now() + first, observer=observer)
        every = LONGEST_SLEEP.total_seconds()  # in case a plan is lost
        self._jobs.add_job(job.run, "interval", seconds=every, id=name, next_run_time=job.at)
        return job

    def _plan(self, job: Job) -> None:
        self._jobs.modify_job(job.name, next_run_time=job.at)
