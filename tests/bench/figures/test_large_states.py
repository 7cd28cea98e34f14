"""Memory and explanations in states of many entries: `make figures`."""

import os
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from aggregator.explain import explain
from aggregator.pipeline import merge
from aggregator.report import Report
from tests.bench.figures.timing import timed
from tests.bench.large_state import arrive, known, move_to, news
from tests.bench.measure import Spent, interleaved, run_step
from tests.bench.size import sized
from tests.support.planet import NOON
from tests.support.postgresql import Server

pytestmark = pytest.mark.bench

# What a process needs at most, its children's and its parent's not counted (proc(5), VmHWM).
PROGRAM = """
import atexit, re
from aggregator.cli import main
atexit.register(lambda: print(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]))
main()
"""


def test_a_hundred_thousand_entries_in_memory(tmp_path: Path) -> None:
    """The peak of a run in a process of its own, nothing due."""
    known(tmp_path, 100_000, next_poll_at=NOON + timedelta(days=9))
    command = [sys.executable, "-c", PROGRAM, "-c", str(tmp_path / "config.yaml"), "--quiet", "run"]
    environment = os.environ | {"AGGREGATOR_NOW": NOON.isoformat()}
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    print(f"\na run over 100,000 known entries: {int(done.stdout) / 1024:.0f} MB at most", end="")


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_a_new_entry_is_explained_in_a_state_of_any_size(tmp_path: Path, size: int) -> None:
    planet = known(tmp_path, size)
    arrive(planet, {"s7": news("s7", 1, 20)}, 1)
    with planet.app(NOON + timedelta(hours=1)) as app:
        merge(app, Report(), app.clock())
        took = timed(partial(explain, app, "https://s7.example/new/1/7"))
    print(f"\nan entry is explained among {size:>9,}: {1000 * took:.0f} ms", end="")


def test_the_same_news_are_merged_into_any_state_in_postgresql(tmp_path: Path, postgresql: Server) -> None:
    large, small = tmp_path / "large", tmp_path / "small"
    for folder, count in ((large, sized(1_000_000, 20_000)), (small, 10_000)):
        folder.mkdir()
        known(folder, count)
        move_to(folder, postgresql.create(folder.name))
    of_large, of_small = interleaved(3, *(partial(_merge_news, folder) for folder in (large, small)))
    ratios = [one.cpu / other.cpu for one, other in zip(of_large, of_small, strict=True)]
    print(f"\nmerging into the large state takes {median(ratios):.2f} times as long, in PostgreSQL", end="")


def _merge_news(folder: Path, round_: int) -> Spent:
    return run_step("steps.merge_news", folder, str(round_), "20")
