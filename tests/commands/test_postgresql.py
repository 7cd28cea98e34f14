"""A planet whose state is on PostgreSQL: every command answers as on SQLite, and the state moves there and back."""

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from aggregator.store import Store
from aggregator.web.state_reader import StateReader
from tests.commands.test_cli import CONFIG, POST, aggregator, report
from tests.support.planet import Planet
from tests.support.postgresql import Server

SECRET = "hunter2"
MOVED = ".aggregator/state.db", "${STATE}"


@pytest.fixture
def address(postgresql: Server, database: str) -> str:
    postgresql.empty(database)
    return postgresql.address(database).replace("postgres@", f"postgres:{SECRET}@")


@pytest.fixture
def folder(planet: Planet) -> Path:
    """With a state in a file."""
    planet.post("a.md", POST.format(title="One"))
    planet.post("b/c.md", POST.format(title="Two"))
    planet.run()
    return planet.root


def use(folder: Path, state: str) -> None:
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump(config | {"state": state}))


def rows(file: Path) -> dict[str, list[str]]:
    """All but the count of changes, which a copy is one of."""
    with closing(sqlite3.connect(file)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"'))) for name in tables}
    return found | {"fact": [row for row in found["fact"] if not row.startswith("('revision'")]}


@pytest.mark.torture
def test_a_state_moves_to_postgresql_and_back(folder: Path, planet: Planet, address: str) -> None:
    tree = planet.tree()
    done = aggregator(folder, "db", "copy", *MOVED, STATE=address)
    assert (done.returncode, done.stdout) == (0, "")
    assert "(2 entries) from .aggregator/state.db to postgresql:///" in done.stderr
    assert SECRET not in done.stderr
    use(folder, "${STATE}")
    assert aggregator(folder, "regenerate", STATE=address).returncode == 0
    assert planet.tree() == tree
    told = report(aggregator(folder, "db", "copy", "${STATE}", "back.db", "--json", STATE=address))
    assert (told["to"], told["tables"]["entry"]) == ("back.db", 2)
    use(folder, "back.db")
    assert aggregator(folder, "regenerate").returncode == 0
    assert planet.tree() == tree


@pytest.mark.torture
def test_every_row_is_the_same_after_two_copies(folder: Path, address: str) -> None:
    assert aggregator(folder, "db", "copy", *MOVED, STATE=address).returncode == 0
    assert aggregator(folder, "db", "copy", "${STATE}", "back.db", STATE=address).returncode == 0
    assert rows(folder / "back.db") == rows(folder / ".aggregator/state.db")


@pytest.mark.torture
def test_copies_that_are_refused_leave_everything(folder: Path, address: str) -> None:
    before = rows(folder / ".aggregator/state.db")

    def refused(*words: str) -> tuple[int, str]:
        done = aggregator(folder, "db", "copy", *words, STATE=address)
        assert SECRET not in done.stderr + done.stdout
        return done.returncode, done.stderr

    assert refused("nothing.db", "${STATE}") == (2, "there is no state nothing.db\n")
    assert refused("${NOBODY}", "new.db") == (2, "the environment variable NOBODY is not set\n")
    assert refused("mysql://h/x", "new.db")[0] == 2
    assert "both the state and its copy" in refused("${STATE}", "${STATE}")[1]
    with Store(folder / ".aggregator/state.db").exclusive():
        assert refused(*MOVED)[0] == 3
    assert refused(*MOVED)[0] == 0
    assert "holds a state already; name a new one" in refused(*MOVED)[1]
    assert refused(".aggregator/state.db", "postgresql://postgres@/nowhere?host=/nowhere")[0] == 4
    assert refused("posts/a.md", "new.db")[0] == 4
    assert not list(folder.glob("new.db*"))
    assert rows(folder / ".aggregator/state.db") == before


def test_a_value_that_postgresql_cannot_hold_is_told_and_nothing_is_copied(folder: Path, address: str) -> None:
    with closing(sqlite3.connect(folder / ".aggregator/state.db")) as database:
        database.execute("UPDATE source SET title = 'a' || char(0) || 'b'")
        database.commit()
    done = aggregator(folder, "db", "copy", *MOVED, STATE=address)
    assert done.returncode == 4
    assert "table source" in done.stderr
    with closing(Store(address)) as store:
        store.open()
        with store.read() as tx:
            assert tx.sources.all() == []
            assert tx.facts.is_empty()


COMMANDS = {
    "status": 0, "plan": 0, "db check": 0, "doctor --offline": 0, "db backup copy.db": 0,
}  # fmt: skip
MORE = {
    "explain One": 0, "check": 0, "run --dry-run": 0, "regenerate --dry-run": 0, "feed list": 0, "export": 0,
    "categories": 0, "categories --unmapped": 0, "source list": 0, "entry hold One": 0, "run": 0, "db upgrade": 0,
    "db prune": 0, "db prune --dry-run": 0, "db clock": 0, "db recover": 2, "entry release One": 0, "regenerate": 0,
}  # fmt: skip


def test_commands_work_on_postgresql_and_show_no_password(folder: Path, address: str) -> None:
    moved_and_asked(folder, address, COMMANDS)
    assert rows(folder / "copy.db")["entry"]


@pytest.mark.torture
def test_every_command_works_on_postgresql(folder: Path, address: str) -> None:
    moved_and_asked(folder, address, MORE)


def moved_and_asked(folder: Path, address: str, commands: Mapping[str, int]) -> None:
    assert aggregator(folder, "db", "copy", *MOVED, STATE=address).returncode == 0
    (folder / "config.yaml").write_text(f"{CONFIG}state: '{address}'\n")
    for words, status in commands.items():
        done = aggregator(folder, *words.split())
        assert (words, done.returncode) == (words, status), done.stderr
        assert SECRET not in done.stdout + done.stderr, words


@pytest.mark.torture
def test_one_run_at_a_time(folder: Path, address: str) -> None:
    use(folder, address)
    with closing(Store(address)) as store, store.exclusive():
        for words in (["run"], ["regenerate"], ["daemon", "--no-server"]):
            done = aggregator(folder, *words)
            assert done.returncode == 3, words
            assert "another process (aggregator, process" in done.stderr
        assert "works on the state" in aggregator(folder, "doctor", "--offline").stdout
        assert aggregator(folder, "status").returncode in {0, 2}


def test_without_its_package_a_command_says_what_to_install(
    folder: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    use(folder, address)
    for words in ("run", "status", "doctor --offline", "db check"):
        done = aggregator(folder, *words.split())
        assert "pip install 'aggregator[postgres]'" in done.stderr + done.stdout
        assert done.returncode == (1 if words.startswith("doctor") else 4)


@pytest.mark.torture
def test_a_server_of_pages_reads_a_state_on_postgresql(folder: Path, planet: Planet, address: str) -> None:
    assert aggregator(folder, "db", "copy", *MOVED, STATE=address).returncode == 0
    with closing(Store(address)) as shown, closing(Store(address)) as store:
        reader = StateReader(shown, folder / "feeds")
        version = reader.version()
        assert (reader.trouble(), reader.moved()) == ("", {})
        with reader.read() as tx:
            assert tx is not None
            assert tx.entries.visible_count() == 2
        store.open()
        with store.write() as tx:
            tx.facts.set("one", "1")
        assert reader.version() != version
    nowhere = StateReader(Store("postgresql://h/x?host=/nowhere"), folder / "feeds")
    assert nowhere.trouble() == "the state cannot be read"


@pytest.mark.torture
def test_two_states_share_a_database_by_schemas(folder: Path, postgresql: Server, database: str) -> None:
    shared = f"{database}_schemas"
    address = postgresql.create(shared)
    with postgresql.connect(shared) as connection:
        connection.execute("CREATE SCHEMA one")
        connection.execute("CREATE SCHEMA two")
    for name in ("one", "two"):
        state = f"{address}&options=-csearch_path%3D{name}"
        assert aggregator(folder, "db", "copy", *MOVED, STATE=state).returncode == 0
        with closing(Store(state)) as store, store.exclusive():
            assert aggregator(folder, "db", "copy", "${STATE}", "new.db", STATE=state).returncode == 3
    with closing(Store(f"{address}&options=-csearch_path%3Done")) as store, store.exclusive():
        state = f"{address}&options=-csearch_path%3Dtwo"
        assert aggregator(folder, "db", "copy", "${STATE}", "new.db", STATE=state).returncode == 0
