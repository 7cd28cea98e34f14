"""What work tells of itself while it goes on, for whoever counts it or writes it down: nobody, where nobody asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Decision = Literal["new", "updated", "duplicate", "held"]


@dataclass(frozen=True, slots=True)
class Pull:
    """One attempt on a source, recorded. `outcome`: changed, unchanged or failed, then with its `kind`; `status` of the
    answer over HTTP, 0 where there was none; `seconds` from its turn at a host to the answer, without waiting for
    turns; `received`: bytes of the body on the wire; `next_at`, and `why` then: its next turn."""

    source: str
    outcome: str
    status: int
    kind: str
    seconds: float
    received: int
    next_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Publication:
    """The tree brought up to what the store says. `pages`: that were sealed; of `seconds`, `rendering` went into making
    documents, while the disk was at work beside it."""

    feeds: int
    files: int
    pages: int
    seconds: float
    rendering: float


@dataclass(frozen=True, slots=True)
class Children:
    """The processes that one started. `resident`: bytes of memory; `seconds` of a processor, with those of children
    that have ended."""

    count: int
    resident: int
    seconds: float


class Observer:
    """Whoever is told; this one does not listen. From any thread; none may raise, nor take long."""

    def pulled(self, pull: Pull) -> None:
        """A source was asked, and what came of it is recorded."""

    def decided(self, counts: Mapping[Decision, int]) -> None:
        """What became of entries, since it was told last."""

    def published(self, done: Publication) -> None:
        """The tree is as the store has it."""

    def worked(self, duty: str, seconds: float) -> None:
        """A duty of who stays was done once."""

    def faltered(self, duty: str) -> None:
        """It failed, and will be tried again."""


class Observers(Observer):
    """Each of them hears it."""

    def __init__(self, *meters: Observer) -> None:
        self._meters = meters

    def pulled(self, pull: Pull) -> None:
        for one in self._meters:
            one.pulled(pull)

    def decided(self, counts: Mapping[Decision, int]) -> None:
        for one in self._meters:
            one.decided(counts)

    def published(self, done: Publication) -> None:
        for one in self._meters:
            one.published(done)

    def worked(self, duty: str, seconds: float) -> None:
        for one in self._meters:
            one.worked(duty, seconds)

    def faltered(self, duty: str) -> None:
        for one in self._meters:
            one.faltered(duty)


NULL_OBSERVER = Observer()
