"""Renders entries, with the help of other processes where there are many.

Rendering and checking are pure, so the bytes do not depend on the process. Where a process fails, this one renders.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from aggregator.codec import decode, encode
from aggregator.errors import ParseError
from aggregator.model.entry import Entry
from aggregator.model.rendered import RenderedEntry
from aggregator.publish.documents import Design, DocumentMaker
from aggregator.store.chunks import chunks
from aggregator.worker_pool import ThreadCalls

MANY = 100  # entries: from here on it pays to send them
PART = 40  # entries that are sent together
Shown = tuple[Entry, str, tuple[str, ...]]  # an entry, the language of its pages, "" for the site's, and its formats
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EntryWorkers:
    """`version`: a digest of all but the entry that its bytes depend on; `calls`: of the other processes, None for
    none."""

    maker: DocumentMaker
    version: str
    calls: ThreadCalls | None

    def begin(self, entries: Sequence[Shown]) -> Callable[[], list[RenderedEntry]]:
        """Begins to render them; the function that it returns waits for the result."""
        if self.calls is None or len(entries) < MANY:
            rendered = _all(self.maker, entries)
            return lambda: rendered
        submit, design = self.calls.submit, self.maker.design
        begun = [(part, submit(_rendered, design, self.version, encode(part))) for part in chunks(entries, PART)]
        return lambda: [one for part, future in begun for one in self._result(part, future)]

    def _result(self, part: Sequence[Shown], future: "Future[list[RenderedEntry]]") -> list[RenderedEntry]:
        try:
            return future.result()
        except (ParseError, CancelledError):
            return _all(self.maker, part)


def one_ahead(begun: Iterable[Callable[[], T]]) -> Iterator[T]:
    """The results of what was begun; each is begun before the one before it is waited for, so that other processes
    render what comes next while this one writes documents."""
    finish: Callable[[], T] | None = None
    for next_finish in begun:
        if finish:
            yield finish()
        finish = next_finish
    if finish:
        yield finish()


def _all(maker: DocumentMaker, entries: Sequence[Shown]) -> list[RenderedEntry]:
    return [maker.entry(*one) for one in entries]


def _rendered(design: Design, version: str, entries: bytes) -> list[RenderedEntry]:
    return _all(_maker(design, version), decode(entries, list[Shown]))


@lru_cache(1)
def _maker(design: Design, _version: str) -> DocumentMaker:
    return DocumentMaker(design)
