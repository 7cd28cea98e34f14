"""Terms of shown entries as they arrived, the category each went to, and the rule."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from aggregator.model.category_trace import CategoryTrace
from aggregator.store.schema import entry
from aggregator.store.table import TableQueries

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A term of a source and its category.

    `came`: the term as it arrived (several names are one path); `path`: the category as shown, () for none; `decider`,
    `where`: the rule and its place in the config; `entries`: ids of the entries that have the term, newest first.
    """

    source_id: str
    came: Path
    path: Path
    decider: str
    where: str
    entries: tuple[int, ...]


class Terms(TableQueries):
    def arrived(self) -> Iterator[Arrived]:
        """Ordered by the newest entry of each; without what a source's `categories` add."""
        ways: defaultdict[CategoryTrace, dict[int, None]] = defaultdict(dict)
        for id_, trace in self._traces():
            if trace.came:
                ways[trace][id_] = None
        return (Arrived(*way, tuple(entries)) for way, entries in ways.items())

    def _traces(self) -> Iterator[tuple[int, CategoryTrace]]:
        newest = (entry.c.published.desc(), entry.c.id.desc())
        shown = select(entry.c.id, entry.c.placements).where(entry.c.winner_id.is_not(None)).order_by(*newest)
        for id_, placements in self._connection.execute(shown):
            yield from ((id_, trace) for trace in placements)
