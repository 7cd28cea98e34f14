"""Writes and removes files of the tree, and records each in the state.

A file is recorded as ours before it is written, and its digest after: if the run is killed between the two, the next
one writes the file again.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from aggregator.app import App
from aggregator.model.published import FileRow
from aggregator.publish.hub_news import forget_news, record_news
from aggregator.publish.output_tree import Tree
from aggregator.publish.write_batch import Files, WriteBatch
from aggregator.store import Transaction


@dataclass(slots=True)
class TreeWriter:
    """`disk`: one thread; `fresh`: files in the tree that bear our mark are ours; `recorded`: path → SHA-256 of our
    files; `intact`: paths of those that are as we wrote them; `written`: how many this run wrote; `rendering`: seconds
    in which batches were made."""

    app: App
    tree: Tree
    disk: Executor
    fresh: bool
    recorded: dict[str, str]
    intact: set[str]
    written: int = 0
    rendering: float = 0.0

    def write(self, batches: Iterable[WriteBatch]) -> None:
        """Writes each batch while the next one is rendered."""
        finish: Callable[[], None] = lambda: None  # noqa: E731
        for batch in self._timed(batches):
            finish()
            finish = self._start_writing(batch)
        finish()

    def remove_all(self, paths: Iterable[str]) -> None:
        if gone := list(paths):
            with self.app.store.write() as tx:
                self.remove(tx, gone)

    def remove(self, tx: Transaction, paths: Iterable[str]) -> None:
        """Paths that are not ours stay."""
        gone = list(paths)
        self.tree.remove(path for path in gone if path in self.recorded)
        tx.files.forget(gone)
        forget_news(tx, gone)
        for path in gone:
            self.recorded.pop(path, None)
            self.intact.discard(path)

    def _timed(self, batches: Iterable[WriteBatch]) -> Iterator[WriteBatch]:
        began = time.monotonic()
        for batch in batches:
            self.rendering += time.monotonic() - began
            yield batch
            began = time.monotonic()

    def _start_writing(self, batch: WriteBatch) -> Callable[[], None]:
        """Returns a function that waits for the disk and then records what was written."""
        changed = self._changed(batch.files)
        news = {path: file.sha256 for path, file in changed.items() if self.recorded.get(path) != file.sha256}
        writing = self.disk.submit(self.tree.write, {path: file.data for path, file in changed.items()})

        def finish() -> None:
            stamps = writing.result()
            self.written += len(changed)
            self.intact.update(changed)
            self.recorded |= {path: file.sha256 for path, file in changed.items()}
            with self.app.store.write() as tx:
                batch.record(tx, changed)
                tx.files.change({path: FileRow(file.sha256, stamps.get(path)) for path, file in changed.items()})
                record_news(self.app, tx, news)

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
