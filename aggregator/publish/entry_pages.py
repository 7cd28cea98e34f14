"""The pages of entries that have no link of their own, such as posts of this machine."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from aggregator.app import App
from aggregator.model.entry import Entry
from aggregator.publish.entry_reader import EntryReader
from aggregator.publish.feed_plans import FeedPlans
from aggregator.publish.tree_writer import TreeWriter
from aggregator.publish.write_batch import Files, WriteBatch, file_of
from aggregator.render import Renderer
from aggregator.store import Transaction
from aggregator.store.table import chunks

BATCH = 500  # pages rendered and written together


@dataclass(frozen=True, slots=True)
class EntryPages:
    """`known`: a cache of entries that were read before."""

    app: App
    writer: TreeWriter
    renderer: Renderer
    feed_plans: FeedPlans
    known: dict[int, Entry]

    def publish(self) -> None:
        """Writes the pages that are dirty, and removes those of entries that have no page any more."""
        with self.app.store.read() as tx:
            dirty = tx.entries.dirty_pages()
        self.writer.write(self._render(batch) for batch in chunks(dirty, BATCH))

    def _render(self, batch: Sequence[tuple[int, str, bool]]) -> WriteBatch:
        """An entry has a page while it is visible and has no link of its own."""
        files: Files = {}
        gone: list[str] = []
        with self.app.store.read() as tx:
            reader = EntryReader(self.app, tx, self.feed_plans.category_tree, self.known)
            entries = reader.read(id_ for id_, _, is_visible in batch if is_visible)
        for entry_id, slug, _ in batch:
            path, entry = path_of(slug), entries.get(entry_id)
            if entry and not entry.clean.link:
                files[path] = file_of(self.renderer.entry_page(entry))
            else:
                gone.append(path)

        def record(tx: Transaction, _changed: Container[str]) -> None:
            self.writer.remove(tx, [path for path in gone if path in self.writer.recorded])
            if self.feed_plans.is_current(tx):
                tx.entries.mark_pages(dirty=False, ids=(entry_id for entry_id, _, _ in batch))

        return WriteBatch(files, record)


def path_of(slug: str) -> str:
    return f"entries/{slug}.html"


def slug_of(path: str) -> str:
    """The slug of the entry whose page the path is; "" where it is none."""
    return path[len("entries/") : -len(".html")] if path.startswith("entries/") else ""
