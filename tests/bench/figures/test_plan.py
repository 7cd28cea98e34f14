"""The cost of a plan: `make figures`."""

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.codec import pack
from aggregator.model.document import CategoryTerm
from aggregator.model.entry import Terms
from tests.bench.figures.timing import timed
from tests.bench.large_state import known
from tests.support.planet import NOON

pytestmark = pytest.mark.bench

ENTRIES = 100_000
CATEGORIES = 400


def with_terms(file: Path) -> None:
    """Three terms on each entry."""
    choice = random.Random(1)
    names = [f"Topic {n}" for n in range(CATEGORIES)]
    rows = [(pack(Terms(tuple(map(CategoryTerm, choice.sample(names, 3))))), id_) for id_ in range(1, ENTRIES + 1)]
    with closing(sqlite3.connect(file)) as connection:
        connection.executemany("UPDATE sighting SET terms = ? WHERE entry_id = ?", rows)
        connection.commit()


def test_a_hundred_thousand_entries_and_a_config_with_another_alias(tmp_path: Path) -> None:
    planet = known(tmp_path, ENTRIES, next_poll_at=NOON + timedelta(days=9))
    with_terms(tmp_path / ".aggregator" / "state.db")
    print(f"\n{ENTRIES:,} entries placed and published: {timed(planet.run):.1f} s", end="")
    planet.config["categories"] = {"aliases": {"Themes/One": ["Topic 1", "Topic 2"]}, "drop": ["Topic 3"]}
    with planet.app():
        pass  # writes the config
    command = [sys.executable, "-m", "aggregator", "-c", str(tmp_path / "config.yaml"), "plan", "--json"]
    environment = os.environ | {"AGGREGATOR_NOW": NOON.isoformat()}

    def ask() -> None:
        answer = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        assert b'"moved_to": "themes/one"' in answer

    print(f"; the plan for another alias, the whole command: {timed(ask):.1f} s", end="")
