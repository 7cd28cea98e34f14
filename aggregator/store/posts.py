"""The files of posts folders as they were last read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Table, and_, delete, insert, select

from aggregator.store.part import FromRow, Part, chunks, mapping
from aggregator.store.schema import post_file


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFileRow(FromRow):
    """`state`: read, hidden (a draft), waiting (for its date), failed. `problems`: [kind, message, where]."""

    table: ClassVar[Table] = post_file
    source_id: str
    path: str
    signature: str
    state: str
    digest: str = ""
    waits_until: datetime | None = None
    repaired: list[str]
    problems: list[Any]


class PostFiles(Part):
    def of(self, source_id: str) -> dict[str, PostFileRow]:
        statement = select(*PostFileRow.columns()).where(post_file.c.source_id == source_id)
        return {row.path: PostFileRow(**mapping(row)) for row in self._connection.execute(statement)}

    def replace(self, source_id: str, rows: Iterable[PostFileRow]) -> None:
        for chunk in chunks(rows):
            self.forget(source_id, [row.path for row in chunk])
            self._connection.execute(insert(post_file), [row.values() for row in chunk])

    def forget(self, source_id: str, paths: Iterable[str]) -> None:
        for chunk in chunks(paths):
            mine = and_(post_file.c.source_id == source_id, post_file.c.path.in_(chunk))
            self._connection.execute(delete(post_file).where(mine))
