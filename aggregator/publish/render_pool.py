"""The presses at work: documents as they go out, made by a second process as well where there are many.

Rendering and the gate are pure, so that it makes no difference to the bytes which process a document comes from: the
other one makes some of the formats of every feed, and what it cannot make is made here.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeVar

from aggregator.model.entry import Feed
from aggregator.publish.documents import Design, DocumentMaker, Documents
from aggregator.publish.render_process import RenderProcess
from aggregator.render import Nearby

HELPED = frozenset({"atom", "rss"})  # half of the work
MANY = 60  # feeds from which on another process saves more than its start costs
AHEAD = 4  # batches that we may be ahead of the other process, each of some megabytes

Batch = Sequence[tuple[Feed, Nearby]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """A batch of which the other process has begun to make its formats, and what was `made` of it here."""

    batch: Batch
    helped: Future[list[Documents]] | None
    made: Sequence[Documents] = ()


class RenderPool:
    """Makes documents, in two processes where that pays. A context manager, which ends the other process."""

    def __init__(self, press: DocumentMaker, design: Design, formats: Sequence[str]) -> None:
        self._press = press
        self._design = design
        self._formats = formats
        self._helped = [one for one in formats if one in HELPED]
        self._render_process: RenderProcess | None = None

    def expect(self, count: int) -> None:
        """So many feeds will be new or quite other ones: where that pays, the other process starts."""
        pays = count >= MANY and len(self._helped) > 1 and (os.cpu_count() or 1) > 1
        if pays and self._render_process is None:
            with suppress(OSError):  # no room for another process: we are as good as two, only slower
                self._render_process = RenderProcess(self._design, self._helped, self._press.gate.is_harmless)

    @property
    def are_two(self) -> bool:
        return self._render_process is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._render_process:
            self._render_process.end()

    def documents(self, batches: Iterable[tuple[T, Batch]]) -> Iterator[tuple[T, Batch, Sequence[Documents]]]:
        """Of each feed every format, batch by batch with what came with it.

        Both processes have work all the time: the other one is sent its next batch before we turn to ours, and is
        waited for only where we are several batches ahead of it.
        """
        begun = ((key, self._begin(batch)) for key, batch in batches)
        made = ((key, self._make(job)) for key, job in prefetched(begun, 1 if self._render_process else 0))
        for key, job in prefetched(made, AHEAD if self._render_process else 0):
            yield key, job.batch, self._finish(job)

    def _begin(self, batch: Batch) -> Job:
        return Job(batch, self._render_process.make([feed for feed, _ in batch]) if self._render_process else None)

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
