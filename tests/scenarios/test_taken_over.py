"""A site that was taken over: its lapsed domain comes back as a casino, and no reader sees it."""

import pytest

from tests.support.planet import Planet, Upstream
from tests.support.site_histories import split
from tests.support.site_marks import play

PORTIONS = 40


@pytest.mark.xfail(reason="no rule looks for it yet", strict=True)
@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("number", range(PORTIONS))
def test_the_marks_of_a_portion(planet: Planet, upstream: Upstream, number: int) -> None:
    """A take-over and some twelve honest histories; `make bench` counts all of them."""
    histories = [one for half in split() for one in half[number::PORTIONS]]
    marks = play(planet, upstream, histories)
    assert not marks.missed
    assert not marks.wronged
