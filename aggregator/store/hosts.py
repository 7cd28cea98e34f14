"""Hosts that refused us, by host:port: what is to be remembered over a restart."""

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from aggregator.polling import Refusals
from aggregator.store.schema import host
from aggregator.store.table import TableQueries

GET = select(host.c.source_id, host.c.refused_at, host.c.pauses, host.c.until, host.c.retry_at).where(
    host.c.name == bindparam("name")
)

# Until when each is left alone, and, for who is forced, those alone that asked for it themselves.
PAUSED, PAUSED_BY_REQUEST = (
    select(host.c.name, end).where(host.c.until > bindparam("now_"), end > bindparam("now_"))
    for end in (host.c.until, host.c.retry_at)
)


class Hosts(TableQueries):
    def get(self, name: str) -> Refusals | None:
        row = self._connection.execute(GET, {"name": name}).first()
        return Refusals(*row) if row else None

    def put(self, name: str, refusals: Refusals | None) -> None:
        """None: it has refused nobody."""
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
        """Until when each host that is left alone now is; `force`: those alone that asked for it themselves."""
        statement = PAUSED_BY_REQUEST if force else PAUSED
        return dict(tuple(row) for row in self._connection.execute(statement, {"now_": now}))
