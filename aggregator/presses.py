"""Documents as they go out: rendered, and let through by the gate. Where there are many, a second process helps.

Both are pure, so that it makes no difference to the bytes which process a document comes from: the other one makes
some of the formats of every feed, and what it cannot make is made here.
"""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from aggregator.gate import Keeper, Passed
from aggregator.models import Entry, Feed, Site
from aggregator.render import FILES, Nearby, Renderer

HELPED = frozenset({"atom", "rss"})  # half of the work
MANY = 100  # feeds from which on another process saves more than its start costs
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

    def recall(self, data: bytes, format: str, entries: Mapping[int, Entry], count: int) -> None:  # noqa: A002
        """The document has passed before; what stands in its `count` places is what these entries would become."""
        pieces = self.gate.recall(data, format, {place: entry.id for place, entry in entries.items()})
        if len(pieces) == count:
            for place, entry in entries.items():
                self.renderer.recall(entry, format, pieces[place])


@dataclass(frozen=True, slots=True)
class Job:
    """Feeds of which the other process has begun to make its formats."""

    feeds: Sequence[tuple[Feed, Nearby]]
    helped: Future[list[Documents]] | None


class Presses:
    """Makes documents, in two processes where that pays: `count` feeds are new or quite other ones. A context manager,
    which ends the other process."""

    def __init__(self, press: Press, design: Design, formats: Sequence[str], count: int) -> None:
        self._press = press
        self._formats = formats
        self._helped = [one for one in formats if one in HELPED]
        pays = count >= MANY and len(self._helped) > 1 and (os.cpu_count() or 1) > 1
        self._helper = Helper(design, self._helped) if pays else None

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

    def begin(self, feeds: Sequence[tuple[Feed, Nearby]]) -> Job:
        return Job(feeds, self._helper.make([feed for feed, _ in feeds]) if self._helper else None)

    def finish(self, job: Job) -> list[Documents]:
        """Of each feed every format."""
        ours = set(self._formats) - set(self._helped if job.helped else ())
        made = [self._press.documents(feed, nearby, self._in_order(ours)) for feed, nearby in job.feeds]
        if job.helped is None:
            return made
        try:
            return [one | other for one, other in zip(made, job.helped.result(), strict=True)]
        except (EOFError, OSError):  # it is gone, whoever ended it
            return [
                one | self._press.documents(feed, nearby, self._helped)
                for one, (feed, nearby) in zip(made, job.feeds, strict=True)
            ]

    def _in_order(self, formats: Collection[str]) -> list[str]:
        return [one for one in self._formats if one in formats]


def one_ahead(items: Iterable[T]) -> Iterator[T]:
    """Each item once the next one is there as well, on which others can work meanwhile."""
    begun: deque[T] = deque()
    for item in items:
        begun.append(item)
        if len(begun) > 1:
            yield begun.popleft()
    yield from begun


class Helper:
    """The other process. It is sent each entry once, and ends with us however we end."""

    def __init__(self, design: Design, formats: Sequence[str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, design, formats), daemon=True)
        self._process.start()
        theirs.close()
        self._sending, self._receiving = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._sent: set[str] = set()

    def make(self, feeds: Sequence[Feed]) -> Future[list[Documents]]:
        """The result raises EOFError or OSError where the process is gone. It never waits for us: what it makes next is
        sent while it is still at work."""
        sent = self._sending.submit(self._send, feeds)
        sent.add_done_callback(lambda done: self._process.terminate() if done.cancelled() or done.exception() else None)
        return self._receiving.submit(self._ours.recv)

    def end(self) -> None:
        with ExitStack() as last:
            last.callback(self._process.close)
            last.callback(self._process.join)
            last.callback(self._ours.close)
            self._process.terminate()
            self._sending.shutdown(cancel_futures=True)
            self._receiving.shutdown(cancel_futures=True)

    def _send(self, feeds: Sequence[Feed]) -> None:
        if forget := len(self._sent) > MOST_KNOWN:
            self._sent.clear()
        new = {entry.id: entry for feed in feeds for entry in feed.entries if entry.id not in self._sent}
        self._sent.update(new)
        heads = [(replace(feed, entries=()), [entry.id for entry in feed.entries]) for feed in feeds]
        self._ours.send((forget, new, heads))


def _serve(connection: Connection, design: Design, formats: Sequence[str]) -> None:
    """Until nobody is at the other end any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both: who reads us decides
    gc.set_threshold(200_000, 50, 100)  # nearly all that is made here is freed by counting
    press, known = Press(design), dict[str, Entry]()
    while True:
        try:
            forget, new, heads = connection.recv()
        except EOFError:
            return
        if forget:
            known.clear()
        known |= new
        feeds = (replace(feed, entries=tuple(known[id_] for id_ in ids)) for feed, ids in heads)
        connection.send([press.documents(feed, Nearby(), formats) for feed in feeds])
