"""Records of hubs (WebSub), for the keeper: what they are asked for and told, and who subscribes to our own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """What a hub was asked for the news of a source. `state`: wanted, asked, active, lapsed, refused, unverified,
    denied, gone or leaving, `since` then; `expires`: the end of the lease; `next`: when the hub is asked again;
    `signature`: the method by which it signs; `accepted` and `dropped`: deliveries, the dropped ones by why;
    `relied_on`: its news come first, so that the source is polled rarely; `silent`: polls found the last few news
    first, and nothing was delivered; `message`: what went wrong, or is missing."""

    source: str
    hub: str
    topic: str
    state: str
    since: datetime
    expires: datetime | None = None
    next: datetime | None = None
    signature: str = ""
    delivered: datetime | None = None
    accepted: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    relied_on: bool = False
    silent: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class HubStatus:
    """A hub with all of its topics. `by_push` and `by_poll`: new entries, by who was first with them; `told` and
    `missed`: the last time of either; `silent`: as of a subscription."""

    hub: str
    subscriptions: int
    active: int
    by_push: int = 0
    by_poll: int = 0
    told: datetime | None = None
    missed: datetime | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """What the hub of `feeds.hub` is told. `waiting`: documents that it has to hear of, `feeds` those of them that wait
    longest, `since` then; `next`: when it is told again; `sent`: the last attempt; `status`, `message`, and `failures`
    in a row: of the last one that failed and waits, else of the last one."""

    hub: str
    waiting: int = 0
    feeds: tuple[str, ...] = ()
    since: datetime | None = None
    next: datetime | None = None
    sent: datetime | None = None
    status: int = 0
    message: str = ""
    failures: int = 0


@dataclass(frozen=True, slots=True)
class TopicStatus:
    """The subscribers of one document of our own hub: those whose last delivery failed, and those for whom one
    waits."""

    topic: str
    subscribers: int
    failing: int
    waiting: int
    delivered: datetime | None


@dataclass(frozen=True, slots=True)
class FailingSubscriber:
    """A subscriber whose last deliveries failed. `host`: of its callback, whose address is a secret of its own."""

    topic: str
    host: str
    since: datetime
    failures: int
    next: datetime | None
    status: int
    message: str


@dataclass(frozen=True, slots=True)
class OwnHubStatus:
    """Our own hub. `requests`: those that wait for their callbacks; `refused`: those that were not confirmed in the
    last day; `gone` and `failed`: subscriptions of the last month that ended because the callback said so, or failed
    for a week; `troubles`: the longest failing."""

    hub: str
    subscribers: int
    failing: int
    waiting: int
    topics: tuple[TopicStatus, ...]
    requests: int
    refused: int
    gone: int
    failed: int
    troubles: tuple[FailingSubscriber, ...] = ()
