"""The files of posts folders, as they were read last."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, and_, bindparam, delete, func, insert, select

from aggregator.store.chunks import chunks
from aggregator.store.dialects import among
from aggregator.store.schema import STANDING, post_file
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class PostFileRow(FromRow):
    """`state`: read, hidden (a draft), waiting (for its date), expired, failed. `waits_until`: when it is read again,
    because it goes out or expires. `notes`: packed PostNotes, or None."""

    table: ClassVar[Table] = post_file
    source_id: str
    path: str
    signature: str
    state: str
    digest: str = ""
    waits_until: datetime | None = None
    notes: bytes | None = None


OWN = post_file.c.source_id == bindparam("id_")
COUNTS = select(post_file.c.state, func.count()).where(OWN).group_by(post_file.c.state)
NOTES = select(post_file.c.notes).where(OWN, post_file.c.notes.is_not(None)).order_by(post_file.c.path)
DUE = select(post_file.c.path).where(OWN, post_file.c.waits_until <= bindparam("at_")).limit(1)

STANDING_AMONG = select(post_file.c.path).where(OWN, post_file.c.state.in_(STANDING), among(post_file.c.path))


class PostFiles(TableQueries):
    def of(self, source_id: str) -> dict[str, PostFileRow]:
        statement = select(*PostFileRow.columns()).where(post_file.c.source_id == source_id)
        return {row.path: PostFileRow(*row) for row in self._all(statement)}

    def counts(self, source_id: str) -> Counter[str]:
        """The number of files in each state."""
        return Counter({row[0]: row[1] for row in self._all(COUNTS, {"id_": source_id})})

    def notes(self, source_id: str) -> list[bytes]:
        """Packed PostNotes, in the order of paths."""
        return list(self._connection.execute(NOTES, {"id_": source_id}).scalars())

    def is_due(self, source_id: str, at: datetime) -> bool:
        """Whether a post goes out or expires now."""
        return self._connection.execute(DUE, {"id_": source_id, "at_": at}).first() is not None

    def standing(self, source_id: str, paths: Iterable[str]) -> set[str]:
        """Those of `paths` where a post is."""
        return {row[0] for row in self._each(STANDING_AMONG, paths, id_=source_id)}

    def replace(self, source_id: str, rows: Iterable[PostFileRow]) -> None:
        for chunk in chunks(rows):
            self.forget(source_id, [row.path for row in chunk])
            self._connection.execute(insert(post_file), [row.values() for row in chunk])

    def forget(self, source_id: str, paths: Iterable[str]) -> None:
        mine = and_(post_file.c.source_id == source_id, among(post_file.c.path))
        self._change_each(delete(post_file).where(mine), paths)
