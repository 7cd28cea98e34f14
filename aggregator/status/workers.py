"""What many workers are about: who works, which rounds are under way, which shards are late."""

from collections.abc import Iterator

from aggregator.model.workers import RoundStatus, ShardStatus, WorkerStatus
from aggregator.store import Transaction


def workers_of(tx: Transaction) -> tuple[WorkerStatus, ...]:
    return tuple(
        WorkerStatus(row.name, row.roles, row.started_at, row.seen_at, row.jobs, row.pulls) for row in tx.workers.all()
    )


def rounds_of(tx: Transaction) -> tuple[RoundStatus, ...]:
    """The rounds that are not merged, in their order."""
    return tuple(
        RoundStatus(one.number, one.at, one.opened_at, one.ends_at, one.waiting) for one in tx.rounds.unfinished()
    )


def shards_of(tx: Transaction) -> tuple[ShardStatus, ...]:
    """The shards with sources in rounds; the one whose source waits for the longest comes first."""
    return tuple(sorted(_shards(tx), key=lambda one: (one.since, one.shard)))


def _shards(tx: Transaction) -> Iterator[ShardStatus]:
    now = tx.workers.now()
    leases = {row.shard: row for row in tx.leases.all() if row.until > now}
    for shard, (waiting, since) in tx.rounds.late().items():
        lease = leases.get(shard)
        yield ShardStatus(shard, waiting, since, lease.worker if lease else "", lease.until if lease else None)
