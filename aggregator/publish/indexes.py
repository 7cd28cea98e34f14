"""The index of the feeds, as a page, as JSON and as OPML, the style sheets, and the page for what does not exist."""

from aggregator.app import App
from aggregator.codec import digest, unpack
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.published import FeedListing
from aggregator.publish.documents import DocumentMaker
from aggregator.publish.entry_reader import EntryReader
from aggregator.publish.feed_plans import moved_feeds, published_plans
from aggregator.publish.front_page import EVERYTHING, front_river
from aggregator.publish.source_listings import source_listings
from aggregator.publish.subscriptions_opml import shared_outlines
from aggregator.publish.tree_writer import TreeWriter
from aggregator.publish.write_batch import Files, WriteBatch, file_of
from aggregator.render import FEED_STYLE, PAGE_STYLE
from aggregator.store import fact_names
from aggregator.text.generator import NOT_FOUND, is_marked

INDEXES = ("index.html", "index.json", "opml.xml", "sources.opml", FEED_STYLE, PAGE_STYLE)


def publish_indexes(
    app: App, writer: TreeWriter, maker: DocumentMaker, category_tree: CategoryTree, reader: EntryReader, rendering: str
) -> None:
    """Writes the indexes, unless they are intact and nothing that they list has changed. The front page shows entries
    of a feed whose listing changes when one of them does. `rendering`: see `rendering_digest`."""
    with app.store.read() as tx:
        rows = tx.feeds.all()
        plans = published_plans(app, tx, category_tree)
        packed = [row.listing for plan in plans if plan.is_listed and (row := rows[plan.id]).listing is not None]
        addresses, sources = list(moved_feeds(plans, rows, category_tree)), list(source_listings(app, tx))
        outlines = shared_outlines(app, tx)
        shape = digest([packed, addresses, sources, outlines, rendering])
        paths = (*INDEXES, NOT_FOUND) if _is_ours(NOT_FOUND, writer) else INDEXES
        if tx.facts.get(fact_names.INDEXES) == shape and writer.intact.issuperset(paths):
            return
        river = front_river(app, tx, reader, rows.get(EVERYTHING))
    listings, renderer = [unpack(one, FeedListing) for one in packed], maker.renderer
    files: Files = {
        "index.html": file_of(renderer.index_html(listings, sources, addresses, river)),
        "index.json": file_of(renderer.index_json(listings, addresses)),
        "opml.xml": file_of(renderer.opml(listings)),
        "sources.opml": file_of(renderer.sources_opml(outlines, listings)),
        FEED_STYLE: file_of(renderer.feed_style()),
        PAGE_STYLE: file_of(renderer.page_style()),
        NOT_FOUND: file_of(renderer.not_found_page()),
    }
    files = {path: files[path] for path in paths}
    writer.write([WriteBatch(files, lambda tx, _: tx.facts.set(fact_names.INDEXES, shape))])


def _is_ours(path: str, writer: TreeWriter) -> bool:
    """Whether the file is ours to write. Somebody's own page of this name stays as it is."""
    if path in writer.recorded:
        return True
    there = writer.tree.read(path)
    return not there or (writer.fresh and is_marked(path, there))
