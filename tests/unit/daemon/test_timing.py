"""When a daemon does what."""

from datetime import timedelta

import pytest

from aggregator.daemon.timing import (
    BREATH,
    GRAIN,
    LATE_AFTER,
    LONGEST_RETRY,
    LONGEST_SLEEP,
    STUCK_AFTER,
    SURE_AFTER,
    fair_share,
    is_stuck,
    look_again_in,
    next_tick,
    retry_in,
    why_late,
)
from tests.support.planet import NOON

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def host(url: str) -> str:
    return url[0]


def test_every_host_has_its_turn_before_one_has_its_second() -> None:
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
        (NOON - HOUR, True, BREATH),
        (NOON + 30 * SECOND, True, 30 * SECOND),
    ],
)
def test_it_sleeps_until_the_first_is_due(earliest: object, was_full: bool, sleeps: timedelta) -> None:
    assert next_tick(NOON, earliest, was_full=was_full) == NOON + sleeps  # type: ignore[arg-type]


def test_after_a_fault_it_tries_again_later_each_time() -> None:
    pauses = [retry_in(failures) for failures in range(1, 9)]
    assert pauses[:3] == [5 * SECOND, 10 * SECOND, 20 * SECOND]
    assert pauses == sorted(pauses)
    assert retry_in(10**6) == LONGEST_RETRY


def test_folders_are_read_for_no_more_than_a_hundredth_of_the_time() -> None:
    assert look_again_in(SECOND / 10) == LONGEST_SLEEP
    assert look_again_in(3 * SECOND) == 300 * SECOND


@pytest.mark.parametrize(
    ("idle", "overdue", "failures", "said"),
    [
        (None, -HOUR, 0, ""),
        (None, LATE_AFTER, 2, ""),
        (None, 2 * LATE_AFTER, 0, "the schedule is late: pulling should have begun 2 min ago"),
        (STUCK_AFTER, HOUR, 0, ""),
        (STUCK_AFTER + SECOND, -HOUR, 0, "the schedule is stuck: pulling came no step further for 5 min"),
        (None, -HOUR, SURE_AFTER, "the schedule is late: pulling failed 3 times in a row"),
        (SECOND, -HOUR, 9, "the schedule is late: pulling failed 9 times in a row"),
    ],
)
def test_who_relies_on_the_schedule_is_told_when_not_to(
    idle: timedelta | None, overdue: timedelta, failures: int, said: str
) -> None:
    assert why_late("pulling", idle=idle, overdue=overdue, failures=failures) == said


def test_what_comes_no_further_or_does_not_begin_is_stuck() -> None:
    none, long = timedelta(0), STUCK_AFTER + SECOND
    assert not is_stuck(STUCK_AFTER, -HOUR)
    assert is_stuck(long, none)
    assert is_stuck(none, long)
