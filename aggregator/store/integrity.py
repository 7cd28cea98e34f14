"""Checks the state: as a database, and the relations that must hold between its rows."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    Select,
    String,
    Table,
    cast,
    exists,
    or_,
    select,
    text,
    type_coerce,
)

from aggregator.store.dialects import lift_limits, tables_of
from aggregator.store.schema import (
    archive_page,
    category,
    entry,
    entry_category,
    feed,
    metadata,
    sighting,
    source,
)
from aggregator.store.table import TableQueries
from aggregator.store.types import Instant

MOST = 20  # faults listed of each kind

# The storage classes that each type allows (https://sqlite.org/datatype3.html), and the range of times.
ALLOWED = {String: "'text'", Boolean: "'integer'", Integer: "'integer'", BigInteger: "'integer'"}
ALLOWED |= {Instant: "'integer'", Float: "'real','integer'"}
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999  # the years 1 to 9999, in microseconds since 1970
RESTORE = "restore a backup"

ABOVE, OTHER = category.alias(), feed.alias()
PARENT = exists().where(ABOVE.c.id == category.c.parent_id, ABOVE.c.depth == category.c.depth - 1)
SEALED = exists().where(archive_page.c.feed_id + "/" + cast(archive_page.c.number, String) == sighting.c.kept_in)
# Queries for rows with a broken relation, and the fault of each.
RELATIONS: tuple[tuple[Select[Any], str], ...] = (
    (
        select(entry.c.public_id).where(
            entry.c.winner_id.is_not(None),
            ~exists().where(sighting.c.id == entry.c.winner_id, sighting.c.entry_id == entry.c.id),
        ),
        "{} shows a sighting that is not its own",
    ),
    (
        select(entry.c.public_id).where(
            ~exists().where(sighting.c.entry_id == entry.c.id), entry.c.kept_back != "joined"
        ),
        "{} has no sighting",
    ),
    (
        select(category.c.path).where(
            or_(
                category.c.parent_id.is_not(None) & ~PARENT,
                category.c.parent_id.is_(None) & (category.c.depth != 1),
            )
        ),
        "category {} has no parent category",
    ),
    (
        select(sighting.c.kept_in).distinct().where(sighting.c.kept_in > "", ~SEALED),
        "content of old entries is kept with the sealed page {}, which is missing",
    ),
    (
        select(entry_category.c.entry_id).where(~exists().where(entry.c.id == entry_category.c.entry_id)),
        "entry {} has categories, but is missing",
    ),
    (
        select(sighting.c.id).where(~exists().where(source.c.id == sighting.c.source_id)),
        f"table sighting, row {{}}: its source is missing; {RESTORE}",
    ),
    (
        select(feed.c.id).where(feed.c.category_id.is_not(None), ~exists().where(category.c.id == feed.c.category_id)),
        f"table feed, row {{}}: its category is missing; {RESTORE}",
    ),
    (
        select(feed.c.id).where(feed.c.moved_to.is_not(None), ~exists().where(OTHER.c.id == feed.c.moved_to)),
        f"table feed, row {{}}: the feed that it moved to is missing; {RESTORE}",
    ),
)


class Integrity(TableQueries):
    def faults(self) -> Iterator[str]:
        """Yields a sentence for each fault; changes nothing. maintenance/packed_columns checks the packed columns."""
        lift_limits(self._connection)
        is_file = self._connection.dialect.name == "sqlite"  # PostgreSQL checks types, texts and references itself
        if is_file:
            yield from self._damage()
        missing = list(self._missing())
        yield from missing
        if not missing:
            yield from self._wrong_values() if is_file else self._wrong_times()
            yield from self._broken_relations()

    def _missing(self) -> Iterator[str]:
        """Tables and columns of the schema that the file lacks."""
        tables = tables_of(self._connection)
        for table in metadata.sorted_tables:
            if table.name not in tables:
                yield f"table {table.name} is not there; {RESTORE}"
                continue
            columns = self._connection.execute(text(f'SELECT * FROM "{table.name}" LIMIT 0')).keys()  # noqa: S608
            for column in table.columns:
                if column.name not in columns:
                    yield f"table {table.name} has no column {column.name}; {RESTORE}"

    def _wrong_values(self) -> Iterator[str]:
        for table in metadata.sorted_tables:
            yield from self._wrong_types(table)
            yield from self._unreadable_texts(table)

    def _wrong_times(self) -> Iterator[str]:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Instant):
                    number = type_coerce(column, BigInteger)
                    wrong = select(*table.primary_key).where(or_(number < FIRST, number > LAST)).limit(MOST)
                    for row in self._connection.execute(wrong):
                        yield _wrong_value(table, row, column)

    def _wrong_types(self, table: Table) -> Iterator[str]:
        key = ", ".join(f'"{one.name}"' for one in table.primary_key)
        for column in table.columns:
            if wrong := _wrong(column):
                question = text(f'SELECT {key} FROM "{table.name}" WHERE {wrong} LIMIT {MOST}')  # noqa: S608 - our names
                for row in self._connection.execute(question):
                    yield _wrong_value(table, row, column)

    def _unreadable_texts(self, table: Table) -> Iterator[str]:
        texts = [one for one in table.columns if isinstance(one.type, String)]
        keys = ", ".join(f'hex(CAST("{one.name}" AS BLOB))' for one in table.primary_key)
        joined = " || char(10) || ".join(f"coalesce(\"{one.name}\", '')" for one in texts)
        question = text(f'SELECT {keys}, CAST({joined} AS BLOB) FROM "{table.name}"')  # noqa: S608 - our names
        for *key, said in self._connection.execute(question) if texts else ():
            try:
                said.decode()
            except UnicodeDecodeError:
                named = ", ".join(bytes.fromhex(one).decode(errors="replace") for one in key)
                yield f"table {table.name}, row {named}: holds text that is not UTF-8; {RESTORE}"

    def _damage(self) -> Iterator[str]:
        """Runs the checks of SQLite (https://sqlite.org/pragma.html#pragma_integrity_check)."""
        for row in self._connection.execute(text(f"PRAGMA integrity_check({MOST})")):
            if row[0] != "ok":
                yield f"the file is damaged: {row[0]}"
        for row in self._connection.execute(text("PRAGMA foreign_key_check")).fetchmany(MOST):
            yield f"row {row[1]} of table {row[0]} refers to a row of {row[2]} that is missing"

    def _broken_relations(self) -> Iterator[str]:
        for statement, fault in RELATIONS:
            for name in self._connection.execute(statement.limit(MOST)).scalars():
                yield fault.format(name)


def _wrong_value(table: Table, row: Iterable[Any], column: Column[Any]) -> str:
    named = ", ".join(map(str, row))
    return f"table {table.name}, row {named}: column {column.name} holds no {_kind(column)}; {RESTORE}"


def _wrong(column: Column[Any]) -> str:
    """The SQL condition of a wrong value; "" for packed columns, which SQL cannot check."""
    kinds = ALLOWED.get(type(column.type))
    if kinds is None:
        return ""
    name = f'"{column.name}"'
    allowed = f"{kinds},'null'" if column.nullable else kinds
    wrong = f"typeof({name}) NOT IN ({allowed})"
    return f"{wrong} OR {name} NOT BETWEEN {FIRST} AND {LAST}" if isinstance(column.type, Instant) else wrong


def _kind(column: Column[Any]) -> str:
    return {String: "text", Instant: "time"}.get(type(column.type), "number")
