"""publish(feeds): dirty Feeds ─▶ select ─▶ render ─▶ write if bytes changed.

What is written is a pure function of rows. A file is recorded as ours before it is written, with its digest only
after: a run that is killed between the two writes it again.
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
from aggregator.model.entry import Entry, Feed
from aggregator.model.published import FeedListing, PublishedFile
from aggregator.publish.archive_pages import ArchivePages, feed_of, is_outdated
from aggregator.publish.documents import Design, DocumentMaker, Documents
from aggregator.publish.feed_plans import FeedPlans, arrange, mark_stale, moved, published_plans
from aggregator.publish.health_feed import HEALTH_FILES, HealthFeed
from aggregator.publish.intact_files import find_intact
from aggregator.publish.output_tree import Preview, Tree
from aggregator.publish.posts_export import Exports
from aggregator.publish.render_pool import Batch, RenderPool
from aggregator.publish.select import FeedPlan, Selection
from aggregator.publish.source_listings import source_listings
from aggregator.publish.subscriptions_opml import shared
from aggregator.publish.unchanged_entries import Reuse
from aggregator.publish.write_batch import File, Files, WriteBatch, file_of, is_enough
from aggregator.render import FEED_STYLE, FILES, Nearby
from aggregator.report import Progress, Report
from aggregator.store import FeedRow, FileRow, Published, Transaction
from aggregator.store.table import chunks
from aggregator.text.generator import REMOVED

INDEXES = ("index.html", "index.json", "opml.xml", "sources.opml", FEED_STYLE)

BATCH = 10  # feeds whose entries are read in one go
PAGES = 500


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
    """Brings the tree up to what the store says. `only`: these feeds' ids, and those of damaged files; `fresh`: marked
    files there are ours; `anew`: every entry is rendered, also those that stand there unchanged, and every file is
    compared with its digest."""
    began = time.monotonic()
    tree = Tree(app.output) if app.writes else Preview(app.output)
    tree.open()
    with ThreadPoolExecutor(1) as disk:
        publishing = _Publishing(app, tree, disk, report, at, fresh, anew, progress)
        publishing.prepare()
        publishing.removed()
        publishing.feeds(only)
        publishing.pages()
        publishing.health()
        publishing.indexes()
    app.observer.published(publishing.done(time.monotonic() - began))


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
    press: DocumentMaker = field(init=False)
    reuse: Reuse = field(init=False)
    there: set[str] = field(init=False)  # what stands there as we wrote it
    damaged: set[str] = field(init=False)  # feeds of which something does not
    recorded: dict[str, str] = field(init=False)
    arranged: FeedPlans = field(init=False)
    archivist: ArchivePages = field(init=False)
    exports: Exports = field(init=False)
    shown: dict[int, Entry] = field(default_factory=dict)
    written: int = 0
    rendering: float = 0.0

    def __post_init__(self) -> None:
        self.press = DocumentMaker(self.design)

    @property
    def design(self) -> Design:
        formats = [one for one in self.app.config.feeds.formats if one in FILES]
        return Design(self.app.site(), self.app.templates(), formats)

    @property
    def formats(self) -> list[str]:
        return [*(one for one in FILES if one in self.app.config.feeds.formats), "html"]

    def prepare(self) -> None:
        """Feeds whose files are missing or damaged, or that the config would render otherwise, are to be published
        again."""
        with self.app.store.read() as tx:
            rows = tx.files.rows()
        intact = find_intact(self.tree, rows, thorough=self.anew)
        self.there, self.recorded = intact.paths, {path: row.sha256 for path, row in rows.items()}
        self.reuse = Reuse(self.press, self.tree, self.recorded, self.app.rendering_digest())
        missing = [path for path in rows if path not in self.there]
        with self.app.store.write() as tx:
            tx.files.change(intact.renewed)
            mark_stale(self.app, tx)
            self.damaged = tx.files.of_feeds(path for path in missing if not feed_of(path))
            tx.feeds.mark_dirty(ids=self.damaged)
            slugs = (path[len("entries/") : -len(".html")] for path in missing if path.startswith("entries/"))
            tx.entries.mark_pages(dirty=True, ids=tx.entries.with_slugs(slugs))

    def removed(self) -> None:
        """What was taken down stays down: its digests stand in the tree before it leaves the feeds."""
        salt, groups = record_removals(self.app)
        data = self.press.renderer.removed_json(salt, groups) if groups else None
        self._write_all([WriteBatch({} if data is None else {REMOVED: file_of(data)}, lambda *_: None)])
        self._clear_away([REMOVED] if data is None and REMOVED in self.recorded else [])

    def feeds(self, only: Collection[str]) -> None:
        with RenderPool(self.press, self.design, self.formats) as render_pool:
            with self.app.store.write() as tx:
                render_pool.expect(self._expected(tx, only))  # its start takes as long as what comes next
                self.arranged = arrange(self.app, tx, self.at, self.shown)
                wanted = "posts" in self.app.config.feeds.formats
                self.exports = Exports(wanted, self.arranged.plans.keys(), self.recorded)
                self._retire(tx)
            self.report.add_problems(self.arranged.refused)
            wanted_ids = {*only, *self.damaged}
            self._press([plan for plan in self.arranged.dirty if not only or plan.id in wanted_ids], render_pool)
        self._clear_away(path for path in self.recorded if is_outdated(path, self.arranged))
        plans = self.arranged.plans.values()
        listed = sum(plan.is_listed for plan in plans)
        self.report.feeds.total = listed
        self.report.feeds.unchanged = listed - self.report.feeds.written
        gone = (self.arranged.before.get(plan.id) for plan in plans if plan.category and not plan.is_listed)
        self.report.feeds.removed += sum(row is not None and row.has_own_entries for row in gone)

    def _expected(self, tx: Transaction, only: Collection[str]) -> int:
        """How many feeds will be made whole, as far as is known before they are arranged."""
        rows = [row for id_, row in tx.feeds.all().items() if not only or id_ in only]
        if any(row.listing is not None for row in rows):
            return self._made_whole(row for row in rows if row.dirty)
        return len(only) or len(tx.categories.all())

    def _made_whole(self, rows: Iterable[FeedRow | None]) -> int:
        return sum(self.anew or not self.reuse.can(row) for row in rows)

    def _press(self, plans: Sequence[FeedPlan], render_pool: RenderPool) -> None:
        """Before any feed links to it, a page stands; both hold the same entries, which are rendered once."""
        self.archivist = ArchivePages(self.app, self.arranged, self.report, self.formats, self.shown)
        full = self.archivist.full([plan for plan in plans if plan.is_listed])
        render_pool.expect(self._made_whole(self.arranged.before.get(plan.id) for plan in plans) + len(full))
        self._write_all(self.archivist.seal(full, render_pool))
        missing = [path for path in self.recorded if feed_of(path) and path not in self.there]
        self._write_all(self.archivist.bring_back(missing))
        self._write_all(self._render_feeds(plans, render_pool))

    def _clear_away(self, paths: Iterable[str]) -> None:
        if gone := list(paths):
            with self.app.store.write() as tx:
                self._remove(tx, gone)

    def _retire(self, tx: Transaction) -> None:
        """Feeds that are no longer asked for leave the tree; their ids stay theirs."""
        for id_ in self.arranged.retired:
            self._remove(tx, [*(f"{id_}/{FILES[one]}" for one in FILES), *self.exports.gone(id_)])
            tx.feeds.published([Published(id_)])
            tx.feeds.mark_dirty(ids=[id_])
            self.report.feeds.removed += 1

    def _render_feeds(self, plans: Sequence[FeedPlan], render_pool: RenderPool) -> Iterator[WriteBatch]:
        """In portions that are worth a flush of the disk and fit in memory."""
        files: Files = {}
        done: dict[FeedPlan, Published] = {}
        for (selection, batch), feeds, pressed in render_pool.documents(self._selected(plans, render_pool)):
            for plan, (feed, _), documents in zip(batch, feeds, pressed, strict=True):
                listing = self._listing(selection, plan, feed, documents, files)
                contents = selection.contents(self.arranged.shown(plan))
                done[plan] = Published(plan.id, pack(listing), pack(contents))
                self.progress(plan.id)
            if is_enough(files):
                yield WriteBatch(files, partial(self._note_published, done))
                files, done = {}, {}
        if done:
            yield WriteBatch(files, partial(self._note_published, done))

    def _selected(
        self, plans: Sequence[FeedPlan], render_pool: RenderPool
    ) -> Iterator[tuple[tuple[Selection, Sequence[FeedPlan]], Batch]]:
        for batch in chunks(plans, BATCH):
            with self.app.store.read() as tx:
                selection = Selection(self.app, tx, self.arranged.category_tree, self.shown)
                found = selection.feeds([self.arranged.shown(plan) for plan in batch], self.arranged.rows)
                feeds = [
                    (self._placed(plan, feed), Nearby(self.arranged.below(plan)))
                    for plan, feed in zip(batch, found, strict=True)
                ]
            for plan, (feed, _) in () if self.anew or render_pool.are_two else zip(batch, feeds, strict=True):
                self.reuse.recall(feed, self.arranged.before.get(plan.id))
            yield (selection, batch), feeds

    def _placed(self, plan: FeedPlan, feed: Feed) -> Feed:
        """With where it stands, and with its past."""
        history = self.archivist.history(self.arranged.shown(plan))
        return replace(feed, old_id=plan.id if plan.moved_to else "", history=history)

    def _listing(
        self, selection: Selection, plan: FeedPlan, feed: Feed, documents: Documents, files: Files
    ) -> FeedListing:
        editions = []
        for one in self.formats:
            passed = documents[one]
            path = f"{plan.id}/{FILES[one]}"
            if passed.data is not None:
                files[path] = File(plan.id, passed.data, passed.sha256)
                editions.append((one, PublishedFile(path, passed.sha256, passed.entries)))
            elif standing := self._standing(plan, one):
                editions.append((one, standing))
            self.report.add_problems(passed.problems)
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
            category=self.arranged.category_tree.labels(plan.category) if plan.category else None,
            description=selection.description(plan),
            editions=tuple(editions),
            pages=self.archivist.pages.get(plan.id, 0),
            archive=self.archivist.newest(plan),
            made=self.reuse.made_of(feed),
            laid=documents["html"].part_lengths,
        )

    def _standing(self, plan: FeedPlan, format: str) -> PublishedFile | None:  # noqa: A002 - the word of the field
        """What was published before in this format, and stays where the gate lets nothing else out."""
        row = self.arranged.before.get(plan.id)
        if row is None or row.listing is None or f"{plan.id}/{FILES[format]}" not in self.there:
            return None
        return dict(unpack(row.listing, FeedListing).editions).get(format)

    def _note_published(self, done: Mapping[FeedPlan, Published], tx: Transaction, changed: Container[str]) -> None:
        tx.feeds.published(done.values(), dirty=not self._is_current(tx))
        for plan in done:
            paths = {one: f"{plan.id}/{name}" for one, name in FILES.items()}
            ours = [(one, path) for one, path in paths.items() if path in self.recorded]
            gone = [path for one, path in ours if one not in self.formats or path not in self.there]
            self._remove(tx, [*gone, *self.exports.gone(plan.id)])
            shown = (*paths.values(), *self.exports.written(plan.id))
            self.report.feeds.written += plan.is_listed and any(path in changed for path in shown)

    def _is_current(self, tx: Transaction) -> bool:
        """Whether nobody overruled anything while we published; else it is published again by who comes next."""
        return tx.overrides.newest() == self.arranged.acts

    def pages(self) -> None:
        with self.app.store.read() as tx:
            dirty = tx.entries.dirty_pages()
        self._write_all(self._render_pages(batch) for batch in chunks(dirty, PAGES))

    def _render_pages(self, batch: Sequence[tuple[int, str, bool]]) -> WriteBatch:
        """A page stands while its entry is shown and has no address of its own."""
        files: Files = {}
        gone: list[str] = []
        with self.app.store.read() as tx:
            entries = Selection(self.app, tx, self.arranged.category_tree, self.shown).entries(
                id_ for id_, _, is_visible in batch if is_visible
            )
        for entry_id, slug, _ in batch:
            path, entry = f"entries/{slug}.html", entries.get(entry_id)
            if entry and not entry.clean.link:
                files[path] = file_of(self.press.renderer.entry_page(entry))
            else:
                gone.append(path)

        def note(tx: Transaction, _changed: Container[str]) -> None:
            self._remove(tx, [path for path in gone if path in self.recorded])
            if self._is_current(tx):
                tx.entries.mark_pages(dirty=False, ids=(entry_id for entry_id, _, _ in batch))

        return WriteBatch(files, note)

    def health(self) -> None:
        """How the sources are, and what befell them."""
        with self.app.store.write() as tx:
            bulletin = HealthFeed.of(self.app, tx, self.at)
            shape = digest([bulletin.digest(), self.app.rendering_digest()])
            if tx.facts.get("health") == shape and self.there.issuperset(HEALTH_FILES):
                return
        files: Files = {}
        for path, passed in bulletin.files(self.press.renderer, self.press.gate):
            files |= {} if passed.data is None else {path: File("", passed.data, passed.sha256)}
            self.report.add_problems(passed.problems)
        self._write_all([WriteBatch(files, lambda tx, _: tx.facts.set("health", shape))])

    def indexes(self) -> None:
        with self.app.store.read() as tx:
            rows, category_tree = tx.feeds.all(), self.arranged.category_tree
            plans = published_plans(self.app, tx, category_tree)
            packed = [row.listing for plan in plans if plan.is_listed and (row := rows[plan.id]).listing is not None]
            addresses, sources = list(moved(plans, rows, category_tree)), list(source_listings(tx))
            outlines = shared(self.app, tx)
            shape = digest([packed, addresses, sources, outlines, self.app.rendering_digest()])
            if tx.facts.get("indexes") == shape and self.there.issuperset(INDEXES):
                return
        listings = [unpack(one, FeedListing) for one in packed]
        files: Files = {
            "index.html": file_of(self.press.renderer.index_html(listings, sources, addresses)),
            "index.json": file_of(self.press.renderer.index_json(listings, addresses)),
            "opml.xml": file_of(self.press.renderer.opml(listings)),
            "sources.opml": file_of(self.press.renderer.sources_opml(outlines, listings)),
            FEED_STYLE: file_of(self.press.renderer.feed_style()),
        }
        self._write_all([WriteBatch(files, lambda tx, _: tx.facts.set("indexes", shape))])

    # files

    def _write_all(self, portions: Iterable[WriteBatch]) -> None:
        """While one portion goes to the disk the next one is rendered."""
        finish: Callable[[], None] = lambda: None  # noqa: E731
        for portion in self._timed(portions):
            finish()
            finish = self._start_writing(portion)
        finish()

    def _timed(self, portions: Iterable[WriteBatch]) -> Iterator[WriteBatch]:
        began = time.monotonic()
        for portion in portions:
            self.rendering += time.monotonic() - began
            yield portion
            began = time.monotonic()

    def done(self, seconds: float) -> Publication:
        """All of it, `seconds` after it began."""
        return Publication(self.report.feeds.written, self.written, self.archivist.sealed, seconds, self.rendering)

    def _start_writing(self, portion: WriteBatch) -> Callable[[], None]:
        """Returns the call that waits for the disk and then remembers what stands there."""
        changed = self._changed(portion.files)
        writing = self.disk.submit(self.tree.write, {path: file.data for path, file in changed.items()})

        def finish() -> None:
            stamps = writing.result()
            self.written += len(changed)
            self.there.update(changed)
            self.recorded |= {path: file.sha256 for path, file in changed.items()}
            with self.app.store.write() as tx:
                portion.note(tx, changed)
                tx.files.change({path: FileRow(file.sha256, stamps.get(path)) for path, file in changed.items()})

        return finish

    def _changed(self, files: Files) -> Files:
        """What differs from what stands there, recorded as ours, with no digest until it is written."""
        changed = {
            path: file
            for path, file in files.items()
            if path not in self.there or self.recorded.get(path) != file.sha256
        }
        self.tree.refuse_foreign(sorted(changed.keys() - self.there), self.recorded, marked_is_ours=self.fresh)
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
            self.there.discard(path)
