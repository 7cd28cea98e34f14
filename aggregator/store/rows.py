"""Raw rows of any table, without conversion of values: to find and repair damage."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update

from aggregator.store.dialects import raw
from aggregator.store.schema import metadata
from aggregator.store.table import TableQueries

Key = tuple[Any, ...]  # the values of a row's primary key, in the order of its columns


class Rows(TableQueries):
    def values(self, table: str, *columns: str) -> Iterator[tuple[Key, tuple[Any, ...]]]:
        """Yields the key and the raw values of these columns, for every row."""
        known = metadata.tables[table]
        width = len(known.primary_key)
        wanted = [*known.primary_key, *(known.c[name] for name in columns)]
        statement = select(*map(raw, wanted)).order_by(*known.primary_key)
        for row in self._connection.execute(statement):
            yield tuple(row[:width]), tuple(row[width:])

    def value(self, table: str, key: Key, column: str) -> Any:
        one = raw(metadata.tables[table].c[column])
        return self._connection.execute(select(one).where(_is(table, key))).scalar()

    def change(self, table: str, key: Key, values: Mapping[str, Any]) -> None:
        self._connection.execute(update(metadata.tables[table]).where(_is(table, key)).values(**values))

    def delete(self, table: str, key: Key) -> None:
        self._connection.execute(delete(metadata.tables[table]).where(_is(table, key)))


def _is(table: str, key: Key) -> ColumnElement[bool]:
    known = metadata.tables[table]
    return and_(*(column == value for column, value in zip(known.primary_key, key, strict=True)))
