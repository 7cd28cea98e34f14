"""When a flood of old entries waits: a pure rule."""

from datetime import datetime, timedelta

import pytest

from aggregator.polling.flood_guard import Habits, suspicious
from tests.support.planet import NOON

OLD, NEW = NOON - timedelta(days=400), NOON + timedelta(hours=1)
KNOWN = Habits(changed_pulls=5, most_new=2, newest=NOON)


def claims(*, old: int = 0, undated: int = 0, new: int = 0) -> list[datetime | None]:
    return [*[OLD] * old, *[None] * undated, *[NEW] * new]


@pytest.mark.parametrize(
    ("habits", "shown", "held"),
    [
        pytest.param(KNOWN, claims(old=11), 11, id="more than five times the most"),
        pytest.param(KNOWN, claims(old=10), 0, id="five times the most"),
        pytest.param(KNOWN, claims(undated=11), 11, id="undated ones"),
        pytest.param(KNOWN, claims(old=6, undated=6, new=12), 12, id="half of them; the new ones go on"),
        pytest.param(KNOWN, claims(old=11, new=12), 0, id="fewer than half"),
        pytest.param(KNOWN, claims(new=500), 0, id="a busy day"),
        pytest.param(Habits(4, 2, NOON), claims(old=500), 0, id="a source that is hardly known"),
        pytest.param(Habits(9, 100, NOON), claims(old=500), 0, id="a source that often brings a hundred"),
        pytest.param(Habits(9, 0, NOON), claims(old=5), 0, id="five are few"),
        pytest.param(Habits(9, 0, NOON), claims(old=6), 6, id="six are not"),
        pytest.param(Habits(9, 0, None), claims(old=6), 0, id="nothing is older than what never was"),
        pytest.param(Habits(9, 0, None), claims(undated=6), 6, id="nor dated"),
        pytest.param(KNOWN, [], 0, id="nothing"),
    ],
)
def test_a_known_source_that_brings_a_flood_of_old_entries(
    habits: Habits, shown: list[datetime | None], held: int
) -> None:
    places = suspicious(habits, shown)
    assert len(places) == held
    assert all(shown[place] is None or shown[place] == OLD for place in places)
