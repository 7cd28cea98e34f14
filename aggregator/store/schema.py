"""The tables. What SQLite and PostgreSQL both speak, nothing else."""

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

from aggregator.store.types import Instant, Shaped, are_terms, is_list, is_mapping, is_told

HEAD = "0013"  # the newest schema step in migrations/versions

STANDING = ("read", "failed")  # states of a post's file in which the post is there

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

# Single facts about the whole: the newest time settled, digests of the config that decisions were made with.
fact = Table("fact", metadata, Column("name", String, primary_key=True), Column("value", String, nullable=False))

source = Table(
    "source",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # feed | posts
    Column("url", String, nullable=False),
    Column("position", Integer, nullable=False),  # in config order, posts folders first
    Column("configured", Boolean, nullable=False),
    Column("published", Boolean, nullable=False),  # as the config, and what its publisher asks, have it
    Column("title", String, nullable=False, default=""),  # the config's, else the document's
    Column("about", LargeBinary),  # models.About
    Column("etag", String, nullable=False, default=""),
    Column("last_modified", String, nullable=False, default=""),
    Column("body_digest", String, nullable=False, default=""),
    Column("read_with", String, nullable=False, default=""),  # posts: digest of the settings they were read with
    Column("state", String, nullable=False, default="new"),  # new | ok | failing | paused | gone
    Column("state_since", Instant),
    Column("last_attempt_at", Instant),
    Column("last_success_at", Instant),
    Column("due_at", Instant),  # from when on it may be asked
    Column("next_poll_at", Instant),  # when a scheduler asks it: that, with jitter
    Column("poll_reason", String, nullable=False, default=""),  # polling.Turn.why
    Column("last_status", Integer, nullable=False, default=0),  # of the last answer over HTTP
    Column("gone_since", Instant),  # since when it answers 410 whenever it answers
    Column("fresh_for", Integer, nullable=False, default=0),  # seconds that the last answer asked to be kept
    Column("pace", LargeBinary),  # Pace of the last document
    Column("host", String, nullable=False, default=""),  # host:port that was asked last
    Column("moved_url", String, nullable=False, default=""),  # polling.Move, from here on: asked in place of `url`
    Column("move_target", String, nullable=False, default=""),
    Column("move_since", Instant),
    Column("move_answers", Integer, nullable=False, default=0),
    Column("move_refused", String, nullable=False, default=""),
    Column("retry_at", Instant),  # what Retry-After asked for; --force keeps to it
    Column("failures", Integer, nullable=False, default=0),
    Column("error_kind", String, nullable=False, default=""),
    Column("error_message", String, nullable=False, default=""),
    Column("changed_pulls", Integer, nullable=False, default=0),
    Column("repeats_ids", Boolean, nullable=False, default=False),
    Column("missing_since", Instant),  # posts: when most of the folder was first seen gone
    Column("boilerplate", LargeBinary),  # digests of the passages that stand in most of its entries
    Column("policy", String, nullable=False, default=""),  # digest of what the config says of showing its entries
    Column("opt_out", String, nullable=False, default=""),  # the words in which its document asks not to be republished
    Column("opt_out_header", String, nullable=False, default=""),  # … and those of its server
    Column("lease", String, nullable=False, default=""),
    Column("leased_until", Instant),
    Index("ix_source_next_poll_at", "next_poll_at"),
    Index("ix_source_lease", "lease"),
)

# A host (host:port) that refused us: see polling.Refusals.
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

# What an address answered before there was a source to pull it: `source add` asks, and the next run need not.
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
    Column("feeds", LargeBinary),  # a tuple of listed.Listed, as it was read last; NULL = never yet
    Column(
        "ids", Shaped(is_mapping), nullable=False, default=dict
    ),  # address → source id, also of feeds that left the list
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
    Column(
        "deleted", Shaped(is_list), nullable=False, default=list
    ),  # upstream ids that its at:deleted-entry elements name
    Column("new", Integer, nullable=False, default=0),  # entries it brought that nothing known was like
    Index("ix_pull_source", "source_id", "id"),
    Index("ix_pull_settled", "merged"),
    Index("ix_pull_batch", "batch_at", "outcome", "new"),  # what is told of recent runs, from the index alone
)

# An entry as a pull brought it, waiting to be settled.
arrival = Table(
    "arrival",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pull_id", Integer, ForeignKey("pull.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False),  # in the document, from 0
    Column("item", String, nullable=False),  # digest of the draft; what is known already comes without blobs
    Column("draft", LargeBinary),
    Column("clean", LargeBinary),
)

# A post's file as it was last read: what did not change is not read again.
post_file = Table(
    "post_file",
    metadata,
    Column("source_id", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("signature", String, nullable=False),
    Column("state", String, nullable=False),  # read | hidden | waiting | failed
    Column("digest", String, nullable=False, default=""),
    Column("waits_until", Instant),
    Column("notes", LargeBinary),  # what was repaired and what is wrong, where anything was
)

sighting = Table(
    "sighting",
    metadata,
    Column("id", Integer, primary_key=True),  # given in settling order
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
    Column("terms", LargeBinary),  # models.Terms, the part of `clean` that placing asks for; NULL = look there
    Column("rules_version", String, nullable=False),
    Column("source_updated", Instant),
    Column("matched_by", String, nullable=False),
    Column("matched_to", Integer),
    Column("score", Float),
    Column("reason", String, nullable=False),  # what made it so, in words
    Column("place", Integer, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("gone_at", Instant),
    Column("deleted_at", Instant),  # its source said so by a tombstone
    Column("echo", Boolean, nullable=False, default=False),  # our own entry, come back through another's feed
    Column("origin", String, nullable=False, default=""),  # the feed that it says it was taken from: name_of
    Column("recalled", Boolean, nullable=False, default=False),  # learned from the published tree, not yet seen again
    Column("opt_out", Boolean, nullable=False, default=False),  # it asks not to be republished
    Column("withheld", String, nullable=False, default=""),  # gone | deleted | echo | asked | excluded; "" = shown
    Column("kept_in", String),  # the sealed page, feed/number, beside which its content is; "" = dropped; NULL = here
    Column("sketch", LargeBinary),  # sketch.TextSketch of the text, once content and draft were dropped
    Index("ix_sighting_entry", "entry_id", "source_id"),  # whose an entry is, without reading a draft
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
    Column("slug", String, unique=True),  # of its page, where it has one
    Column("winner_id", Integer, index=True),  # the sighting that is shown; NULL = in no feed
    Column("published", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("fresh_at", Instant, nullable=False),  # for feeds.window: seen after its source's first pull, or edited
    Column("place", Integer, nullable=False),
    Column("digest", String, nullable=False),  # of the winner, as it was last decided whether it is an edit
    Column(
        "placements", Shaped(is_told), nullable=False, default=list
    ),  # every term that came, where it went and by which rule
    Column("page_dirty", Boolean, nullable=False, default=False, index=True),
    Column("shifted", Boolean, nullable=False, default=True, index=True),  # archives are to be told of it
    Column("kept_back", String, nullable=False, default=""),  # held | hold | removed | joined; "" = it may be shown
    Column("kept_back_at", Instant),
    Column("joined_to", Integer),  # the entry that a person joined it to
    Index("ix_entry_kept_back", "kept_back"),
    Index("ix_entry_order", "published", "first_seen_at", "place", "id"),
    Index("ix_entry_fresh", "fresh_at"),
)

# What a person decided about an entry, in the order in which it was said.
override = Table(
    "override",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("act", String, nullable=False),  # split | join | hold | release | remove | restore
    Column("entry_id", Integer, ForeignKey("entry.id"), nullable=False, index=True),
    Column("other_id", Integer, ForeignKey("entry.id"), index=True),  # split: the new entry; join: the one taken in
    Column("sighting_id", Integer, ForeignKey("sighting.id")),  # split: the one taken out
)

# Signatures of what was published lately, to find near-duplicates by. `scheme` names algorithm, seed and shape: bands
# are compared with bands of the same scheme only, and those of another one are made again.
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
    Column("label", String, nullable=False),  # shown, for ever
    Column("slug", String, nullable=False),
    Column("path", String, nullable=False, unique=True),  # slugs from the top, joined by /
    Column("depth", Integer, nullable=False),
    Column("moved_to", Integer),  # the category where its entries went when it lost them all
    Column("founder", String, nullable=False, default=""),  # whose terms founded its feed; "" = it counts for nobody
    UniqueConstraint("parent_id", "name"),
)

# A category that no rule names and that has no feed yet: the sources whose terms lead there, the first ones.
category_source = Table(
    "category_source",
    metadata,
    Column("category_id", Integer, ForeignKey("category.id"), primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("position", Integer, nullable=False),  # from 0, in the order in which they came
)

entry_category = Table(
    "entry_category",
    metadata,
    Column("entry_id", Integer, ForeignKey("entry.id"), primary_key=True),
    Column("category_id", Integer, ForeignKey("category.id"), primary_key=True),
    Column("position", Integer),  # NULL: not placed there, but in a category below it
    Column("terms", Shaped(are_terms)),  # where placed, a level each: [term, scheme or null for ours]
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
    Column("listing", LargeBinary),  # listings.Listing as last published; NULL = not in the tree
    Column("contents", LargeBinary),  # listings.Contents as last published
    Column("moved_to", String),  # the feed that its address shows since it moved; NULL = it stands for itself
    Column("generation", Integer, nullable=False, default=0),  # of its archive, the newest that there ever was
    Column("archive", String, nullable=False, default=""),  # what its archive was begun for; "" = it has none
)

# A sealed page of a feed's archive (RFC 5005 4), of its newest generation, with the bytes of its files.
archive_page = Table(
    "archive_page",
    metadata,
    Column("feed_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1, the oldest
    Column("page", LargeBinary, nullable=False),  # listings.SealedPage
)

# Every entry of a feed that has an archive, and the page that it was sealed on.
archive_entry = Table(
    "archive_entry",
    metadata,
    Column("feed_id", String, primary_key=True),
    Column("entry_id", Integer, ForeignKey("entry.id"), primary_key=True, index=True),
    Column("number", Integer),  # NULL: not sealed yet, so that the feed itself must hold it
    Column("void", Boolean, nullable=False, default=False),  # must not stand there as it was sealed
    Index("ix_archive_entry_number", "number", "feed_id"),
)

# How a source is, as it was told last: a fault that passes by itself changes nothing here.
health = Table(
    "health",
    metadata,
    Column("source_id", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("state", String, nullable=False),  # new | ok | broke | gone
    Column("since", Instant, nullable=False),
    Column("heard_at", Instant),  # when it last showed something new, or was first looked at
    Column("quiet_at", Instant),  # when it will have been silent for longer than usual
    Column("silent", Boolean, nullable=False, default=False),
    Column("held_at", Instant),  # the newest of its held entries that were told of
)

# What befell a source: an entry each of the feed `health`, in words that no later change of the source alters.
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
    Column("size", BigInteger),  # listings.Stamp of the file as we wrote it; NULL = not known yet
    Column("mtime", BigInteger),  # nanoseconds since 1970
)

# Digests of what a person took down, as feeds/removed.json says them (see removals). `entry_id` is NULL where the
# published tree alone remembers it, after the state was lost.
removal = Table(
    "removal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False, index=True),  # digests of one number belong to one thing
    Column("entry_id", Integer, ForeignKey("entry.id"), index=True),
    Column("kind", String, nullable=False),  # id | link | title | text
    Column("digest", String, nullable=False),
    Column("length", Integer, nullable=False, default=0),  # of the text, in characters; else 0
    Column("made_of", String, nullable=False, default=""),  # a quick digest of what it was made of; "" = learned
)
