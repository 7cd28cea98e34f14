"""A state of many entries moves to PostgreSQL and back, and publishes the same tree from everywhere."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.store import Store
from tests.bench.large_state import known, move_to
from tests.support.planet import Planet
from tests.support.postgresql import Server

pytestmark = pytest.mark.torture

ENTRIES = 100_000


def tree_anew(planet: Planet) -> dict[str, str]:
    """Every file is written from the state alone."""
    shutil.rmtree(planet.root / "feeds", ignore_errors=True)
    planet.regenerate()
    return planet.tree()


def test_a_hundred_thousand_entries_move_there_and_back(tmp_path: Path, postgresql: Server) -> None:
    planet = known(tmp_path, ENTRIES)
    planet.regenerate()
    before = tree_anew(planet)
    address = postgresql.create("moved")
    move_to(tmp_path, address)
    planet.config["state"] = address
    assert tree_anew(planet) == before
    with closing(Store(address)) as there, closing(Store(tmp_path / "back.db")) as back:
        there.open()
        back.open()
        assert back.copy_from(there)["sighting"] == ENTRIES
    planet.config["state"] = "back.db"
    assert tree_anew(planet) == before
    assert len(before) > 100
    planet.runner.close()
