"""Which round is merged, and when."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.polling.rounds import INSTANT, Round, most_of_a_host, next_time, to_merge

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_round(number: int, *, waiting: int = 0, ends: timedelta | None = None) -> Round:
    return Round(number, NOON + number * MINUTE, NOON, NOON + ends if ends else None, waiting)


def numbers(rounds: list[Round], now: datetime = NOON) -> list[int]:
    return [one.number for one in to_merge(rounds, now)]


def test_a_round_is_merged_when_all_its_pulls_have_ended() -> None:
    assert numbers([a_round(1)]) == [1]
    assert numbers([a_round(1, waiting=1)]) == []


def test_a_round_is_merged_when_its_time_is_up() -> None:
    late = a_round(1, waiting=5, ends=MINUTE)
    assert numbers([late], NOON + MINUTE - INSTANT) == []
    assert numbers([late], NOON + MINUTE) == [1]


def test_rounds_are_merged_in_the_order_in_which_they_were_opened() -> None:
    assert numbers([a_round(3), a_round(1), a_round(2)]) == [1, 2, 3]
    assert numbers([a_round(2), a_round(1, waiting=1)]) == []
    assert numbers([a_round(1), a_round(2, waiting=1), a_round(3)]) == [1]


def test_no_two_rounds_share_a_time() -> None:
    assert next_time(NOON, None) == NOON
    assert next_time(NOON, NOON) == NOON + INSTANT
    assert next_time(NOON - MINUTE, NOON) == NOON + INSTANT
    assert next_time(NOON + MINUTE, NOON) == NOON + MINUTE


def test_a_round_takes_of_a_host_what_the_host_may_be_asked_for() -> None:
    second = timedelta(seconds=1)
    assert most_of_a_host(second, MINUTE, 10_000) == 120
    assert most_of_a_host(timedelta(hours=1), MINUTE, 10_000) == 1
    assert most_of_a_host(timedelta(0), MINUTE, 10_000) == 10_000
    assert most_of_a_host(second, MINUTE, 100) == 100


@given(st.permutations(range(8)), st.lists(st.integers(0, 2), min_size=8, max_size=8))
def test_what_is_merged_does_not_depend_on_the_order_of_answers(order: list[int], waiting: list[int]) -> None:
    rounds = [a_round(number, waiting=waiting[number]) for number in order]
    merged = numbers(rounds)
    assert merged == list(range(len(merged)))
    assert not any(waiting[number] for number in merged)
    assert len(merged) == 8 or waiting[len(merged)]
