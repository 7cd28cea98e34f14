"""Jobs run again, never twice at a time, and their errors never end the process."""

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from aggregator.daemon.log import Log, formatter
from aggregator.daemon.scheduler import Job, Work, utc_now
from aggregator.errors import StateError
from aggregator.model.problems import Problem
from aggregator.report import Progress, Report
from aggregator.threads import in_thread

HOUR = timedelta(hours=1)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The text form without timestamps."""
    shape = formatter(Log(), "console")
    return [shape.format(record).partition(" ")[2] for record in caplog.records]


class Plans(list[datetime]):
    """The times for which a job was planned."""

    def job(self, work: Work) -> Job:
        return Job("pulling", work, lambda job: self.append(job.at), Log(), first=utc_now())

    def pauses(self) -> list[float]:
        return [round((at - utc_now()).total_seconds()) for at in self]


async def succeed(_: Progress) -> datetime:
    return utc_now() + HOUR


def test_a_job_is_planned_for_the_time_its_work_returns(runner: asyncio.Runner) -> None:
    plans = Plans()
    runner.run(plans.job(succeed).run())
    assert plans.pauses() == [3600]


def test_soon_during_a_run_makes_it_run_once_more(runner: asyncio.Runner) -> None:
    plans = Plans()

    async def work(_: Progress) -> datetime:
        job.soon()
        job.soon()
        return utc_now() + HOUR

    job = plans.job(work)
    runner.run(job.run())
    assert plans.pauses() == [0]
    job.soon()
    assert plans.pauses() == [0, 0]


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (
            StateError("no room left on the disk\nfor the state"),
            "no room left on the disk for the state",
        ),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
    ],
)
def test_a_failure_logs_one_line_and_is_retried_later_each_time(
    runner: asyncio.Runner, caplog: pytest.LogCaptureFixture, fault: Exception, line: str
) -> None:
    plans, faults = Plans(), [fault, fault, fault]

    async def work(_: Progress) -> datetime:
        if faults:
            raise faults.pop()
        return utc_now() + HOUR

    job = plans.job(work)
    with caplog.at_level(logging.INFO, "aggregator"):
        for _ in range(4):
            runner.run(job.run())
    assert plans.pauses() == [5, 10, 20, 3600]
    expected = [f"[error    ] fault     duty=pulling message='{line}' again_in={pause}" for pause in (5, 10, 20)]
    assert lines(caplog) == expected
    faults.append(fault)
    runner.run(job.run())
    assert plans.pauses()[-1] == 5


def test_a_stopped_job_ends_at_its_next_step_and_plans_nothing(runner: asyncio.Runner) -> None:
    plans, begun, ended = Plans(), threading.Event(), threading.Event()

    def steps(step: Progress) -> None:
        try:
            while True:
                begun.set()
                step("a")
        finally:
            ended.set()

    async def work(step: Progress) -> datetime:
        await in_thread(partial(steps, step))
        return utc_now()

    async def run_job() -> None:
        job = plans.job(work)
        task = asyncio.create_task(job.run())
        await asyncio.to_thread(begun.wait)
        job.stop()
        await task
        assert (ended.is_set(), list(plans), job.is_running) == (True, [], False)

    runner.run(run_job())


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, "aggregator")
    return lambda: lines(caplog)


def test_a_problem_is_logged_once_until_it_changes(logged: Callable[[], list[str]]) -> None:
    log = Log()
    for message in ("refused", "refused", "gone"):
        report = Report()
        report.sources.polled = report.sources.failed = 1
        report.add_problems([Problem("blog", "connect", message, transient=True)])
        log.batch(report, timedelta(seconds=1))
    warnings = [line for line in logged() if line.startswith("[warning")]
    assert warnings == [
        f"[warning  ] problem   source=blog kind=connect message={word}" for word in ("refused", "gone")
    ]
    assert logged().count("[info     ] batch     asked=1 failed=1 seconds=1.0") == 3


def test_a_batch_without_changes_is_not_logged(logged: Callable[[], list[str]]) -> None:
    report = Report()
    report.sources.polled = report.sources.unchanged = 9
    Log().batch(report, timedelta(seconds=1))
    assert logged() == []
