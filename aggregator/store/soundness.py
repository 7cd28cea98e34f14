"""Whether the state is whole: as a database, and by what must hold between its rows."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, exists, or_, select, text

from aggregator.store.part import Part
from aggregator.store.schema import category, entry, entry_category, sighting

MOST = 20  # faults of a kind that are named


class Soundness(Part):
    def faults(self) -> Iterator[str]:
        """A sentence for each thing that is wrong; nothing is changed."""
        yield from self._damage()
        yield from self._loose_ends()

    def _damage(self) -> Iterator[str]:
        """What SQLite finds itself (https://sqlite.org/pragma.html#pragma_integrity_check)."""
        for row in self._connection.execute(text(f"PRAGMA integrity_check({MOST})")):
            if row[0] != "ok":
                yield f"the file is damaged: {row[0]}"
        for row in self._connection.execute(text("PRAGMA foreign_key_check")).fetchmany(MOST):
            yield f"row {row[1]} of table {row[0]} refers to a row of {row[2]} that is not there"

    def _loose_ends(self) -> Iterator[str]:
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
            yield f"category {path} stands below none that is there"
        placed = exists().where(entry.c.id == entry_category.c.entry_id)
        for id_ in self._some(select(entry_category.c.entry_id).where(~placed)):
            yield f"entry number {id_} has categories, but is not there"

    def _some(self, statement: Select[Any]) -> list[Any]:
        return list(self._connection.execute(statement.limit(MOST)).scalars())
