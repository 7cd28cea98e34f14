"""When a source that we know well suddenly brings many old posts as new ones, they wait. Pure.

A flood is what a migration looks like whose guids, links and texts all changed: nothing tells its entries from old
ones but their dates and their number. They are held for a day, so that a person can look; then they come in, each at
the place of its date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

KNOWN_AFTER = 5  # changed pulls, from which on a source's habits are known
FEW = 5
TIMES_THE_MOST = 5
RELEASED_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Habits:
    """A source before a pull: how many pulls changed something, the most new entries in one after its first, and when
    its newest entry was published (None where it has none)."""

    changed_pulls: int
    most_new: int
    newest: datetime | None


def suspicious(habits: Habits, claims: Sequence[datetime | None]) -> list[int]:
    """The places in `claims` (when each unmatched entry says it was published, None where it does not say) of those
    that are to be held: undated or older than the newest known one, if most of a flood are. [] where it is none."""
    if habits.changed_pulls < KNOWN_AFTER or len(claims) <= max(FEW, TIMES_THE_MOST * habits.most_new):
        return []
    newest = habits.newest
    old = [i for i, claim in enumerate(claims) if claim is None or (newest is not None and claim < newest)]
    return old if 2 * len(old) >= len(claims) else []
