"""Documents as they go out: rendered, and let through by the gate. Where there are many, a second process helps.

Both are pure, so that it makes no difference to the bytes which process a document comes from: the other one makes
some of the formats of every feed, and what it cannot make is made here.
"""

import fcntl
import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from aggregator.codec import from_plain, plain
from aggregator.document import Document
from aggregator.gate import Keeper, Passed
from aggregator.models import Entry, Feed, Site
from aggregator.render import FILES, Nearby, Renderer

HELPED = frozenset({"atom", "rss"})  # half of the work
MANY = 60  # feeds from which on another process saves more than its start costs
AHEAD = 4  # batches that we may be ahead of the other process, each of some megabytes
WIDTH = 2**20  # bytes of a pipe: what Linux gives to anybody
MOST_KNOWN = 10_000  # entries that the other process keeps

Documents = dict[str, Passed]  # by format
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Design:
    """What every document is made by. `formats` = those that are published."""

    site: Site
    templates: Path | None
    formats: Sequence[str]


class Press:
    """Not for use by several threads. Raises TemplateUseError."""

    def __init__(self, design: Design) -> None:
        self.renderer = Renderer(design.site, templates=design.templates, formats=design.formats)
        self.gate = Keeper(FILES, own_pages=design.templates is not None)

    def documents(self, feed: Feed, nearby: Nearby, formats: Iterable[str]) -> Documents:
        render = partial(self.renderer.feed, nearby=nearby)
        return {one: self.gate.feed(feed, one, render) for one in formats}

    def recall(self, document: Document, format: str, entries: Mapping[int, Entry]) -> None:  # noqa: A002
        """The document has passed before; what stands in these places is what the entries would become."""
        self.gate.recall(document, format, entries)
        for place, entry in entries.items():
            self.renderer.recall(entry, format, document.entries[place])


Batch = Sequence[tuple[Feed, Nearby]]


@dataclass(frozen=True, slots=True)
class Job:
    """A batch of which the other process has begun to make its formats, and what was `made` of it here."""

    batch: Batch
    helped: Future[list[Documents]] | None
    made: Sequence[Documents] = ()


class Presses:
    """Makes documents, in two processes where that pays. A context manager, which ends the other process."""

    def __init__(self, press: Press, design: Design, formats: Sequence[str]) -> None:
        self._press = press
        self._design = design
        self._formats = formats
        self._helped = [one for one in formats if one in HELPED]
        self._helper: Helper | None = None

    def expect(self, count: int) -> None:
        """So many feeds will be new or quite other ones: where that pays, the other process starts."""
        pays = count >= MANY and len(self._helped) > 1 and (os.cpu_count() or 1) > 1
        if pays and self._helper is None:
            with suppress(OSError):  # no room for another process: we are as good as two, only slower
                self._helper = Helper(self._design, self._helped, self._press.gate.is_harmless)

    @property
    def are_two(self) -> bool:
        return self._helper is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._helper:
            self._helper.end()

    def documents(self, batches: Iterable[tuple[T, Batch]]) -> Iterator[tuple[T, Batch, Sequence[Documents]]]:
        """Of each feed every format, batch by batch with what came with it.

        Both processes have work all the time: the other one is sent its next batch before we turn to ours, and is
        waited for only where we are several batches ahead of it.
        """
        begun = ((key, self._begin(batch)) for key, batch in batches)
        made = ((key, self._make(job)) for key, job in prefetched(begun, 1 if self._helper else 0))
        for key, job in prefetched(made, AHEAD if self._helper else 0):
            yield key, job.batch, self._finish(job)

    def _begin(self, batch: Batch) -> Job:
        return Job(batch, self._helper.make([feed for feed, _ in batch]) if self._helper else None)

    def _make(self, job: Job) -> Job:
        ours = [one for one in self._formats if job.helped is None or one not in self._helped]
        return replace(job, made=[self._press.documents(feed, nearby, ours) for feed, nearby in job.batch])

    def _finish(self, job: Job) -> Sequence[Documents]:
        if job.helped is None:
            return job.made
        try:
            theirs = job.helped.result()
        except (EOFError, OSError):  # it is gone, whoever ended it
            theirs = [self._press.documents(feed, nearby, self._helped) for feed, nearby in job.batch]
        return [one | other for one, other in zip(job.made, theirs, strict=True)]


def prefetched(items: Iterable[T], count: int) -> Iterator[T]:
    """Each item once so many more are there as well, on which others can work meanwhile."""
    begun: deque[T] = deque()
    for item in items:
        begun.append(item)
        if len(begun) > count:
            yield begun.popleft()
    yield from begun


class Helper:
    """The other process. It is sent each entry once, and ends with us however we end. What `is_harmless` tells of the
    markup of an entry it does not ask again."""

    def __init__(self, design: Design, formats: Sequence[str], is_harmless: Callable[[Entry], bool]) -> None:
        context = multiprocessing.get_context("spawn")
        self._made, making = map(_wide, context.Pipe(duplex=False))
        wanted, self._wanted = map(_wide, context.Pipe(duplex=False))
        self._process = context.Process(target=_serve, args=(wanted, making, design, formats), daemon=True)
        self._process.start()
        for theirs in (making, wanted):
            theirs.close()
        self._sending, self._receiving = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._sent: set[str] = set()
        self._is_harmless = is_harmless

    def make(self, feeds: Sequence[Feed]) -> Future[list[Documents]]:
        """The result raises EOFError or OSError where the process is gone. It never waits for us: what it makes next is
        sent while it is still at work."""
        if forget := len(self._sent) > MOST_KNOWN:
            self._sent.clear()
        new = {entry.id: entry for feed in feeds for entry in feed.entries if entry.id not in self._sent}
        self._sent.update(new)
        trusted = {id_ for id_, entry in new.items() if self._is_harmless(entry)}
        sent = self._sending.submit(self._send, forget, list(new.values()), trusted, feeds)
        sent.add_done_callback(lambda done: self._process.terminate() if done.cancelled() or done.exception() else None)
        return self._receiving.submit(self._made.recv)

    def end(self) -> None:
        with ExitStack() as last:
            last.callback(self._process.close)
            last.callback(self._process.join)
            last.callback(self._made.close)
            last.callback(self._wanted.close)
            self._process.terminate()
            self._sending.shutdown(cancel_futures=True)
            self._receiving.shutdown(cancel_futures=True)

    def _send(self, forget: bool, new: Sequence[Entry], trusted: Set[str], feeds: Sequence[Feed]) -> None:
        heads = [(replace(feed, entries=()), [entry.id for entry in feed.entries]) for feed in feeds]
        self._wanted.send((forget, plain(new), trusted, heads))


def _wide(pipe: Connection) -> Connection:
    """With room for much at once, where the system gives it: each turn costs both sides a wait."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # not more than a limit that is for the system to say
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, WIDTH)
    return pipe


def _serve(wanted: Connection, making: Connection, design: Design, formats: Sequence[str]) -> None:
    """Until nobody is at the other end any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both: who reads us decides
    gc.set_threshold(200_000, 50, 100)  # nearly all that is made here is freed by counting
    press, known = Press(design), dict[str, Entry]()
    while True:
        try:
            forget, new, trusted, heads = wanted.recv()
        except EOFError:
            return
        if forget:
            known.clear()
        for entry in from_plain(new, list[Entry]):
            known[entry.id] = entry
            if entry.id in trusted:
                press.gate.trust(entry)
        feeds = (replace(feed, entries=tuple(known[id_] for id_ in ids)) for feed, ids in heads)
        making.send([press.documents(feed, Nearby(), formats) for feed in feeds])
