"""Sightings, the entries that they became, and what was decided about these."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    literal_column,
)

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Instant, Traces

HELD_STATES = ("held", "site", "hold", "waiting")  # of an entry that waits for its day, or for a person
WAITING = "waiting"  # until a person approves it: of an entry, and of a sighting

sighting = Table(
    "sighting",
    metadata,
    Column("id", Integer, primary_key=True),  # in merge order
    Column("source_id", String, nullable=False),
    Column("entry_id", Integer, ForeignKey("entry.id", use_alter=True), nullable=False),
    Column("upstream_id", String, nullable=False, default=""),
    Column("link", String, nullable=False, default=""),
    Column("canonical", String, nullable=False, default=""),
    Column("path", String, nullable=False, default=""),
    Column("item", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("whole", String, nullable=False, default=""),
    Column("body", String, nullable=False, default=""),
    Column("title", String, nullable=False, default=""),
    Column("claimed", Instant),  # the publisher's published, else updated
    Column("draft", LargeBinary, nullable=False),
    Column("clean", LargeBinary, nullable=False),
    Column("terms", LargeBinary),  # Terms: the part of `clean` that placing needs; NULL = read `clean`
    Column("rules_version", String, nullable=False),
    Column("source_updated", Instant),
    Column("matched_by", String, nullable=False),
    Column("matched_to", Integer),
    Column("score", Float),
    Column("reason", String, nullable=False),  # why it matched, in words
    Column("place", Integer, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("gone_at", Instant),
    Column("deleted_at", Instant),  # by a tombstone of its source, or its post expired
    Column("echo", Boolean, nullable=False, default=False),  # our own entry, returned by another feed
    Column("origin", String, nullable=False, default=""),  # name_of the feed that it says it was taken from
    Column("recalled", Boolean, nullable=False, default=False),  # rebuilt from the published tree, not seen again yet
    Column("opt_out", Boolean, nullable=False, default=False),  # it asks not to be republished
    # waiting | gone | deleted | echo | asked | excluded; "" = shown
    Column("withheld", String, nullable=False, default=""),
    Column("kept_in", String),  # sealed page, feed/number, that has its content; "" = dropped; NULL = here
    Column("sketch", LargeBinary),  # TextSketch of the text, after content and draft were pruned
    Index("ix_sighting_entry", "entry_id", "source_id"),  # covers the source of an entry
    Index("ix_sighting_source_seen", "source_id", "first_seen_at"),
    Index("ix_sighting_source", "source_id", "id"),  # the newest of a source
    Index("ix_sighting_source_item", "source_id", "item"),
    Index("ix_sighting_source_whole", "source_id", "whole"),
    Index("ix_sighting_source_body", "source_id", "body"),
    Index("ix_sighting_source_path", "source_id", "path"),
    Index("ix_sighting_source_title", "source_id", "title"),
    Index("ix_sighting_upstream", "upstream_id", "source_id"),  # for its own source and for others
    Index("ix_sighting_canonical", "canonical", "source_id"),
)
WHOLE, DROPPED = sighting.c.kept_in.is_(None), sighting.c.kept_in.is_not(None)
Index("ix_sighting_whole_content", sighting.c.entry_id, sqlite_where=WHOLE)
Index("ix_sighting_kept_in", sighting.c.kept_in, sqlite_where=DROPPED)

entry = Table(
    "entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String, nullable=False, unique=True),
    Column("slug", String, unique=True),  # of its page, NULL for no page
    Column("winner_id", Integer, index=True),  # the sighting that is shown; NULL = in no feed
    Column("published", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("fresh_at", Instant, nullable=False),  # for feeds.window: seen after its source's first pull, or edited
    Column("place", Integer, nullable=False),
    Column("digest", String, nullable=False),  # of the winner, when it was last decided whether it was edited
    Column("placements", Traces(), nullable=False, default=list),  # every term with its category and rule
    Column("page_dirty", Boolean, nullable=False, default=False, index=True),
    Column("shifted", Boolean, nullable=False, default=True, index=True),  # archives have to be updated for it
    # held | site | hold | waiting | too-old | removed | joined; "" = it may be shown
    Column("kept_back", String, nullable=False, default=""),
    Column("kept_back_at", Instant),
    Column("joined_to", Integer),  # the entry that a person joined it to
    Column("backlog", String, nullable=False, default=""),  # Backlog: why no subscriber is told of it; "" = all are
    Column("backlog_at", Instant),
    Index("ix_entry_kept_back", "kept_back"),
    Index("ix_entry_order", "published", "first_seen_at", "place", "id"),
    Index("ix_entry_fresh", "fresh_at"),
)
NO_NEWS = entry.c.backlog > literal_column("''")
Index("ix_entry_backlog", entry.c.backlog, sqlite_where=NO_NEWS)

# Decisions of a person about entries, in order.
override = Table(
    "override",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("act", String, nullable=False),  # split | join | hold | release | approve | remove | restore
    Column("entry_id", Integer, ForeignKey("entry.id"), nullable=False, index=True),
    Column("other_id", Integer, ForeignKey("entry.id"), index=True),  # split: the new entry; join: the absorbed one
    Column("sighting_id", Integer, ForeignKey("sighting.id")),  # split: the sighting that was split off
)

# Signatures of recent sightings, to find near-duplicates. `scheme` names algorithm, seed and shape. Only bands of the
# same scheme are compared; those of another one are made again.
signature = Table(
    "signature",
    metadata,
    Column("sighting_id", Integer, primary_key=True),
    Column("scheme", String, nullable=False),
    Column("at", Instant, nullable=False, index=True),  # when the entry was published or first seen, the later
    Column("bands", LargeBinary, nullable=False),  # the keys of its rows below, 8 bytes each
)

band = Table(
    "band",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("sighting_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Digests of removed entries, as in feeds/removed.json (see removals.py). `entry_id` is NULL where only the published
# tree has the entry, after the state was lost.
removal = Table(
    "removal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False, index=True),  # the same for all digests of one entry
    Column("entry_id", Integer, ForeignKey("entry.id"), index=True),
    Column("kind", String, nullable=False),  # id | link | title | text
    Column("digest", String, nullable=False),
    Column("length", Integer, nullable=False, default=0),  # of the text, in characters; else 0
    Column(
        "made_of", String, nullable=False, default=""
    ),  # quick digest of the text that it was made from; "" = from the tree
)
