"""Records of the health of sources, for pages, feeds, commands and metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.websub import HubStatus, OutboxStatus, OwnHubStatus, SubscriptionStatus
from aggregator.model.workers import RoundStatus, ShardStatus, WorkerStatus

HealthEventKind = Literal["broke", "recovered", "moved", "gone", "silent", "held", "site"]

# A source that fails counts as broken after
BROKEN_FAILURES = 3  # failures in a row, or
BROKEN_TIME = timedelta(days=1)
DAYS = 30  # entries are counted for that many days, today included


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a kind of problem means, and what the keeper can do about it; both are sentences."""

    means: str
    advice: str


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """A change of a source's health. `id` is public and never changes; `title` and `message` are public plain text."""

    id: str
    at: datetime
    source_id: str
    kind: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class PublicHealth:
    """One source on the public health page. `link`: the publisher's page, "" where it names none; `state`: new, ok,
    broke, gone, silent or paused; `since`: when it entered that state, None where it was never in another; `says`: its
    newest event, "" where it is well. No field changes with every poll."""

    title: str
    link: str
    state: str
    since: datetime | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source, for its keeper. `url`: without secrets; `means` and `advice`: "" where nothing is wrong; `days`:
    entries for each day, today last; `silent_since`: it has been silent for longer than usual; `why`: the reason for
    `next_poll`; `asked`: the address that is polled; `moving_to`: the target of permanent redirects since
    `moving_since`; `host_until`: end of a pause of its whole host; `asks`: the words in which its publisher asks not to
    be republished; `other_site_since`: its new entries are held since then, because it seems to be another site by this
    `evidence`; `cloud`: the rssCloud that it names."""

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
    other_site_since: datetime | None = None
    evidence: str = ""
    cloud: str = ""


@dataclass(frozen=True, slots=True)
class ListStatus:
    """A reading list of the config; `state`: new, ok, failing or paused; `feeds`: their number when it was last
    read."""

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
    """An entry that is held. `state`: held (by the flood guard), site (its source became another site), hold (by a
    person), waiting (for approval), or flood: it was held, and is in archives and on pages only since then; `until`:
    when a held one becomes that, else None."""

    entry: str
    title: str
    link: str
    source: str
    since: datetime
    until: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """The held entries of one source in one `state`, and the command that lets them out."""

    source: str
    state: str
    entries: tuple[HeldEntry, ...]
    command: str

    @property
    def until(self) -> datetime | None:
        return self.entries[-1].until


@dataclass(frozen=True, slots=True)
class Lack:
    """What is missing from published feeds. `feeds`: their ids; `entry`: the id of the entry that is left out of the
    `format`, "" where the whole document is withheld; `message`: a sentence that says all but the feeds."""

    feeds: tuple[str, ...]
    format: str
    entry: str
    why: str
    message: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Pulls that were merged together. `new`: their number of new entries; `pushed`: of them, what hubs delivered."""

    at: datetime
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    new: int = 0
    pushed: int = 0

    @property
    def pulled(self) -> int:
        return self.changed + self.unchanged + self.failed


@dataclass(frozen=True, slots=True)
class Pulled:
    """One pull; `id` grows with each."""

    id: int
    source: str
    outcome: str
    kind: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Work in progress. `waiting`: number of sources that are being pulled; `names`: some of them; `batch`: the newest
    one; `pulls`: the newest ones, the last first."""

    waiting: int
    names: tuple[str, ...]
    batch: Batch | None
    pulls: tuple[Pulled, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The status of everything. `sources`: in config order; `days` and `broken`: published entries, and sources that
    were broken at the end, for each of the last days, today last; `batches` and `events`: the newest first."""

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
    lacks: tuple[Lack, ...] = ()
    subscriptions: tuple[SubscriptionStatus, ...] = ()
    hubs: tuple[HubStatus, ...] = ()
    outbox: OutboxStatus | None = None
    own_hub: OwnHubStatus | None = None
    workers: tuple[WorkerStatus, ...] = ()
    rounds: tuple[RoundStatus, ...] = ()
    shards: tuple[ShardStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class StateCounts:
    """Counts at one moment. `sources`: number of configured ones by state; `due`: sources whose poll is due, `waits`:
    for how long the most overdue one has been; `under_way`: sources being polled; `held`: held entries; `unmapped`:
    terms; `batch_at`: time of the newest recorded pulls; `pings`: documents that a hub has to hear of; `subscriptions`
    of our own hub, and those of them whose last delivery failed; `workers` and `rounds`: where there are many workers,
    those that live, and rounds that are not merged."""

    sources: Mapping[str, int]
    due: int
    waits: timedelta
    under_way: int
    held: int
    unmapped: int
    batch_at: datetime | None
    pings: int = 0
    subscriptions: int = 0
    failing_subscriptions: int = 0
    workers: int = 0
    rounds: int = 0
