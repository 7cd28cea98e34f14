"""Feeds, their archives and files, as published; what was made of their entries, and which were withdrawn."""

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

# Every entry that stands in a document which is not sealed, in every format. A row that is missing, or was made of
# something else than what is shown now, is made anew.
rendered = Table(
    "rendered",
    metadata,
    Column("entry_id", Integer, ForeignKey("entry.id"), primary_key=True, autoincrement=False),
    Column("variant", String, primary_key=True),  # language of pages | template of titles; "" = those of site and entry
    Column("shown", String, nullable=False),  # digest of all that it was made of
    Column("pieces", LargeBinary, nullable=False),  # by format: its bytes, or why it is left out
)

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
