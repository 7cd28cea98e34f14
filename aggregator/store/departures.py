"""Which entries left which category, and where they went."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlalchemy import and_, bindparam, delete, func, insert, select

from aggregator.store.dialects import among
from aggregator.store.schema import category_departure, entry_category
from aggregator.store.table import TableQueries

NOWHERE = 0  # in place of a category
Departure = tuple[int, int]  # the category that an entry left, and the one where it went, or NOWHERE

TABLE = category_departure.c
OF = select(TABLE.entry_id, TABLE.category_id, TABLE.to_id).where(among(TABLE.entry_id))
TALLY = (
    select(TABLE.to_id, func.count())
    .join(
        entry_category, and_(entry_category.c.entry_id == TABLE.entry_id, entry_category.c.category_id == TABLE.to_id)
    )
    .where(TABLE.category_id == bindparam("category_id"))
    .group_by(TABLE.to_id)
)
DEPARTED = select(func.count(TABLE.entry_id.distinct())).where(TABLE.category_id == bindparam("category_id"))
MEMBERS = select(func.count()).where(entry_category.c.category_id == bindparam("category_id"))
ADD = insert(category_departure)
REMOVE = delete(category_departure).where(
    and_(
        TABLE.category_id == bindparam("category_id_"),
        TABLE.entry_id == bindparam("entry_id_"),
        TABLE.to_id == bindparam("to_id_"),
    )
)


class Departures(TableQueries):
    def of(self, entry_ids: Iterable[int]) -> dict[int, set[Departure]]:
        """Entry id → its departures, without entries that have none."""
        found: defaultdict[int, set[Departure]] = defaultdict(set)
        for entry_id, category_id, to_id in self._each(OF, entry_ids):
            found[entry_id].add((category_id, to_id))
        return found

    def replace(self, before: Mapping[int, Collection[Departure]], after: Mapping[int, Collection[Departure]]) -> None:
        """Both by entry id, for the same entries."""
        self._execute_all(REMOVE, _rows(before, after, "_"))
        self._execute_all(ADD, _rows(after, before))

    def tally(self, category_id: int) -> dict[int, int]:
        """Category id → how many of the entries that left this category for that one are in it now."""
        return {row[0]: row[1] for row in self._connection.execute(TALLY, {"category_id": category_id})}

    def departed(self, category_id: int) -> int:
        """The number of entries that left this category and did not return."""
        return int(self._connection.execute(DEPARTED, {"category_id": category_id}).scalar_one())

    def members(self, category_id: int) -> int:
        """The number of entries in the category or below it, visible or not."""
        return int(self._connection.execute(MEMBERS, {"category_id": category_id}).scalar_one())


def _rows(
    some: Mapping[int, Collection[Departure]], without: Mapping[int, Collection[Departure]], suffix: str = ""
) -> Iterator[dict[str, int]]:
    for entry_id, departures in some.items():
        for category_id, to_id in sorted(set(departures) - set(without.get(entry_id, ()))):
            yield {f"category_id{suffix}": category_id, f"entry_id{suffix}": entry_id, f"to_id{suffix}": to_id}
