"""Entries that were withdrawn, for as long as their feeds tell readers so."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Instant

# One row for each feed that held the entry when it was withdrawn. It says what the feed shows in its place; the entry
# itself is unknown where the row was recovered from the published tree.
withdrawal = Table(
    "withdrawal",
    metadata,
    Column("feed_id", String, primary_key=True),
    Column("public_id", String, primary_key=True, index=True),
    Column("entry_id", Integer, ForeignKey("entry.id"), index=True),  # NULL = recovered
    Column("kind", String, nullable=False),  # model.withdrawal.Kind
    Column("withdrawn_at", Instant, nullable=False),
    Column("stood", Boolean, nullable=False),  # in the feed's document, and no stub of it has ended
    Column("permalink", Boolean, nullable=False),  # its id was its link, too
    Column("published", Instant, nullable=False),  # this and the next two: its place in the order of a feed
    Column("first_seen_at", Instant, nullable=False),
    Column("place", Integer, nullable=False),
    Index("ix_withdrawal_withdrawn_at", "withdrawn_at"),
)
