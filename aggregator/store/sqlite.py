"""A state in an SQLite file."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert
from sqlalchemy.exc import DatabaseError, DBAPIError, SQLAlchemyError

from aggregator.errors import AggregatorError, DamagedError, LockedError, StateError
from aggregator.store.backup import PRIVATE, copy_database
from aggregator.store.database import APPLIED, Database, HasChanged
from aggregator.store.dialects import tables_of
from aggregator.store.exclusive_lock import find_holder
from aggregator.store.head import HEAD
from aggregator.store.inspect_schema import Schema, read_schema
from aggregator.store.open_files import OPEN_FILES
from aggregator.store.schema import metadata

_SCAN = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # typeshed leaves it out
SYNCHRONOUS = "FULL"  # commits survive a power cut
BUSY = 5.0  # seconds to wait for another process


class SQLite(Database):
    """`copy_of`: the name of the state that the file is a copy of, "" where it is the state."""

    def __init__(self, path: Path, copy_of: str = "") -> None:
        super().__init__(f"{copy_of} (as copied to {path})" if copy_of else str(path))
        self.path = path
        self._engine: Engine | None = None
        self._is_counted = False

    def exists(self) -> bool:
        return self.path.exists()

    def _connect(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with OPEN_FILES.opening(self.path) as is_first:
            if is_first:
                self._check_header()
        self._is_counted = True
        if not self.path.exists():
            self.path.touch(mode=PRIVATE)
        self._engine = _engine_of(self.path)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        if self._is_counted:
            OPEN_FILES.close(self.path)
            self._is_counted = False

    def compact(self) -> int:
        """Rewrites the file without its free space; frees nothing where another process uses the state."""
        before = self.path.stat().st_size
        with self._write_lock, suppress(LockedError), self._translated():
            if self._engine is None:
                raise self._not_open()
            raw = self._engine.raw_connection()
            try:
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    raw.cursor().execute(statement).fetchall()
            finally:
                raw.close()
        return max(0, before - self.path.stat().st_size)

    def copy_to(self, target: Path) -> None:
        """Changes nothing beside the state."""
        with self._translated():
            with OPEN_FILES.opening(self.path) as is_first:
                if is_first:
                    self._check_header()
            try:
                copy_database(self.path, target, BUSY)
            finally:
                OPEN_FILES.close(self.path)

    def holders(self) -> list[str]:
        pid = find_holder(self.path)
        return [] if pid is None else [f"process {pid}" if pid else "another process"]

    def version(self) -> tuple[int, ...]:
        return *_signature(self.path), *_signature(self.path.with_name(f"{self.path.name}-wal"))

    def schema(self) -> Schema:
        return read_schema(self.path)

    @contextmanager
    def _writing(self, *, alone: bool) -> Iterator[tuple[Connection, HasChanged]]:  # noqa: ARG002 - always
        with self._alone() as connection:
            raw: Any = connection.connection.driver_connection
            before = raw.total_changes
            yield connection, lambda: raw.total_changes != before

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._connected("DEFERRED") as connection, connection.begin():
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self._connected("IMMEDIATE") as connection, connection.begin():
            yield connection

    def _connected(self, mode: str) -> Connection:
        if self._engine is None:
            raise self._not_open()
        return self._engine.connect().execution_options(begin=mode)

    def _check_header(self) -> None:
        """Refuses a file that is not SQLite, which SQLite itself may take for a new database."""
        if self.path.is_dir():
            raise StateError(f"the state {self.name} is a folder; `state:` must name a file")
        if self.path.exists() and self.path.stat().st_size > 0:
            with self.path.open("rb") as file:
                if file.read(16) != b"SQLite format 3\x00":
                    raise StateError(
                        f"the state {self.name} is not an SQLite database, or is damaged; restore a backup"
                    )

    def _create(self) -> None:
        """At once, instead of by every migration."""
        with self._alone() as connection:
            if APPLIED.name not in tables_of(connection):
                metadata.create_all(connection)
                APPLIED.create(connection)
                connection.execute(insert(APPLIED).values(version_num=HEAD))

    def _before_upgrade(self) -> None:
        self.copy_to(self.path.with_name(f"{self.path.name}.before-{HEAD}"))

    def _translate(self, error: Exception) -> AggregatorError | None:
        if isinstance(error, SQLAlchemyError | sqlite3.Error):
            return _translate(error, self.name)
        if isinstance(error, OSError):
            return StateError(f"the state {self.name} cannot be used: {error.strerror or error}")
        return None


def _signature(file: Path) -> tuple[int, ...]:
    try:
        status = file.stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _value(text: str) -> Any:
    """Parses a JSON column. Its text is compact and our own, so `json.loads` would only cost three times as much."""
    try:
        return _SCAN(text, 0)[0]
    except (StopIteration, ValueError, TypeError, RecursionError) as trouble:
        raise DamagedError(f"the state holds {str(text)[:80]!r}, which is not JSON") from trouble


def _engine_of(path: Path) -> Engine:
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
