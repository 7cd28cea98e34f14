"""publish(feeds): dirty feeds ─▶ select ─▶ render ─▶ validate ─▶ write if bytes changed.

Published bytes are a pure function of rows.
"""

import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from aggregator.app import App
from aggregator.events import Publication
from aggregator.merge.removals import record_removals
from aggregator.model.published import FileRow
from aggregator.publish.archive_pages import feed_of
from aggregator.publish.documents import Design, DocumentMaker
from aggregator.publish.entry_pages import EntryPages
from aggregator.publish.entry_workers import EntryWorkers
from aggregator.publish.feed_formats import document_formats
from aggregator.publish.feed_plans import mark_stale
from aggregator.publish.feed_publisher import FeedPublisher
from aggregator.publish.health_feed import publish_health
from aggregator.publish.indexes import publish_indexes
from aggregator.publish.intact_files import Intact, find_intact
from aggregator.publish.output_tree import ReadOnlyTree, Tree
from aggregator.publish.posts_export import POSTS
from aggregator.publish.render_version import RenderSettings, render_settings
from aggregator.publish.tree_writer import TreeWriter
from aggregator.publish.withdrawals import end_withdrawals
from aggregator.publish.write_batch import WriteBatch, file_of
from aggregator.report import Progress, Report
from aggregator.settings import site_of, templates_folder
from aggregator.store import Transaction
from aggregator.text.generator import REMOVED
from aggregator.text.page_paths import page_slug
from aggregator.worker_pool import ThreadCalls


def publish(  # noqa: PLR0913 - each is a choice of a command
    app: App,
    report: Report,
    at: datetime,
    *,
    only: Collection[str] = (),
    fresh: bool = False,
    anew: bool = False,
    workers: ThreadCalls | None = None,
    progress: Progress = lambda _: None,
) -> None:
    """Makes the tree match the store. `only`: publishes these feed ids and damaged feeds, not all dirty ones; `fresh`:
    files in the tree that bear our mark are ours; `anew`: renders every entry, also those that did not change, and
    compares every file with its digest; `workers`: processes that help to render, from another thread than theirs."""
    began = time.monotonic()
    tree = Tree(app.output) if app.writes else ReadOnlyTree(app.output)
    tree.open()
    with ThreadPoolExecutor(1) as disk:
        maker = DocumentMaker(_design(app))
        rows, intact = _read_files(app, tree, thorough=anew)
        with app.store.write() as tx:
            settings = render_settings(app, tx)
            damaged = _mark_dirty(app, tx, settings, rows, intact, at)
        recorded = {path: row.sha256 for path, row in rows.items()}
        writer = TreeWriter(app, tree, disk, fresh, recorded, intact.paths)
        _publish_removals(app, writer, maker)
        feeds = FeedPublisher(
            app, writer, maker, EntryWorkers(maker, settings.design, workers), settings, report, at, anew, progress
        )
        feeds.publish(only, damaged)
        EntryPages(app, writer, maker, feeds.feed_plans, feeds.entries.heads.reader, report).publish()
        publish_health(app, writer, maker, report, at, settings.rendering)
        publish_indexes(
            app, writer, maker, feeds.feed_plans.category_tree, feeds.entries.heads.reader, settings.rendering
        )
    seconds, sealed = time.monotonic() - began, feeds.archive_pages.sealed
    app.observer.published(Publication(report.feeds.written, writer.written, sealed, seconds, writer.rendering))


def _design(app: App) -> Design:
    formats = tuple(document_formats(app.config))
    return Design(site_of(app.config), templates_folder(app.config), formats, posts=POSTS in app.config.feeds.formats)


def _read_files(app: App, tree: Tree, *, thorough: bool) -> tuple[Mapping[str, FileRow], Intact]:
    """The rows of our files by path, and which of the files are intact."""
    with app.store.read() as tx:
        rows = tx.files.rows()
    return rows, find_intact(tree, rows, thorough=thorough)


def _mark_dirty(
    app: App, tx: Transaction, settings: RenderSettings, rows: Mapping[str, FileRow], intact: Intact, at: datetime
) -> set[str]:
    """Marks feeds and pages dirty whose files are missing or damaged, or that the config would render differently, and
    feeds that have told a withdrawal long enough.
    Returns the ids of feeds with a missing or damaged file."""
    missing = [path for path in rows if path not in intact.paths]
    tx.files.change(intact.renewed)
    mark_stale(app, tx, settings.rendering)
    end_withdrawals(app, tx, at)
    damaged = tx.files.of_feeds(path for path in missing if not feed_of(path))
    tx.feeds.mark_dirty(ids=damaged)
    tx.entries.mark_pages(dirty=True, ids=tx.entries.with_slugs(filter(None, map(page_slug, missing))))
    return damaged


def _publish_removals(app: App, writer: TreeWriter, maker: DocumentMaker) -> None:
    """Writes removed.json before entries leave the feeds, so that a rebuilt state still knows what was removed."""
    salt, groups = record_removals(app)
    data = maker.renderer.removed_json(salt, groups) if groups else None
    writer.write([WriteBatch({} if data is None else {REMOVED: file_of(data)}, lambda *_: None)])
    writer.remove_all([REMOVED] if data is None and REMOVED in writer.recorded else [])
