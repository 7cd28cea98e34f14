"""The pages of entries that have no link of their own, such as posts of this machine."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from aggregator.app import App
from aggregator.model.entry import Entry
from aggregator.publish.documents import DocumentMaker
from aggregator.publish.entry_reader import EntryReader
from aggregator.publish.feed_plans import FeedPlans
from aggregator.publish.picture_copies import PictureCopies
from aggregator.publish.tree_writer import TreeWriter
from aggregator.publish.write_batch import Files, WriteBatch, file_of
from aggregator.report import Report
from aggregator.store import Transaction
from aggregator.store.chunks import chunks
from aggregator.text.page_paths import page_path

BATCH = 500  # pages rendered and written together
PICTURED = 50  # pages whose pictures are looked for together
DirtyPage = tuple[int, str, bool]  # entry id, slug, whether the entry is visible


@dataclass(frozen=True, slots=True)
class EntryPages:
    app: App
    writer: TreeWriter
    maker: DocumentMaker
    feed_plans: FeedPlans
    reader: EntryReader
    report: Report

    def publish(self) -> None:
        """Writes the pages that are dirty, and removes those of entries that have no page any more."""
        with self.app.store.read() as tx:
            dirty = tx.entries.dirty_pages()
        copies = PictureCopies(self.app, self.report)
        pages = (page for batch in chunks(dirty, PICTURED) for page in self._read(batch))
        self.writer.write(copies.batches(pages, self.writer.recorded))
        self.writer.remove_all(copies.gone)
        self.writer.write(self._render(batch, copies.lacking) for batch in chunks(dirty, BATCH))

    def _read(self, pages: Sequence[DirtyPage]) -> list[tuple[int, str, Entry | None]]:
        """(entry id, slug, entry, if it is visible) of each page."""
        with self.app.store.read() as tx:
            entries = self.reader.read(tx, [id_ for id_, _, is_visible in pages if is_visible])
        return [(id_, slug, entries.get(id_)) for id_, slug, _ in pages]

    def _render(self, batch: Sequence[DirtyPage], lacking: Container[int]) -> WriteBatch:
        """An entry has a page while it is visible and has no link of its own. The page of an entry that is `lacking` a
        picture stays dirty, so that the next run looks for it."""
        files: Files = {}
        gone: list[str] = []
        for _, slug, entry in self._read(batch):
            path = page_path(slug)
            if entry and not entry.clean.link:
                files[path] = file_of(self.maker.renderer.entry_page(entry))
            else:
                gone.append(path)

        def record(tx: Transaction, _changed: Container[str]) -> None:
            self.writer.remove(tx, [path for path in gone if path in self.writer.recorded])
            if self.feed_plans.is_current(tx):
                done = (entry_id for entry_id, _, _ in batch if entry_id not in lacking)
                tx.entries.mark_pages(dirty=False, ids=done)

        return WriteBatch(files, record)
