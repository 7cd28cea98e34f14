"""What is remembered of sources, to notice when one becomes another site, and the entries that are compared for it.

An entry counts at a source by its first sighting there. All queries are bounded, and follow an index.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select

from aggregator.store.schema import sighting, source
from aggregator.store.table import TableQueries, change_by_id, change_values
from aggregator.store.types import Instant


@dataclass(frozen=True, slots=True)
class FirstSighting:
    """The first sighting of an entry at one source; `clean`: its packed clean draft."""

    first_seen_at: datetime
    clean: bytes


AT = bindparam("at_", type_=Instant())
MINE = (sighting.c.source_id == bindparam("source_id_"), sighting.c.echo.is_(False))
UNTIL, AFTER = sighting.c.first_seen_at <= AT, sighting.c.first_seen_at > AT
MOST = bindparam("most", type_=Integer())
EARLIER = sighting.alias()
IS_FIRST = ~(
    select(EARLIER.c.id)
    .where(EARLIER.c.entry_id == sighting.c.entry_id, EARLIER.c.source_id == sighting.c.source_id)
    .where(EARLIER.c.id < sighting.c.id)
    .exists()
)
NEWEST_FIRST = (sighting.c.first_seen_at.desc(), sighting.c.id.desc())


def _newest(when: ColumnElement[bool]) -> Select[Any]:
    columns = (sighting.c.first_seen_at, sighting.c.clean)
    return select(*columns).where(*MINE, when, IS_FIRST).order_by(*NEWEST_FIRST).limit(MOST)


# Built once, because they run for many pulls.
GET = select(source.c.site_memory).where(source.c.id == bindparam("source_id_"))
NEWEST_UNTIL, NEWEST_AFTER = _newest(UNTIL), _newest(AFTER)
COUNT = select(func.count()).select_from(select(sighting.c.id).where(*MINE, AFTER, IS_FIRST).limit(MOST).subquery())
SHOWN = select(sighting.c.entry_id, sighting.c.gone_at).where(*MINE, UNTIL).order_by(*NEWEST_FIRST).limit(MOST)
HELD = select(sighting.c.entry_id).where(*MINE, sighting.c.first_seen_at >= AT).distinct()


class SiteMemories(TableQueries):
    def get(self, source_id: str) -> bytes | None:
        """The packed SiteMemory; None where there is none yet."""
        return self._connection.execute(GET, {"source_id_": source_id}).scalar()

    def put(self, source_id: str, memory: bytes | None) -> None:
        values = {"site_memory": memory}
        self._connection.execute(change_by_id(source, tuple(values)), change_values(source_id, values))

    def entries_until(self, source_id: str, at: datetime, most: int) -> list[FirstSighting]:
        """The newest entries that were first seen until then, oldest first."""
        return self._entries(NEWEST_UNTIL, source_id, at, most)

    def entries_after(self, source_id: str, at: datetime, most: int) -> list[FirstSighting]:
        return self._entries(NEWEST_AFTER, source_id, at, most)

    def count_after(self, source_id: str, at: datetime, most: int) -> int:
        """How many entries were first seen after that; counts no further than `most`."""
        known = {"source_id_": source_id, "at_": at, "most": most}
        return int(self._connection.execute(COUNT, known).scalar_one())

    def shown_after(self, source_id: str, at: datetime, most: int) -> set[int]:
        """Of its newest entries first seen until then, those that its documents still showed after it."""
        rows = self._connection.execute(SHOWN, {"source_id_": source_id, "at_": at, "most": most})
        return {row.entry_id for row in rows if row.gone_at is None or row.gone_at > at}

    def held_since(self, source_id: str, at: datetime) -> list[int]:
        """Entries of which it showed a new sighting since then."""
        return list(self._connection.execute(HELD, {"source_id_": source_id, "at_": at}).scalars())

    def _entries(self, query: Select[Any], source_id: str, at: datetime, most: int) -> list[FirstSighting]:
        rows = self._connection.execute(query, {"source_id_": source_id, "at_": at, "most": most})
        return [FirstSighting(*row) for row in rows][::-1]
