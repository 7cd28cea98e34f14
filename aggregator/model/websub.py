"""Records of subscriptions at hubs (WebSub), for the keeper."""

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
