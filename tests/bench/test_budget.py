"""What each step costs for one entry, in a run that pulls and publishes feeds for the first time."""

import json
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.bench.measure import spent
from tests.bench.planets import Folder
from tests.bench.size import sized
from tests.bench.table import Table
from tests.bench.upstream import publishers

pytestmark = pytest.mark.bench


def test_budget(table: Table, tmp_path: Path) -> None:
    found = []
    with publishers(sized(200, 20), 30) as upstream:
        for round_ in range(sized(3, 1)):
            folder, file = tmp_path / str(round_), tmp_path / f"{round_}.json"
            Folder(folder).configure(upstream.urls)
            spent([sys.executable, "-m", "tests.bench.steps.spend", folder, file])
            found.append(json.loads(file.read_bytes()))
    table.budget = {step: median(one[step] for one in found) for step in found[0]}
