"""The words of health: how sources are and what befell them, as plain frozen data for all who tell of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

HealthEventKind = Literal["broke", "recovered", "moved", "gone", "silent", "held"]

DAYS = 30  # days of which entries are counted, today the last


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a class of fault means in plain words, and what a keeper can do about it; both are sentences."""

    means: str
    advice: str


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """`id` is public, given once; `title` and `message` are plain text, fit for everybody's eyes."""

    id: str
    at: datetime
    source_id: str
    kind: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class PublicHealth:
    """One source, for everybody. `link`: the publisher's own page, "" where it names none; `state`: new, ok, broke,
    gone, silent or paused; `since` when, None where it never was otherwise; `says`: what befell it last, "" where it is
    well. Nothing here is new at each poll."""

    title: str
    link: str
    state: str
    since: datetime | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source, for its keeper. `url` as it may be shown; `means` and `advice` are "" where nothing ails it; `days`:
    entries a day, today last; `silent_since`: it has been silent for longer than usual. `why` it is asked when it is;
    `asked`: the address that is; `moving_to`: where permanent redirects lead to since; `host_until`: a pause of its
    whole host, before which it has no turn; `asks`: the words in which its publisher asks not to be republished."""

    id: str
    title: str
    url: str
    state: str
    since: datetime | None
    last_attempt: datetime | None
    last_success: datetime | None
    next_poll: datetime | None
    entries: int
    failures: int
    kind: str
    message: str
    means: str
    advice: str
    published: bool
    repeats_ids: bool
    silent_since: datetime | None
    days: tuple[int, ...]
    why: str = ""
    asked: str = ""
    moving_to: str = ""
    moving_since: datetime | None = None
    host: str = ""
    host_until: datetime | None = None
    asks: str = ""


@dataclass(frozen=True, slots=True)
class ListStatus:
    """A reading list of the config; `state`: new, ok, failing or paused; `feeds`: how many it held last."""

    id: str
    url: str
    state: str
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    next_read: datetime | None = None
    feeds: int = 0
    failures: int = 0
    kind: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """An entry that waits for a person. `state`: held (by the machine) or hold (by a person); `until`: when it goes out
    by itself, None where it does not."""

    entry: str
    title: str
    link: str
    source: str
    since: datetime
    until: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """The held entries of one source, held by whom `state` says, and the command that releases them."""

    source: str
    state: str
    entries: tuple[HeldEntry, ...]
    command: str

    @property
    def until(self) -> datetime | None:
        return self.entries[-1].until


@dataclass(frozen=True, slots=True)
class Batch:
    """Pulls that were settled together. `new`: entries that they brought."""

    at: datetime
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    new: int = 0

    @property
    def pulled(self) -> int:
        return self.changed + self.unchanged + self.failed


@dataclass(frozen=True, slots=True)
class Pulled:
    """One attempt; `id` grows with each."""

    id: int
    source: str
    outcome: str
    kind: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What goes on at this moment. `waiting`: sources that were claimed and have not ended; `names`: some of them;
    `batch`: the newest there is; `pulls`: the newest ones, the last first."""

    waiting: int
    names: tuple[str, ...]
    batch: Batch | None
    pulls: tuple[Pulled, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """`sources` in config order; `days` and `broken`: entries that were published, and sources that were broken at its
    end, for each of the last days, today last; `batches` and `events`: the newest first."""

    at: datetime
    sources: tuple[SourceStatus, ...] = ()
    held: tuple[HeldGroup, ...] = ()
    unmapped: int = 0
    feeds: int = 0
    days: tuple[int, ...] = (0,) * DAYS
    broken: tuple[int, ...] = (0,) * DAYS
    batches: tuple[Batch, ...] = ()
    events: tuple[HealthEvent, ...] = ()
    progress: Progress = Progress(0, (), None, ())
    lists: tuple[ListStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class StateCounts:
    """Everybody counted at one moment. `sources`: how many of the config's are in which state; `due`: of those that are
    asked, how many wait for it, and `waits` how long the most overdue of them has; `under_way`: being asked; `held`:
    entries, by the machine or a person; `unmapped`: terms; `batch_at`: of the newest pulls that were recorded."""

    sources: Mapping[str, int]
    due: int
    waits: timedelta
    under_way: int
    held: int
    unmapped: int
    batch_at: datetime | None
