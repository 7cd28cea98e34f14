"""Categories: a name under its parent. Label and slug are assigned once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Table, bindparam, delete, insert, select, update

from aggregator.store.dialects import among
from aggregator.store.schema import category, category_source
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class CategoryRow(FromRow):
    """`name` is folded. `path`: the slugs from the top, joined by slashes; it is the id and the folder of the feed.
    `founder`: the source whose quota the feed counts against, "" for none."""

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

END_WAITING = delete(category_source).where(among(category_source.c.category_id))
ADD_WAITING = insert(category_source)
FOUND = update(category).where(category.c.id == bindparam("of")).values(founder=bindparam("founder_"))


class Categories(TableQueries):
    def all(self) -> list[CategoryRow]:
        return [CategoryRow(*row) for row in self._all(ALL)]

    def paths(self) -> list[tuple[str, ...]]:
        """The folded names of each category, outermost first."""
        paths: dict[int, tuple[str, ...]] = {}
        for row in self.all():  # parents come before their children
            paths[row.id] = (*(paths[row.parent_id] if row.parent_id else ()), row.name)
        return list(paths.values())

    def add(self, rows: Iterable[CategoryRow]) -> None:
        """Parents before their children."""
        self._execute_all(insert(category), (row.values() for row in rows))

    def move(self, id_: int, to: int | None) -> None:
        """Records that the entries went to category `to`; None ends the move."""
        self._connection.execute(update(category).where(category.c.id == id_).values(moved_to=to))

    def relabel(self, id_: int, label: str) -> None:
        self._connection.execute(update(category).where(category.c.id == id_).values(label=label))

    # feeds that count against the quota of a source

    def waiting(self) -> dict[int, tuple[str, ...]]:
        """Category id → the sources whose terms lead there, in order, for categories without a feed."""
        found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
        for id_, source_id in self._connection.execute(WAITING):
            found[id_] += (source_id,)
        return dict(found)

    def wait(self, waiting: Mapping[int, tuple[str, ...]]) -> None:
        """Replaces the sources of each category. `waiting`: category id → source ids, at least one."""
        self._end_waiting(waiting)
        rows = (
            {"category_id": id_, "source_id": source_id, "position": position}
            for id_, sources in waiting.items()
            for position, source_id in enumerate(sources)
        )
        self._execute_all(ADD_WAITING, rows)

    def found(self, founders: Mapping[int, str]) -> None:
        """Records that each category has a feed now. `founders`: category id → source, "" where no quota counts."""
        self._end_waiting(founders)
        self._execute_all(FOUND, ({"of": id_, "founder_": source_id} for id_, source_id in founders.items()))

    def _end_waiting(self, ids: Iterable[int]) -> None:
        self._change_each(END_WAITING, ids)
