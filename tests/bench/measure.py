"""What commands cost: processor time of the whole tree of processes, and time by the clock.

`python -m tests.bench.measure FILE COMMAND…` runs one command and writes what it cost to FILE.
"""

import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.support import paths

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2): processes whose parent ended become children of this one


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds: `cpu` is user and system time together."""

    cpu: float
    wall: float


def spent(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Spent:
    """Runs the command to its end. Its processor time is RUSAGE_CHILDREN of a process that starts this command alone
    and waits for everything that it leaves behind: processes that the command started and waited for are in it."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        words = [sys.executable, "-m", "tests.bench.measure", file.name, *map(str, command)]
        every = os.environ | {"PYTHONPATH": str(paths.PROJECT)} | dict(environment or {})
        done = subprocess.run(words, env=every, cwd=paths.PROJECT, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return Spent(**json.load(file))


def run_step(module: str, *words: str | Path) -> Spent:
    """Runs a module of `tests.bench.steps` or `.peers` in a process of its own; returns what it says that the measured
    part of its work cost."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, words)]
    every = os.environ | {"PYTHONPATH": str(paths.PROJECT)}
    done = subprocess.run(command, env=every, cwd=paths.PROJECT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return Spent(**json.loads(done.stdout.splitlines()[-1]))


def print_spent(work: Callable[[], object]) -> None:
    """For a step in a process of its own: what `work` cost, with the processes that it started and waited for."""
    before, began = os.times(), time.perf_counter()
    work()
    wall, after = time.perf_counter() - began, os.times()
    print(json.dumps(asdict(Spent(sum(after[:4]) - sum(before[:4]), wall))))


def interleaved(rounds: int, *works: Callable[[int], Spent]) -> list[list[Spent]]:
    """Each work `rounds` times, A B A B …, so that what else the machine does meets all of them; the argument is the
    round, from 1. Returns the costs of each work."""
    costs: list[list[Spent]] = [[] for _ in works]
    for number in range(1, rounds + 1):
        for work, found in zip(works, costs, strict=True):
            found.append(work(number))
    return costs


def median(values: Sequence[Spent]) -> Spent:
    return Spent(statistics.median(one.cpu for one in values), statistics.median(one.wall for one in values))


def _main(file: str, *command: str) -> None:
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    began = time.perf_counter()
    status = subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode
    wall = time.perf_counter() - began
    try:
        while True:
            os.wait()
    except ChildProcessError:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    Path(file).write_text(json.dumps(asdict(Spent(usage.ru_utime + usage.ru_stime, wall))))
    sys.exit(status)


if __name__ == "__main__":
    _main(*sys.argv[1:])
