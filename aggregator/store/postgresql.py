"""A state in a PostgreSQL database, for many machines. psycopg is imported when such a state is used, never before.

Commands exclude each other by advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html), which end
with their connection. The one engine writes on the connection that holds its lock, so that it can write nothing after
it lost the lock.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Integer, func, literal_column, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aggregator.errors import AggregatorError, LockedError, StateError
from aggregator.store.backup import gone_if_it_fails
from aggregator.store.database import APPLIED, Database, HasChanged
from aggregator.store.dialects import tables_of
from aggregator.store.idle_reads import IdleReads, checked
from aggregator.store.inspect_schema import Schema, schema_of
from aggregator.store.postgresql_engine import engine_of
from aggregator.store.postgresql_errors import is_of_database, translate
from aggregator.text.masking import showable

FIRST_VERSION = 14  # the oldest that its makers still maintained in 2026
PAUSE = 0.2  # seconds between two tries to get a lock

# Advisory locks have two numbers: what is locked, and the state, which is a schema of the database.
ENGINE: Final = literal_column("1181050113", Integer)
WRITER: Final = literal_column("1181050114", Integer)
STATE = func.hashtext(func.current_schema())
TRY_ALONE = select(func.pg_try_advisory_lock(ENGINE, STATE))
TRY_BESIDE = select(func.pg_try_advisory_lock_shared(ENGINE, STATE))
WRITE_ALONE = select(func.pg_advisory_xact_lock(WRITER, STATE))
UNLOCK = select(func.pg_advisory_unlock_all())
HAS_WRITTEN = select(func.pg_current_xact_id_if_assigned().is_not(None))
HOLDERS = text(
    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted"
    " AND classid = 1181050113 AND objid::bigint = hashtext(current_schema())::bigint & 4294967295 AND objsubid = 2"
    " ORDER BY backend_start"
)
SERVER = select(
    func.current_schema(),
    func.current_setting("server_version_num").label("version"),
    func.current_setting("server_version").label("shown"),
    func.current_setting("server_encoding").label("encoding"),
)


class PostgreSQL(Database):
    """`address`: postgresql://user:password@host/database, with the parameters of libpq behind `?`."""

    def __init__(self, address: str) -> None:
        super().__init__(showable(address))
        self._address = address
        self._engine: Engine | None = None
        self._is_open = False
        self._held: Connection | None = None  # by the one engine, which writes on it

    def exists(self) -> bool:
        with self._translated(), self._visit() as connection:
            return bool(self._revision(connection))

    def _connect(self) -> None:
        self._check_server()
        self._is_open = True

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        self._is_open = False

    def compact(self) -> int:
        """PostgreSQL uses free space again by itself, and gives none back."""
        return 0

    def copy_to(self, target: Path) -> None:
        """One snapshot of all rows. What pg_dump writes is larger, and only PostgreSQL reads it."""
        from aggregator.store.copying import copy_rows
        from aggregator.store.sqlite import SQLite

        if not (schema := self.schema()).is_newest:
            raise StateError(f"the state {self.name} has schema {schema.step}; `aggregator db upgrade` comes first")
        copy = SQLite(target)
        with gone_if_it_fails(target), closing(copy), self._translated(), self._snapshot() as rows:
            copy.open()
            with copy.write() as there:
                copy_rows(rows, there)

    @contextmanager
    def exclusive(self, *, wait: bool) -> Iterator[None]:
        """Holds the lock of the one engine."""
        with self._translated():
            self._held = self._locked(shared=False, wait=wait)
        try:
            yield
        finally:
            _close(self._held)
            self._held = None

    @contextmanager
    def idle_reads(self) -> Iterator[IdleReads]:
        """Whether this is open or not. Raises StateError."""
        with self._translated(), self._snapshot() as connection:
            yield checked(IdleReads(lambda text, values: _rows(connection, text, values)), self.name)

    @contextmanager
    def shared(self, *, wait: bool) -> Iterator[None]:
        """Holds the lock of one of many workers, which excludes the one engine alone."""
        with self._translated():
            held = self._locked(shared=True, wait=wait)
        try:
            yield
        finally:
            _close(held)

    def holders(self) -> list[str]:
        """Who holds the lock of the one engine, or of a worker: process and machine."""
        with self._translated(), self._visit() as connection:
            return list(connection.execute(HOLDERS).scalars())

    def version(self) -> tuple[int, ...]:
        from aggregator.store.facts import Facts

        with suppress(AggregatorError), self._translated(), self._visit() as connection:
            return (Facts(connection).revision,)
        return ()

    def schema(self) -> Schema:
        with self._translated(), self._visit() as connection:
            return schema_of(self._revision(connection))

    @property
    def _server(self) -> Engine:
        if self._engine is None:
            self._engine = engine_of(self._address, self.name)
        return self._engine

    @contextmanager
    def _writing(self, *, alone: bool) -> Iterator[tuple[Connection, HasChanged]]:
        with self._alone() if alone else self._beside() as connection:
            yield connection, lambda: bool(connection.execute(HAS_WRITTEN).scalar())

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self._beside() if self._held is None else self._begun_by_holder() as connection:
            connection.execute(WRITE_ALONE)
            yield connection

    @contextmanager
    def _beside(self) -> Iterator[Connection]:
        if not self._is_open:
            raise self._not_open()
        with self._server.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _begun_by_holder(self) -> Iterator[Connection]:
        """On the connection with the lock of the engine; on a new one, with the lock again, where that was cut."""
        assert self._held is not None  # noqa: S101 - asked before
        if self._held.closed or self._held.invalidated or not _answers(self._held):
            _close(self._held)
            self._held = self._locked(shared=False, wait=False)
        with self._held.begin():
            yield self._held

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if not self._is_open:
            raise self._not_open()
        with self._snapshot() as connection:
            yield connection

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """As a reader of SQLite sees it."""
        with self._visit() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _visit(self) -> Iterator[Connection]:
        """A connection, which stays only where the store is open."""
        try:
            with self._server.connect() as connection:
                yield connection
        finally:
            if self._engine is not None and not self._is_open:
                self._engine.dispose()

    def _locked(self, *, shared: bool, wait: bool) -> Connection:
        """A connection of its own, with the lock of the engine or of a worker."""
        connection = self._server.connect()
        connection.detach()
        try:
            while not (got := connection.execute(TRY_BESIDE if shared else TRY_ALONE).scalar()):
                if got is None:
                    raise self._no_schema()
                if not wait:
                    holders = list(connection.execute(HOLDERS).scalars())
                    who = f" ({holders[0]})" if holders else ""
                    raise LockedError(f"another process{who} works on the state {self.name}")
                connection.rollback()
                time.sleep(PAUSE)
            connection.commit()
        except BaseException:
            _close(connection)
            raise
        return connection

    def _check_server(self) -> None:
        with self._server.connect() as connection:
            server = connection.execute(SERVER).one()
        if int(server.version) < FIRST_VERSION * 10_000:
            raise StateError(f"{self.name} is PostgreSQL {server.shown}; this program needs {FIRST_VERSION} or newer")
        if server.encoding != "UTF8":
            raise StateError(
                f"the database {self.name} has the encoding {server.encoding};"
                " make one with `createdb --encoding=UTF8 --template=template0`"
            )
        if server.current_schema is None:
            raise self._no_schema()

    def _no_schema(self) -> StateError:
        return StateError(f"{self.name}: none of the schemas in its search_path exists; create one")

    def _create(self) -> None:
        from aggregator.store.schema_steps import take_steps  # slow to load

        with self._alone() as connection:
            if APPLIED.name not in tables_of(connection):
                take_steps(connection)

    def _before_upgrade(self) -> None:
        """All steps are one transaction, and a copy on the server is what pg_dump is for."""

    def _translate(self, error: Exception) -> AggregatorError | None:
        if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
            return StateError(
                f"the state {self.name} needs a package that is not installed: pip install 'aggregator[postgres]'"
            )
        return translate(error, self.name) if is_of_database(error) else None


def _rows(connection: Connection, text: str, values: Sequence[Any]) -> list[Any]:
    """`text`: with a `?` for each value, and none elsewhere."""
    return list(connection.exec_driver_sql(text.replace("?", "%s"), tuple(values)))


def _answers(connection: Connection) -> bool:
    """Asked before each transaction, as the pool asks before it hands out a connection."""
    try:
        with connection.begin():
            connection.execute(select(1))
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return False
    return True


def _close(connection: Connection | None) -> None:
    """Ends its locks at once: the server notices a little later that a connection was closed."""
    if connection is not None:
        with suppress(SQLAlchemyError):
            connection.rollback()
            connection.execute(UNLOCK)
        with suppress(SQLAlchemyError):
            connection.close()
