"""publish(feeds): dirty Feeds ─▶ select ─▶ render ─▶ write if bytes changed.

What is written is a pure function of rows. A file is recorded as ours before it is written, with its digest only
after: a run that is killed between the two writes it again.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.codec import pack, unpack
from aggregator.house import House
from aggregator.identity import tag_prefix
from aggregator.models import Edition, Feed, Listing
from aggregator.publish import Tree, sha256
from aggregator.pulling import Progress
from aggregator.render import FILES, Renderer
from aggregator.report import Report
from aggregator.selecting import FeedPlan, Selection
from aggregator.store import FeedRow, Transaction
from aggregator.store.part import chunks

BATCH = 100  # feeds, or pages, in one transaction


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
    tree = Tree(house.output)
    tree.open()
    publishing = _Publishing(house, tree, report, at, fresh, progress)
    publishing.prepare()
    publishing.feeds(only)
    publishing.pages()
    publishing.indexes()


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
            selection = Selection(self.house, tx)
            plans = list(selection.plans({id_ for id_, row in rows.items() if row.listing is not None}))
            known = self._add_missing(tx, plans, rows)
            self._retire(tx, plans, rows)
        dirty = [plan for plan in plans if known[plan.id].dirty and (not only or plan.id in only)]
        for batch in chunks(dirty, BATCH):
            self._publish(batch, known)
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
                tx.feeds.published(id_, None)
                tx.feeds.mark_dirty(ids=[id_])
                self.report.feeds.removed += 1

    def _publish(self, plans: Sequence[FeedPlan], rows: dict[str, FeedRow]) -> None:
        files: dict[str, tuple[str, bytes]] = {}
        listings: dict[str, Listing] = {}
        with self.house.store.read() as tx:
            selection = Selection(self.house, tx)
            for plan, feed in zip(plans, selection.feeds(plans, rows), strict=True):
                listings[plan.id] = self._render(selection, plan, feed, files)
                self.progress(plan.id)
        written = self._write(files)
        with self.house.store.write() as tx:
            for plan in plans:
                changed = written & {f"{plan.id}/{name}" for name in FILES.values()}
                gone = [f"{plan.id}/{FILES[one]}" for one in FILES if one not in self.formats]
                self._remove(tx, (path for path in gone if path in self.recorded))
                tx.feeds.published(plan.id, pack(listings[plan.id]))
                self.report.feeds.written += bool(changed) and plan.is_listed
            tx.files.record((path, feed_id, sha256(data)) for path, (feed_id, data) in files.items())

    def _render(self, selection: Selection, plan: FeedPlan, feed: Feed, files: dict[str, tuple[str, bytes]]) -> Listing:
        editions = []
        for one in self.formats:
            rendered = self.renderer.feed(feed, one)
            path = f"{plan.id}/{FILES[one]}"
            files[path] = (plan.id, rendered.data)
            editions.append((one, Edition(path, sha256(rendered.data), rendered.entries)))
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

    def pages(self) -> None:
        with self.house.store.read() as tx:
            dirty = tx.entries.dirty_pages()
        for batch in chunks(dirty, BATCH):
            self._publish_pages(batch)

    def _publish_pages(self, batch: Sequence[tuple[int, str, bool]]) -> None:
        """A page stands while its entry is shown and has no address of its own."""
        files: dict[str, tuple[str, bytes]] = {}
        gone: list[str] = []
        with self.house.store.read() as tx:
            entries = Selection(self.house, tx).entries(id_ for id_, _, is_visible in batch if is_visible)
            for entry_id, slug, _ in batch:
                path = f"entries/{slug}.html"
                entry = entries.get(entry_id)
                if entry and not entry.clean.link:
                    files[path] = ("", self.renderer.entry_page(entry))
                else:
                    gone.append(path)
        self._write(files)
        with self.house.store.write() as tx:
            self._remove(tx, (path for path in gone if path in self.recorded))
            tx.files.record((path, "", sha256(data)) for path, (_, data) in files.items())
            tx.entries.mark_pages(dirty=False, ids=(entry_id for entry_id, _, _ in batch))

    def indexes(self) -> None:
        with self.house.store.read() as tx:
            rows = tx.feeds.all()
            selection = Selection(self.house, tx)
            listed = [plan.id for plan in selection.plans(set()) if plan.is_listed]
            listings = [unpack(row.listing, Listing) for id_ in listed if (row := rows[id_]).listing is not None]
        files = {
            "index.html": ("", self.renderer.index_html(listings)),
            "index.json": ("", self.renderer.index_json(listings)),
            "opml.xml": ("", self.renderer.opml(listings)),
        }
        if written := self._write(files):
            with self.house.store.write() as tx:
                tx.files.record((path, "", sha256(data)) for path, (_, data) in files.items() if path in written)

    # files

    def _write(self, files: dict[str, tuple[str, bytes]]) -> set[str]:
        """Writes what differs from what stands there; returns those paths."""
        changed = {
            path: data
            for path, (_, data) in files.items()
            if path not in self.there or self.recorded.get(path) != sha256(data)
        }
        self.tree.refuse_foreign(
            (path for path in changed if path in self.there and path not in self.recorded), marked_is_ours=self.fresh
        )
        if changed:
            with self.house.store.write() as tx:
                tx.files.record((path, files[path][0], "") for path in changed)
            self.tree.write(changed)
        for path, data in changed.items():
            self.recorded[path] = sha256(data)
            self.there.add(path)
        return set(changed)

    def _remove(self, tx: Transaction, paths: Iterable[str]) -> None:
        gone = list(paths)
        self.tree.remove(path for path in gone if path in self.recorded)
        tx.files.forget(gone)
        for path in gone:
            self.recorded.pop(path, None)
            self.there.discard(path)
