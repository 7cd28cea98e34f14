"""publish(feeds): dirty Feeds ─▶ select ─▶ render ─▶ write if bytes changed.

What is written is a pure function of rows. A file is recorded as ours before it is written, with its digest only
after: a run that is killed between the two writes it again.
"""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from aggregator.codec import digest, pack, unpack
from aggregator.house import House
from aggregator.identity import tag_prefix
from aggregator.models import Edition, Entry, Feed, Listing
from aggregator.publish import Preview, Tree, sha256
from aggregator.pulling import Progress
from aggregator.render import FILES, Renderer
from aggregator.report import Report
from aggregator.selecting import FeedPlan, Selection
from aggregator.shelf import Shelf
from aggregator.store import FeedRow, Transaction
from aggregator.store.part import chunks

INDEXES = ("index.html", "index.json", "opml.xml")

BATCH = 50  # feeds whose entries are read in one go
PAGES = 500
PORTION = 8 * 2**20  # bytes that are written together


def publish(
    house: House,
    report: Report,
    at: datetime,
    *,
    only: Collection[str] = (),
    fresh: bool = False,
    progress: Progress = lambda _: None,
) -> None:
    """Brings the tree up to what the store says. `only`: these feeds' ids; `fresh`: marked files there are ours."""
    tree = Tree(house.output) if house.writes else Preview(house.output)
    tree.open()
    publishing = _Publishing(house, tree, report, at, fresh, progress)
    publishing.prepare()
    publishing.feeds(only)
    publishing.pages()
    publishing.indexes()


@dataclass(frozen=True, slots=True)
class File:
    """What a file of the tree is to hold; `feed_id` is "" for pages and indexes."""

    feed_id: str
    data: bytes
    sha256: str


Files = dict[str, File]  # by path


def file_of(data: bytes, feed_id: str = "") -> File:
    return File(feed_id, data, sha256(data))


@dataclass(frozen=True, slots=True)
class Portion:
    """Files that are written together, and what is to be noted once they stand (given those that changed)."""

    files: Files
    note: Callable[[Transaction, Container[str]], None]


@dataclass(slots=True)
class _Publishing:
    house: House
    tree: Tree
    report: Report
    at: datetime
    fresh: bool
    progress: Progress
    renderer: Renderer = field(init=False)
    there: set[str] = field(init=False)
    recorded: dict[str, str] = field(init=False)
    shelf: Shelf = field(init=False)
    acts: int = field(init=False)  # the last one that is taken into account
    shown: dict[int, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        formats = [one for one in self.house.config.feeds.formats if one in FILES]
        self.renderer = Renderer(self.house.site(), templates=self.house.templates(), formats=formats)
        self.there = self.tree.files()

    @property
    def formats(self) -> list[str]:
        return [*(one for one in FILES if one in self.house.config.feeds.formats), "html"]

    def prepare(self) -> None:
        """Feeds whose files are missing, or that the config would render otherwise, are to be published again."""
        with self.house.store.write() as tx:
            rendering = self.house.rendering_digest()
            if tx.facts.get("rendering") != rendering:
                tx.feeds.mark_all_dirty()
                tx.entries.mark_pages(dirty=True)
                tx.facts.set("rendering", rendering)
            self.recorded = tx.files.all()
            missing = [path for path in self.recorded if path not in self.there]
            tx.feeds.mark_dirty(ids=tx.files.of_feeds(missing))
            slugs = (path[len("entries/") : -len(".html")] for path in missing if path.startswith("entries/"))
            tx.entries.mark_pages(dirty=True, ids=tx.entries.with_slugs(slugs))

    def feeds(self, only: Collection[str]) -> None:
        with self.house.store.write() as tx:
            rows = self._rows(tx)
            self.shelf = Shelf(tx)
            self.acts = tx.overrides.newest()
            selection = Selection(self.house, tx, self.shelf, self.shown)
            plans = list(selection.plans({id_ for id_, row in rows.items() if row.listing is not None}))
            known = self._add_missing(tx, plans, rows)
            self._retire(tx, plans, rows)
        dirty = [plan for plan in plans if known[plan.id].dirty and (not only or plan.id in only)]
        self._write_all(self._render_feeds(dirty, known))
        listed = sum(plan.is_listed for plan in plans)
        self.report.feeds.total = listed
        self.report.feeds.unchanged = listed - self.report.feeds.written

    def _rows(self, tx: Transaction) -> dict[str, FeedRow]:
        return tx.feeds.all()

    def _add_missing(self, tx: Transaction, plans: Sequence[FeedPlan], rows: dict[str, FeedRow]) -> dict[str, FeedRow]:
        site = self.house.config.site
        prefix = tag_prefix(site.url, site.since)
        new = {
            plan.id: FeedRow(
                id=plan.id,
                atom_id=f"{prefix}feed/{plan.id}",
                category_id=plan.category.id if plan.category else None,
                recorded_at=self.at,
            )
            for plan in plans
            if plan.id not in rows
        }
        tx.feeds.add(new.values())
        return rows | new

    def _retire(self, tx: Transaction, plans: Sequence[FeedPlan], rows: dict[str, FeedRow]) -> None:
        """Feeds that are no longer asked for leave the tree; their ids stay theirs."""
        wanted = {plan.id for plan in plans}
        for id_, row in rows.items():
            if id_ not in wanted and row.listing is not None:
                paths = [f"{id_}/{FILES[one]}" for one in FILES]
                self._remove(tx, paths)
                tx.feeds.published([(id_, None)])
                tx.feeds.mark_dirty(ids=[id_])
                self.report.feeds.removed += 1

    def _render_feeds(self, plans: Sequence[FeedPlan], rows: Mapping[str, FeedRow]) -> Iterator[Portion]:
        """In portions that are worth a flush of the disk and fit in memory."""
        files: Files = {}
        listings: dict[FeedPlan, Listing] = {}
        for batch in chunks(plans, BATCH):
            with self.house.store.read() as tx:
                selection = Selection(self.house, tx, self.shelf, self.shown)
                for plan, feed in zip(batch, selection.feeds(batch, rows), strict=True):
                    listings[plan] = self._render_feed(selection, plan, feed, files)
                    self.progress(plan.id)
            if sum(len(file.data) for file in files.values()) > PORTION:
                yield Portion(files, partial(self._note_published, listings))
                files, listings = {}, {}
        if listings:
            yield Portion(files, partial(self._note_published, listings))

    def _render_feed(self, selection: Selection, plan: FeedPlan, feed: Feed, files: Files) -> Listing:
        editions = []
        for one in self.formats:
            rendered = self.renderer.feed(feed, one)
            path = f"{plan.id}/{FILES[one]}"
            files[path] = file_of(rendered.data, plan.id)
            editions.append((one, Edition(path, files[path].sha256, rendered.entries)))
            self.report.add_problems(rendered.problems)
        return Listing(
            id=plan.id,
            title=selection.name(plan),
            path=f"{plan.id}/",
            updated=feed.updated,
            entries=len(feed.entries),
            category=feed.category,
            description=selection.description(plan),
            editions=tuple(editions),
        )

    def _note_published(self, listings: Mapping[FeedPlan, Listing], tx: Transaction, changed: Container[str]) -> None:
        done = ((plan.id, pack(listing)) for plan, listing in listings.items())
        tx.feeds.published(done, dirty=not self._is_current(tx))
        for plan in listings:
            paths = {one: f"{plan.id}/{name}" for one, name in FILES.items()}
            gone = [path for one, path in paths.items() if one not in self.formats and path in self.recorded]
            self._remove(tx, gone)
            self.report.feeds.written += plan.is_listed and any(path in changed for path in paths.values())

    def _is_current(self, tx: Transaction) -> bool:
        """Whether nobody overruled anything while we published; else it is published again by who comes next."""
        return tx.overrides.newest() == self.acts

    def pages(self) -> None:
        with self.house.store.read() as tx:
            dirty = tx.entries.dirty_pages()
        self._write_all(self._render_pages(batch) for batch in chunks(dirty, PAGES))

    def _render_pages(self, batch: Sequence[tuple[int, str, bool]]) -> Portion:
        """A page stands while its entry is shown and has no address of its own."""
        files: Files = {}
        gone: list[str] = []
        with self.house.store.read() as tx:
            entries = Selection(self.house, tx, self.shelf, self.shown).entries(
                id_ for id_, _, is_visible in batch if is_visible
            )
        for entry_id, slug, _ in batch:
            path, entry = f"entries/{slug}.html", entries.get(entry_id)
            if entry and not entry.clean.link:
                files[path] = file_of(self.renderer.entry_page(entry))
            else:
                gone.append(path)

        def note(tx: Transaction, _changed: Container[str]) -> None:
            self._remove(tx, [path for path in gone if path in self.recorded])
            if self._is_current(tx):
                tx.entries.mark_pages(dirty=False, ids=(entry_id for entry_id, _, _ in batch))

        return Portion(files, note)

    def indexes(self) -> None:
        with self.house.store.read() as tx:
            rows = tx.feeds.all()
            selection = Selection(self.house, tx, self.shelf, self.shown)
            listed = [plan.id for plan in selection.plans(set()) if plan.is_listed]
            packed = [row.listing for id_ in listed if (row := rows[id_]).listing is not None]
            shape = digest([packed, self.house.rendering_digest()])
            if tx.facts.get("indexes") == shape and self.there.issuperset(INDEXES):
                return
        listings = [unpack(one, Listing) for one in packed]
        files: Files = {
            "index.html": file_of(self.renderer.index_html(listings)),
            "index.json": file_of(self.renderer.index_json(listings)),
            "opml.xml": file_of(self.renderer.opml(listings)),
        }
        self._write_all([Portion(files, lambda tx, _: tx.facts.set("indexes", shape))])

    # files

    def _write_all(self, portions: Iterable[Portion]) -> None:
        """While one portion goes to the disk the next one is rendered."""
        with ThreadPoolExecutor(1) as disk:
            finish: Callable[[], None] = lambda: None  # noqa: E731
            for portion in portions:
                finish()
                finish = self._start_writing(portion, disk)
            finish()

    def _start_writing(self, portion: Portion, disk: Executor) -> Callable[[], None]:
        """Returns the call that waits for the disk and then remembers what stands there."""
        changed = self._changed(portion.files)
        writing = disk.submit(self.tree.write, {path: file.data for path, file in changed.items()})

        def finish() -> None:
            writing.result()
            self.there.update(changed)
            self.recorded |= {path: file.sha256 for path, file in changed.items()}
            with self.house.store.write() as tx:
                portion.note(tx, changed)
                tx.files.change((path, file.sha256) for path, file in changed.items())

        return finish

    def _changed(self, files: Files) -> Files:
        """What differs from what stands there, recorded as ours, with no digest until it is written."""
        changed = {
            path: file
            for path, file in files.items()
            if path not in self.there or self.recorded.get(path) != file.sha256
        }
        foreign = [path for path in changed if path in self.there and path not in self.recorded]
        self.tree.refuse_foreign(foreign, marked_is_ours=self.fresh)
        if changed:
            with self.house.store.write() as tx:
                tx.files.add((path, file.feed_id) for path, file in changed.items() if path not in self.recorded)
                tx.files.change((path, "") for path in changed if path in self.recorded)
        return changed

    def _remove(self, tx: Transaction, paths: Iterable[str]) -> None:
        gone = list(paths)
        self.tree.remove(path for path in gone if path in self.recorded)
        tx.files.forget(gone)
        for path in gone:
            self.recorded.pop(path, None)
            self.there.discard(path)
