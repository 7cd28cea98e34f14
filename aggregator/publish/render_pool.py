"""Renders and validates feeds in batches, with the help of a second process where there are many.

Rendering and the gate are pure, so the bytes do not depend on the process. The second one renders some formats of every
feed; if it fails, this process renders them, too.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeVar

from aggregator.model.feed import Feed
from aggregator.publish.documents import Design, DocumentMaker, Documents
from aggregator.publish.render_process import RenderProcess
from aggregator.render import Nearby

SECOND_FORMATS = frozenset({"atom", "rss"})  # rendered by the second process: half of the work
MANY = 60  # feeds; from here on the second process saves more time than its start costs
AHEAD = 4  # batches, each of some megabytes, that this process may be ahead of the second one

Batch = Sequence[tuple[Feed, Nearby]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """A batch in progress: `second` will have the second process's formats, `own` has those made here."""

    batch: Batch
    formats: Sequence[str]
    second_formats: Sequence[str]
    second: Future[list[Documents]] | None
    own: Sequence[Documents] = ()


class RenderPool:
    """Makes documents, in two processes where that pays. A context manager, which stops the second process."""

    def __init__(self, maker: DocumentMaker, design: Design, formats: Sequence[str]) -> None:
        self._maker = maker
        self._design = design
        self._second_formats = [one for one in formats if one in SECOND_FORMATS]
        self._render_process: RenderProcess | None = None

    def start_for(self, count: int) -> None:
        """Starts the second process if that pays for `count` feeds rendered in full."""
        pays = count >= MANY and len(self._second_formats) > 1 and (os.cpu_count() or 1) > 1
        if pays and self._render_process is None:
            with suppress(OSError):  # the system allows no other process: this one renders everything
                self._render_process = RenderProcess(self._design, self._maker.gate.is_harmless)

    @property
    def has_process(self) -> bool:
        return self._render_process is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._render_process:
            self._render_process.stop()

    def documents(
        self, batches: Iterable[tuple[T, Batch]], formats: Sequence[str]
    ) -> Iterator[tuple[T, Batch, Sequence[Documents]]]:
        """Each of these formats of each feed, batch by batch, with the key of the batch.

        Both processes stay busy: the second one gets its next batch before this one renders, and is waited for only
        when this process is several batches ahead.
        """
        begun = ((key, self._begin(batch, formats)) for key, batch in batches)
        rendered = ((key, self._render(job)) for key, job in prefetched(begun, 1 if self._render_process else 0))
        for key, job in prefetched(rendered, AHEAD if self._render_process else 0):
            yield key, job.batch, self._finish(job)

    def _begin(self, batch: Batch, formats: Sequence[str]) -> Job:
        second = [one for one in formats if one in SECOND_FORMATS] if self._render_process else []
        begun = self._render_process.render([feed for feed, _ in batch], second) if self._render_process else None
        return Job(batch, formats, second, begun)

    def _render(self, job: Job) -> Job:
        formats = [one for one in job.formats if one not in job.second_formats]
        return replace(job, own=[self._maker.documents(feed, nearby, formats) for feed, nearby in job.batch])

    def _finish(self, job: Job) -> Sequence[Documents]:
        if job.second is None:
            return job.own
        try:
            second = job.second.result()
        except (EOFError, OSError):  # the process ended
            second = [self._maker.documents(feed, nearby, job.second_formats) for feed, nearby in job.batch]
        return [one | other for one, other in zip(job.own, second, strict=True)]


def prefetched(items: Iterable[T], count: int) -> Iterator[T]:
    """Yields each item after `count` more were taken, so that work on these has begun meanwhile."""
    begun: deque[T] = deque()
    for item in items:
        begun.append(item)
        if len(begun) > count:
            yield begun.popleft()
    yield from begun
