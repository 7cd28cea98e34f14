"""SQLite: opens, upgrades, copies and compacts the state, and translates database errors into ours."""

import fcntl
import json
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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

    def open(self) -> None:
        """Creates or upgrades the schema where needed; raises StateError or LockedError."""
        try:
            with self._translated():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with OPEN_FILES.opening(self.path) as is_first:
                    if is_first:
                        self._check_header()
                self._is_counted = True
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
            yield connection

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
                self._copy(target)
            finally:
                OPEN_FILES.close(self.path)

    def _copy(self, target: Path) -> None:
        if not self._copy_at_rest(target):
            target.unlink(missing_ok=True)
            _back_up(self.path, "mode=ro", target)

    def _copy_at_rest(self, target: Path) -> bool:
        """Copies in SQLite's immutable mode, which makes no files beside the state. That is right only while nobody
        writes: returns False where another process has the state open, or opened it during the copy.
        """
        before = self._rest()
        if before is None:
            return False
        try:
            _back_up(self.path, "immutable=1", target)
        except sqlite3.Error:
            if self._rest() == before:
                raise
        return self._rest() == before

    def _rest(self) -> tuple[int, ...] | None:
        """Values that change with every write; None while the state is in use, or after a crash."""
        real = self.path.resolve()
        if any(real.with_name(f"{real.name}-{beside}").exists() for beside in ("wal", "journal")):
            return None
        status = real.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

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


class _OpenFiles:
    """Counts the connections of this process to each state.

    To open a state as a plain file and close it drops every lock that the process has on it (fcntl(2)); another process
    would then delete the log that we write to. So that is done only while the count is 0.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Path] = Counter()

    @contextmanager
    def opening(self, path: Path) -> Iterator[bool]:
        """Yields whether no connection is open, with the lock held; then counts one more."""
        with self._lock:
            yield self._counts[path.resolve()] == 0
            self._counts[path.resolve()] += 1

    def close(self, path: Path) -> None:
        with self._lock:
            self._counts[path.resolve()] -= 1


OPEN_FILES = _OpenFiles()


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

    return engine


def _back_up(path: Path, how: str, target: Path) -> None:
    """Copies in one step, which is one read transaction: writers do not wait for it, nor change what it sees."""
    source = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, timeout=BUSY)
    with closing(source), closing(sqlite3.connect(target)) as copy:
        try:
            source.backup(copy)
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                raise StateError(f"no room left on the disk for a copy of the state: {target}") from error
            raise


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


@contextmanager
def exclusive(state: Path, *, wait: bool = False) -> Iterator[None]:
    """Locks `state` for one engine; raises LockedError at once where another has the lock, unless `wait`."""
    path = state.with_name(state.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StateError(f"the state {state} cannot be used: {error.strerror}: {path}") from error
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if not wait:
                    raise LockedError(f"another process{_holder(descriptor)} works on the state {state}") from error
                time.sleep(0.2)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    with suppress(OSError, ValueError):
        return f" (pid {int(os.pread(descriptor, 20, 0))})"
    return ""
