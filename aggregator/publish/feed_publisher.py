"""Publishes feeds: plans them, seals their archive pages, renders those that are dirty, and records what they list."""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain

from aggregator.app import App
from aggregator.codec import digest, pack, unpack
from aggregator.model.feed import Feed
from aggregator.model.published import FeedContents, FeedListing, Omission, PublishedFile, SourceListing
from aggregator.model.rendered import RenderedEntry
from aggregator.publish.archive_pages import ArchivePages, feed_of, is_outdated, is_unwanted
from aggregator.publish.documents import DocumentMaker, Documents
from aggregator.publish.entry_reader import EntryReader
from aggregator.publish.entry_workers import EntryWorkers, one_ahead
from aggregator.publish.event_words import message_said
from aggregator.publish.feed_formats import archive_formats, feed_formats
from aggregator.publish.feed_plans import FeedPlans, plan_feeds
from aggregator.publish.later_formats import LaterFormats
from aggregator.publish.posts_export import Exports
from aggregator.publish.render_version import RenderSettings
from aggregator.publish.rendered_entries import EntryHeads, RenderedEntries, drop_unused, made_of
from aggregator.publish.select import FeedPlan, Selection
from aggregator.publish.source_listings import source_listings
from aggregator.publish.source_names import page_id
from aggregator.publish.tree_writer import TreeWriter
from aggregator.publish.withdrawals import with_withdrawals
from aggregator.publish.write_batch import File, Files, WriteBatch, file_of, is_enough
from aggregator.render import FILES, Nearby, Words
from aggregator.report import Progress, Report
from aggregator.status.omissions import record_omissions
from aggregator.store import Published, RenderedRow, Transaction
from aggregator.store.chunks import chunks
from aggregator.store.rendered import Key

BATCH = 10  # feeds whose entries are read together


@dataclass(frozen=True, slots=True)
class Selected:
    """A feed to publish. `contents`: what is recorded of it; `shown`: a digest of all that it shows; `stands`: its
    listing, where its files show that already."""

    plan: FeedPlan
    feed: Feed
    nearby: Nearby
    contents: FeedContents
    name: str
    description: str
    shown: str
    stands: bytes | None = None


@dataclass(slots=True)
class Done:
    """What was made of feeds: what is recorded of each, and whether it lacks something; what is recorded of feeds that
    stand as they are; and the entries to keep."""

    feeds: dict[FeedPlan, tuple[Published, bool]] = field(default_factory=dict)
    standing: list[Published] = field(default_factory=list)
    rows: list[RenderedRow] = field(default_factory=list)


@dataclass(slots=True)
class FeedPublisher:
    """`anew`: renders every entry, also those that did not change; `progress`: is called for each feed that was
    rendered."""

    app: App
    writer: TreeWriter
    maker: DocumentMaker
    workers: EntryWorkers
    settings: RenderSettings
    report: Report
    at: datetime
    anew: bool
    progress: Progress
    entries: RenderedEntries = field(init=False)
    feed_plans: FeedPlans = field(init=False)
    archive_pages: ArchivePages = field(init=False)
    exports: Exports = field(init=False)
    damaged: Collection[str] = ()

    @property
    def formats(self) -> list[str]:
        return feed_formats(self.app.config)

    def publish(self, only: Collection[str], damaged: Collection[str]) -> None:
        """`only`: publishes these feed ids and the damaged ones, not all dirty ones; `damaged`: ids of feeds with a
        missing or damaged file."""
        with self.app.store.write() as tx:
            self.feed_plans = plan_feeds(self.app, tx, self.at)
            self.exports = Exports(self.maker.design.posts, self.feed_plans.plans.keys(), self.writer.recorded)
            self._retire(tx)
        heads = EntryHeads(EntryReader(self.app, self.feed_plans.category_tree), self.settings.design)
        self.entries = RenderedEntries(heads, self.workers, self.anew)
        self.damaged = damaged
        self.report.add_problems(self.feed_plans.problems, last=True)
        self.report.add_advice(self.feed_plans.advice)
        chosen = {*only, *damaged}
        self._publish_plans([one for one in self.feed_plans.dirty if not only or one.id in chosen])
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

    def _publish_plans(self, plans: Sequence[FeedPlan]) -> None:
        """Writes archive pages before the feeds that link to them. Entries in both are rendered once."""
        formats = archive_formats(self.app.config)
        pages = ArchivePages(self.app, self.feed_plans, self.report, formats, self.maker, self.entries)
        self.archive_pages = pages
        full = pages.full_pages([plan for plan in plans if plan.is_listed])
        LaterFormats(pages).publish(self.writer, self.feed_plans.listed)
        self.writer.write(pages.seal(full))
        lost = {path for path in self.writer.recorded if feed_of(path) and path not in self.writer.intact}
        self.writer.write(pages.restore({path for path in lost if not self._is_over(path)}))
        self.writer.write(self._render_feeds(plans))
        if full or self.feed_plans.retired:
            drop_unused(self.app)

    def _retire(self, tx: Transaction) -> None:
        """Removes files of feeds that are no longer wanted; their rows and ids stay."""
        for id_ in self.feed_plans.retired:
            self.writer.remove(tx, [*(f"{id_}/{FILES[one]}" for one in FILES), *self.exports.gone(id_)])
            tx.feeds.published([Published(id_)])
            record_omissions(tx, {id_: False})
            tx.feeds.mark_dirty(ids=[id_])
            self.report.feeds.removed += 1

    def _render_feeds(self, plans: Sequence[FeedPlan]) -> Iterator[WriteBatch]:
        """Yields batches large enough for one flush of the disk and small enough for memory."""
        files: Files = {}
        done = Done()
        for number, one in enumerate(self._selected(plans, done), 1):
            if one.stands:
                done.standing.append(Published(one.plan.id, one.stands, pack(one.contents)))
            else:
                documents = self.maker.documents(one.feed, one.nearby, self.formats)
                listing = self._listing(one, documents, files)
                published = Published(one.plan.id, pack(listing), pack(one.contents))
                done.feeds[one.plan] = published, bool(listing.omissions)
            self.progress(f"published {number}/{len(plans)}: {one.plan.id}")
            if is_enough(files):
                yield WriteBatch(files, partial(self._record_published, replace(done)))
                files, done.feeds, done.standing, done.rows = {}, {}, [], []
        if done.feeds or done.standing:
            yield WriteBatch(files, partial(self._record_published, done))

    def _selected(self, plans: Sequence[FeedPlan], done: Done) -> Iterator[Selected]:
        for found, rows in one_ahead(map(self._begin, chunks(plans, BATCH))):
            done.rows += rows
            yield from found

    def _begin(self, batch: Sequence[FeedPlan]) -> Callable[[], tuple[list[Selected], list[RenderedRow]]]:
        with self.app.store.read() as tx:
            selection = Selection(self.app, tx, self.feed_plans.category_tree)
            selected = list(self._read(tx, selection, batch))
            keys = [self._keys(selection, one.plan) for one in selected if not one.stands]
            finish = self.entries.begin(tx, chain.from_iterable(keys), self.maker.formats)

        def filled() -> tuple[list[Selected], list[RenderedRow]]:
            entries = finish()
            found = [one if one.stands else self._filled(selection, one, entries) for one in selected]
            return found, self.entries.rows(entries)

        return filled

    def _read(self, tx: Transaction, selection: Selection, batch: Sequence[FeedPlan]) -> Iterator[Selected]:
        """The feeds with their entries, which have no pieces yet."""
        about = {page_id(one.id): one for one in source_listings(self.app, tx)} if _has_sources(batch) else {}
        targets = [self.feed_plans.target_of(plan) for plan in batch]
        totals = tx.archives.totals(map(_id, targets))
        heads = self.entries.heads.of(tx, chain.from_iterable(self._keys(selection, plan) for plan in batch))
        shown = (selection.feed(target, self.feed_plans.rows[target.id], heads) for target in targets)
        found = with_withdrawals(self.app, tx, shown, map(selection.ids, targets))
        for plan, target, told in zip(batch, targets, found, strict=True):
            feed = self._with_links(plan, told)
            nearby = self._nearby(plan, feed, totals, about.get(plan.id))
            contents, name = selection.contents(target), selection.name(plan)
            digest_ = digest([self.settings.rendering, feed, nearby, name])
            description, standing = selection.description(plan), self._standing(plan, digest_)
            yield Selected(plan, feed, nearby, contents, name, description, digest_, standing)

    def _keys(self, selection: Selection, plan: FeedPlan) -> list[Key]:
        target = self.feed_plans.target_of(plan)
        return selection.keys(target, (*selection.ids(target), *selection.page_ids(target)))

    def _filled(self, selection: Selection, one: Selected, entries: Mapping[Key, RenderedEntry]) -> Selected:
        target = self.feed_plans.target_of(one.plan)
        feed = selection.feed(target, self.feed_plans.rows[target.id], entries)
        return replace(one, feed=replace(one.feed, entries=feed.entries, page_entries=feed.page_entries))

    def _standing(self, plan: FeedPlan, shown: str) -> bytes | None:
        """The packed listing of the feed, if its files show the same already, and lack nothing."""
        row = self.feed_plans.before.get(plan.id)
        if self.anew or self.maker.design.posts or plan.id in self.damaged or row is None or row.listing is None:
            return None
        listing = unpack(row.listing, FeedListing)
        are_whole = all(f"{plan.id}/{FILES[one]}" in self.writer.intact for one in self.formats)
        return row.listing if are_whole and listing.shown == shown and not listing.omissions else None

    def _nearby(self, plan: FeedPlan, feed: Feed, totals: Mapping[str, int], source: SourceListing | None) -> Nearby:
        total = totals.get(self.feed_plans.target_of(plan).id, 0)
        if source:
            source = replace(source, says=message_said(source.says, Words.of(feed.language)))
        return Nearby(self.feed_plans.child_feeds(plan), total, source)

    def _with_links(self, plan: FeedPlan, feed: Feed) -> Feed:
        """The feed with its old address, if it moved, and its archive links."""
        history = self.archive_pages.links(self.feed_plans.target_of(plan))
        return replace(feed, old_id=plan.id if plan.moved_to else "", history=history)

    def _listing(self, selected: Selected, documents: Documents, files: Files) -> FeedListing:
        plan, feed = selected.plan, selected.feed
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
            title=selected.name,
            path=f"{plan.id}/",
            updated=feed.updated,
            entries=len(feed.entries),
            category=self.feed_plans.category_tree.labels(plan.category) if plan.category else None,
            description=selected.description,
            editions=tuple(editions),
            pages=self.archive_pages.pages.get(plan.id, 0),
            archive=self.archive_pages.newest(plan),
            archive_formats=tuple(self.archive_pages.formats) if self.archive_pages.newest(plan) else (),
            made=made_of(self.settings.rendering, _rendered(feed)),
            shown=selected.shown,
            omissions=self._omissions(plan, documents),
            total=selected.nearby.total,
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
        tx.rendered.put(done.rows)
        published = [*done.standing, *(row for row, _ in done.feeds.values())]
        tx.feeds.published(published, dirty=not self.feed_plans.is_current(tx))
        record_omissions(tx, {plan.id: is_lacking for plan, (_, is_lacking) in done.feeds.items()})
        for plan in done.feeds:
            paths = {one: f"{plan.id}/{name}" for one, name in FILES.items()}
            ours = [(one, path) for one, path in paths.items() if path in self.writer.recorded]
            gone = [path for one, path in ours if one not in self.formats or path not in self.writer.intact]
            self.writer.remove(tx, [*gone, *self.exports.gone(plan.id)])
            shown = (*paths.values(), *self.exports.written(plan.id))
            self.report.feeds.written += plan.is_listed and any(path in changed for path in shown)


def _id(plan: FeedPlan) -> str:
    return plan.id


def _rendered(feed: Feed) -> Iterator[RenderedEntry]:
    return (one for one in feed.entries if isinstance(one, RenderedEntry))


def _has_sources(plans: Iterable[FeedPlan]) -> bool:
    return any(plan.id.startswith(page_id("")) for plan in plans)
