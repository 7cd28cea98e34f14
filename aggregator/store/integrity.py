"""Checks the state: as a database, and the relations that must hold between its rows."""

from collections.abc import Iterator
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
)

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


class Integrity(TableQueries):
    def faults(self) -> Iterator[str]:
        """Yields a sentence for each fault; changes nothing. maintenance/packed_columns checks the packed columns."""
        yield from self._damage()
        missing = list(self._missing())
        yield from missing
        if not missing:
            yield from self._wrong_values()
            yield from self._broken_relations()

    def _missing(self) -> Iterator[str]:
        """Tables and columns of the schema that the file lacks."""
        tables = set(self._connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
        for table in metadata.sorted_tables:
            if table.name not in tables:
                yield f"table {table.name} is not there; {RESTORE}"
                continue
            columns = {row[1] for row in self._connection.execute(text(f'PRAGMA table_info("{table.name}")'))}
            for column in table.columns:
                if column.name not in columns:
                    yield f"table {table.name} has no column {column.name}; {RESTORE}"

    def _wrong_values(self) -> Iterator[str]:
        for table in metadata.sorted_tables:
            yield from self._wrong_types(table)
            yield from self._unreadable_texts(table)

    def _wrong_types(self, table: Table) -> Iterator[str]:
        key = ", ".join(f'"{one.name}"' for one in table.primary_key)
        for column in table.columns:
            if wrong := _wrong(column):
                question = text(f'SELECT {key} FROM "{table.name}" WHERE {wrong} LIMIT {MOST}')  # noqa: S608 - our names
                for row in self._connection.execute(question):
                    named = ", ".join(map(str, row))
                    yield f"table {table.name}, row {named}: column {column.name} holds no {_kind(column)}; {RESTORE}"

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
        own = exists().where(sighting.c.id == entry.c.winner_id, sighting.c.entry_id == entry.c.id)
        for public_id in self._some(select(entry.c.public_id).where(entry.c.winner_id.is_not(None), ~own)):
            yield f"{public_id} shows a sighting that is not its own"
        shown = exists().where(sighting.c.entry_id == entry.c.id)
        alone = select(entry.c.public_id).where(~shown, entry.c.kept_back != "joined")
        for public_id in self._some(alone):
            yield f"{public_id} has no sighting"
        above = category.alias()
        parent = exists().where(above.c.id == category.c.parent_id, above.c.depth == category.c.depth - 1)
        lost = or_(
            category.c.parent_id.is_not(None) & ~parent, category.c.parent_id.is_(None) & (category.c.depth != 1)
        )
        for path in self._some(select(category.c.path).where(lost)):
            yield f"category {path} has no parent category"
        page = exists().where(archive_page.c.feed_id + "/" + cast(archive_page.c.number, String) == sighting.c.kept_in)
        for kept_in in self._some(select(sighting.c.kept_in).distinct().where(sighting.c.kept_in > "", ~page)):
            yield f"content of old entries is kept with the sealed page {kept_in}, which is missing"
        placed = exists().where(entry.c.id == entry_category.c.entry_id)
        for id_ in self._some(select(entry_category.c.entry_id).where(~placed)):
            yield f"entry {id_} has categories, but is missing"

        known = exists().where(source.c.id == sighting.c.source_id)
        for id_ in self._some(select(sighting.c.id).where(~known)):
            yield f"table sighting, row {id_}: its source is missing; {RESTORE}"
        its_own = exists().where(category.c.id == feed.c.category_id)
        for id_ in self._some(select(feed.c.id).where(feed.c.category_id.is_not(None), ~its_own)):
            yield f"table feed, row {id_}: its category is missing; {RESTORE}"
        other = feed.alias()
        target = exists().where(other.c.id == feed.c.moved_to)
        for id_ in self._some(select(feed.c.id).where(feed.c.moved_to.is_not(None), ~target)):
            yield f"table feed, row {id_}: the feed that it moved to is missing; {RESTORE}"

    def _some(self, statement: Select[Any]) -> list[Any]:
        return list(self._connection.execute(statement.limit(MOST)).scalars())


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
