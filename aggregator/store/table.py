"""What the parts of a transaction share: rows in and out of frozen data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar, TypeVar

from sqlalchemy import BindParameter, Connection, Executable, Table, Update, bindparam, update

T = TypeVar("T")

CHUNK = 500  # values in one IN (…): far below what any database refuses


# The values of one chunk, in a question that is put together once: to do so again and again costs more than to ask.
AMONG: BindParameter[Any] = bindparam("among", expanding=True)


class TableQueries:
    """One noun's questions and changes, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _each(self, question: Executable, values: Iterable[Any]) -> Iterator[Any]:
        """The rows that a question with AMONG finds, a chunk of values at a time."""
        for chunk in chunks(values):
            yield from self._connection.execute(question, {"among": chunk}).all()  # row by row costs twice as much


class FromRow:
    """A dataclass whose fields are columns of `table` by the same names."""

    table: ClassVar[Table]

    @classmethod
    def columns(cls) -> list[Any]:
        return [cls.table.c[one.name] for one in fields(cls)]  # type: ignore[arg-type]

    def values(self) -> dict[str, Any]:
        """The row by column names; not copied, as dataclasses.asdict would."""
        return {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def changing(table: Table, names: tuple[str, ...]) -> Update:
    """Gives the row whose id is `of` other values in these columns; each goes by its column's name and a `_`."""
    return update(table).where(table.c.id == bindparam("of")).values({name: bindparam(f"{name}_") for name in names})


def change_of(id_: int | str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What `changing` is to be told."""
    return {f"{name}_": value for name, value in values.items()} | {"of": id_}


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
