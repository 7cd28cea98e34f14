"""What a keeper is shown, read beside whoever works on the state: the whole of it, and what goes on."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from aggregator.app import App
from aggregator.model.status import Progress, Status
from aggregator.status.report import report
from aggregator.store import Transaction
from aggregator.web.state_reader import Seen, StateReader

T = TypeVar("T")

FRESH = 2.0  # seconds for which a survey is good enough while somebody writes; ten times what it took, if that is more
DATED = 60.0  # seconds for which it is while nobody does: days end, leases too


class StatusCache:
    """Its methods wait for the disk, may be called in any thread, and raise what the store raises. `reading` is for it
    alone: a page of ten thousand sources must not keep the tree waiting."""

    def __init__(self, app: App, reading: StateReader) -> None:
        self._app = app
        self._reading = reading
        self._lock = threading.Lock()
        self._status: Status | None = None
        self._seen: Seen = ()
        self._made = 0.0
        self._took = 0.0
        self._counted = 0.0

    def status(self) -> Status:
        """Made once for all who ask at the same time."""
        with self._lock:
            seen = self._reading.written()
            if self._status is None or self._is_old(seen):
                began = time.monotonic()
                known = None if self._status is None or began - self._counted > DATED else self._status.unmapped
                self._status = self._read(lambda tx: report(self._app, tx, self._app.clock(), unmapped=known))
                self._counted = began if known is None else self._counted
                self._seen, self._made = seen, time.monotonic()
                self._took = self._made - began
            return self._status or Status(self._app.clock())

    def progress(self) -> Progress:
        now = self._read(lambda tx: tx.health.progress(self._app.clock()))
        return now or Progress(0, (), None, ())

    def written(self) -> Seen:
        """Changes whenever the state is written."""
        return self._reading.written()

    def _is_old(self, seen: Seen) -> bool:
        age = time.monotonic() - self._made
        return age > DATED or (seen != self._seen and age > max(FRESH, 10 * self._took))

    def _read(self, question: Callable[[Transaction], T]) -> T | None:
        """None where there is no state yet."""
        with self._reading.looking() as tx:
            return question(tx) if tx else None
