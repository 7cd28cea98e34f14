"""What many workers share: rounds of sources that are merged together, hosts that one worker deals with, and who works.

Times here are those of the database's clock, except the time of a round.
"""

from sqlalchemy import Column, Integer, String, Table

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Instant

pull_round = Table(
    "pull_round",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),  # when its entries are first seen: batch_at of its pulls
    Column("opened_at", Instant, nullable=False),
    Column("ends_at", Instant),  # when it is merged at the latest; NULL = when its last pull has ended
    Column("merged_at", Instant),  # NULL = not yet; published ones are deleted
)

# A job of a worker has sources, and all hosts that they are at, while its lease lasts. It is renewed in this row alone.
lease = Table(
    "lease",
    metadata,
    Column("token", String, primary_key=True),  # as in source.lease
    Column("worker", String, nullable=False),
    Column("shard", Integer, nullable=False),
    Column("until", Instant, nullable=False, index=True),
)

# One worker at a time deals with a host, so that its limits are kept: until the lease, and the gap after it, is over.
host_lease = Table(
    "host_lease",
    metadata,
    Column("place", String, primary_key=True),  # host:port
    Column("token", String, nullable=False, index=True),  # of the lease
)

worker = Table(
    "worker",
    metadata,
    Column("name", String, primary_key=True),  # machine:pid
    Column("roles", String, nullable=False),  # pull, merge, publish: words with commas
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("jobs", Integer, nullable=False, default=0),  # that it does now
    Column("pulls", Integer, nullable=False, default=0),  # since it started
)
