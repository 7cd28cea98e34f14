"""Rounds of many workers: which sources are pulled together, and in which shard each is."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, case, delete, exists, func, insert, or_, select, update

from aggregator.polling.rounds import Round
from aggregator.store.dialects import among
from aggregator.store.schema import host, lease, pull_round, source
from aggregator.store.sources import PULLED, SourceRow
from aggregator.store.table import TableQueries
from aggregator.store.types import Instant

BATCH = 5000  # sources that are placed in one transaction

URL = case((source.c.moved_url == "", source.c.url), else_=source.c.moved_url)
UNPLACED = select(source.c.id, URL, source.c.host).where(source.c.shard.is_(None), PULLED).limit(BATCH)
PLACE = update(source).where(source.c.id == bindparam("of")).values(shard=bindparam("shard_"), host=bindparam("host_"))

NOW = bindparam("now_", type_=Instant())
PAUSED = select(host.c.name).where(host.c.until > NOW)
BUSY = (  # how many sources of each host are in rounds
    select(source.c.host, func.count().label("count"))
    .where(source.c.round_id.is_not(None))
    .group_by(source.c.host)
    .subquery()
)
IS_DUE = or_(source.c.next_poll_at.is_(None), source.c.next_poll_at <= NOW)
TURNS = (  # the due sources of each host in turn
    select(
        source.c.id,
        source.c.host,
        func.row_number()
        .over(partition_by=source.c.host, order_by=[source.c.next_poll_at.asc().nulls_first(), source.c.position])
        .label("turn"),
    )
    .where(PULLED, IS_DUE, source.c.shard.is_not(None), source.c.round_id.is_(None), source.c.host.not_in(PAUSED))
    .subquery()
)
TAKEN = (
    select(TURNS.c.id)
    .outerjoin(BUSY, BUSY.c.host == TURNS.c.host)
    .where(TURNS.c.turn + func.coalesce(BUSY.c.count, 0) <= bindparam("most_"))
)
JOIN = (
    update(source)
    .where(source.c.round_id.is_(None), source.c.id.in_(TAKEN))  # once more: another tick may have taken it meanwhile
    .values(round_id=bindparam("round_"))
)
LEAVE = (
    update(source).where(source.c.round_id == bindparam("round_")).values(round_id=None, lease="", leased_until=None)
)

WAITING = select(func.count()).where(source.c.round_id == pull_round.c.id).scalar_subquery()
ROUND = select(pull_round.c.id, pull_round.c.at, pull_round.c.opened_at, pull_round.c.ends_at, WAITING)
UNFINISHED = ROUND.where(pull_round.c.merged_at.is_(None)).order_by(pull_round.c.id)
NEWEST = select(func.max(pull_round.c.at))
MERGED = select(func.max(pull_round.c.at)).where(pull_round.c.merged_at.is_not(None))
MARK_MERGED = update(pull_round).where(pull_round.c.id == bindparam("of")).values(merged_at=NOW)
# The newest stays: its time is that of no other round.
FORGET = delete(pull_round).where(
    pull_round.c.merged_at.is_not(None),
    pull_round.c.at <= bindparam("at_", type_=Instant()),
    pull_round.c.id < select(func.max(pull_round.c.id)).scalar_subquery(),
)
IS_LEASED = exists().where(lease.c.token == source.c.lease, lease.c.until > NOW)
IS_FREE = or_(source.c.lease == "", ~IS_LEASED)
WITH_WORK = (
    select(source.c.shard)
    .where(source.c.round_id.is_not(None), IS_FREE)
    .group_by(source.c.shard)
    .order_by(func.min(source.c.round_id), source.c.shard)
)
OLDEST_OF_SHARD = select(func.min(source.c.round_id)).where(
    source.c.round_id.is_not(None), source.c.shard == bindparam("shard_"), IS_FREE
)
IN_TURN = (
    select(
        source.c.id,
        func.row_number().over(partition_by=source.c.host, order_by=source.c.position).label("turn"),
    )
    .where(source.c.round_id == bindparam("round_"), source.c.shard == bindparam("shard_"), IS_FREE)
    .subquery()
)
TO_LEASE = (
    select(*SourceRow.columns())
    .join(IN_TURN, IN_TURN.c.id == source.c.id)
    .order_by(IN_TURN.c.turn, source.c.position)
    .limit(bindparam("most_"))
    .with_for_update(of=source, skip_locked=True)
)
LEASE = (
    update(source)
    .where(among(source.c.id))
    .values(lease=bindparam("token_"), leased_until=bindparam("until_", type_=Instant()))
)
LATE = (
    select(source.c.shard, func.count(), func.min(func.coalesce(source.c.next_poll_at, pull_round.c.opened_at)))
    .join(pull_round, pull_round.c.id == source.c.round_id)
    .group_by(source.c.shard)
)


class Rounds(TableQueries):
    # in which shard a source is

    def unplaced(self) -> list[tuple[str, str, str]]:
        """(id, URL to pull, host:port that was pulled last) of sources to pull whose shard is not known."""
        return [(row[0], row[1], row[2]) for row in self._all(UNPLACED)]

    def place(self, places: Iterable[tuple[str, str, int]]) -> None:
        """Stores (id, host:port, shard)."""
        self._execute_all(PLACE, ({"of": id_, "host_": place, "shard_": shard} for id_, place, shard in places))

    # rounds

    def newest(self) -> datetime | None:
        """The time of the newest round."""
        return self._connection.execute(NEWEST).scalar()

    def open(self, at: datetime, opened_at: datetime, ends_at: datetime | None, most: int) -> int:
        """Opens a round of the sources that are due at `at`, so many that at most `most` of a host are in rounds, and
        none of a host that is paused; returns their number. Without any there is no round."""
        values = {"at": at, "opened_at": opened_at, "ends_at": ends_at}
        number = self._connection.execute(insert(pull_round), values).inserted_primary_key[0]  # type: ignore[index]
        count = self._connection.execute(JOIN, {"round_": number, "now_": at, "most_": most}).rowcount
        if not count:
            self._connection.execute(delete(pull_round).where(pull_round.c.id == number))
        return count

    def unfinished(self) -> list[Round]:
        """The rounds that are not merged, in their order."""
        return [Round(*row) for row in self._all(UNFINISHED)]

    def close(self, number: int) -> int:
        """Ends the pulls of a round that have not ended: their sources are due as before, and nothing is stored of
        what they still bring. Returns their number."""
        return self._connection.execute(LEAVE, {"round_": number}).rowcount

    def mark_merged(self, number: int, now: datetime) -> None:
        self._connection.execute(MARK_MERGED, {"of": number, "now_": now})

    def newest_merged(self) -> datetime | None:
        """The time of the newest round that was merged."""
        return self._connection.execute(MERGED).scalar()

    def forget_merged(self, until: datetime) -> None:
        """Deletes merged rounds up to that time."""
        self._connection.execute(FORGET, {"at_": until})

    # leases

    def shards_with_work(self, now: datetime) -> list[int]:
        """The shards in which sources of a round wait for a worker, those of the oldest rounds first."""
        return list(self._connection.execute(WITH_WORK, {"now_": now}).scalars())

    def candidates(self, shard: int, now: datetime, most: int) -> tuple[Round | None, list[SourceRow]]:
        """The oldest round that has sources in the shard, and up to `most` of them that no worker has: one of each host
        before the second of any. They stay locked until the transaction ends."""
        number = self._connection.execute(OLDEST_OF_SHARD, {"shard_": shard, "now_": now}).scalar()
        if number is None:
            return None, []
        [found] = self._connection.execute(ROUND.where(pull_round.c.id == number))
        parameters = {"round_": number, "shard_": shard, "now_": now, "most_": most}
        return Round(*found), [SourceRow(*row) for row in self._all(TO_LEASE, parameters)]

    def lease(self, ids: Iterable[str], token: str, until: datetime) -> None:
        """Puts sources under a lease. That `leases` renews it is not written here."""
        self._change_each(LEASE, ids, token_=token, until_=until)

    def late(self) -> dict[int, tuple[int, datetime]]:
        """Shard → how many of its sources wait in a round or are pulled, and since when the first is due."""
        return {row[0]: (row[1], row[2]) for row in self._all(LATE)}
