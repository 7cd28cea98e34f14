"""Writes many rows by COPY, which takes a tenth of the time of INSERT."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Table

from aggregator.errors import StateError


def write_rows(target: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Values are as SQLite or `raw` gives them. Raises StateError for one that PostgreSQL cannot hold."""
    connection: Any = target.connection.dbapi_connection
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    try:
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        said = " ".join(str(error).split())
        raise StateError(f"table {table.name} holds a value that PostgreSQL cannot hold: {said}") from error
