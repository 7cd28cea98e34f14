"""publish(feeds): dirty feeds ─▶ select ─▶ render ─▶ validate ─▶ write if bytes changed.

Published bytes are a pure function of rows. A file is recorded as ours before it is written, and its digest after: if
the run is killed between the two, the next one writes the file again.
"""

import time
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from aggregator.app import App
from aggregator.codec import digest, pack, unpack
from aggregator.events import Publication
from aggregator.merge.removals import record_removals
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.published import FeedListing, PublishedFile
from aggregator.publish.archive_pages import ArchivePages, feed_of, is_outdated
from aggregator.publish.documents import Design, DocumentMaker, Documents
from aggregator.publish.entry_reader import EntryReader
from aggregator.publish.feed_plans import FeedPlans, mark_stale, moved_feeds, plan_feeds, published_plans
from aggregator.publish.health_feed import HEALTH_FILES, HealthFeed
from aggregator.publish.intact_files import find_intact
from aggregator.publish.output_tree import ReadOnlyTree, Tree
from aggregator.publish.posts_export import Exports
from aggregator.publish.render_pool import Batch, RenderPool
from aggregator.publish.select import FeedPlan, Selection
from aggregator.publish.source_listings import source_listings
from aggregator.publish.subscriptions_opml import shared_outlines
from aggregator.publish.unchanged_entries import Reuse
from aggregator.publish.write_batch import File, Files, WriteBatch, file_of, is_enough
from aggregator.render import FEED_STYLE, FILES, Nearby
from aggregator.report import Progress, Report
from aggregator.settings import rendering_digest, site_of, templates_folder
from aggregator.store import FeedRow, FileRow, Published, Transaction, facts
from aggregator.store.table import chunks
from aggregator.text.generator import REMOVED

INDEXES = ("index.html", "index.json", "opml.xml", "sources.opml", FEED_STYLE)

BATCH = 10  # feeds whose entries are read together
PAGES = 500  # entry pages in one batch


def publish(
    app: App,
    report: Report,
    at: datetime,
    *,
    only: Collection[str] = (),
    fresh: bool = False,
    anew: bool = False,
    progress: Progress = lambda _: None,
) -> None:
    """Makes the tree match the store. `only`: publishes these feed ids and damaged feeds, not all dirty ones; `fresh`:
    files in the tree that bear our mark are ours; `anew`: renders every entry, also those that did not change, and
    compares every file with its digest."""
    began = time.monotonic()
    tree = Tree(app.output) if app.writes else ReadOnlyTree(app.output)
    tree.open()
    with ThreadPoolExecutor(1) as disk:
        publishing = _Publishing(app, tree, disk, report, at, fresh, anew, progress)
        publishing.prepare()
        publishing.publish_removals()
        publishing.publish_feeds(only)
        publishing.publish_entry_pages()
        publishing.publish_health()
        publishing.publish_indexes()
    app.observer.published(publishing.summary(time.monotonic() - began))


@dataclass(slots=True)
class _Publishing:
    app: App
    tree: Tree
    disk: Executor
    report: Report
    at: datetime
    fresh: bool
    anew: bool
    progress: Progress
    maker: DocumentMaker = field(init=False)
    reuse: Reuse = field(init=False)
    intact: set[str] = field(init=False)  # paths of files that are as we wrote them
    damaged: set[str] = field(init=False)  # ids of feeds with a missing or damaged file
    recorded: dict[str, str] = field(init=False)  # path → SHA-256 of our files
    feed_plans: FeedPlans = field(init=False)
    archive_pages: ArchivePages = field(init=False)
    exports: Exports = field(init=False)
    known: dict[int, Entry] = field(default_factory=dict)  # entries that were read already
    written: int = 0
    rendering: float = 0.0

    def __post_init__(self) -> None:
        self.maker = DocumentMaker(self.design)

    @property
    def design(self) -> Design:
        formats = [one for one in self.app.config.feeds.formats if one in FILES]
        return Design(site_of(self.app.config), templates_folder(self.app.config), formats)

    @property
    def formats(self) -> list[str]:
        return [*(one for one in FILES if one in self.app.config.feeds.formats), "html"]

    def prepare(self) -> None:
        """Marks feeds dirty whose files are missing or damaged, or that the config would render differently."""
        with self.app.store.read() as tx:
            rows = tx.files.rows()
        found = find_intact(self.tree, rows, thorough=self.anew)
        self.intact, self.recorded = found.paths, {path: row.sha256 for path, row in rows.items()}
        self.reuse = Reuse(self.maker, self.tree, self.recorded, rendering_digest(self.app.config))
        missing = [path for path in rows if path not in self.intact]
        with self.app.store.write() as tx:
            tx.files.change(found.renewed)
            mark_stale(self.app, tx)
            self.damaged = tx.files.of_feeds(path for path in missing if not feed_of(path))
            tx.feeds.mark_dirty(ids=self.damaged)
            slugs = (path[len("entries/") : -len(".html")] for path in missing if path.startswith("entries/"))
            tx.entries.mark_pages(dirty=True, ids=tx.entries.with_slugs(slugs))

    def publish_removals(self) -> None:
        """Writes removed.json before entries leave the feeds, so that a rebuilt state still knows what was removed."""
        salt, groups = record_removals(self.app)
        data = self.maker.renderer.removed_json(salt, groups) if groups else None
        self._write_all([WriteBatch({} if data is None else {REMOVED: file_of(data)}, lambda *_: None)])
        self._remove_files([REMOVED] if data is None and REMOVED in self.recorded else [])

    def publish_feeds(self, only: Collection[str]) -> None:
        with RenderPool(self.maker, self.design, self.formats) as render_pool:
            with self.app.store.write() as tx:
                render_pool.start_for(self._expected_renders(tx, only))  # starts while the feeds are planned
                self.feed_plans = plan_feeds(self.app, tx, self.at, self.known)
                wanted = "posts" in self.app.config.feeds.formats
                self.exports = Exports(wanted, self.feed_plans.plans.keys(), self.recorded)
                self._retire(tx)
            self.report.add_problems(self.feed_plans.problems)
            chosen = {*only, *self.damaged}
            self._publish_plans([one for one in self.feed_plans.dirty if not only or one.id in chosen], render_pool)
        self._remove_files(path for path in self.recorded if is_outdated(path, self.feed_plans))
        plans = self.feed_plans.plans.values()
        listed = sum(plan.is_listed for plan in plans)
        self.report.feeds.total = listed
        self.report.feeds.unchanged = listed - self.report.feeds.written
        gone = (self.feed_plans.before.get(plan.id) for plan in plans if plan.category and not plan.is_listed)
        self.report.feeds.removed += sum(row is not None and row.has_own_entries for row in gone)

    def _expected_renders(self, tx: Transaction, only: Collection[str]) -> int:
        """How many feeds will be rendered in full, as far as is known before they are planned."""
        rows = [row for id_, row in tx.feeds.all().items() if not only or id_ in only]
        if any(row.listing is not None for row in rows):
            return self._full_renders(row for row in rows if row.dirty)
        return len(only) or len(tx.categories.all())

    def _full_renders(self, rows: Iterable[FeedRow | None]) -> int:
        return sum(self.anew or not self.reuse.is_possible(row) for row in rows)

    def _publish_plans(self, plans: Sequence[FeedPlan], render_pool: RenderPool) -> None:
        """Writes archive pages before the feeds that link to them. Entries in both are rendered once."""
        self.archive_pages = ArchivePages(self.app, self.feed_plans, self.report, self.formats, self.known)
        full = self.archive_pages.full_pages([plan for plan in plans if plan.is_listed])
        render_pool.start_for(self._full_renders(self.feed_plans.before.get(plan.id) for plan in plans) + len(full))
        self._write_all(self.archive_pages.seal(full, render_pool))
        missing = [path for path in self.recorded if feed_of(path) and path not in self.intact]
        self._write_all(self.archive_pages.restore(missing))
        self._write_all(self._render_feeds(plans, render_pool))

    def _remove_files(self, paths: Iterable[str]) -> None:
        if gone := list(paths):
            with self.app.store.write() as tx:
                self._remove(tx, gone)

    def _retire(self, tx: Transaction) -> None:
        """Removes files of feeds that are no longer wanted; their rows and ids stay."""
        for id_ in self.feed_plans.retired:
            self._remove(tx, [*(f"{id_}/{FILES[one]}" for one in FILES), *self.exports.gone(id_)])
            tx.feeds.published([Published(id_)])
            tx.feeds.mark_dirty(ids=[id_])
            self.report.feeds.removed += 1

    def _render_feeds(self, plans: Sequence[FeedPlan], render_pool: RenderPool) -> Iterator[WriteBatch]:
        """Yields batches large enough for one flush of the disk and small enough for memory."""
        files: Files = {}
        done: dict[FeedPlan, Published] = {}
        for (selection, batch), feeds, rendered in render_pool.documents(self._selected(plans, render_pool)):
            for plan, (feed, _), documents in zip(batch, feeds, rendered, strict=True):
                listing = self._listing(selection, plan, feed, documents, files)
                contents = selection.contents(self.feed_plans.target_of(plan))
                done[plan] = Published(plan.id, pack(listing), pack(contents))
                self.progress(plan.id)
            if is_enough(files):
                yield WriteBatch(files, partial(self._record_published, done))
                files, done = {}, {}
        if done:
            yield WriteBatch(files, partial(self._record_published, done))

    def _selected(
        self, plans: Sequence[FeedPlan], render_pool: RenderPool
    ) -> Iterator[tuple[tuple[Selection, Sequence[FeedPlan]], Batch]]:
        for batch in chunks(plans, BATCH):
            with self.app.store.read() as tx:
                selection = Selection(self.app, tx, self.feed_plans.category_tree, self.known)
                found = selection.feeds([self.feed_plans.target_of(plan) for plan in batch], self.feed_plans.rows)
                feeds = [
                    (self._with_links(plan, feed), Nearby(self.feed_plans.child_feeds(plan)))
                    for plan, feed in zip(batch, found, strict=True)
                ]
            for plan, (feed, _) in () if self.anew or render_pool.has_process else zip(batch, feeds, strict=True):
                self.reuse.load(feed, self.feed_plans.before.get(plan.id))
            yield (selection, batch), feeds

    def _with_links(self, plan: FeedPlan, feed: Feed) -> Feed:
        """The feed with its old address, if it moved, and its archive links."""
        history = self.archive_pages.links(self.feed_plans.target_of(plan))
        return replace(feed, old_id=plan.id if plan.moved_to else "", history=history)

    def _listing(
        self, selection: Selection, plan: FeedPlan, feed: Feed, documents: Documents, files: Files
    ) -> FeedListing:
        editions = []
        for one in self.formats:
            result = documents[one]
            path = f"{plan.id}/{FILES[one]}"
            if result.data is not None:
                files[path] = File(plan.id, result.data, result.sha256)
                editions.append((one, PublishedFile(path, result.sha256, result.entries)))
            elif before := self._published_before(plan, one):
                editions.append((one, before))
            self.report.add_problems(result.problems)
        exported = self.exports.render(plan.id, feed)
        files |= {path: file_of(data, plan.id) for path, data in exported.files.items()}
        editions += [("posts", exported.edition)] if exported.edition else []
        self.report.add_problems(exported.problems)
        return FeedListing(
            id=plan.id,
            title=selection.name(plan),
            path=f"{plan.id}/",
            updated=feed.updated,
            entries=len(feed.entries),
            category=self.feed_plans.category_tree.labels(plan.category) if plan.category else None,
            description=selection.description(plan),
            editions=tuple(editions),
            pages=self.archive_pages.pages.get(plan.id, 0),
            archive=self.archive_pages.newest(plan),
            made=self.reuse.digests_of(feed),
            laid=documents["html"].part_lengths,
        )

    def _published_before(self, plan: FeedPlan, format: str) -> PublishedFile | None:  # noqa: A002 - the word of the field
        """The file published before in this format; it stays where the gate withholds the new one."""
        row = self.feed_plans.before.get(plan.id)
        if row is None or row.listing is None or f"{plan.id}/{FILES[format]}" not in self.intact:
            return None
        return dict(unpack(row.listing, FeedListing).editions).get(format)

    def _record_published(self, done: Mapping[FeedPlan, Published], tx: Transaction, changed: Container[str]) -> None:
        tx.feeds.published(done.values(), dirty=not self._is_current(tx))
        for plan in done:
            paths = {one: f"{plan.id}/{name}" for one, name in FILES.items()}
            ours = [(one, path) for one, path in paths.items() if path in self.recorded]
            gone = [path for one, path in ours if one not in self.formats or path not in self.intact]
            self._remove(tx, [*gone, *self.exports.gone(plan.id)])
            shown = (*paths.values(), *self.exports.written(plan.id))
            self.report.feeds.written += plan.is_listed and any(path in changed for path in shown)

    def _is_current(self, tx: Transaction) -> bool:
        """Whether no override was made while we published; otherwise feeds stay dirty for the next run."""
        return tx.overrides.newest() == self.feed_plans.newest_override

    def publish_entry_pages(self) -> None:
        with self.app.store.read() as tx:
            dirty = tx.entries.dirty_pages()
        self._write_all(self._render_pages(batch) for batch in chunks(dirty, PAGES))

    def _render_pages(self, batch: Sequence[tuple[int, str, bool]]) -> WriteBatch:
        """An entry has a page while it is visible and has no link of its own."""
        files: Files = {}
        gone: list[str] = []
        with self.app.store.read() as tx:
            entries = EntryReader(self.app, tx, self.feed_plans.category_tree, self.known).read(
                id_ for id_, _, is_visible in batch if is_visible
            )
        for entry_id, slug, _ in batch:
            path, entry = f"entries/{slug}.html", entries.get(entry_id)
            if entry and not entry.clean.link:
                files[path] = file_of(self.maker.renderer.entry_page(entry))
            else:
                gone.append(path)

        def record(tx: Transaction, _changed: Container[str]) -> None:
            self._remove(tx, [path for path in gone if path in self.recorded])
            if self._is_current(tx):
                tx.entries.mark_pages(dirty=False, ids=(entry_id for entry_id, _, _ in batch))

        return WriteBatch(files, record)

    def publish_health(self) -> None:
        with self.app.store.write() as tx:
            health_feed = HealthFeed.read(self.app, tx, self.at)
            shape = digest([health_feed.digest(), rendering_digest(self.app.config)])
            if tx.facts.get(facts.HEALTH_FEED) == shape and self.intact.issuperset(HEALTH_FILES):
                return
        files: Files = {}
        for path, result in health_feed.files(self.maker.renderer, self.maker.gate):
            files |= {} if result.data is None else {path: File("", result.data, result.sha256)}
            self.report.add_problems(result.problems)
        self._write_all([WriteBatch(files, lambda tx, _: tx.facts.set(facts.HEALTH_FEED, shape))])

    def publish_indexes(self) -> None:
        with self.app.store.read() as tx:
            rows, category_tree = tx.feeds.all(), self.feed_plans.category_tree
            plans = published_plans(self.app, tx, category_tree)
            packed = [row.listing for plan in plans if plan.is_listed and (row := rows[plan.id]).listing is not None]
            addresses, sources = list(moved_feeds(plans, rows, category_tree)), list(source_listings(tx))
            outlines = shared_outlines(self.app, tx)
            shape = digest([packed, addresses, sources, outlines, rendering_digest(self.app.config)])
            if tx.facts.get(facts.INDEXES) == shape and self.intact.issuperset(INDEXES):
                return
        listings = [unpack(one, FeedListing) for one in packed]
        files: Files = {
            "index.html": file_of(self.maker.renderer.index_html(listings, sources, addresses)),
            "index.json": file_of(self.maker.renderer.index_json(listings, addresses)),
            "opml.xml": file_of(self.maker.renderer.opml(listings)),
            "sources.opml": file_of(self.maker.renderer.sources_opml(outlines, listings)),
            FEED_STYLE: file_of(self.maker.renderer.feed_style()),
        }
        self._write_all([WriteBatch(files, lambda tx, _: tx.facts.set(facts.INDEXES, shape))])

    # files

    def _write_all(self, batches: Iterable[WriteBatch]) -> None:
        """Writes each batch while the next one is rendered."""
        finish: Callable[[], None] = lambda: None  # noqa: E731
        for batch in self._timed(batches):
            finish()
            finish = self._start_writing(batch)
        finish()

    def _timed(self, batches: Iterable[WriteBatch]) -> Iterator[WriteBatch]:
        began = time.monotonic()
        for batch in batches:
            self.rendering += time.monotonic() - began
            yield batch
            began = time.monotonic()

    def summary(self, seconds: float) -> Publication:
        """`seconds`: how long all of it took."""
        return Publication(self.report.feeds.written, self.written, self.archive_pages.sealed, seconds, self.rendering)

    def _start_writing(self, batch: WriteBatch) -> Callable[[], None]:
        """Returns a function that waits for the disk and then records what was written."""
        changed = self._changed(batch.files)
        writing = self.disk.submit(self.tree.write, {path: file.data for path, file in changed.items()})

        def finish() -> None:
            stamps = writing.result()
            self.written += len(changed)
            self.intact.update(changed)
            self.recorded |= {path: file.sha256 for path, file in changed.items()}
            with self.app.store.write() as tx:
                batch.record(tx, changed)
                tx.files.change({path: FileRow(file.sha256, stamps.get(path)) for path, file in changed.items()})

        return finish

    def _changed(self, files: Files) -> Files:
        """The files that differ from the tree. Records them as ours, without a digest until they are written."""
        changed = {
            path: file
            for path, file in files.items()
            if path not in self.intact or self.recorded.get(path) != file.sha256
        }
        self.tree.refuse_foreign(sorted(changed.keys() - self.intact), self.recorded, marked_is_ours=self.fresh)
        if changed:
            with self.app.store.write() as tx:
                tx.files.add((path, file.feed_id) for path, file in changed.items() if path not in self.recorded)
                tx.files.change({path: FileRow("") for path in changed if path in self.recorded})
        return changed

    def _remove(self, tx: Transaction, paths: Iterable[str]) -> None:
        gone = list(paths)
        self.tree.remove(path for path in gone if path in self.recorded)
        tx.files.forget(gone)
        for path in gone:
            self.recorded.pop(path, None)
            self.intact.discard(path)
