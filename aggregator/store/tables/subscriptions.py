"""WebSub, as subscriber: what hubs were asked for, and what they delivered."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Instant

# One subscription at a hub. A source has one that lives, and more that end: an ended one stays as long as its hub may
# still deliver to it.
subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", String, nullable=False),
    Column("hub", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("callback", String, nullable=False, unique=True),  # the unguessable part of its callback's address
    Column("secret", String, nullable=False),
    Column("state", String, nullable=False),  # websub.lease.State
    Column("since", Instant, nullable=False),  # when it entered its state
    Column("next_at", Instant),  # when it is to be asked, renewed or deleted; NULL = never
    Column("asked_at", Instant),  # when the hub accepted a request that it has not verified since; NULL = none
    Column("expires_at", Instant),  # the end of the lease that was verified last
    Column("failures", Integer, nullable=False, default=0),  # requests in a row that led to no lease
    Column("message", String, nullable=False, default=""),  # what went wrong last
    Column("method", String, nullable=False, default=""),  # by which its hub signed last
    Column("delivered_at", Instant),  # the last delivery that was accepted
    Column("accepted", Integer, nullable=False, default=0),  # this and the next five: numbers of deliveries
    Column("unsigned", Integer, nullable=False, default=0),
    Column("forged", Integer, nullable=False, default=0),
    Column("repeated", Integer, nullable=False, default=0),
    Column("too_large", Integer, nullable=False, default=0),
    Column("unreadable", Integer, nullable=False, default=0),
    Column("told", Integer, nullable=False, default=0),  # deliveries with news since a poll found news first
    Column("missed", Integer, nullable=False, default=0),  # polls that found news first since the last delivery
    Index("ix_subscription_source_id", "source_id"),
    Index("ix_subscription_next_at", "next_at"),
)

# Deliveries that were accepted. The body is dropped once it was taken in; the rest stays, to recognize a repetition.
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("digest", String, nullable=False),  # SHA-256 of the body
    Column("content_type", String, nullable=False, default=""),
    Column("body", LargeBinary),
    Index("ix_delivery_digest", "subscription_id", "digest", unique=True),
    Index("ix_delivery_at", "at"),
)
WAITING_BODY = delivery.c.body.is_not(None)
Index("ix_delivery_waiting", delivery.c.subscription_id, sqlite_where=WAITING_BODY)

# Who was first with the news of the topics of each hub.
hub_tally = Table(
    "hub_tally",
    metadata,
    Column("hub", String, primary_key=True),
    Column("by_push", Integer, nullable=False, default=0),  # new entries that a delivery brought first
    Column("by_poll", Integer, nullable=False, default=0),  # new entries that a poll found first
    Column("missed", Integer, nullable=False, default=0),  # polls that found news first since the last delivery
    Column("told_at", Instant),  # the last delivery with news
    Column("missed_at", Instant),  # the last poll that found news first
)
