"""Sealed archive pages: rendered once, stored as they were written, and restored from the store.

A page is written before the feed that links to it. Its bytes are stored after its files are written: if the run is
killed between the two, the next one seals the page again.
"""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from aggregator.app import App
from aggregator.codec import pack, unpack
from aggregator.config import Config
from aggregator.model.feed import ArchiveLinks, Feed
from aggregator.model.published import Omission, SealedPage
from aggregator.publish.archive_state import FullPage, folder_of, full_pages, near_each_other
from aggregator.publish.documents import DocumentMaker, Documents
from aggregator.publish.entry_workers import one_ahead
from aggregator.publish.feed_plans import FeedPlans
from aggregator.publish.output_tree import sha256
from aggregator.publish.rendered_entries import RenderedEntries
from aggregator.publish.select import FeedPlan, Selection
from aggregator.publish.write_batch import File, Files, WriteBatch, is_enough
from aggregator.render import FILES, Nearby
from aggregator.report import Report
from aggregator.settings import paging_of
from aggregator.store import Transaction
from aggregator.store.chunks import chunks

BATCH = 10  # pages whose entries are read together
Sealed = list[tuple[FullPage, SealedPage]]


@dataclass(slots=True)
class ArchivePages:
    """`formats`: those that pages are written in; `pages`: how many sealed pages each feed has; `sealed`: how many were
    sealed in this run; `omissions`: what the pages of each feed lack that were sealed in this run."""

    app: App
    feed_plans: FeedPlans
    report: Report
    formats: Sequence[str]
    maker: DocumentMaker
    entries: RenderedEntries
    pages: dict[str, int] = field(default_factory=dict)
    sealed: int = 0
    omissions: dict[str, tuple[Omission, ...]] = field(default_factory=dict)

    def full_pages(self, plans: Sequence[FeedPlan]) -> list[FullPage]:
        """Every page of these feeds to seal now, pages with the same entries near each other."""
        with self.app.store.read() as tx:
            self.pages = tx.archives.pages()
            found = full_pages(tx, plans, self.feed_plans.rows, self.pages, paging_of(self.app.config))
            return near_each_other(found)

    def seal(self, full: Sequence[FullPage]) -> Iterator[WriteBatch]:
        files: Files = {}
        done: Sealed = []
        nearby = Nearby(linked=self.feed_plans.settled)
        for one, feed in self.read(full):
            documents = self.maker.documents(feed, nearby, self.formats)
            page = self.sealed_page(one.plan, documents)
            known = {FILES[name]: document.sha256 for name, document in documents.items()}
            files |= files_of(one.plan.id, folder_of(one.row, one.number), page, known)
            done.append((one, page))
            self.pages[one.plan.id] = one.number
            self.sealed += 1
            if is_enough(files):
                yield WriteBatch(files, partial(_record, done))
                files, done = {}, []
        if done:
            yield WriteBatch(files, partial(_record, done))

    def restore(self, paths: Collection[str]) -> Iterator[WriteBatch]:
        """Writes sealed pages again from the store. `paths`: their missing files."""
        for folder in dict.fromkeys(path.rpartition("/")[0] for path in paths):
            feed_id, number = feed_of(folder), int(folder.rpartition("/")[2])
            with self.app.store.read() as tx:
                stored = tx.archives.page(feed_id, number)
            row = self.feed_plans.rows.get(feed_id)
            if stored and row and folder_of(row, number) == f"{folder}/":
                files = files_of(feed_id, f"{folder}/", unpack(stored, SealedPage), {})
                lost = {path: file for path, file in files.items() if path in paths}
                yield WriteBatch(lost, lambda _tx, _changed: None)

    def links(self, plan: FeedPlan) -> ArchiveLinks:
        """The archive links of the feed itself (RFC 5005 4)."""
        pages = self.pages.get(plan.id, 0)
        return ArchiveLinks(self._home(plan), self._folder(plan, pages) if pages else "", formats=tuple(self.formats))

    def all_omissions(self, plan: FeedPlan, before: Iterable[Omission]) -> Iterator[Omission]:
        """What all pages of the feed lack. `before`: what was recorded of the feed when it was published last."""
        row = self.feed_plans.rows[plan.id]
        yield from (one for one in before if one.feed.startswith(f"{plan.id}/archive/{row.generation}/"))
        yield from self.omissions.get(plan.id, ())

    def newest(self, plan: FeedPlan) -> str:
        """The folder of the newest sealed page, relative to the tree; "" where there is none, or none is written."""
        pages = self.pages.get(plan.id, 0) if self.formats else 0
        return folder_of(self.feed_plans.rows[plan.id], pages) if pages else ""

    def read(self, full: Iterable[FullPage]) -> Iterator[tuple[FullPage, Feed]]:
        """Each page with its entries; those of some pages are read together."""
        for batch in one_ahead(map(self._begin, chunks(full, BATCH))):
            yield from batch

    def _begin(self, batch: Sequence[FullPage]) -> Callable[[], list[tuple[FullPage, Feed]]]:
        with self.app.store.read() as tx:
            selection = Selection(self.app, tx, self.feed_plans.category_tree)
            wanted = (key for one in batch for key in selection.keys(one.plan, one.entry_ids))
            finish = self.entries.begin(tx, wanted, self.formats)

        def pages() -> list[tuple[FullPage, Feed]]:
            entries = finish()
            shown = (selection.page(one.plan, one.row, one.entry_ids, entries) for one in batch)
            return [(one, self._page(one, feed)) for one, feed in zip(batch, shown, strict=True)]

        return pages

    def _page(self, one: FullPage, feed: Feed) -> Feed:
        """`feed`: with the entries of the page."""
        folder = folder_of(one.row, one.number)
        history = ArchiveLinks(
            current=self._home(one.plan),
            older=self._folder(one.plan, one.number - 1) if one.number > 1 else "",
            newer=self._folder(one.plan, one.number + 1) if one.is_followed else "",
            page=one.number,
            formats=tuple(self.formats),
        )
        return replace(feed, id=folder.rstrip("/"), home=f"{self._site}{folder}", history=history)

    def sealed_page(self, plan: FeedPlan, documents: Documents) -> SealedPage:
        """The page made of its documents by format; what they lack is reported."""
        for result in documents.values():
            self.report.add_problems(result.problems)
        lacking = (omission for result in documents.values() for omission in result.omissions)
        self.omissions[plan.id] = (*self.omissions.get(plan.id, ()), *lacking)
        found = ((FILES[one], documents[one].data) for one in self.formats if one in documents)
        return SealedPage(tuple((name, data) for name, data in found if data is not None))

    @property
    def _site(self) -> str:
        return self.app.config.site.url

    def _home(self, plan: FeedPlan) -> str:
        return f"{self._site}{plan.id}/"

    def _folder(self, plan: FeedPlan, number: int) -> str:
        return self._site + folder_of(self.feed_plans.rows[plan.id], number)


def feed_of(path: str) -> str:
    """The id of the feed whose archive contains the path, "" where none does."""
    feed_id, archive, _ = path.partition("/archive/")
    return feed_id if archive else ""


def is_outdated(path: str, feed_plans: FeedPlans) -> bool:
    """Whether a file belongs to an archive that ended or restarted."""
    feed_id = feed_of(path)
    row = feed_plans.rows.get(feed_id)
    return bool(feed_id) and not (row and row.archive and path.startswith(f"{feed_id}/archive/{row.generation}/"))


def is_unwanted(path: str, config: Config) -> bool:
    """Whether it is a sealed page for people, and `feeds.pages` wants none. The state keeps its bytes."""
    return config.feeds.pages != "all" and bool(feed_of(path)) and path.endswith(FILES["html"])


def files_of(feed_id: str, folder: str, page: SealedPage, known: Mapping[str, str]) -> Files:
    """`known`: digests of files, by name."""
    return {folder + name: File(feed_id, data, known.get(name) or sha256(data)) for name, data in page.files}


def _record(done: Sealed, tx: Transaction, _changed: Container[str]) -> None:
    for one, page in done:
        tx.archives.seal(one.plan.id, one.number, one.entry_ids, pack(page))
