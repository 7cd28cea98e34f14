"""`db check`, `db backup` and `db upgrade`."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.store.head import HEAD
from tests.commands.test_cli import aggregator
from tests.support.planet import Planet


@pytest.fixture
def folder(planet: Planet) -> Path:
    planet.post("a.md", "---\ntitle: a\ndate: 2026-11-01\ncategories: [Top, Leaf]\n---\na\n")
    planet.run()
    return planet.root


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / ".aggregator/state.db")) as state:
        for statement in statements:
            state.execute(statement)
        state.commit()


def test_check_finds_nothing_in_a_whole_state(folder: Path) -> None:
    done = aggregator(folder, "db", "check")
    assert (done.returncode, done.stderr) == (0, ".aggregator/state.db: no damage found\n")
    assert json.loads(aggregator(folder, "db", "check", "--json").stdout) == {"problems": []}


@pytest.mark.torture
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE entry SET winner_id = 99", "shows a sighting that is not its own"),
        ("DELETE FROM sighting", "has no sighting"),
        ("DELETE FROM category WHERE depth = 1", "has no parent category"),
        ("DELETE FROM entry", "has categories, but is missing"),
    ],
)
def test_check_names_broken_relations(folder: Path, damage: str, said: str) -> None:
    change(folder, "PRAGMA foreign_keys = OFF", damage)
    done = aggregator(folder, "db", "check")
    assert done.returncode == 4
    assert said in done.stderr
    problem = json.loads(aggregator(folder, "db", "check", "--json").stdout)["problems"][0]
    assert (problem["where"], problem["kind"]) == (".aggregator/state.db", "state")


def test_check_names_a_damaged_file(folder: Path) -> None:
    state = folder / ".aggregator/state.db"
    change(folder, "PRAGMA journal_mode = DELETE")
    body = bytearray(state.read_bytes())
    for page in range(8, len(body) // 4096):
        body[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    state.write_bytes(body)
    done = aggregator(folder, "db", "check")
    assert done.returncode == 4
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_backup_is_the_state_and_never_overwrites_a_file(folder: Path) -> None:
    assert aggregator(folder, "db", "backup", "copy.db").returncode == 0
    again = aggregator(folder, "db", "backup", "copy.db")
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
    for file in (folder / ".aggregator").iterdir():
        file.unlink()
    (folder / "copy.db").rename(folder / ".aggregator/state.db")
    done = aggregator(folder, "run", "--json")
    assert json.loads(done.stdout)["entries"]["new"] == 0


@pytest.mark.parametrize(
    ("make", "status", "said"),
    [
        (lambda folder: aggregator(folder, "db", "backup", "no/copy.db"), 4, "does not exist; create it"),
        (lambda folder: aggregator(folder, "db", "backup"), 2, "FILE"),
    ],
)
def test_an_impossible_backup_is_refused(folder: Path, make: Callable[[Path], object], status: int, said: str) -> None:
    done = make(folder)
    assert done.returncode == status  # type: ignore[attr-defined]
    assert said in done.stderr  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", ["upgrade", "check"])
def test_without_a_state_there_is_nothing_to_check(planet: Planet, command: str) -> None:
    with planet.app():
        pass
    for file in (planet.root / ".aggregator").iterdir():
        file.unlink()
    done = aggregator(planet.root, "db", command)
    assert done.returncode == 2
    assert "there is no state" in done.stderr


def test_upgrade_says_which_schema_it_is(folder: Path) -> None:
    assert f"has schema {HEAD}" in aggregator(folder, "db", "upgrade").stderr
    assert json.loads(aggregator(folder, "db", "upgrade", "--json").stdout)["schema"] == HEAD
