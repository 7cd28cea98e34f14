"""A state of every schema that was ever shipped goes on: no entry is new or edited, no id, date or address changes.

`states_shipped.tar.xz` has, for each schema, the state after `run` at NOON of the last version with it, for the planet
in `states_shipped_planet`, and what its feeds held: feed → id → title, published, updated, link. A schema that came
together with the next one is made of the one before.
"""

import json
import shutil
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
import yaml

from aggregator.explain import explain
from aggregator.store.head import HEAD
from tests.support.planet import NOON, Planet
from tests.unit.store.test_schema_steps import OLDER, of_step

HERE = Path(__file__).parent
PLANET = HERE / "states_shipped_planet"
LATER = NOON + timedelta(hours=1)

with tarfile.open(HERE / "states_shipped.tar.xz") as archive:
    STATES = sorted({Path(name).stem for name in archive.getnames()})


@pytest.fixture
def upgraded(planet: Planet, request: pytest.FixtureRequest) -> tuple[Planet, dict[str, Any]]:
    """The planet with an old state, and what its feeds held."""
    shutil.copytree(PLANET, planet.root, dirs_exist_ok=True)
    state = planet.root / ".aggregator" / "state.db"
    state.parent.mkdir()
    name = max(one for one in STATES if one <= request.param)
    with tarfile.open(HERE / "states_shipped.tar.xz") as shipped:
        database, told = shipped.extractfile(f"{name}.db"), shipped.extractfile(f"{name}.json")
        assert database
        assert told
        state.write_bytes(database.read())
        held = json.loads(told.read())
    if name != request.param:
        of_step(state, request.param)
    planet.config = yaml.safe_load((PLANET / "config.yaml").read_text("utf-8"))
    planet.every_category = planet.is_settled = False
    return planet, held


def held_now(planet: Planet, feed: str) -> dict[str, list[str]]:
    document = feedparser.parse((planet.root / "feeds" / feed / "atom.xml").read_bytes())
    return {one.id: [one.get("title", ""), one.published, one.updated, one.get("link", "")] for one in document.entries}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("upgraded", [*OLDER, HEAD], indirect=True)
def test_what_was_published_stays(upgraded: tuple[Planet, dict[str, Any]]) -> None:
    planet, held = upgraded
    report = planet.run(LATER, force=True)
    assert (report.entries.new, report.entries.updated, report.entries.total) == (0, 0, len(held["all"]))
    assert [one.message for one in report.problems] == []
    for feed, entries in held.items():
        assert held_now(planet, feed) == entries
    before = planet.tree()
    again = planet.run(LATER + timedelta(hours=1), force=True)
    assert (again.feeds.written, planet.tree()) == (0, before)
    with planet.app(LATER) as app:
        assert explain(app, "Third without a date").entry.published == NOON - timedelta(days=2)
