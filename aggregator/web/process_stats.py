"""Memory and processor time of child processes, from proc(5) of Linux."""

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from aggregator.events import Children

PROC = Path("/proc")


def children(proc: Path = PROC) -> Children | None:
    """Direct children only. None where the system has no such files."""
    if not (proc / "self/task").is_dir():
        return None
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = [one for number in _numbers(proc) if (one := _costs(proc / number))]
    seconds = own.ru_utime + own.ru_stime + sum(spent for _, spent in found)
    return Children(len(found), sum(resident for resident, _ in found), seconds)


def _numbers(proc: Path) -> Iterator[str]:
    """Process ids of the children of each thread. Skips threads that end meanwhile."""
    for task in (proc / "self/task").iterdir():
        with suppress(OSError):
            yield from (task / "children").read_text().split()


def _costs(process: Path) -> tuple[int, float] | None:
    """Resident bytes and seconds of processor time; None where the process ended meanwhile."""
    try:
        words = (process / "stat").read_text().rpartition(")")[2].split()  # a name may hold anything but the last ")"
    except OSError:
        return None
    ticks = int(words[11]) + int(words[12])
    return int(words[21]) * os.sysconf("SC_PAGE_SIZE"), ticks / os.sysconf("SC_CLK_TCK")
