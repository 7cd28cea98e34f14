"""What the attributes of a transaction share: chunked queries, and dataclasses as rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Connection, Executable, Table, Update, bindparam, update

from aggregator.store.chunks import chunks

T = TypeVar("T")


class TableQueries:
    """The queries and changes of one table, or a few, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _all(self, query: Executable, values: Any = None) -> Sequence[Any]:
        """At once: to fetch row by row takes twice as long. Not for rows without number."""
        return self._connection.execute(query, values).all()

    def _found(self, kind: Callable[..., T], query: Executable, values: Any = None) -> T | None:
        """The first row of a query, None where there is none."""
        row = self._connection.execute(query, values).first()
        return kind(*row) if row else None

    def _each(self, query: Executable, values: Iterable[Any], **others: Any) -> Iterator[Any]:
        """The rows of a query with `among`, a chunk of values at a time. `others`: its other parameters."""
        for chunk in chunks(values):
            yield from self._all(query, others | {"among": chunk})

    def _change_each(self, change: Executable, values: Iterable[Any], **others: Any) -> None:
        """Executes a change with `among`, if there are any values. `others`: its other parameters."""
        if some := list(values):
            self._connection.execute(change, others | {"among": some})

    def _execute_all(self, change: Executable, rows: Iterable[dict[str, Any]]) -> None:
        """Executes a change for each row of parameters, a chunk at a time."""
        for chunk in chunks(rows):
            self._connection.execute(change, chunk)


class FromRow:
    """Base of dataclasses with slots, whose fields are columns of `table` with the same names."""

    __slots__: ClassVar[tuple[str, ...]] = ()
    table: ClassVar[Table]

    @classmethod
    def columns(cls) -> list[Any]:
        return [cls.table.c[one.name] for one in fields(cls)]  # type: ignore[arg-type]

    def values(self) -> dict[str, Any]:
        """Column name → value, without the deep copy of dataclasses.asdict."""
        return {name: getattr(self, name) for name in self.__slots__}


@lru_cache(maxsize=256)
def change_by_id(table: Table, names: tuple[str, ...]) -> Update:
    """An UPDATE of these columns by id. Parameters: `of` for the id, `<name>_` for each column."""
    return update(table).where(table.c.id == bindparam("of")).values({name: bindparam(f"{name}_") for name in names})


def change_values(id_: int | str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the parameters of `change_by_id`."""
    return {f"{name}_": value for name, value in values.items()} | {"of": id_}
