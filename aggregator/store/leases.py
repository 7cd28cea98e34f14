"""Leases of sources, and of the hosts that these are at: one worker at a time asks a host.

A lease is renewed and ended in a row of its own, so that this waits for no transaction that records pulls.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import String, Table, bindparam, delete, insert, select, text, update

from aggregator.store.dialects import Values
from aggregator.store.schema import host_lease, lease
from aggregator.store.table import FromRow, TableQueries
from aggregator.store.types import Instant


@dataclass(frozen=True, slots=True)
class LeaseRow(FromRow):
    """`worker`: its name; `until`: by the database's clock."""

    table: ClassVar[Table] = lease
    token: str
    worker: str
    shard: int
    until: datetime


# A host is taken where its lease, and the gap after it, is over, or is this one. Both databases read it alike.
# They are taken in order, so that of two workers one waits for the other, and not each for the other.
TAKE = (
    "INSERT INTO host_lease (place, token) SELECT value, :token FROM {} WHERE true ORDER BY value"
    " ON CONFLICT (place) DO UPDATE SET token = excluded.token WHERE host_lease.token = excluded.token"
    " OR NOT EXISTS (SELECT 1 FROM lease WHERE lease.token = host_lease.token AND lease.until > :over)"
)
TAKE_FROM = {
    dialect: text(TAKE.format(listed)).bindparams(
        bindparam("places", type_=Values(String)), bindparam("over", type_=Instant())
    )
    for dialect, listed in (
        ("sqlite", "json_each(:places)"),
        ("postgresql", "unnest(CAST(:places AS varchar[])) AS listed (value)"),
    )
}
HELD = select(host_lease.c.place).where(host_lease.c.token == bindparam("token_"))
UNTIL, BEFORE = bindparam("until_", type_=Instant()), bindparam("before_", type_=Instant())
RENEW = update(lease).where(lease.c.token == bindparam("token_")).values(until=UNTIL)
ALL = select(*LeaseRow.columns()).order_by(lease.c.shard, lease.c.token)
EXPIRED = delete(lease).where(lease.c.until < BEFORE)
NOT_LEASED = (
    select(host_lease.c.place).where(host_lease.c.token.not_in(select(lease.c.token))).with_for_update(skip_locked=True)
)
FORGET_HOSTS = delete(host_lease).where(host_lease.c.place.in_(NOT_LEASED))


class Leases(TableQueries):
    def add(self, row: LeaseRow) -> None:
        self._connection.execute(insert(lease), row.values())

    def take_hosts(self, places: Iterable[str], token: str, *, over: datetime) -> frozenset[str]:
        """Puts those of the hosts under the lease that nobody has: no lease of them lasted until `over`, which is a gap
        ago. Returns all hosts under the lease, those from before among them."""
        take = TAKE_FROM[self._connection.dialect.name]
        self._connection.execute(take, {"places": sorted(set(places)), "token": token, "over": over})
        return frozenset(self._connection.execute(HELD, {"token_": token}).scalars())

    def renew(self, token: str, until: datetime) -> bool:
        """Also ends a lease, where `until` is now. Returns whether it was there."""
        return self._connection.execute(RENEW, {"token_": token, "until_": until}).rowcount == 1

    def all(self) -> list[LeaseRow]:
        """Those that are over, too, for a while."""
        return [LeaseRow(*row) for row in self._all(ALL)]

    def forget_expired(self, now: datetime, kept: timedelta) -> None:
        """Deletes leases that were over so long ago, and what they say of hosts. `kept` is longer than any gap."""
        self._connection.execute(EXPIRED, {"before_": now - kept})
        self._connection.execute(FORGET_HOSTS)
