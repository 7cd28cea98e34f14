"""What the server must know of the state: read beside whoever works on it, never made, never locked.

The state is open only while it is read: a database that somebody has open keeps what was written last in a file beside
it, and whoever then copied the state alone would miss that.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aggregator.errors import AggregatorError
from aggregator.publish.output_tree import Tree
from aggregator.store import Store, Transaction

PAUSE = 1.0  # seconds for which it is believed that a state which nobody wrote can be read: asking costs hundredths

Seen = tuple[int, ...]


class StateReader:
    """The state and the tree of one config. Its methods wait for the disk, and may be called in any thread."""

    def __init__(self, store: Store, output: Path, *, pause: float = PAUSE) -> None:
        self._store = store
        self._tree = Tree(output)
        self._pause = pause
        self._lock = threading.Lock()
        self._seen: Seen = ()
        self._moved: Mapping[str, str] = {}
        self._is_readable = False
        self._believed: Seen = ()
        self._believed_until = 0.0

    def moved(self) -> Mapping[str, str]:
        """Feed id → the one it is now; asked of the state only after it was written. Raises what the store raises."""
        with self._lock:
            seen = self.written()
            if seen != self._seen and self._store.exists():
                with self._opened() as tx:
                    self._moved = tx.feeds.moved()
                self._seen = seen
            return self._moved

    def trouble(self) -> str:
        """Why what is served is not as it should be, "" where it is; for everybody's eyes."""
        if not self._tree.has_index():
            return "nothing is published yet"
        if not self._store.exists():
            return "there is no state yet"
        return "" if self._can_be_read() else "the state cannot be read"

    @contextmanager
    def looking(self) -> Iterator[Transaction | None]:
        """One moment of the state, None where there is none yet. Raises what the store raises."""
        with self._lock:
            if not self._store.exists():
                yield None
                return
            with self._opened() as tx:
                yield tx

    def _can_be_read(self) -> bool:
        with self._lock:
            written = self.written()
            if written != self._believed or time.monotonic() >= self._believed_until:
                self._is_readable = self._try_to_read()
                self._believed, self._believed_until = written, time.monotonic() + self._pause
            return self._is_readable

    def _try_to_read(self) -> bool:
        try:
            with self._opened() as tx:
                tx.facts.newest()
        except AggregatorError:
            return False
        return True

    @contextmanager
    def _opened(self) -> Iterator[Transaction]:
        try:
            self._store.open()
            with self._store.read() as tx:
                yield tx
        finally:
            self._store.close()

    def written(self) -> Seen:
        """Changes whenever the state is written."""
        return *self._mark(""), *self._mark("-wal")

    def _mark(self, beside: str) -> Seen:
        try:
            status = self._store.path.with_name(self._store.path.name + beside).stat()
        except OSError:
            return ()
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
