"""WebSub: what hubs are told, who subscribes to the feeds of our own hub; what other hubs were asked for, and what they
delivered."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Instant

# The outbox: the documents of feeds that `feeds.hub` is told of, each with the last answer. A row stays as long as its
# file does.
ping = Table(
    "ping",
    metadata,
    Column("path", String, primary_key=True),  # below the output tree
    Column("sha256", String, nullable=False),  # of the bytes that the hub is told of
    Column("changed_at", Instant, nullable=False),
    Column("due_at", Instant, index=True),  # when the hub is told; NULL = it was
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("sent_at", Instant),  # the last time
    Column("status", Integer, nullable=False, default=0),  # HTTP status of the last answer, 0 = none
    Column("message", String, nullable=False, default=""),  # why it failed
)

# Requests to our hub whose senders still have to confirm them (WebSub 5.3), and those that were not confirmed, for a
# day.
hub_request = Table(
    "hub_request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mode", String, nullable=False),  # subscribe | unsubscribe
    Column("path", String, nullable=False),
    Column("topic", String, nullable=False),  # the address as the subscriber wrote it
    Column("callback", String, nullable=False),
    Column("host", String, nullable=False, index=True),  # host:port of the callback
    Column("secret", String, nullable=False, default=""),
    Column("lease_seconds", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, index=True),  # when the callback is asked; NULL = it did not confirm
    Column("failures", Integer, nullable=False, default=0),
    Column("message", String, nullable=False, default=""),
    UniqueConstraint("path", "callback"),
)

# The subscriptions of our hub. One that ended is kept for a month, to be counted.
hub_subscription = Table(
    "hub_subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("callback", String, nullable=False),
    Column("host", String, nullable=False, index=True),
    Column("secret", String, nullable=False, default=""),
    Column("confirmed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("sha256", String, nullable=False, default=""),  # of the document as it was delivered last; "" = never
    Column("due_at", Instant, index=True),  # when the document is delivered; NULL = it was, or did not change
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("failing_since", Instant),
    Column("delivered_at", Instant),  # the last time
    Column("status", Integer, nullable=False, default=0),
    Column("message", String, nullable=False, default=""),
    Column("ended_at", Instant),
    Column("ended_by", String, nullable=False, default=""),  # gone: the callback said 410 | failed: for a week
    UniqueConstraint("path", "callback"),
    Index("ix_hub_subscription_expires_at", "expires_at"),
)

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
