"""Records of many workers on one state, for those who keep it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """`name`: machine:pid; `roles`: with commas; `since`: when it started; `seen`: its last sign of life; `jobs`: that
    it does; `pulls`: since it started."""

    name: str
    roles: str
    since: datetime
    seen: datetime
    jobs: int
    pulls: int


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """A round that is not merged. `at`: its time; `ends`: when it is merged at the latest, None for not before its last
    pull; `waiting`: sources that were not pulled yet."""

    number: int
    at: datetime
    opened: datetime
    ends: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class ShardStatus:
    """A shard with sources in rounds. `waiting`: how many were not pulled yet; `since`: when the first was due;
    `worker`: which one pulls some of them, "" for none; `until`: when its lease ends, unless it is renewed."""

    shard: int
    waiting: int
    since: datetime
    worker: str = ""
    until: datetime | None = None
