"""The tables, in types that both SQLite and PostgreSQL have."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from aggregator.store.types import Instant, Shaped, Traces, are_terms, is_list, is_mapping

HEAD = "0013"  # the newest migration in migrations/versions

STANDING = ("read", "failed")  # states of a post's file in which the post is shown

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

# Single facts about the whole state: their names and values are in facts.py.
fact = Table("fact", metadata, Column("name", String, primary_key=True), Column("value", String, nullable=False))

source = Table(
    "source",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # feed | posts
    Column("url", String, nullable=False),
    Column("position", Integer, nullable=False),  # in config order, posts folders first
    Column("configured", Boolean, nullable=False),
    Column("published", Boolean, nullable=False),  # by the config, and by what its publisher asks
    Column("title", String, nullable=False, default=""),  # the config's, else the document's
    Column("about", LargeBinary),  # FeedInfo
    Column("etag", String, nullable=False, default=""),
    Column("last_modified", String, nullable=False, default=""),
    Column("body_digest", String, nullable=False, default=""),
    Column("read_with", String, nullable=False, default=""),  # posts: digest of the settings that files were read with
    Column("state", String, nullable=False, default="new"),  # new | ok | failing | paused | gone
    Column("state_since", Instant),
    Column("last_attempt_at", Instant),
    Column("last_success_at", Instant),
    Column("due_at", Instant),  # from when on it may be pulled
    Column("next_poll_at", Instant),  # due_at with jitter: when the scheduler pulls it
    Column("poll_reason", String, nullable=False, default=""),  # why next_poll_at is when it is: polling.Turn.why
    Column("last_status", Integer, nullable=False, default=0),  # HTTP status of the last answer
    Column("gone_since", Instant),  # since when every answer is 410
    Column("fresh_for", Integer, nullable=False, default=0),  # seconds of max-age of the last answer
    Column("pace", LargeBinary),  # PollHints of the last document
    Column("host", String, nullable=False, default=""),  # host:port that was pulled last
    Column(
        "moved_url", String, nullable=False, default=""
    ),  # this and the next four: polling.Move; pulled instead of `url`
    Column("move_target", String, nullable=False, default=""),
    Column("move_since", Instant),
    Column("move_answers", Integer, nullable=False, default=0),
    Column("move_refused", String, nullable=False, default=""),
    Column("retry_at", Instant),  # from Retry-After; --force respects it
    Column("failures", Integer, nullable=False, default=0),
    Column("error_kind", String, nullable=False, default=""),
    Column("error_message", String, nullable=False, default=""),
    Column("changed_pulls", Integer, nullable=False, default=0),
    Column("repeats_ids", Boolean, nullable=False, default=False),
    Column("missing_since", Instant),  # posts: when most of the folder was first found missing
    Column("boilerplate", LargeBinary),  # digests of passages that most of its entries contain
    Column("policy", String, nullable=False, default=""),  # digest of the settings for showing its entries
    Column("opt_out", String, nullable=False, default=""),  # the words in which its document asks not to be republished
    Column("opt_out_header", String, nullable=False, default=""),  # the same, from its server's X-Robots-Tag
    Column("lease", String, nullable=False, default=""),
    Column("leased_until", Instant),
    Index("ix_source_next_poll_at", "next_poll_at"),
    Index("ix_source_lease", "lease"),
)

# Hosts (host:port) that refused us: polling.Refusals.
host = Table(
    "host",
    metadata,
    Column("name", String, primary_key=True),
    Column("source_id", String, nullable=False),
    Column("refused_at", Instant, nullable=False),
    Column("pauses", Integer, nullable=False),
    Column("until", Instant),
    Column("retry_at", Instant),
)

# Answers that `source add` got, so that the next run need not request them again.
kept_answer = Table(
    "kept_answer",
    metadata,
    Column("url", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("answer", LargeBinary, nullable=False),  # fetch.Answer
)

reading_list = Table(
    "reading_list",
    metadata,
    Column("id", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("feeds", LargeBinary),  # tuple of ListedFeed as last read; NULL = never read
    Column(
        "ids", Shaped(is_mapping), nullable=False, default=dict
    ),  # URL → source id, also of feeds that left the list
    Column("etag", String, nullable=False, default=""),
    Column("last_modified", String, nullable=False, default=""),
    Column("body_digest", String, nullable=False, default=""),
    Column("last_attempt_at", Instant),
    Column("last_success_at", Instant),
    Column("next_read_at", Instant),
    Column("failures", Integer, nullable=False, default=0),
    Column("error_kind", String, nullable=False, default=""),
    Column("error_message", String, nullable=False, default=""),
)

pull = Table(
    "pull",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", String, nullable=False),
    Column("batch_at", Instant, nullable=False),
    Column("outcome", String, nullable=False),  # changed | unchanged | failed
    Column("kind", String, nullable=False, default=""),
    Column("message", String, nullable=False, default=""),
    Column("received", Integer, nullable=False, default=0),
    Column("complete", Boolean, nullable=False, default=True),
    Column("document_updated", Instant),
    Column("settled", Boolean, key="merged", nullable=False, default=True),  # false while a changed pull waits
    Column("deleted", Shaped(is_list), nullable=False, default=list),  # upstream ids of at:deleted-entry elements
    Column("new", Integer, nullable=False, default=0),  # number of new entries
    Index("ix_pull_source", "source_id", "id"),
    Index("ix_pull_settled", "merged"),
    Index("ix_pull_batch", "batch_at", "outcome", "new"),  # covers the list of recent runs
)

# Pulled entries that wait to be merged.
arrival = Table(
    "arrival",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pull_id", Integer, ForeignKey("pull.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False),  # in the document, from 0
    Column("item", String, nullable=False),  # digest of the draft; blobs are NULL where it is known already
    Column("draft", LargeBinary),
    Column("clean", LargeBinary),
)

# The files of posts as they were read last; unchanged files are not read again.
post_file = Table(
    "post_file",
    metadata,
    Column("source_id", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("signature", String, nullable=False),
    Column("state", String, nullable=False),  # read | hidden | waiting | failed
    Column("digest", String, nullable=False, default=""),
    Column("waits_until", Instant),
    Column("notes", LargeBinary),  # PostNotes, where there are any
)

sighting = Table(
    "sighting",
    metadata,
    Column("id", Integer, primary_key=True),  # in merge order
    Column("source_id", String, nullable=False),
    Column("entry_id", Integer, ForeignKey("entry.id", use_alter=True), nullable=False),
    Column("upstream_id", String, nullable=False, default=""),
    Column("link", String, nullable=False, default=""),
    Column("canonical", String, nullable=False, default="", index=True),
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
    Column("deleted_at", Instant),  # by a tombstone of its source
    Column("echo", Boolean, nullable=False, default=False),  # our own entry, returned by another feed
    Column("origin", String, nullable=False, default=""),  # name_of the feed that it says it was taken from
    Column("recalled", Boolean, nullable=False, default=False),  # rebuilt from the published tree, not seen again yet
    Column("opt_out", Boolean, nullable=False, default=False),  # it asks not to be republished
    Column("withheld", String, nullable=False, default=""),  # gone | deleted | echo | asked | excluded; "" = shown
    Column("kept_in", String),  # sealed page, feed/number, that has its content; "" = dropped; NULL = here
    Column("sketch", LargeBinary),  # TextSketch of the text, after content and draft were pruned
    Index("ix_sighting_entry", "entry_id", "source_id"),  # covers the source of an entry
    Index("ix_sighting_source_upstream", "source_id", "upstream_id"),
    Index("ix_sighting_source_canonical", "source_id", "canonical"),
    Index("ix_sighting_source_item", "source_id", "item"),
    Index("ix_sighting_source_whole", "source_id", "whole"),
    Index("ix_sighting_source_body", "source_id", "body"),
    Index("ix_sighting_source_path", "source_id", "path"),
    Index("ix_sighting_source_title", "source_id", "title"),
    Index("ix_sighting_upstream", "upstream_id"),
)
WHOLE, DROPPED = sighting.c.kept_in.is_(None), sighting.c.kept_in.is_not(None)
Index("ix_sighting_whole_content", sighting.c.entry_id, sqlite_where=WHOLE, postgresql_where=WHOLE)
Index("ix_sighting_kept_in", sighting.c.kept_in, sqlite_where=DROPPED, postgresql_where=DROPPED)

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
    Column("kept_back", String, nullable=False, default=""),  # held | hold | removed | joined; "" = it may be shown
    Column("kept_back_at", Instant),
    Column("joined_to", Integer),  # the entry that a person joined it to
    Index("ix_entry_kept_back", "kept_back"),
    Index("ix_entry_order", "published", "first_seen_at", "place", "id"),
    Index("ix_entry_fresh", "fresh_at"),
)

# Decisions of a person about entries, in order.
override = Table(
    "override",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("act", String, nullable=False),  # split | join | hold | release | remove | restore
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

category = Table(
    "category",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parent_id", Integer, ForeignKey("category.id")),
    Column("name", String, nullable=False),  # folded
    Column("label", String, nullable=False),  # as shown; it never changes
    Column("slug", String, nullable=False),
    Column("path", String, nullable=False, unique=True),  # slugs from the top, joined by /
    Column("depth", Integer, nullable=False),
    Column("moved_to", Integer),  # the category that its entries went to when it lost them all
    Column("founder", String, nullable=False, default=""),  # the source whose quota its feed counts against; "" = none
    UniqueConstraint("parent_id", "name"),
)

# For a category that no rule names and that has no feed yet: the first sources whose terms lead there.
category_source = Table(
    "category_source",
    metadata,
    Column("category_id", Integer, ForeignKey("category.id"), primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("position", Integer, nullable=False),  # from 0, in order of arrival
)

entry_category = Table(
    "entry_category",
    metadata,
    Column("entry_id", Integer, ForeignKey("entry.id"), primary_key=True),
    Column("category_id", Integer, ForeignKey("category.id"), primary_key=True),
    Column("position", Integer),  # NULL = a parent of a category that it is placed in
    Column("terms", Shaped(are_terms)),  # where placed: for each level [term, scheme, or null for ours]
    Index("ix_entry_category_category", "category_id", "entry_id"),
)

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
    Column("number", Integer),  # NULL = not sealed yet, so the feed's document must have it
    Column("void", Boolean, nullable=False, default=False),  # the sealed copy may no longer be published
    Index("ix_archive_entry_number", "number", "feed_id"),
)

# The state of a source as reported last. A fault that passes by itself changes nothing here.
health = Table(
    "health",
    metadata,
    Column("source_id", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("state", String, nullable=False),  # new | ok | broke | gone
    Column("since", Instant, nullable=False),
    Column("heard_at", Instant),  # when it last showed something new, or was first checked
    Column("quiet_at", Instant),  # from when on its silence is longer than usual
    Column("silent", Boolean, nullable=False, default=False),
    Column("held_at", Instant),  # when the newest of its reported held entries was held
)

# Events of sources: each is an entry of the feed `health`. Its words stay when the source changes later.
health_event = Table(
    "health_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("source_id", String, nullable=False, index=True),
    Column("kind", String, nullable=False),  # broke | recovered | moved | gone | silent | held
    Column("title", String, nullable=False),
    Column("message", String, nullable=False),
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
