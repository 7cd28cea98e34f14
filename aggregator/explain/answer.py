"""The shape of the answer, as plain frozen data. As JSON a name loses its last underscore: `in_` is `in`."""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Literal

from aggregator.model.problems import Problem

State = Literal["shown", "held", "hold", "removed", "joined", "hidden"]


@dataclass(frozen=True, slots=True)
class TheEntry:
    """`held`: by the machine, for a day; `hold`: by a person; `hidden`: no source that we publish shows it now.

    `since`: when it was kept back, or went; None where nobody noted it. `joined_to`: the id of the entry that a
    person joined it to.
    """

    id: str
    number: int
    title: str
    link: str
    published: datetime
    updated: datetime
    first_seen_at: datetime
    changed_at: datetime
    categories: tuple[tuple[str, ...], ...]
    state: State
    since: datetime | None = None
    joined_to: str | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """The sighting that another one was matched to."""

    number: int
    source: str
    id: str
    link: str


@dataclass(frozen=True, slots=True)
class Sighted:
    """`id`: the upstream's; `number`: ours. `withheld`: why this one counts for nothing, None where it counts.
    `dropped`: what became of its content by `retention`, None where it is as it came."""

    number: int
    source: str
    id: str
    link: str
    path: str
    title: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None
    matched_by: str
    matched_to: Other | None
    score: float | None
    reason: str
    winner: bool
    withheld: str | None
    dropped: str | None


@dataclass(frozen=True, slots=True)
class Alike:
    """Another entry. `score`: how alike the texts are, from 0 to 1, None where there is not enough to compare."""

    id: str
    title: str
    link: str
    source: str
    why: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Placed:
    """`term`: as it came, the names of a path; () where the config adds the category. `rule`: its file and line.
    `no_feed`: why the category has no feed of its own, None where it has one, or where it went to none."""

    term: tuple[str, ...]
    category: tuple[str, ...] | None
    decider: str
    rule: str
    source: str
    no_feed: str | None = None


@dataclass(frozen=True, slots=True)
class InFeed:
    """`position`: from 1, None where it is not in."""

    id: str
    in_: bool
    why: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said. `other`: the id of the entry that a split made, or that a join took in or joined to."""

    act: str
    at: datetime
    other: str | None = None
    sighting: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    entry: TheEntry
    sightings: tuple[Sighted, ...]
    also_like: tuple[Alike, ...]
    categories: tuple[Placed, ...]
    feeds: tuple[InFeed, ...]
    overrides: tuple[Said, ...]
    problems: tuple[Problem, ...]


def as_json(value: Any) -> Any:
    """Times as RFC 3339 in UTC, tuples as lists."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    kind: Any = type(value)
    return {said: as_json(getattr(value, name)) for name, said in _names(kind)}


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    """The fields of a dataclass, and what JSON calls them: there are as many answers as feeds."""
    return tuple((one.name, one.name.removesuffix("_")) for one in fields(kind))
