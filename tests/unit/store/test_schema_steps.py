"""A state of any earlier schema is upgraded whole or not at all, also where the program is killed in the middle."""

import gzip
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from aggregator.store import schema as schema_module
from aggregator.store.head import HEAD
from aggregator.store.schema import metadata

POSTS_BEFORE = Path(__file__).parents[2] / "scenarios" / "posts_before.db.gz"
CONFIG = AlembicConfig()
CONFIG.set_main_option("script_location", str(Path(schema_module.__file__).parent / "migrations"))
OLDER = sorted(one.revision for one in ScriptDirectory.from_config(CONFIG).walk_revisions() if one.revision != HEAD)

# Opens the state, prints how many statements its upgrade took, and kills itself before statement argv[2].
OPEN = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from aggregator.store import Store

done = 0

@event.listens_for(Engine, "before_cursor_execute")
def count(_connection, _cursor, statement, *_):
    global done
    if statement.lstrip().split()[0].upper() in ("ALTER", "CREATE", "DROP", "INSERT", "UPDATE", "DELETE"):
        done += 1
        if done == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

store = Store(Path(sys.argv[1]))
store.open()
store.close()
print(done)
"""


def opened(path: Path, kill_before: int = 0) -> subprocess.CompletedProcess[str]:
    command_line = [sys.executable, "-c", OPEN, str(path), str(kill_before)]
    return subprocess.run(command_line, capture_output=True, text=True, timeout=60, check=False)


def contents(path: Path) -> dict[str, object]:
    """The schema, and the rows of each table."""
    with closing(sqlite3.connect(path)) as database:
        sql_of = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
        tables = [name for name, sql in sql_of.items() if sql.startswith("CREATE TABLE")]
        rows = {f"{name}: rows": sorted(map(repr, database.execute(f'SELECT * FROM "{name}"'))) for name in tables}
    return {**sql_of, **rows}


def of_step(path: Path, revision: str) -> None:
    database = create_engine(f"sqlite:///{path}")
    with database.begin() as connection:
        CONFIG.attributes["connection"] = connection
        command.upgrade(CONFIG, revision)
    database.dispose()


def assert_upgraded(path: Path) -> None:
    database = create_engine(f"sqlite:///{path}")
    with database.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    database.dispose()


@pytest.mark.torture
@pytest.mark.parametrize("revision", OLDER)
@pytest.mark.parametrize("share", [0.5, 0, 1])
def test_an_upgrade_that_is_killed_leaves_what_was_there_and_is_done_by_the_next_start(
    tmp_path: Path, revision: str, share: float
) -> None:
    path, whole = tmp_path / "state.db", tmp_path / "whole.db"
    of_step(path, revision)
    whole.write_bytes(path.read_bytes())
    statements = int(opened(whole).stdout)
    before = contents(path)
    assert opened(path, kill_before=max(1, int(statements * share))).returncode == -9
    assert contents(path) == before
    assert opened(path).returncode == 0
    assert_upgraded(path)
    assert contents(path) == contents(whole)
    assert contents(tmp_path / f"state.db.before-{HEAD}") == before


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 1])
def test_a_state_with_entries_is_upgraded_after_a_kill_with_all_its_rows(tmp_path: Path, share: float) -> None:
    path, whole = tmp_path / "state.db", tmp_path / "whole.db"
    for copy in (path, whole):
        copy.write_bytes(gzip.decompress(POSTS_BEFORE.read_bytes()))
    before = contents(path)
    assert opened(path, kill_before=max(1, int(int(opened(whole).stdout) * share))).returncode == -9
    assert contents(path) == before
    assert opened(path).returncode == 0
    assert_upgraded(path)
    assert contents(path) == contents(whole)
