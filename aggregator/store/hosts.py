"""Hosts that refused us, by host:port. They are stored, so that a restart does not forget a pause."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from aggregator.polling import Refusals
from aggregator.store.dialects import among
from aggregator.store.schema import host
from aggregator.store.table import TableQueries

OF = select(host.c.name, host.c.source_id, host.c.refused_at, host.c.pauses, host.c.until, host.c.retry_at).where(
    among(host.c.name)
)

# Until when each host is paused; with force, only pauses that the host asked for itself count.
PAUSED, PAUSED_BY_REQUEST = (
    select(host.c.name, end).where(host.c.until > bindparam("now_"), end > bindparam("now_"))
    for end in (host.c.until, host.c.retry_at)
)


class Hosts(TableQueries):
    def get(self, name: str) -> Refusals | None:
        return self.of([name]).get(name)

    def of(self, names: Iterable[str]) -> dict[str, Refusals]:
        """Those of the hosts that refused us."""
        return {row[0]: Refusals(*row[1:]) for row in self._each(OF, names)}

    def put(self, name: str, refusals: Refusals | None) -> None:
        """None removes the host."""
        self._connection.execute(delete(host).where(host.c.name == name))
        if refusals:
            self._connection.execute(
                insert(host).values(
                    name=name,
                    source_id=refusals.source,
                    refused_at=refusals.at,
                    pauses=refusals.pauses,
                    until=refusals.until,
                    retry_at=refusals.retry_at,
                )
            )

    def paused(self, now: datetime, *, force: bool = False) -> dict[str, datetime]:
        """Host → until when it is paused. `force`: only pauses that hosts asked for by Retry-After."""
        statement = PAUSED_BY_REQUEST if force else PAUSED
        return dict(tuple(row) for row in self._all(statement, {"now_": now}))
