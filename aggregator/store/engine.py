"""SQLite: opens, upgrades and compacts the state, and translates database errors into ours."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DatabaseError, DBAPIError, SQLAlchemyError

from aggregator.errors import AggregatorError, DamagedError, LockedError, StateError
from aggregator.store.backup import PRIVATE, copy_database
from aggregator.store.facts import count_change
from aggregator.store.open_files import OPEN_FILES
from aggregator.store.schema import HEAD, metadata

_SCAN = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # typeshed leaves it out
SYNCHRONOUS = "FULL"  # commits survive a power cut
BUSY = 5.0  # seconds to wait for another process

# Where Alembic records the last applied migration.
APPLIED = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True, nullable=False))


class Database:
    """One state file. `write` opens a transaction with the write lock, `read` one that sees a consistent snapshot.

    Both may be called from any thread. Threads of this process wait for the write lock without limit; LockedError is
    raised only where another process holds it longer than BUSY seconds. `file`: a copy of the state `path` to use
    instead of it.
    """

    def __init__(self, path: Path, file: Path | None = None) -> None:
        self.path = file or path
        self._name = f"{path} (as copied to {file})" if file else str(path)
        self._engine: Engine | None = None
        self._write_lock = threading.Lock()
        self._is_counted = False
        self.changes = 0  # transactions of this process that changed the state

    def open(self) -> None:
        """Creates or upgrades the schema where needed; raises StateError or LockedError."""
        try:
            with self._translated():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with OPEN_FILES.opening(self.path) as is_first:
                    if is_first:
                        self._check_header()
                self._is_counted = True
                if not self.path.exists():
                    self.path.touch(mode=PRIVATE)
                self._engine = _sqlite(self.path)
                self._upgrade()
        except AggregatorError:
            self.close()
            raise

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        if self._is_counted:
            OPEN_FILES.close(self.path)
            self._is_counted = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._write_lock, self._translated(), self._connect("IMMEDIATE") as connection, connection.begin():
            raw: Any = connection.connection.driver_connection
            before = raw.total_changes
            yield connection
            if raw.total_changes != before:
                count_change(connection)
                self.changes += 1

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._translated(), self._connect("DEFERRED") as connection, connection.begin():
            yield connection

    def compact(self) -> int:
        """Rewrites the file without its free space; returns the number of bytes freed, 0 where another process uses
        the state."""
        before = self.path.stat().st_size
        with self._write_lock, suppress(LockedError), self._translated():
            if self._engine is None:
                raise StateError(f"the state {self._name} is not open")
            raw = self._engine.raw_connection()
            try:
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    raw.cursor().execute(statement).fetchall()
            finally:
                raw.close()
        return max(0, before - self.path.stat().st_size)

    def copy_to(self, target: Path) -> None:
        """Writes a consistent copy to the new file `target`, without changing anything beside the state."""
        with self._translated():
            with OPEN_FILES.opening(self.path) as is_first:
                if is_first:
                    self._check_header()
            try:
                copy_database(self.path, target, BUSY)
            finally:
                OPEN_FILES.close(self.path)

    def _connect(self, mode: str) -> Connection:
        if self._engine is None:
            raise StateError(f"the state {self._name} is not open")
        return self._engine.connect().execution_options(begin=mode)

    def _check_header(self) -> None:
        """Refuses a file that is not SQLite, which SQLite itself may take for a new database."""
        if self.path.is_dir():
            raise StateError(f"the state {self._name} is a folder; `state:` must name a file")
        if self.path.exists() and self.path.stat().st_size > 0:
            with self.path.open("rb") as file:
                if file.read(16) != b"SQLite format 3\x00":
                    raise StateError(
                        f"the state {self._name} is not an SQLite database, or is damaged; restore a backup"
                    )

    def _upgrade(self) -> None:
        assert self._engine is not None  # noqa: S101 - open() has just set it
        current = self._revision()
        if current == HEAD:
            return
        if not current:
            self._create()
            return
        from alembic import command  # takes 0.1 s: only imported where needed
        from alembic.config import Config as AlembicConfig
        from alembic.script import ScriptDirectory

        config = AlembicConfig()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current not in known:
            raise StateError(f"the state {self._name} was written by a newer version of this program; upgrade it")
        self.copy_to(self.path.with_name(f"{self.path.name}.before-{HEAD}"))
        with self._engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _create(self) -> None:
        """Creates the newest schema at once, instead of by every migration."""
        assert self._engine is not None  # noqa: S101 - open() has just set it
        with self._engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
            if not inspect(connection).has_table(APPLIED.name):  # else another process has just created it
                metadata.create_all(connection)
                APPLIED.create(connection)
                connection.execute(insert(APPLIED).values(version_num=HEAD))

    def _revision(self) -> str:
        """The last migration, "" for none. Raises StateError where the file belongs to another program."""
        assert self._engine is not None  # noqa: S101 - open() has just set it
        with self._engine.connect() as connection:
            tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
            steps = list(connection.execute(select(APPLIED.c.version_num)).scalars()) if APPLIED.name in tables else []
        if not tables:
            return ""
        if APPLIED.name not in tables or not {"source", "sighting", "entry"}.issubset(tables):
            raise StateError(
                f"{self._name} is another program's database; `state:` must name a state of this program, or a new file"
            )
        if len(steps) != 1 or not isinstance(steps[0], str):
            raise StateError(
                f"the state {self._name} is damaged: its table alembic_version should have one row, the last schema"
                f" step, and has {len(steps)}; restore a backup"
            )
        return steps[0]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except AggregatorError:
            raise
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise _translate(error, self._name) from error
        except OSError as error:
            raise StateError(f"the state {self._name} cannot be used: {error.strerror or error}") from error


def _value(text: str) -> Any:
    """Parses a JSON column. Its text is compact and our own, so `json.loads` would only cost three times as much."""
    try:
        return _SCAN(text, 0)[0]
    except (StopIteration, ValueError, TypeError, RecursionError) as trouble:
        raise DamagedError(f"the state holds {str(text)[:80]!r}, which is not JSON") from trouble


def _sqlite(path: Path) -> Engine:
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": BUSY}, json_deserializer=_value)

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # BEGIN is ours, see below
        for pragma in ("journal_mode=WAL", f"synchronous={SYNCHRONOUS}", "foreign_keys=ON", "cache_size=-32000"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        mode = connection.get_execution_options().get("begin", "DEFERRED")
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101 - it was connected before it begins
        raw.execute(f"BEGIN {mode}")
        if mode == "IMMEDIATE":
            raw.execute("PRAGMA defer_foreign_keys=ON")  # rows may be written in any order

    return engine


def _translate(error: Exception, name: str) -> AggregatorError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    said = str(cause)
    if "locked" in said or "busy" in said:
        return LockedError(f"another process is writing to the state {name}; try again")
    if "full" in said:
        return StateError(f"no room left on the disk for the state {name}")
    if "readonly" in said or "read-only" in said:
        return StateError(f"the state {name} cannot be written: it or its folder is read-only")
    if isinstance(error, DatabaseError | sqlite3.DatabaseError) and ("malformed" in said or "not a database" in said):
        return StateError(f"the state {name} is damaged ({said}); restore a backup of it")
    return StateError(f"the state {name} cannot be used: {said}")
