"""What hubs are told, and who subscribes to the feeds of our own hub."""

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

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
