"""The sources as the index of the tree lists them."""

from collections.abc import Iterator

from aggregator.codec import unpack
from aggregator.model.entry import FeedInfo
from aggregator.render import SourceListing
from aggregator.store import Transaction

STATES = {"new": "new", "ok": "ok", "broke": "failing", "gone": "gone"}  # of a source, by what was told of it
FAULTY = frozenset({"failing", "gone"})


def source_listings(tx: Transaction) -> Iterator[SourceListing]:
    """What we pull and publish, in config order; how it is as its health was told last, so that a fault which
    passes by itself changes nothing."""
    told = tx.health.all_told()
    for row in tx.sources.all():
        if row.configured and row.published and row.kind == "feed":
            about = unpack(row.about, FeedInfo) if row.about else FeedInfo()
            known, title = told.get(row.id), row.title or about.title or row.id
            state = "paused" if row.state == "paused" else STATES[known.state] if known else "new"
            since = row.state_since if state == "paused" else known.since if known and state in FAULTY else None
            yield SourceListing(row.id, title, about.link, state, since)
