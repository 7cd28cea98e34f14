"""Entries as they were rendered, kept while they stand in a document that is not sealed."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Table, bindparam, delete, insert, select

from aggregator.store.dialects import among
from aggregator.store.schema import rendered
from aggregator.store.table import FromRow, TableQueries

Key = tuple[int, str]  # entry id, variant


@dataclass(frozen=True, slots=True)
class RenderedRow(FromRow):
    """`variant`: see `variant_of`; `shown`: a digest of all that it was made of; `pieces`:
    packed, by format."""

    table: ClassVar[Table] = rendered
    entry_id: int
    variant: str
    shown: str
    pieces: bytes


def variant_of(language: str, title: str) -> str:
    """How feeds show an entry otherwise than it is: the language of its pages, "" for the site's, and the template of
    its title, "" for its own; "" for neither."""
    return f"{language}|{title}" if language or title else ""


OF = select(*RenderedRow.columns()).where(among(rendered.c.entry_id))
IDS = select(rendered.c.entry_id).distinct()
ADD = insert(rendered)
DROP = delete(rendered).where(
    rendered.c.entry_id == bindparam("entry_id_"), rendered.c.variant == bindparam("variant_")
)


class Rendered(TableQueries):
    def of(self, entry_ids: Iterable[int]) -> dict[Key, RenderedRow]:
        """Every variant of these entries."""
        return {(row.entry_id, row.variant): RenderedRow(*row) for row in self._each(OF, entry_ids)}

    def put(self, rows: Iterable[RenderedRow]) -> None:
        """Adds rows, in the place of those with their keys."""
        rows = list(rows)
        self._execute_all(DROP, ({"entry_id_": row.entry_id, "variant_": row.variant} for row in rows))
        self._execute_all(ADD, (row.values() for row in rows))

    def keep_only(self, entry_ids: Container[int]) -> None:
        """Drops the rows of all other entries."""
        gone = [id_ for id_ in self._connection.execute(IDS).scalars() if id_ not in entry_ids]
        self._change_each(delete(rendered).where(among(rendered.c.entry_id)), gone)
