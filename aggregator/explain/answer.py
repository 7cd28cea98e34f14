"""An explanation as plain frozen data. In JSON a name loses its last underscore: `in_` becomes `in`."""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Literal

from aggregator.model.problems import Problem
from aggregator.text.date_formats import rfc3339

State = Literal["shown", "held", "site", "hold", "too-old", "waiting", "removed", "joined", "hidden"]


@dataclass(frozen=True, slots=True)
class EntryInfo:
    """States: `held` automatically, for a day; `site`: held because its source became another site; `hold` by a person;
    `hidden`: no published source shows it now.

    `since`: when it got this state, None if that was not recorded. `joined_to`: the id of the entry that a person
    joined it to.
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
class MatchedSighting:
    """The sighting that another sighting was matched to."""

    number: int
    source: str
    id: str
    link: str


@dataclass(frozen=True, slots=True)
class SightingInfo:
    """`id`: the upstream id; `number`: ours. `withheld`: why the sighting is ignored, None if it counts.
    `dropped`: what `retention` did to its content, None if nothing. `apart_today`: why it would be another entry if it
    arrived today, None if it would join again."""

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
    matched_to: MatchedSighting | None
    score: float | None
    reason: str
    winner: bool
    withheld: str | None
    dropped: str | None
    apart_today: str | None = None


@dataclass(frozen=True, slots=True)
class SimilarEntry:
    """Another entry. `score`: similarity of the texts from 0 to 1, None if there is too little text to compare."""

    id: str
    title: str
    link: str
    source: str
    why: str
    score: float | None


@dataclass(frozen=True, slots=True)
class PlacedTerm:
    """`term`: the names of its path as received, () if the config adds the category. `rule`: file and line.
    `no_feed`: why the category has no feed of its own, None if it has one or if there is no category; `own_feed`: why
    it has one."""

    term: tuple[str, ...]
    category: tuple[str, ...] | None
    decider: str
    rule: str
    source: str
    no_feed: str | None = None
    own_feed: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file in the folder of a feed that lacks the entry, and why. `withheld`: the whole document is, so the file may
    be older than the entry."""

    file: str
    why: str
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """`position`: from 1, None if the entry is not in the feed. `left_out`: formats that lack the entry all the same,
    since the feed was published last. `told`: how the feed tells that the entry was withdrawn, and until when; None if
    it does not."""

    id: str
    in_: bool
    why: str
    position: int | None = None
    left_out: tuple[LeftOut, ...] = ()
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A decision of a person. `other`: the id of the entry that a split made, or of the other entry of a join."""

    act: str
    at: datetime
    other: str | None = None
    sighting: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    entry: EntryInfo
    sightings: tuple[SightingInfo, ...]
    also_like: tuple[SimilarEntry, ...]
    categories: tuple[PlacedTerm, ...]
    feeds: tuple[FeedAnswer, ...]
    overrides: tuple[Override, ...]
    problems: tuple[Problem, ...]


def as_json(value: Any) -> Any:
    """Times as RFC 3339 in UTC, tuples as lists."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    kind: Any = type(value)
    return {key: as_json(getattr(value, name)) for name, key in _names(kind)}


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    """The fields of a dataclass with their JSON keys. Cached, since an explanation has one record per feed."""
    return tuple((one.name, one.name.removesuffix("_")) for one in fields(kind))
