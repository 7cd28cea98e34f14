"""The status and progress shown at /status, read beside the process that writes the state."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from aggregator.app import App
from aggregator.model.status import Progress, Status
from aggregator.status.report import report
from aggregator.store import Transaction
from aggregator.web.state_reader import StateReader, StateVersion

T = TypeVar("T")

FRESH = 2.0  # seconds a status stays in use while the state changes; ten times what reading took, if that is more
DATED = 60.0  # seconds it stays in use while the state does not change: days and leases end


class StatusCache:
    """Methods wait for the disk, may be called in any thread, and raise what the store raises. `reader` must not be
    shared: a page of ten thousand sources would delay requests for files."""

    def __init__(self, app: App, reader: StateReader) -> None:
        self._app = app
        self._reader = reader
        self._lock = threading.Lock()
        self._status: Status | None = None
        self._seen: StateVersion = ()
        self._read_at = 0.0
        self._took = 0.0
        self._counted = 0.0

    def status(self) -> Status:
        """Read once for all requests that come at the same time."""
        with self._lock:
            seen = self._reader.version()
            if self._status is None or self._is_old(seen):
                began = time.monotonic()
                known = None if self._status is None or began - self._counted > DATED else self._status.unmapped
                self._status = self._read(lambda tx: report(self._app, tx, self._app.clock(), unmapped=known))
                self._counted = began if known is None else self._counted
                self._seen, self._read_at = seen, time.monotonic()
                self._took = self._read_at - began
            return self._status or Status(self._app.clock())

    def progress(self) -> Progress:
        now = self._read(lambda tx: tx.health.progress(self._app.clock()))
        return now or Progress(0, (), None, ())

    def version(self) -> StateVersion:
        """Changes whenever the state is written."""
        return self._reader.version()

    def _is_old(self, seen: StateVersion) -> bool:
        age = time.monotonic() - self._read_at
        return age > DATED or (seen != self._seen and age > max(FRESH, 10 * self._took))

    def _read(self, query: Callable[[Transaction], T]) -> T | None:
        """None where there is no state yet."""
        with self._reader.read() as tx:
            return query(tx) if tx else None
