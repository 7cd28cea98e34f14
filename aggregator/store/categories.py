"""Categories: a name under its parent, with a label and a slug that were given once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Table, insert, select, update

from aggregator.store.part import FromRow, Part, chunks
from aggregator.store.schema import category


@dataclass(frozen=True, slots=True)
class CategoryRow(FromRow):
    """`name` is folded; `path` the slugs from the top, joined by a slash: the feed's id and folder."""

    table: ClassVar[Table] = category
    id: int
    parent_id: int | None
    name: str
    label: str
    slug: str
    path: str
    depth: int
    moved_to: int | None = None


ALL = select(*CategoryRow.columns()).order_by(category.c.id)


class Categories(Part):
    def all(self) -> list[CategoryRow]:
        return [CategoryRow(*row) for row in self._connection.execute(ALL)]

    def add(self, rows: Iterable[CategoryRow]) -> None:
        """Parents before their children."""
        for chunk in chunks(rows):
            self._connection.execute(insert(category), [row.values() for row in chunk])

    def move(self, id_: int, to: int | None) -> None:
        """Its entries went to category `to`; None: it stands for itself."""
        self._connection.execute(update(category).where(category.c.id == id_).values(moved_to=to))

    def relabel(self, id_: int, label: str) -> None:
        self._connection.execute(update(category).where(category.c.id == id_).values(label=label))
