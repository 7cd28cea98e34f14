"""GET /metrics: the counters of this process, and counts of the state."""

import os
import resource
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from aggregator.app import App
from aggregator.errors import AggregatorError
from aggregator.events import Children
from aggregator.metrics import Registry, add_answers, add_state, expose, process_registry
from aggregator.model.status import StateCounts
from aggregator.store import Store, Transaction
from aggregator.web.headers import FRESH
from aggregator.web.state_reader import StateReader

PAUSE = 1.0  # seconds between two counts of the state, however many requests come
PROC = Path("/proc")
DATED = 60.0  # seconds between two counts of unmapped terms; a hundred times what counting took, if that is more


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers by status: `tree` for files, `program` for the program's own routes. Only the event loop counts."""

    tree: Counter[int] = field(default_factory=Counter)
    program: Counter[int] = field(default_factory=Counter)

    def count_program(self, status: int) -> None:
        self.program[status] += 1

    def counts(self) -> Mapping[tuple[str, int], int]:
        """By (kind, status). May be called in any thread."""
        both = (("tree", self.tree), ("program", self.program))
        return {(kind, status): count for kind, counts in both for status, count in dict(counts).items()}


class StateCounter:
    """`counts` waits for the disk, and may be called in any thread. `reader` must not be shared."""

    def __init__(self, app: App, reader: StateReader, *, pause: float = PAUSE) -> None:
        self._clock = app.clock
        self._reader = reader
        self._pause = pause
        self._lock = threading.Lock()
        self._counts: StateCounts | None = None
        self._until = 0.0
        self._unmapped = 0
        self._unmapped_until = 0.0

    def counts(self) -> StateCounts | None:
        """None where there is no state, or it cannot be read."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._counts = self._count()
                self._until = time.monotonic() + self._pause
            return self._counts

    def _count(self) -> StateCounts | None:
        try:
            with self._reader.read() as tx:
                return self._count_all(tx, self._clock()) if tx else None
        except AggregatorError:
            return None

    def _count_all(self, tx: Transaction, now: datetime) -> StateCounts:
        return replace(
            tx.health.state_counts(now, unmapped=self._count_unmapped(tx)),
            pings=tx.pings.count(),
            subscriptions=tx.hub_subscriptions.count(now),
            failing_subscriptions=tx.hub_subscriptions.count_failing(now),
            workers=len(tx.workers.all()),
            rounds=len(tx.rounds.unfinished()),
        )

    def _count_unmapped(self, tx: Transaction) -> int:
        """Cached: the query reads every placed term."""
        began = time.monotonic()
        if began >= self._unmapped_until:
            self._unmapped = tx.entries.unmapped_count()
            ended = time.monotonic()
            self._unmapped_until = ended + max(DATED, 100 * (ended - began))
        return self._unmapped


@dataclass(frozen=True, slots=True)
class Measures:
    """The metrics of one process; they survive a reload of the config. /metrics shows `registry`; the applications
    count their answers in `tally`."""

    registry: Registry
    tally: Tally


def measures_of(app: App) -> Measures:
    registry, tally = process_registry(children), Tally()
    add_answers(registry, tally.counts)
    add_state(registry, StateCounter(app, StateReader(Store(app.store.at), app.output)).counts)
    return Measures(registry, tally)


def route_of(measures: Measures) -> BaseRoute:
    async def answer(request: Request) -> Response:
        accept = ",".join(request.headers.getlist("accept"))
        kind, body = await run_in_threadpool(expose, measures.registry, accept)
        return Response(body, headers=FRESH | {"content-type": kind, "vary": "Accept"})

    return Route("/metrics", answer)


def children(proc: Path = PROC) -> Children | None:
    """The cost of direct child processes, from proc(5) of Linux; None where the system has no such files."""
    if not (proc / "self/task").is_dir():
        return None
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = [one for number in _numbers(proc) if (one := _costs(proc / number))]
    seconds = own.ru_utime + own.ru_stime + sum(spent for _, spent in found)
    return Children(len(found), sum(resident for resident, _ in found), seconds)


def _numbers(proc: Path) -> Iterator[str]:
    """Process ids of the children of each thread. Skips threads that end meanwhile."""
    for task in (proc / "self/task").iterdir():
        with suppress(OSError):
            yield from (task / "children").read_text().split()


def _costs(process: Path) -> tuple[int, float] | None:
    """Resident bytes and seconds of processor time; None where the process ended meanwhile."""
    try:
        words = (process / "stat").read_text().rpartition(")")[2].split()  # a name may hold anything but the last ")"
    except OSError:
        return None
    ticks = int(words[11]) + int(words[12])
    return int(words[21]) * os.sysconf("SC_PAGE_SIZE"), ticks / os.sysconf("SC_CLK_TCK")
