"""The extra wait, which spreads sources that are due together."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model.poll_hints import PollHints
from aggregator.polling import PollState, Schedule, poll_after_answer
from aggregator.polling.jitter import jitter

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("wait", "is_first", "most"),
    [
        (20 * MINUTE, False, 2 * MINUTE),
        (10 * HOUR, False, 5 * MINUTE),
        (20 * MINUTE, True, 10 * MINUTE),
        (10 * HOUR, True, 30 * MINUTE),
    ],
)
def test_sources_spread_over_all_of_it(wait: timedelta, most: timedelta, *, is_first: bool) -> None:
    found = [jitter(f"source {n}", NOON, wait, is_first=is_first) for n in range(1000)]
    assert timedelta(0) <= min(found) < 0.01 * most
    assert 0.99 * most < max(found) < most


def test_what_is_due_already_waits_no_longer() -> None:
    assert jitter("blog", NOON, -HOUR) == jitter("blog", NOON, timedelta(0)) == timedelta(0)


def test_it_is_another_for_each_source_and_each_time() -> None:
    found = {jitter(source, NOON + n * MINUTE, HOUR) for source in ("blog", "news") for n in range(10)}
    assert len(found) == 20


def test_jitter_into_skipped_hours_stands_behind_them() -> None:
    """Else all sources that skip an hour would be asked at its end."""
    at = NOON - 2 * MINUTE
    hints = PollHints(skip_hours=(12, 13))
    polls = []
    for n in range(50):
        known = PollState(f"{n}", Schedule(every=HOUR), hints=hints)
        polls.append(poll_after_answer(known, at - HOUR, status=304, headers={}, published=[]).next_poll_at)
    before, behind = ([one for one in polls if (one < NOON) is is_before] for is_before in (True, False))
    assert before
    assert all(at <= one < NOON for one in before)
    assert len(set(behind)) == len(behind) > 1
    assert all(NOON + 2 * HOUR < one < NOON + 2 * HOUR + 5 * MINUTE for one in behind)
