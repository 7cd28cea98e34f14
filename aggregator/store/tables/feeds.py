"""Feeds, their archives and files, as published."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Instant

feed = Table(
    "feed",
    metadata,
    Column("id", String, primary_key=True),
    Column("atom_id", String, nullable=False, unique=True),
    Column("category_id", Integer),
    Column("recorded_at", Instant, nullable=False),
    Column("dirty", Boolean, nullable=False, default=True),
    Column("listing", LargeBinary),  # FeedListing as last published; NULL = not in the tree
    Column("contents", LargeBinary),  # FeedContents as last published
    Column("moved_to", String),  # the feed at its address since it moved; NULL = its own
    Column("generation", Integer, nullable=False, default=0),  # the newest of its archive, ever
    Column("archive", String, nullable=False, default=""),  # digest of the archive's settings; "" = no archive
    Column("stands_since", Instant),  # since when it is in the tree; NULL = for long, or not there
    Column("ended_at", Instant),  # when a person ended its address for good
)

# The sealed pages of a feed's archive (RFC 5005, section 4), newest generation only, with the bytes of their files.
archive_page = Table(
    "archive_page",
    metadata,
    Column("feed_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1 = oldest
    Column("page", LargeBinary, nullable=False),  # SealedPage
)

# Every entry of a feed with an archive, and the page that it was sealed on.
archive_entry = Table(
    "archive_entry",
    metadata,
    Column("feed_id", String, primary_key=True),
    Column("entry_id", Integer, ForeignKey("entry.id"), primary_key=True, index=True),
    Column("number", Integer),  # NULL = not sealed yet, so the feed's document has it; 0 = APART
    Column("void", Boolean, nullable=False, default=False),  # the sealed copy may no longer be published
    Index("ix_archive_entry_number", "number", "feed_id"),
)

published_file = Table(
    "published_file",
    metadata,
    Column("path", String, primary_key=True),  # below the output tree, POSIX
    Column("feed_id", String, nullable=False, index=True),  # "" for pages and indexes
    Column("sha256", String, nullable=False),
    Column("size", BigInteger),  # this and mtime: Stamp of the file as written; NULL = unknown
    Column("mtime", BigInteger),  # nanoseconds since 1970
)
