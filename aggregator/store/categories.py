"""Categories: a name under its parent, with a label and a slug that were given once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Table, delete, insert, select, update

from aggregator.store.schema import category, category_source
from aggregator.store.table import FromRow, TableQueries, chunks


@dataclass(frozen=True, slots=True)
class CategoryRow(FromRow):
    """`name` is folded; `path` the slugs from the top, joined by a slash: the feed's id and folder. `founder`: the
    source whose terms founded its feed, "" where it counts for nobody."""

    table: ClassVar[Table] = category
    id: int
    parent_id: int | None
    name: str
    label: str
    slug: str
    path: str
    depth: int
    moved_to: int | None = None
    founder: str = ""


ALL = select(*CategoryRow.columns()).order_by(category.c.id)
WAITING = select(category_source.c.category_id, category_source.c.source_id).order_by(
    category_source.c.category_id, category_source.c.position
)


class Categories(TableQueries):
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

    # feeds that upstream terms found

    def waiting(self) -> dict[int, tuple[str, ...]]:
        """Categories that count for somebody once they have a feed: the sources whose terms lead there, in order."""
        found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
        for id_, source_id in self._connection.execute(WAITING):
            found[id_] += (source_id,)
        return dict(found)

    def wait(self, waiting: Mapping[int, tuple[str, ...]]) -> None:
        """Replaces the sources of each: category id → source ids, none of them empty."""
        self._end_waiting(waiting)
        rows = (
            {"category_id": id_, "source_id": source_id, "position": position}
            for id_, sources in waiting.items()
            for position, source_id in enumerate(sources)
        )
        for chunk in chunks(rows):
            self._connection.execute(insert(category_source), chunk)

    def found(self, founders: Mapping[int, str]) -> None:
        """Each has a feed from here on that counts for the source named, for nobody where that is ""."""
        self._end_waiting(founders)
        for id_, source_id in founders.items():
            self._connection.execute(update(category).where(category.c.id == id_).values(founder=source_id))

    def _end_waiting(self, ids: Iterable[int]) -> None:
        for chunk in chunks(ids):
            self._connection.execute(delete(category_source).where(category_source.c.category_id.in_(chunk)))
