"""Connections to PostgreSQL: their limits and time-outs, and columns of the kinds that SQLite has."""

import os
import socket
import time
from itertools import count
from typing import Any

from sqlalchemy import URL, Column, Engine, ForeignKeyConstraint, create_engine, event, make_url
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.exc import ArgumentError

from aggregator.errors import StateError
from aggregator.store.postgresql_errors import STARTING, code_of

DRIVER = "postgresql+psycopg"
POOL, MORE = 4, 6  # connections that stay, and that are added while more are needed
CONNECT = 10  # seconds to connect
PATIENCE = 30.0  # seconds to connect again to a server that was there
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0  # seconds between two tries

# Limits of every connection. A server notices by keepalives that a machine is gone, and ends its locks.
SETTINGS = {
    "lock_timeout": "5s",  # as BUSY of SQLite
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "15min",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "jit": "off",  # statements are short
}


def engine_of(address: str, name: str) -> Engine:
    """Connects when it is first used. Raises StateError where it is no address of a database, ModuleNotFoundError
    where psycopg is not installed."""
    url = _url(address, name)
    engine = create_engine(
        url,
        pool_size=POOL,
        max_overflow=MORE,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args={"connect_timeout": CONNECT, "application_name": _our_name(), "client_encoding": "utf8"},
    )
    engine.dialect.ddl_compiler = _Columns
    engine.dialect.type_compiler_instance = engine.dialect.type_compiler = _Types(engine.dialect)
    event.listen(engine, "connect", _set_limits)
    event.listen(engine, "do_connect", _Connector())
    return engine


class _Connector:
    """Connects, again and again while the server starts; after it was there once, also while it does not answer."""

    def __init__(self) -> None:
        self._was_there = False

    def __call__(self, dialect: Any, _record: Any, words: Any, options: Any) -> Any:
        end = time.monotonic() + PATIENCE
        for tries in count():
            try:
                connection = dialect.connect(*words, **options)
            except dialect.loaded_dbapi.OperationalError as error:
                code = code_of(error)
                may_pass = code in STARTING or (self._was_there and not code)
                if not may_pass or time.monotonic() > end:
                    raise
            else:
                self._was_there = True
                return connection
            time.sleep(min(FIRST_PAUSE * 2**tries, LONGEST_PAUSE))
        raise AssertionError


class _Types(PGTypeCompiler):
    """Integers have 64 bits and texts are compared by code point, as in SQLite. `inspect` needs another engine."""

    def visit_INTEGER(self, type_: Any, **options: Any) -> str:  # noqa: ARG002, N802 - SQLAlchemy's name
        return "BIGINT"

    def visit_VARCHAR(self, type_: Any, **options: Any) -> str:  # noqa: N802
        kind = str(super().visit_VARCHAR(type_, **options))
        return f'{kind} COLLATE "C"' if isinstance(options.get("type_expression"), Column) else kind


class _Columns(PGDDLCompiler):
    """Rows of one transaction may be written in any order, as in SQLite."""

    def get_column_specification(self, column: Column[Any], **options: Any) -> str:
        spec: str = super().get_column_specification(column, **options)  # type: ignore[no-untyped-call]
        return spec.replace(" SERIAL", " BIGSERIAL")

    def visit_foreign_key_constraint(self, constraint: ForeignKeyConstraint, **options: Any) -> str:
        spec: str = super().visit_foreign_key_constraint(constraint, **options)  # type: ignore[no-untyped-call]
        return f"{spec} DEFERRABLE INITIALLY DEFERRED"


def _set_limits(raw: Any, _record: Any) -> None:
    before, raw.autocommit = raw.autocommit, True
    names = ", ".join("set_config(%s, %s, false)" for _ in SETTINGS)
    raw.execute(f"SELECT {names}", [word for pair in SETTINGS.items() for word in pair])
    raw.autocommit = before


def _url(address: str, name: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise StateError(f"{name} is no address of a database; write postgresql://user@host/database") from error
    return url.set(drivername=DRIVER)


def _our_name() -> str:
    """Other machines see it where they wait for us."""
    return f"aggregator, process {os.getpid()} on {socket.gethostname()}"[:63]
