"""When a hub or a callback that failed is asked again."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.websub.retries import FIRST, GIVEN_UP_AFTER, LATEST_RETRY_AFTER, LONGEST, is_given_up, next_attempt
from tests.support.planet import NOON

HOUR = timedelta(hours=1)


@given(st.integers(1, 10_000))
def test_each_pause_is_longer_up_to_the_longest(failures: int) -> None:
    pause = next_attempt(failures, NOON) - NOON
    assert FIRST <= pause <= LONGEST
    assert pause <= next_attempt(failures + 1, NOON) - NOON
    assert pause == LONGEST or pause == FIRST * 2 ** (failures - 1)


@given(st.integers(1, 30), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_pause_that_was_asked_for_counts_where_it_is_longer(failures: int, asked: timedelta) -> None:
    pause = next_attempt(failures, NOON, asked) - NOON
    assert pause == max(next_attempt(failures, NOON) - NOON, min(asked, LATEST_RETRY_AFTER))


def test_a_week_of_failures_is_enough() -> None:
    assert not is_given_up(NOON, NOON + GIVEN_UP_AFTER - HOUR)
    assert is_given_up(NOON, NOON + GIVEN_UP_AFTER)
