"""A permanent redirect is believed after three equal answers over three days; a host is left alone when it refuses a
second source. Pure.
"""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.polling import (
    Move,
    Refusals,
    after_answer,
    after_fault,
    after_good_answer,
    after_refusal,
    is_refusal,
    refuse,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME, NEW, OTHER = "https://a.example/feed", "https://b.example/feed", "https://c.example/feed"


STAYED = Move()


def after(*story: tuple[float, str | int], move: Move = STAYED) -> Move:
    """(day, where its permanent redirects led, "" for none) or (day, status of a fault), in order."""
    for day, said in story:
        at = NOON + day * DAY
        move = after_fault(move, said, 1) if isinstance(said, int) else after_answer(move, HOME, said, at)
    return move


@pytest.mark.parametrize(
    ("story", "asked"),
    [
        ([(0, NEW), (1, NEW), (3, NEW)], NEW),
        ([(0, NEW), (1, NEW), (2.99, NEW)], ""),
        ([(0, NEW), (3, NEW)], ""),
        ([(0, NEW), (3, NEW), (3.1, NEW)], NEW),
        ([(n / 24, NEW) for n in range(72)], ""),
        ([(n / 24, NEW) for n in range(73)], NEW),
        ([(0, NEW), (1, ""), (2, NEW), (3, NEW), (4, NEW)], ""),
        ([(0, NEW), (1, ""), (2, NEW), (3, NEW), (5, NEW)], NEW),
        ([(0, NEW), (1, OTHER), (3, NEW), (4, NEW)], ""),
        ([(0, NEW), (1, OTHER), (2, OTHER), (4, OTHER)], OTHER),
        ([(0, NEW), (1, 404), (3, NEW), (4, NEW)], ""),
        ([(0, NEW), (1, 503), (2, NEW), (3, NEW), (5, NEW)], NEW),
        ([(0, NEW), (1, 0), (2, 0), (3, NEW), (4, NEW)], NEW),
        ([(day, f"{NEW}?session={day}") for day in range(9)], ""),
    ],
)
def test_three_equal_answers_over_three_days(story: list[tuple[float, str | int]], asked: str) -> None:
    assert after(*story).url == asked


def test_answers_are_counted_as_status_shows_them() -> None:
    assert after((0, NEW)) == Move(target=NEW, since=NOON, answers=1)
    assert after((0, NEW), (1, NEW), (2, NEW)) == Move(target=NEW, since=NOON, answers=3)
    assert after((0, NEW), (1, OTHER)) == Move(target=OTHER, since=NOON + DAY, answers=1)
    assert after((0, NEW), (1, "")) == after((0, NEW), (1, 404)) == Move()


def test_an_address_that_moved_may_move_again_or_come_home() -> None:
    there = Move(url=NEW)
    assert after((0, OTHER), (1, OTHER), (3, OTHER), move=there).url == OTHER
    assert after((0, HOME), (1, HOME), (3, HOME), move=there) == Move()
    assert after((0, ""), (9, ""), move=there) == there


def test_one_that_fails_where_the_config_names_another_is_given_up() -> None:
    there = Move(url=NEW)
    assert [after_fault(there, 500, failures).url for failures in (1, 2, 3)] == [NEW, NEW, ""]
    assert [after_fault(there, 0, failures).url for failures in (1, 2, 3)] == [NEW, NEW, ""]
    assert after_fault(there, 410, 1).url == ""


def test_where_a_person_did_not_want_to_go_is_never_gone_again() -> None:
    back = refuse(Move(url=NEW))
    assert after(*((day, NEW) for day in range(30)), move=back).url == ""
    assert after(*((day, OTHER) for day in range(4)), move=back) == Move(url=OTHER, refused=NEW)
    assert refuse(Move(target=NEW, since=NOON, answers=2)) == Move(refused=NEW)


@pytest.mark.parametrize(
    ("status", "retry_after", "expected"),
    [
        (429, None, True),
        (429, HOUR, True),
        (503, HOUR, True),
        (503, None, False),
        (500, HOUR, False),
        (403, None, False),
    ],
)
def test_what_is_a_refusal(status: int, retry_after: timedelta | None, expected: bool) -> None:
    assert is_refusal(status, retry_after) is expected


def refused(*story: tuple[float, str, float | None]) -> Refusals:
    """(hour, source, hours of Retry-After)."""
    found: Refusals | None = None
    for hour, source, asked in story:
        found = after_refusal(found, source, NOON + hour * HOUR, None if asked is None else asked * HOUR)
    assert found
    return found


@pytest.mark.parametrize(
    ("story", "until"),
    [
        ([(0, "a", None)], None),
        ([(0, "a", 2), (2, "a", 2), (4, "a", 2)], None),
        ([(0, "a", None), (0, "b", None)], 0.25),
        ([(0, "a", None), (1, "b", 3)], 4),
        ([(0, "a", 3), (1, "b", None)], 3),
        ([(0, "a", None), (0, "b", None), (0.25, "a", None)], 0.75),
        ([(0, "a", None), (0, "b", None), (0.25, "a", None), (0.75, "c", None)], 1.75),
        ([(0, "a", None), (0, "b", None), (0.1, "c", None), (0.1, "d", None)], 0.25),
        ([(0, "a", None), (0, "b", None), (0.1, "c", 5)], 5.1),
        ([(0, "a", None), (25, "b", None)], None),
        ([(0, "a", None), (0, "b", None), (25, "c", None)], None),
        ([(0, "a", 1000), (0, "b", None)], 168),
    ],
)
def test_a_host_is_left_alone_from_the_second_source_on(
    story: list[tuple[float, str, float | None]], until: float | None
) -> None:
    assert refused(*story).until == (None if until is None else NOON + until * HOUR)


def test_a_good_answer_forgets_it_all_but_not_in_the_middle_of_a_pause() -> None:
    assert after_good_answer(refused((0, "a", 5)), NOON + HOUR) is None
    paused = refused((0, "a", None), (0, "b", 2))
    assert after_good_answer(paused, NOON + HOUR) == paused
    assert after_good_answer(paused, NOON + 2 * HOUR) is None
