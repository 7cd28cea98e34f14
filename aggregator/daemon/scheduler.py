"""When a process that stays does what: apscheduler wakes a few duties, the store knows which sources are due.

Its jobs are few and never lost: whatever was missed is done once, as soon as it can be. A duty that fails is told in
one line and tried again, later each time.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.daemon.batches import Batch, Batches, StoppedError
from aggregator.daemon.log import Log
from aggregator.daemon.timing import LONGEST_SLEEP, is_stuck, look_again_in, next_tick, retry_in, why_late
from aggregator.events import NULL_OBSERVER, Observer
from aggregator.report import Progress

HEED_EVERY = timedelta(seconds=2)
TIDY_EVERY = timedelta(days=1)
TIDY_FIRST = timedelta(minutes=10)
AT_ONCE = timedelta(milliseconds=20)  # the scheduler counts a job as at work until a moment after it has ended

Work = Callable[[Progress], Awaitable[datetime]]  # returns when it is to be done again


def utc_now() -> datetime:
    return datetime.now(UTC)


class Job:
    """Something that is never done twice at a time. Who asks for it while it is done has it done once more."""

    def __init__(
        self,
        name: str,
        work: Work,
        plan: Callable[["Job"], None],
        journal: Log,
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
        self._journal = journal
        self._observer = observer
        self._is_wanted = False
        self._is_stopped = False
        self._stepped = 0.0

    @property
    def is_at_work(self) -> bool:
        return self.task is not None

    @property
    def idle(self) -> timedelta:
        """Since its last step."""
        return timedelta(seconds=time.monotonic() - self._stepped)

    def soon(self) -> None:
        self._is_wanted = True
        if not self.is_at_work:
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
        except Exception as error:  # noqa: BLE001 - a fault, also one of ours, must not end what serves readers
            self.failures += 1
            pause = retry_in(self.failures)
            self._observer.job_failed(self.name)
            self._journal.fault(self.name, error, pause)
            at = utc_now() + pause
        finally:
            self.task = None
        self._plan_at(utc_now() if self._is_wanted else at)

    def _step(self, _: str) -> None:
        self._stepped = time.monotonic()
        if self._is_stopped:
            raise StoppedError("the daemon ends")

    def _plan_at(self, at: datetime) -> None:
        self.at = max(at, utc_now() + AT_ONCE)
        self._plan(self)


class Scheduler:
    """The duties of a daemon."""

    def __init__(self, batches: Batches, journal: Log) -> None:
        self._batches = batches
        self._journal = journal
        self._asked: set[str] = set()
        self._due: datetime | None = None
        self._jobs = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self.pull = self._duty("pulling", self._pull)
        self.look = self._duty("reading posts", self._look)
        self.heed = self._duty("publishing", self._heed)
        self.tidy = self._duty("tidying", self._tidy, first=TIDY_FIRST)

    def start(self) -> None:
        self._jobs.start()

    async def stop(self) -> None:
        """Returns when nothing is at work any more."""
        self._jobs.pause()
        tasks = [duty.task for duty in self.duties if duty.task]
        for duty in self.duties:
            duty.stop()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._jobs.shutdown(wait=False)

    def wake(self) -> None:
        """The clock was set, or the machine slept: plans are times of a clock, and mean nothing any more."""
        for duty in (self.pull, self.look, self.heed):
            duty.soon()

    # what is asked of it, from outside

    def knows(self, source_id: str) -> bool:
        return self._batches.app.knows(source_id)

    def refusal(self, source_id: str) -> str:
        """Why the source is not asked, whoever wants it to be; "" where it may be."""
        return self._batches.refusal(source_id)

    def run(self) -> None:
        """All that is due, and all that is new, now."""
        self._batches.publish_soon()
        self.look.soon()
        self.pull.soon()

    def poll(self, source_id: str) -> None:
        """This source, due or not; or the posts, where it is a folder of them."""
        if any(folder.id == source_id for folder in self._batches.app.folders):
            self.look.soon()
            return
        self._asked.add(source_id)
        self.pull.soon()

    def seconds_to_change(self) -> float:
        """Until what is published may change, as far as it is planned."""
        if self.pull.is_at_work:
            return 0
        return ((self._due or utc_now() + timedelta(days=1)) - utc_now()).total_seconds()

    def is_stuck(self) -> bool:
        """Whether something at work came no further for a long time, or pulling should long have begun."""
        at_work = [duty for duty in self.duties if duty.is_at_work]
        overdue = timedelta(0) if self.pull.is_at_work else utc_now() - self.pull.at
        longest = max((duty.idle for duty in at_work), default=timedelta(0))
        return is_stuck(longest, overdue)

    def trouble(self) -> str:
        """Why what is published may be behind, "" where it is not; for everybody's eyes. In any thread."""
        now = utc_now()
        tales = (
            why_late(
                duty.name,
                idle=duty.idle if duty.is_at_work else None,
                overdue=now - duty.at,
                failures=duty.failures,
            )
            for duty in (self.pull, self.look, self.heed)
        )
        return next(filter(None, tales), "")

    # duties

    async def _pull(self, step: Progress) -> datetime:
        asked, self._asked = self._asked, set()
        try:
            batch = await self._told(self._batches.pull(step, asked))
        except BaseException:
            self._asked |= asked
            raise
        self._due = await asyncio.to_thread(self._batches.earliest)
        return next_tick(utc_now(), self._due, was_full=batch.was_full)

    async def _look(self, step: Progress) -> datetime:
        began = utc_now()
        batch = await self._told(self._batches.look(step))
        if batch.is_of_new_config:
            self.pull.soon()  # a new source is asked at once
        return utc_now() + look_again_in(utc_now() - began)

    async def _heed(self, step: Progress) -> datetime:
        await self._told(self._batches.heed(step))
        return utc_now() + HEED_EVERY

    async def _tidy(self, step: Progress) -> datetime:
        count = await self._batches.tidy(step)
        if count:
            self._journal.say(f"{count} old pulls forgotten")
        if pruned := await self._batches.prune(step):
            self._journal.say(f"the content of {pruned} old entries was dropped (retention)")
        return utc_now() + TIDY_EVERY

    async def _told(self, work: Awaitable[Batch]) -> Batch:
        began = time.monotonic()
        batch = await work
        self._journal.batch(batch.report, timedelta(seconds=time.monotonic() - began))
        return batch

    @property
    def duties(self) -> tuple[Job, ...]:
        return self.pull, self.look, self.heed, self.tidy

    def _duty(self, name: str, work: Work, *, first: timedelta = timedelta(0)) -> Job:
        observer = self._batches.app.observer
        duty = Job(name, work, self._plan, self._journal, first=utc_now() + first, observer=observer)
        every = LONGEST_SLEEP.total_seconds()  # where a plan were lost
        self._jobs.add_job(duty.run, "interval", seconds=every, id=name, next_run_time=duty.at)
        return duty

    def _plan(self, duty: Job) -> None:
        self._jobs.modify_job(duty.name, next_run_time=duty.at)
