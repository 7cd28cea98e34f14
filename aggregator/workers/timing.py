"""How long things of many workers last. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from aggregator.errors import UsageError

Role = Literal["pull", "merge", "publish"]
ROLES: tuple[Role, ...] = get_args(Role)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=30)
MOST_OF_A_HOST = 100_000  # sources in rounds at a time
LONG_RUN = timedelta(minutes=1)  # a connection that lasted so long was good


def parse_roles(text: str) -> tuple[Role, ...]:
    """The roles of a list with commas, in the order of the stages. Raises UsageError."""
    words = {word.strip() for word in text.split(",")} - {""}
    if wrong := sorted(words - set(ROLES)):
        raise UsageError(f"there is no role {wrong[0]!r}; the roles are {', '.join(ROLES)}")
    if not words:
        raise UsageError(f"--roles names no role; the roles are {', '.join(ROLES)}")
    return tuple(role for role in ROLES if role in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`tick`: between two rounds, in whole seconds that divide a minute; `round_lasts`: until a round is merged at the
    latest, None for not before its last pull has ended; `lease`: of sources and hosts, renewed three times in it;
    `budget`: how long one job goes on to lease sources of its shard; `heartbeat`: between two signs of life of a
    worker; `stalled`: without one for so long it counts as dead; `graceful`: that jobs have to end when it stops."""

    tick: timedelta = timedelta(minutes=1)
    round_lasts: timedelta | None = timedelta(minutes=5)
    lease: timedelta = timedelta(minutes=2)
    budget: timedelta = timedelta(seconds=50)
    heartbeat: timedelta = timedelta(seconds=10)
    stalled: timedelta = timedelta(seconds=30)
    graceful: timedelta = timedelta(seconds=8)

    @property
    def cron(self) -> str:
        """The tick as a cron line with a sixth field, of seconds."""
        seconds = int(self.tick.total_seconds())
        return "* * * * * 0" if seconds >= 60 else f"* * * * * */{seconds}"

    @property
    def renewal(self) -> timedelta:
        return self.lease / 3


def next_pause(before: timedelta, lasted: timedelta) -> timedelta:
    """The pause before the database is asked again. `before`: the pause before the last try, zero for none; `lasted`:
    how long it then worked."""
    return FIRST_PAUSE if not before or lasted >= LONG_RUN else min(2 * before, LONGEST_PAUSE)
