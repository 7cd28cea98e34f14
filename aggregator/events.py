"""Events of the running work as frozen records, and the `Observer` that receives them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

Decision = Literal["new", "updated", "duplicate", "held", "archived"]


@dataclass(frozen=True, slots=True)
class Pull:
    """One recorded pull of a source. `outcome`: changed, unchanged, failed, or pushed by a hub; `kind`: of the failure,
    else ""; `status`: of the HTTP answer, 0 if there was none; `seconds`: from the start of the request to the answer,
    without the wait for the host's queue; `received`: bytes of the body on the wire; `next_at`: when the source is due
    again, and `why`."""

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
    """One publishing of the output tree. `pages`: archive pages sealed; `rendering`: the part of `seconds` spent on
    making documents, in parallel with writing."""

    feeds: int
    files: int
    pages: int
    seconds: float
    rendering: float


@dataclass(frozen=True, slots=True)
class Children:
    """The child processes of this one. `resident`: bytes of memory; `seconds`: CPU time, ended children included."""

    count: int
    resident: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One request to a hub or a subscriber. `kind`: ping, verification or delivery; `status`: of the answer, 0 for
    none; `fault`: why it failed, "" if it did not."""

    kind: str
    host: str
    status: int
    fault: str


class Observer:
    """Receives events from any thread; this base class ignores them. No method may raise or take long."""

    def pulled(self, pull: Pull) -> None:
        """A pull was recorded."""

    def decided(self, counts: Mapping[Decision, int]) -> None:
        """Decisions about entries since the last call."""

    def published(self, done: Publication) -> None:
        """The output tree now matches the store."""

    def sent(self, one: Sent) -> None:
        """A hub or a subscriber was told something, or could not be."""

    def job_done(self, job: str, seconds: float) -> None:
        """A job of the daemon finished."""

    def job_failed(self, job: str) -> None:
        """A job of the daemon failed and will be retried."""


EVENTS = [name for name in vars(Observer) if not name.startswith("_")]  # the names of its methods


class Observers(Observer):
    """Passes each event on to several observers."""

    def __init__(self, *observers: Observer) -> None:
        for event in EVENTS:
            setattr(self, event, partial(_call_each, [getattr(one, event) for one in observers]))


def _call_each(methods: Sequence[Callable[..., None]], *values: object) -> None:
    for method in methods:
        method(*values)


NULL_OBSERVER = Observer()
