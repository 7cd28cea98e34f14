"""How long things of workers last, and when one is ready."""

from datetime import timedelta

import pytest

from aggregator.errors import UsageError
from aggregator.workers.readiness import Readiness
from aggregator.workers.timing import FIRST_PAUSE, LONGEST_PAUSE, Timing, next_pause, parse_roles

ZERO, SECOND, MINUTE = timedelta(0), timedelta(seconds=1), timedelta(minutes=1)


def test_roles_are_words_with_commas() -> None:
    assert parse_roles("pull") == ("pull",)
    assert parse_roles("publish, merge,pull") == ("pull", "merge", "publish")


@pytest.mark.parametrize("text", ["", ",", "pull,serve"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="the roles are pull, merge, publish"):
        parse_roles(text)


def test_a_tick_is_a_cron_line() -> None:
    assert Timing().cron == "* * * * * 0"
    assert Timing(tick=5 * SECOND).cron == "* * * * * */5"


def test_pauses_grow_until_the_database_stays() -> None:
    pauses = [ZERO]
    for _ in range(10):
        pauses.append(next_pause(pauses[-1], SECOND))
    assert pauses[1:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    assert next_pause(LONGEST_PAUSE, MINUTE) == FIRST_PAUSE


def test_a_worker_is_ready_while_database_and_jobs_answer() -> None:
    one = Readiness()
    assert one.trouble(0, MINUTE, is_reached=False) == "the queue in the database cannot be reached"
    assert "no sign of life" in one.trouble(0, MINUTE, is_reached=True)
    one.heard(10)
    assert one.trouble(70, MINUTE, is_reached=True) == ""
    assert "no sign of life" in one.trouble(71, MINUTE, is_reached=True)
    for _ in range(3):
        assert one.trouble(20, MINUTE, is_reached=True) == ""
        one.failed("merge", "no room")
    assert one.trouble(20, MINUTE, is_reached=True) == "merge failed 3 times in a row: no room"
    one.succeeded("merge")
    assert one.trouble(20, MINUTE, is_reached=True) == ""
