"""Duties: done again, never twice at once, and never the end of the process."""

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from aggregator.daemon.batches import in_thread
from aggregator.daemon.log import Log, formatter
from aggregator.daemon.scheduler import Job, Work, utc_now
from aggregator.errors import StateError
from aggregator.model.entry import Problem
from aggregator.report import Progress, Report

HOUR = timedelta(hours=1)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """As a person reads them, without their times."""
    shape = formatter(Log(), "console")
    return [shape.format(record).partition(" ")[2] for record in caplog.records]


class Plans(list[datetime]):
    """When a duty wants to be done again."""

    def duty(self, work: Work) -> Job:
        return Job("pulling", work, lambda duty: self.append(duty.at), Log(), first=utc_now())

    def pauses(self) -> list[float]:
        return [round((at - utc_now()).total_seconds()) for at in self]


async def well(_: Progress) -> datetime:
    return utc_now() + HOUR


def test_it_is_planned_for_when_its_work_says(runner: asyncio.Runner) -> None:
    plans = Plans()
    runner.run(plans.duty(well).run())
    assert plans.pauses() == [3600]


def test_who_asks_while_it_is_done_has_it_done_once_more(runner: asyncio.Runner) -> None:
    plans = Plans()

    async def work(_: Progress) -> datetime:
        duty.soon()
        duty.soon()
        return utc_now() + HOUR

    duty = plans.duty(work)
    runner.run(duty.run())
    assert plans.pauses() == [0]
    duty.soon()
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
def test_a_fault_is_told_in_one_line_and_tried_again_later_each_time(
    runner: asyncio.Runner, caplog: pytest.LogCaptureFixture, fault: Exception, line: str
) -> None:
    plans, faults = Plans(), [fault, fault, fault]

    async def work(_: Progress) -> datetime:
        if faults:
            raise faults.pop()
        return utc_now() + HOUR

    duty = plans.duty(work)
    with caplog.at_level(logging.INFO, "aggregator"):
        for _ in range(4):
            runner.run(duty.run())
    assert plans.pauses() == [5, 10, 20, 3600]
    said = [f"[error    ] fault     duty=pulling message='{line}' again_in={pause}" for pause in (5, 10, 20)]
    assert lines(caplog) == said
    faults.append(fault)
    runner.run(duty.run())
    assert plans.pauses()[-1] == 5


def test_what_is_stopped_ends_at_its_next_step_and_plans_no_more(runner: asyncio.Runner) -> None:
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

    async def lived() -> None:
        duty = plans.duty(work)
        task = asyncio.create_task(duty.run())
        await asyncio.to_thread(begun.wait)
        duty.stop()
        await task
        assert (ended.is_set(), list(plans), duty.is_at_work) == (True, [], False)

    runner.run(lived())


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, "aggregator")
    return lambda: lines(caplog)


def test_a_problem_is_told_once_until_it_is_another(told: Callable[[], list[str]]) -> None:
    journal = Log()
    for message in ("refused", "refused", "gone"):
        report = Report()
        report.sources.polled = report.sources.failed = 1
        report.add_problems([Problem("blog", "connect", message, transient=True)])
        journal.batch(report, timedelta(seconds=1))
    warnings = [line for line in told() if line.startswith("[warning")]
    assert warnings == [
        f"[warning  ] problem   source=blog kind=connect message={word}" for word in ("refused", "gone")
    ]
    assert told().count("[info     ] batch     asked=1 failed=1 seconds=1.0") == 3


def test_a_batch_without_news_is_not_told(told: Callable[[], list[str]]) -> None:
    report = Report()
    report.sources.polled = report.sources.unchanged = 9
    Log().batch(report, timedelta(seconds=1))
    assert told() == []
