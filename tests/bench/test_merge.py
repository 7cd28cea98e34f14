"""The same news arrive in a small and in a large state."""

from functools import partial
from pathlib import Path

import pytest

from tests.bench.large_state import known
from tests.bench.measure import Spent, interleaved, run_step
from tests.bench.size import ROUNDS, sized
from tests.bench.table import Table

pytestmark = pytest.mark.bench

NEW = 20  # entries of each source


def test_merge(table: Table, tmp_path: Path) -> None:
    large, small = tmp_path / "large", tmp_path / "small"
    for folder, count in ((large, sized(1_000_000, 20_000)), (small, 10_000)):
        folder.mkdir()
        known(folder, count)
    table.compare("merge", *interleaved(ROUNDS, partial(_news, large), partial(_news, small)))


def _news(folder: Path, round_: int) -> Spent:
    return run_step("steps.merge_news", folder, str(round_), str(NEW))
