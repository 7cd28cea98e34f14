"""Which states this process has open."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class _OpenFiles:
    """Counts the connections of this process to each state.

    To open a state as a plain file and close it drops every lock that the process has on it (fcntl(2)); another process
    would then delete the log that we write to. So that is done only while the count is 0.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Path] = Counter()

    @contextmanager
    def opening(self, path: Path) -> Iterator[bool]:
        """Yields whether no connection is open, with the lock held; then counts one more."""
        with self._lock:
            yield self._counts[path.resolve()] == 0
            self._counts[path.resolve()] += 1

    def close(self, path: Path) -> None:
        with self._lock:
            self._counts[path.resolve()] -= 1


OPEN_FILES = _OpenFiles()
