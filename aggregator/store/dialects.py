"""Expressions that SQLite and PostgreSQL write differently. All other statements are the same in both."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    String,
    TableValuedAlias,
    bindparam,
    cast,
    func,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from aggregator.codec import to_json

Item = type[String] | type[BigInteger]


class Values(TypeDecorator[list[int | str]]):
    """A list as the parameter of a statement: JSON in SQLite, an array in PostgreSQL. So the text of the statement is
    the same for any number of values, and neither SQLAlchemy nor the database makes it again."""

    impl = String
    cache_ok = True

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = ARRAY(self.item()) if dialect.name == "postgresql" else String()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: list[int | str] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else to_json(value)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Among":  # noqa: ARG002
        """SQLite has no booleans, so SQLAlchemy would compare a function to 1, which no index answers."""
        return self


class _Raw(FunctionElement[Any]):
    type = NullType()
    inherit_cache = True


class _Listed(FunctionElement[Any]):
    inherit_cache = True


TABLES = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'table'"),
    "postgresql": text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"),
}


def tables_of(connection: Connection) -> set[str]:
    """The names of the tables that there are."""
    return set(connection.execute(TABLES[connection.dialect.name]).scalars())


def lift_limits(connection: Connection) -> None:
    """Statements of this transaction may take as long as they take."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def among(column: ColumnElement[Any], name: str = "among") -> ColumnElement[bool]:
    """Whether a column has one of the values of a parameter that is a list."""
    item: Item = String if isinstance(column.type, String) else BigInteger
    return _Among(column, bindparam(name, type_=Values(item)))


def listed(name: str, item: Item) -> TableValuedAlias:
    """The values of a parameter that is a list, as a table with the column `value`."""
    values = _Listed(bindparam(name, type_=Values(item)))
    return values.table_valued("value").alias("value")  # PostgreSQL gives the column the name of the table


def total(numbers: ColumnElement[int]) -> ColumnElement[int]:
    """Their sum, which is a decimal number in PostgreSQL."""
    return cast(func.sum(numbers), BigInteger)


def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value of a column as it is stored, JSON as its text."""
    return _Raw(column)


@compiles(_Raw)
def _as_stored(element: _Raw, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return compiler.process(column, **options)


@compiles(_Raw, "postgresql")
def _as_text(element: _Raw, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    is_json = isinstance(getattr(column.type, "impl", column.type), JSON)
    written = compiler.process(column, **options)
    return f"CAST({written} AS TEXT)" if is_json else written


@compiles(_Among)
def _among(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({values})))"  # noqa: S608 - compiled, not joined


@compiles(_Among, "postgresql")
def _any_of(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} = ANY ({values}))"


@compiles(_Listed)
def _json_each(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Listed, "postgresql")
def _unnest(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **options)})"
