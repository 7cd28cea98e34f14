"""Rounds: sources that are due together, and are merged together whichever worker pulled them, and when.

A round has one time, which is when its entries were first seen. Rounds are merged in the order in which they were
opened, each once all of its pulls have ended or its time is up. So the result does not depend on who answered first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Round:
    """`at`: its time; `ends_at`: when it is merged at the latest, None for not before its last pull has ended;
    `waiting`: how many of its sources were not pulled yet."""

    number: int
    at: datetime
    opened_at: datetime
    ends_at: datetime | None
    waiting: int = 0

    def is_complete(self, now: datetime) -> bool:
        return not self.waiting or (self.ends_at is not None and now >= self.ends_at)


def to_merge(rounds: Iterable[Round], now: datetime) -> list[Round]:
    """The rounds to merge now, of those that are not merged, in their order: a complete one waits for those that were
    opened before it."""
    return list(takewhile(lambda one: one.is_complete(now), sorted(rounds, key=lambda one: one.number)))


def next_time(now: datetime, newest: datetime | None) -> datetime:
    """The time of a new round. No two rounds share one, and none is earlier than the one before, whatever the clock
    says. `newest`: the time of the newest round, None for none."""
    return now if newest is None else max(now, newest + INSTANT)


def most_of_a_host(gap: timedelta, tick: timedelta, most: int) -> int:
    """How many sources of one host are in rounds at a time: as many as the host may be asked for in two ticks, from 1
    to `most`. The others wait for the next round, so that one platform with a hundred thousand feeds does not hold up
    the round of all others, and always has something to answer."""
    return min(max(2 * tick // gap, 1), most) if gap else most
