"""How many take-overs are held, and how many honest changes: `make figures`."""

import pytest

from tests.support.planet import Planet, Upstream
from tests.support.site_histories import recordings, split
from tests.support.site_marks import play

pytestmark = pytest.mark.bench

TUNING, HELD_OUT = "tuning half", "held-out half"


@pytest.mark.parametrize("half", [TUNING, HELD_OUT])
def test_take_overs_are_held_and_honest_changes_are_not(planet: Planet, upstream: Upstream, half: str) -> None:
    """At least 38 of 40 take-overs, at most 2 of 500 honest histories, in each half in proportion."""
    histories = [make() for make in split()[half == HELD_OUT]]
    marks = play(planet, upstream, histories)
    taken = sum(one.taken_over for one in histories)
    honest = len(histories) - taken
    real = "" if recordings() else " (without the corpus)"
    print(f"\n{half}: {taken - len(marks.missed)} of {taken} take-overs held; missed {marks.missed}")
    print(f"{half}: {len(marks.wronged)} of {honest} honest histories held{real}: {marks.wronged}")
    assert len(marks.missed) <= taken // 20
    assert len(marks.wronged) <= max(1, honest // 250)
