"""When a hub is relied on, and what that changes."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.polling import NextPoll, PollState, Schedule, poll_after_answer, poll_after_failure
from aggregator.polling.hub_trust import is_proved, is_silent
from aggregator.polling.jitter import MOST

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HUB = 6 * HOUR


def test_three_make_a_habit() -> None:
    assert [is_proved(told) for told in range(5)] == [False, False, False, True, True]
    assert [is_silent(missed) for missed in range(5)] == [False, False, False, True, True]


def poll(every: timedelta | str | None, *, is_proved: bool = True) -> NextPoll:
    known = PollState("blog", Schedule(every), status=200, hub_proved=is_proved)
    return poll_after_answer(known, NOW, status=200, headers={}, published=[])


@pytest.mark.parametrize(
    ("every", "wait", "why"),
    [
        (None, HUB, "hub"),
        (HOUR, HUB, "hub"),
        (HUB, HUB, "interval"),  # as rarely as that anyway
        (DAY, DAY, "interval"),
        ("0 * * * *", HOUR, "cron"),
    ],
)
def test_a_hub_that_is_relied_on_makes_polls_rare(every: timedelta | str | None, wait: timedelta, why: str) -> None:
    found = poll(every)
    assert timedelta(0) <= found.next_poll_at - NOW - wait <= MOST
    assert found.why == why


def test_a_run_polls_when_the_schedule_says() -> None:
    """It listens to no hub. Nor does the schedule forget when that would be: it is that of the first miss."""
    assert poll(HOUR).turn.at == poll(HOUR, is_proved=False).turn.at == NOW + HOUR


def test_a_failure_is_tried_again_as_soon_as_without_a_hub() -> None:
    known = PollState("blog", Schedule(HOUR), status=200, hub_proved=True)
    assert poll_after_failure(known, NOW, status=500).next_poll_at < NOW + 2 * HOUR
