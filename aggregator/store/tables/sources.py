"""What is pulled: sources, reading lists and posts; what their pulls brought; how they fare."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Instant, Shaped, is_list, is_mapping

STANDING = ("read", "failed")  # states of a post's file in which the post is shown

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
    Column("listing", String, nullable=False, default=""),  # posts: digest of the folder's listing as it was read last
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
    Column("date_order", String, nullable=False, default=""),  # day | month first in its dates; "" = unknown
    Column("lease", String, nullable=False, default=""),
    Column("leased_until", Instant),
    Column("hub", String, nullable=False, default=""),  # the WebSub hub that it names; "" also where we must not use it
    Column("topic", String, nullable=False, default=""),  # its address there
    Column("cloud", String, nullable=False, default=""),  # where its rssCloud is; shown only
    Column("hub_proved", Boolean, nullable=False, default=False),  # its hub tells its news first: polled less often
    Column("shard", Integer),  # polling.shard_of its host; NULL where no worker placed it since its host changed
    Column("round_id", Integer),  # the pull_round in which it is to be pulled; NULL = none
    Column("site_changed_at", Instant),  # since when its new entries are held, because it is another site; NULL = not
    Column("site_evidence", String, nullable=False, default=""),  # in words of ours
    Column("site_trusted_at", Instant),  # when a person trusted it last
    Column("site_memory", LargeBinary),  # SiteMemory; last, because most queries do not read it
    Index("ix_source_next_poll_at", "next_poll_at"),
    Index("ix_source_lease", "lease"),
)
IN_ROUND, UNPLACED = source.c.round_id.is_not(None), source.c.shard.is_(None)
Index("ix_source_round_id", source.c.round_id, source.c.shard, sqlite_where=IN_ROUND)
Index("ix_source_unplaced", source.c.kind, sqlite_where=UNPLACED)

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

# How the last document of a source was read. It may be dropped at any time.
read_markup = Table(
    "read_markup",
    metadata,
    Column("source_id", String, primary_key=True),
    Column("markup", LargeBinary, nullable=False),  # ReadMarkup
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
    Column("outcome", String, nullable=False),  # changed | unchanged | failed | pushed, by its hub
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
    Column("comparable", LargeBinary),  # Comparable; NULL also where a former version recorded it
)

# The files of posts as they were read last; unchanged files are not read again.
post_file = Table(
    "post_file",
    metadata,
    Column("source_id", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("signature", String, nullable=False),
    Column("state", String, nullable=False),  # read | hidden | waiting | expired | failed
    Column("digest", String, nullable=False, default=""),
    Column("waits_until", Instant),
    Column("notes", LargeBinary),  # PostNotes, where there are any
    Index("ix_post_file_state", "source_id", "state"),
)
NOTED, WAITING = post_file.c.notes.is_not(None), post_file.c.waits_until.is_not(None)
Index("ix_post_file_notes", post_file.c.source_id, sqlite_where=NOTED)
Index("ix_post_file_waits_until", post_file.c.waits_until, sqlite_where=WAITING)

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
    Column("site_changed_at", Instant),  # that of its source, once it was reported
)

# Events of sources: each is an entry of the feed `health`. Its words stay when the source changes later.
health_event = Table(
    "health_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("source_id", String, nullable=False, index=True),
    Column("kind", String, nullable=False),  # broke | recovered | moved | gone | silent | held | site
    Column("title", String, nullable=False),
    Column("message", String, nullable=False),
)
