"""When jobs of the daemon run."""

from datetime import timedelta

import pytest

from aggregator.daemon.timing import (
    BATCH_PAUSE,
    FAILING_AFTER,
    GRAIN,
    LATE_AFTER,
    LONGEST_RETRY,
    LONGEST_SLEEP,
    STUCK_AFTER,
    fair_share,
    is_stuck,
    next_local_read,
    next_tick,
    retry_in,
    why_late,
)
from tests.support.planet import NOON

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def host(url: str) -> str:
    return url[0]


def test_every_host_comes_once_before_any_comes_twice() -> None:
    due = [("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"), ("5", "c"), ("6", "b")]
    assert fair_share(due, host) == ["1", "4", "5", "2", "6", "3"]
    assert fair_share(due, host, 3) == ["1", "4", "5"]
    assert fair_share([], host) == []


@pytest.mark.parametrize(
    ("earliest", "was_full", "sleeps"),
    [
        (None, False, LONGEST_SLEEP),
        (NOON + HOUR, False, LONGEST_SLEEP),
        (NOON + 30 * SECOND, False, 30 * SECOND),
        (NOON, False, GRAIN),
        (NOON - HOUR, False, GRAIN),
        (NOON - HOUR, True, BATCH_PAUSE),
        (NOON + 30 * SECOND, True, 30 * SECOND),
    ],
)
def test_the_daemon_sleeps_until_the_first_source_is_due(earliest: object, was_full: bool, sleeps: timedelta) -> None:
    assert next_tick(NOON, earliest, was_full=was_full) == NOON + sleeps  # type: ignore[arg-type]


def test_retries_come_later_each_time() -> None:
    pauses = [retry_in(failures) for failures in range(1, 9)]
    assert pauses[:3] == [5 * SECOND, 10 * SECOND, 20 * SECOND]
    assert pauses == sorted(pauses)
    assert retry_in(10**6) == LONGEST_RETRY


def test_reading_folders_takes_at_most_a_hundredth_of_the_time() -> None:
    assert next_local_read(SECOND / 10) == LONGEST_SLEEP
    assert next_local_read(3 * SECOND) == 300 * SECOND


@pytest.mark.parametrize(
    ("idle", "overdue", "failures", "reason"),
    [
        (None, -HOUR, 0, ""),
        (None, LATE_AFTER, 2, ""),
        (None, 2 * LATE_AFTER, 0, "the schedule is late: pulling should have begun 2 min ago"),
        (STUCK_AFTER, HOUR, 0, ""),
        (STUCK_AFTER + SECOND, -HOUR, 0, "the schedule is stuck: pulling came no step further for 5 min"),
        (None, -HOUR, FAILING_AFTER, "the schedule is late: pulling failed 3 times in a row"),
        (SECOND, -HOUR, 9, "the schedule is late: pulling failed 9 times in a row"),
    ],
)
def test_why_late_names_the_job_and_the_reason(
    idle: timedelta | None, overdue: timedelta, failures: int, reason: str
) -> None:
    assert why_late("pulling", idle=idle, overdue=overdue, failures=failures) == reason


def test_a_job_without_steps_or_long_overdue_is_stuck() -> None:
    none, long = timedelta(0), STUCK_AFTER + SECOND
    assert not is_stuck(STUCK_AFTER, -HOUR)
    assert is_stuck(long, none)
    assert is_stuck(none, long)
