"""When a daemon does what. Pure: what is due and a time in, a time out.

The state knows when each source is due; the daemon sleeps until the first of them is. What it does again after a fault
comes later each time, and what is due all at once is spread.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import chain, zip_longest

GRAIN = timedelta(seconds=1)  # sources that are due within it are asked together
LONGEST_SLEEP = timedelta(minutes=1)  # clocks are set, and machines put to sleep
MOST_AT_ONCE = 500  # sources in one batch
BREATH = timedelta(seconds=5)  # between full batches
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
STUCK_AFTER = timedelta(minutes=5)  # without a step forward
LATE_AFTER = timedelta(minutes=1)  # that something should have begun
SURE_AFTER = 3  # faults in a row: fewer pass by themselves


def fair_share(due: Iterable[tuple[str, str]], host_of: Callable[[str], str], most: int = MOST_AT_ONCE) -> list[str]:
    """The ids of those that are asked next. `due`: (id, url), the most urgent first. Each host has its turn before one
    has its second, so that a host with many sources keeps nobody waiting but itself."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for id_, url in due:
        by_host[host_of(url)].append(id_)
    rounds = chain.from_iterable(zip_longest(*by_host.values()))
    return [id_ for id_ in rounds if id_ is not None][:most]


def next_tick(now: datetime, earliest: datetime | None, *, was_full: bool) -> datetime:
    """`earliest`: when the next source is due, None where none ever is; `was_full`: the batch took no more."""
    soonest = now + (BREATH if was_full else GRAIN)
    return min(max(earliest or now + LONGEST_SLEEP, soonest), now + LONGEST_SLEEP)


def retry_in(failures: int) -> timedelta:
    """After that many faults in a row."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 10)), LONGEST_RETRY)


def look_again_in(took: timedelta) -> timedelta:
    """Until folders are read again without being told of a change: never for more than a hundredth of the time."""
    return max(LONGEST_SLEEP, took * 100)


def is_stuck(idle: timedelta, overdue: timedelta) -> bool:
    """`idle`: since the last step of what is at work; `overdue`: since when something else should be."""
    return max(idle, overdue) > STUCK_AFTER


def why_late(duty: str, *, idle: timedelta | None, overdue: timedelta, failures: int) -> str:
    """Why nobody should rely on what a duty does, in a sentence; "" where it is as it should be. `idle`: since its last
    step, None where it is not at work; `overdue`: since when it should be; `failures`: in a row."""
    if failures >= SURE_AFTER:
        return f"the schedule is late: {duty} failed {failures} times in a row"
    if idle is not None:
        return f"the schedule is stuck: {duty} came no step further for {_said(idle)}" if idle > STUCK_AFTER else ""
    return f"the schedule is late: {duty} should have begun {_said(overdue)} ago" if overdue > LATE_AFTER else ""


def _said(time: timedelta) -> str:
    return f"{time.total_seconds() / 60:.0f} min"
