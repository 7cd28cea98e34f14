"""The sources as the index of the tree lists them."""

from collections.abc import Iterator

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.model.document import FeedInfo
from aggregator.model.published import SourceListing
from aggregator.status.redact import Redactor
from aggregator.store import Transaction

STATES = {"new": "new", "ok": "ok", "broke": "failing", "gone": "gone"}  # the index's word for each recorded state
FAULTY = frozenset({"failing", "gone"})


def source_listings(app: App, tx: Transaction) -> Iterator[SourceListing]:
    """The feed sources that are published, in config order. Their state is the recorded health, so that a passing error
    does not change the index."""
    health, shown, has_pages = tx.health.all(), Redactor(app), app.config.feeds.per_source
    for row in tx.sources.all():
        if row.configured and row.published and row.kind == "feed":
            about = unpack(row.about, FeedInfo) if row.about else FeedInfo()
            known, title = health.get(row.id), row.title or about.title or row.id
            state = "paused" if row.state == "paused" else STATES[known.state] if known else "new"
            since = row.state_since if state == "paused" else known.since if known and state in FAULTY else None
            page = f"source/{row.id}/index.html" if has_pages else ""
            yield SourceListing(row.id, title, about.link, state, since, shown.public_address(row), page)
