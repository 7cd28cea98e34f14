"""Publishes feeds: plans them, seals their archive pages, renders those that are dirty, and records what they list."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from aggregator.app import App
from aggregator.codec import pack, unpack
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.published import FeedListing, Omission, PublishedFile, SourceListing
from aggregator.publish.archive_pages import ArchivePages, feed_of, is_outdated, is_unwanted
from aggregator.publish.documents import DocumentMaker, Documents
from aggregator.publish.event_words import message_said
from aggregator.publish.feed_formats import archive_formats, feed_formats
from aggregator.publish.feed_plans import FeedPlans, plan_feeds
from aggregator.publish.later_formats import LaterFormats
from aggregator.publish.posts_export import Exports
from aggregator.publish.render_pool import Batch, RenderPool
from aggregator.publish.select import FeedPlan, Selection
from aggregator.publish.source_listings import source_listings
from aggregator.publish.source_names import page_id
from aggregator.publish.tree_writer import TreeWriter
from aggregator.publish.unchanged_entries import Reuse
from aggregator.publish.withdrawals import with_withdrawals
from aggregator.publish.write_batch import File, Files, WriteBatch, file_of, is_enough
from aggregator.render import FILES, Nearby, Words
from aggregator.report import Progress, Report
from aggregator.settings import rendering_digest
from aggregator.status.omissions import record_omissions
from aggregator.store import FeedRow, Published, Transaction
from aggregator.store.table import chunks

BATCH = 10  # feeds whose entries are read together
Done = dict[FeedPlan, tuple[Published, bool]]  # what was made of each feed, and whether it lacks something


@dataclass(slots=True)
class FeedPublisher:
    """`anew`: renders every entry, also those that did not change; `progress`: is called for each feed that was
    rendered; `known`: a cache of entries that were read before."""

    app: App
    writer: TreeWriter
    maker: DocumentMaker
    report: Report
    at: datetime
    anew: bool
    progress: Progress
    known: dict[int, Entry]
    reuse: Reuse = field(init=False)
    feed_plans: FeedPlans = field(init=False)
    archive_pages: ArchivePages = field(init=False)
    exports: Exports = field(init=False)

    def __post_init__(self) -> None:
        self.reuse = Reuse(self.maker, self.writer.tree, self.writer.recorded, rendering_digest(self.app.config))

    @property
    def formats(self) -> list[str]:
        return feed_formats(self.app.config)

    def publish(self, only: Collection[str], damaged: Collection[str]) -> None:
        """`only`: publishes these feed ids and the damaged ones, not all dirty ones; `damaged`: ids of feeds with a
        missing or damaged file."""
        with RenderPool(self.maker, self.maker.design, self.formats) as render_pool:
            with self.app.store.write() as tx:
                render_pool.start_for(self._expected_renders(tx, only))  # starts while the feeds are planned
                self.feed_plans = plan_feeds(self.app, tx, self.at, self.known)
                wanted = "posts" in self.app.config.feeds.formats
                self.exports = Exports(wanted, self.feed_plans.plans.keys(), self.writer.recorded)
                self._retire(tx)
            self.report.add_problems(self.feed_plans.problems, last=True)
            self.report.add_advice(self.feed_plans.advice)
            chosen = {*only, *damaged}
            self._publish_plans([one for one in self.feed_plans.dirty if not only or one.id in chosen], render_pool)
        self.writer.remove_all(path for path in self.writer.recorded if self._is_over(path))
        plans = self.feed_plans.plans.values()
        listed = sum(plan.is_listed for plan in plans)
        self.report.feeds.total = listed
        self.report.feeds.unchanged = listed - self.report.feeds.written
        gone = (self.feed_plans.before.get(plan.id) for plan in plans if plan.category and not plan.is_listed)
        self.report.lasting_removals = sum(row is not None and row.has_own_entries for row in gone)
        self.report.feeds.removed += self.report.lasting_removals

    def _is_over(self, path: str) -> bool:
        return is_outdated(path, self.feed_plans) or is_unwanted(path, self.app.config)

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
        formats = archive_formats(self.app.config)
        self.archive_pages = ArchivePages(self.app, self.feed_plans, self.report, formats, self.known)
        full = self.archive_pages.full_pages([plan for plan in plans if plan.is_listed])
        render_pool.start_for(self._full_renders(self.feed_plans.before.get(plan.id) for plan in plans) + len(full))
        LaterFormats(self.archive_pages, self.maker).publish(self.writer, self.feed_plans.listed)
        self.writer.write(self.archive_pages.seal(full, render_pool))
        lost = {path for path in self.writer.recorded if feed_of(path) and path not in self.writer.intact}
        self.writer.write(self.archive_pages.restore({path for path in lost if not self._is_over(path)}))
        self.writer.write(self._render_feeds(plans, render_pool))

    def _retire(self, tx: Transaction) -> None:
        """Removes files of feeds that are no longer wanted; their rows and ids stay."""
        for id_ in self.feed_plans.retired:
            self.writer.remove(tx, [*(f"{id_}/{FILES[one]}" for one in FILES), *self.exports.gone(id_)])
            tx.feeds.published([Published(id_)])
            record_omissions(tx, {id_: False})
            tx.feeds.mark_dirty(ids=[id_])
            self.report.feeds.removed += 1

    def _render_feeds(self, plans: Sequence[FeedPlan], render_pool: RenderPool) -> Iterator[WriteBatch]:
        """Yields batches large enough for one flush of the disk and small enough for memory."""
        files: Files = {}
        done: Done = {}
        rendered_feeds = 0
        for (selection, batch), feeds, rendered in render_pool.documents(
            self._selected(plans, render_pool), self.formats
        ):
            for plan, (feed, nearby), documents in zip(batch, feeds, rendered, strict=True):
                listing = replace(self._listing(selection, plan, feed, documents, files), total=nearby.total)
                contents = selection.contents(self.feed_plans.target_of(plan))
                done[plan] = Published(plan.id, pack(listing), pack(contents)), bool(listing.omissions)
                rendered_feeds += 1
                self.progress(f"published {rendered_feeds}/{len(plans)}: {plan.id}")
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
                about = {page_id(one.id): one for one in source_listings(self.app, tx)} if _has_sources(batch) else {}
                targets = [self.feed_plans.target_of(plan) for plan in batch]
                totals = tx.archives.totals(map(_id, targets))
                shown = selection.feeds(targets, self.feed_plans.rows)
                found = with_withdrawals(self.app, tx, shown, map(selection.ids, targets))
                feeds = [
                    (self._with_links(plan, feed), self._nearby(plan, feed, totals, about.get(plan.id)))
                    for plan, feed in zip(batch, found, strict=True)
                ]
            for plan, (feed, _) in () if self.anew or render_pool.has_process else zip(batch, feeds, strict=True):
                self.reuse.load(feed, self.feed_plans.before.get(plan.id))
            yield (selection, batch), feeds

    def _nearby(self, plan: FeedPlan, feed: Feed, totals: Mapping[str, int], source: SourceListing | None) -> Nearby:
        total = totals.get(self.feed_plans.target_of(plan).id, 0)
        if source:
            source = replace(source, says=message_said(source.says, Words.of(feed.language)))
        return Nearby(self.feed_plans.child_feeds(plan), total, source)

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
            archive_formats=tuple(self.archive_pages.formats) if self.archive_pages.newest(plan) else (),
            made=self.reuse.digests_of(feed.entries),
            page_made=b"" if feed.page_entries is None else self.reuse.digests_of(feed.page_entries),
            laid=documents["html"].part_lengths if "html" in documents else (),
            omissions=self._omissions(plan, documents),
            stubs=tuple(place + before for before, (place, _) in enumerate(feed.stubs)),
        )

    def _omissions(self, plan: FeedPlan, documents: Documents) -> tuple[Omission, ...]:
        """What the documents and the archive pages of the feed lack."""
        row = self.feed_plans.before.get(plan.id)
        before = unpack(row.listing, FeedListing).omissions if row and row.listing else ()
        now = [one for result in documents.values() for one in result.omissions]
        return tuple(dict.fromkeys((*now, *self.archive_pages.all_omissions(plan, before))))

    def _published_before(self, plan: FeedPlan, format: str) -> PublishedFile | None:  # noqa: A002 - the word of the field
        """The file published before in this format; it stays where the gate withholds the new one."""
        row = self.feed_plans.before.get(plan.id)
        if row is None or row.listing is None or f"{plan.id}/{FILES[format]}" not in self.writer.intact:
            return None
        return dict(unpack(row.listing, FeedListing).editions).get(format)

    def _record_published(self, done: Done, tx: Transaction, changed: Container[str]) -> None:
        tx.feeds.published((row for row, _ in done.values()), dirty=not self.feed_plans.is_current(tx))
        record_omissions(tx, {plan.id: is_lacking for plan, (_, is_lacking) in done.items()})
        for plan in done:
            paths = {one: f"{plan.id}/{name}" for one, name in FILES.items()}
            ours = [(one, path) for one, path in paths.items() if path in self.writer.recorded]
            gone = [path for one, path in ours if one not in self.formats or path not in self.writer.intact]
            self.writer.remove(tx, [*gone, *self.exports.gone(plan.id)])
            shown = (*paths.values(), *self.exports.written(plan.id))
            self.report.feeds.written += plan.is_listed and any(path in changed for path in shown)


def _id(plan: FeedPlan) -> str:
    return plan.id


def _has_sources(plans: Iterable[FeedPlan]) -> bool:
    return any(plan.id.startswith(page_id("")) for plan in plans)
