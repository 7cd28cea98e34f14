"""Holds a flood: many old posts that a well-known source suddenly shows as new. Pure.

A migration that changes guids, links and texts looks like this: only dates and number give its entries away. They are
held, so that a person can decide. After a day each stands at the place of its date, on pages and in archives only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

KNOWN_AFTER = 5  # changed pulls after which a source's habits are known
FEW = 5
TIMES_THE_MOST = 5
SEALED_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Habits:
    """A source before a pull. `changed_pulls`: how many pulls changed something; `most_new`: most new entries of one
    pull after the first; `newest`: when the newest entry was published, None without entries."""

    changed_pulls: int
    most_new: int
    newest: datetime | None = None

    def are_exceeded(self, new: int) -> bool:
        """Whether so many new entries are more than the source, which is known, ever brought. It needs no `newest`."""
        return self.changed_pulls >= KNOWN_AFTER and new > max(FEW, TIMES_THE_MOST * self.most_new)


def suspicious(habits: Habits, claims: Sequence[datetime | None]) -> list[int]:
    """Indexes in `claims` of the entries to hold; [] if this is no flood. `claims` are the publication dates of the
    unmatched entries, None if undated. In a flood at least half are undated or older than the newest known entry:
    these are held."""
    if not habits.are_exceeded(len(claims)):
        return []
    newest = habits.newest
    old = [i for i, claim in enumerate(claims) if claim is None or (newest is not None and claim < newest)]
    return old if 2 * len(old) >= len(claims) else []
