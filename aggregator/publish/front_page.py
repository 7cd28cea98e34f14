"""The entries of the front page: those that the page of the feed of everything holds."""

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.model.published import FeedContents, FeedListing, River
from aggregator.publish.entry_reader import EntryReader
from aggregator.publish.feed_formats import archive_formats
from aggregator.store import FeedRow, Transaction

EVERYTHING = "all"


def front_river(app: App, tx: Transaction, reader: EntryReader, row: FeedRow | None) -> River | None:
    """None where the front page is a list of feeds. `row`: of the feed of everything."""
    if app.config.site.front == "list" or row is None or row.listing is None or row.contents is None:
        return None
    listing, contents = unpack(row.listing, FeedListing), unpack(row.contents, FeedContents)
    ids = contents.page_ids or contents.ids
    visible = set(tx.entries.visible(ids))
    shown = [id_ for id_ in ids if id_ in visible]
    entries = reader.read(tx, shown)
    has_older = bool(listing.archive) and "html" in archive_formats(app.config)
    return River(tuple(entries[id_] for id_ in shown), f"{listing.archive}index.html" if has_older else "")
