"""What a batch did to entries, for a dry run that compares the states before and after."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from aggregator.store.schema import entry
from aggregator.store.table import TableQueries
from aggregator.store.tables.entries import WAITING


class Changes(TableQueries):
    def held(self) -> frozenset[int]:
        """Entries that are held automatically, or that wait until a person approves them."""
        kept = entry.c.kept_back.in_(("held", "site", WAITING))
        return frozenset(self._connection.execute(select(entry.c.id).where(kept)).scalars())

    def edited(self, at: datetime, *, below: int) -> Mapping[int, str]:
        """Entries with an id below `below` that were edited at `at`, with their digests."""
        statement = select(entry.c.id, entry.c.digest).where(entry.c.changed_at == at, entry.c.id < below)
        return {row.id: row.digest for row in self._connection.execute(statement.order_by(entry.c.id))}
