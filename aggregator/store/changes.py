"""What a batch did to entries, for who compares the state before it with the state after."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from aggregator.store.schema import entry
from aggregator.store.table import TableQueries


class Changes(TableQueries):
    def held(self) -> frozenset[int]:
        """Entries that the machine holds."""
        return frozenset(self._connection.execute(select(entry.c.id).where(entry.c.kept_back == "held")).scalars())

    def edited(self, at: datetime, *, below: int) -> Mapping[int, str]:
        """Entries with a lower number that were seen edited at that time, each with the digest of what it says."""
        statement = select(entry.c.id, entry.c.digest).where(entry.c.changed_at == at, entry.c.id < below)
        return {row.id: row.digest for row in self._connection.execute(statement.order_by(entry.c.id))}
