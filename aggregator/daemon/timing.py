"""When jobs of the daemon run. Pure.

The daemon sleeps until the next source is due. Retries after errors come later each time; sources that are due together
are spread over batches.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import chain, zip_longest

GRAIN = timedelta(seconds=1)  # sources that are due within it are polled together
LONGEST_SLEEP = timedelta(minutes=1)  # the clock may be set, and the machine may sleep
BATCH_SIZE = 500  # sources
BATCH_PAUSE = timedelta(seconds=5)  # between full batches
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
STUCK_AFTER = timedelta(minutes=5)  # without a step
LATE_AFTER = timedelta(minutes=1)  # after its planned time
FAILING_AFTER = 3  # errors in a row; fewer pass by themselves


def fair_share(due: Iterable[tuple[str, str]], host_of: Callable[[str], str], most: int = BATCH_SIZE) -> list[str]:
    """The ids of the sources to poll next. `due`: (id, url), the most urgent first. Takes one source of each host
    before the second of any, so that a host with many sources does not delay others."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for id_, url in due:
        by_host[host_of(url)].append(id_)
    rounds = chain.from_iterable(zip_longest(*by_host.values()))
    return [id_ for id_ in rounds if id_ is not None][:most]


def next_tick(now: datetime, earliest: datetime | None, *, was_full: bool) -> datetime:
    """`earliest`: when the next source is due, None where none is; `was_full`: the batch had BATCH_SIZE sources."""
    soonest = now + (BATCH_PAUSE if was_full else GRAIN)
    return min(max(earliest or now + LONGEST_SLEEP, soonest), now + LONGEST_SLEEP)


def retry_in(failures: int) -> timedelta:
    """The pause after so many failures in a row."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 10)), LONGEST_RETRY)


def next_local_read(took: timedelta) -> timedelta:
    """The pause before folders are read again unasked; reading takes at most a hundredth of the time."""
    return max(LONGEST_SLEEP, took * 100)


def is_stuck(idle: timedelta, overdue: timedelta) -> bool:
    """`idle`: since the last step of a running job; `overdue`: since a job should have started."""
    return max(idle, overdue) > STUCK_AFTER


def why_late(job: str, *, idle: timedelta | None, overdue: timedelta, failures: int) -> str:
    """Why the work of a job is late, as a sentence; "" where it is not. `idle`: since its last step, None where it does
    not run; `overdue`: since it should have started; `failures`: in a row."""
    if failures >= FAILING_AFTER:
        return f"the schedule is late: {job} failed {failures} times in a row"
    if idle is not None:
        return f"the schedule is stuck: {job} came no step further for {_minutes(idle)}" if idle > STUCK_AFTER else ""
    return f"the schedule is late: {job} should have begun {_minutes(overdue)} ago" if overdue > LATE_AFTER else ""


def _minutes(time: timedelta) -> str:
    return f"{time.total_seconds() / 60:.0f} min"
