"""Copies every row of a state into an empty one, from either database into either."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Integer, Table, func, select, text

from aggregator.errors import StateError
from aggregator.store.chunks import chunks
from aggregator.store.dialects import lift_limits, raw
from aggregator.store.schema import metadata

SIZE = 1000  # rows


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Table → number of rows. Values stay as they are, bit by bit. Raises StateError where a number differs afterwards,
    so that the caller's transaction ends without effect."""
    counts = {}
    lift_limits(source)
    lift_limits(target)
    for table in metadata.sorted_tables:
        _write(target, table, _read(source, table))
        counts[table.name] = _count(source, table)
        if (there := _count(target, table)) != counts[table.name]:
            raise StateError(f"table {table.name} has {counts[table.name]} rows, and {there} were copied")
    if target.dialect.name == "postgresql":
        _settle(target)
    return counts


def _read(source: Connection, table: Table) -> Iterator[Sequence[Any]]:
    rows = select(*map(raw, table.columns)).order_by(*table.primary_key)
    found = source.execution_options(yield_per=SIZE).execute(rows)
    return (tuple(row) for row in found)


def _write(target: Connection, table: Table, rows: Iterator[Sequence[Any]]) -> None:
    if target.dialect.name == "postgresql":
        from aggregator.store.postgresql_copy import write_rows

        write_rows(target, table, rows)
        return
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" for _ in table.columns)
    for chunk in chunks(rows, SIZE):
        target.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', list(chunk))  # noqa: S608


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _settle(target: Connection) -> None:
    """Numbers that PostgreSQL gives go on after those that were copied; its planner learns how many rows there are."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer):
            highest = select(func.max(column)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            target.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))
    target.execute(text("ANALYZE"))
