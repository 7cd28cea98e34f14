"""Reads the state beside the process that writes it. Never creates or locks it.

The state is open only while it is read: SQLite keeps the latest writes in a file beside an open database, and a plain
copy of the state alone would miss them.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aggregator.errors import AggregatorError
from aggregator.publish.output_tree import Tree
from aggregator.store import Store, Transaction

PAUSE = 1.0  # seconds until an unchanged state is checked again: a check costs hundredths of a second

UNREADABLE = "the state cannot be read"
StateVersion = tuple[int, ...]


class StateReader:
    """The state and the tree of one config. Methods wait for the disk, and may be called in any thread. `gone_pages`:
    slugs of withdrawn entries, as `moved` read them last."""

    def __init__(self, store: Store, output: Path, *, pause: float = PAUSE) -> None:
        self._store = store
        self._tree = Tree(output)
        self._pause = pause
        self._lock = threading.Lock()
        self._seen: StateVersion = ()
        self._moved: Mapping[str, str] = {}
        self.gone_pages: Collection[str] = ()
        self._is_readable = False
        self._checked: StateVersion = ()
        self._checked_until = 0.0

    def moved(self) -> Mapping[str, str]:
        """Old feed id → new feed id. Reads the state only after it was written. Raises what the store raises. Learns
        `gone_pages`, too."""
        with self._lock:
            seen = self.version()
            if seen != self._seen and self._store.exists():
                with self._store.opened(), self._store.read() as tx:
                    self._moved, self.gone_pages = tx.feeds.moved(), tx.withdrawals.slugs()
                self._seen = seen
            return self._moved

    def trouble(self) -> str:
        """Why the server is not ready, "" where it is. Strangers may read it."""
        if not self._tree.has_index():
            return "nothing is published yet"
        try:
            if not self._store.exists():
                return "there is no state yet"
        except AggregatorError:
            return UNREADABLE
        return "" if self._can_be_read() else UNREADABLE

    @contextmanager
    def read(self) -> Iterator[Transaction | None]:
        """A read transaction; None where there is no state yet. Raises what the store raises."""
        with self._lock:
            if not self._store.exists():
                yield None
                return
            with self._store.opened(), self._store.read() as tx:
                yield tx

    def _can_be_read(self) -> bool:
        with self._lock:
            version = self.version()
            if version != self._checked or time.monotonic() >= self._checked_until:
                self._is_readable = self._try_to_read()
                self._checked, self._checked_until = version, time.monotonic() + self._pause
            return self._is_readable

    def _try_to_read(self) -> bool:
        try:
            with self._store.opened(), self._store.read() as tx:
                tx.facts.newest()
        except AggregatorError:
            return False
        return True

    def version(self) -> StateVersion:
        """Changes whenever the state is written."""
        return self._store.version()


class MovedFeeds:
    """The new addresses of moved feeds, read at most once in `pause` seconds. `read` may wait for a disk and fail; the
    last result stays in use then."""

    def __init__(self, read: Callable[[], Mapping[str, str]], *, pause: float = PAUSE) -> None:
        self.moved: Mapping[str, str] = {}
        self._read = read
        self._pause = pause
        self._next = 0.0

    def is_due(self) -> bool:
        return time.monotonic() >= self._next

    async def refresh(self) -> None:
        """Reads the state again. Requests that arrive meanwhile use the last result."""
        self._next = time.monotonic() + self._pause
        try:
            self.moved = await asyncio.to_thread(self._read)
        except AggregatorError:
            return
