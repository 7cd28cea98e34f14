"""A run in which nothing is due."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.bench.measure import Spent, interleaved, median
from tests.bench.planets import Folder
from tests.bench.size import ROUNDS, sized
from tests.bench.table import Result, Table
from tests.bench.upstream import publishers

pytestmark = pytest.mark.bench


def test_idle(table: Table, tmp_path: Path) -> None:
    with publishers(sized(1000, 100), 1) as upstream:
        planet = Folder(tmp_path).configure(upstream.urls)
        planet.run()
        minute = timedelta(minutes=1)

        def nothing_due(round_: int) -> Spent:
            return planet.run(round_ * minute / 10)

        nothing_due(0)
        cost = median(*interleaved(ROUNDS, nothing_due))
    table.results["idle"] = Result(cost.cpu, cost.cpu, other=cost.wall)
