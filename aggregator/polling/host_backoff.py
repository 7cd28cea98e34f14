"""When a host as a whole is left alone. A host is host:port.

Who refuses one feed refuses that feed: one bad route must not stop all that a host has. Who refuses a second one, with
no good answer in between, wants fewer requests of us.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.polling.schedule import BACK_OFF_MOST, RETRY_MOST

PAUSE = timedelta(minutes=15)  # of a host that names no time, the first time; doubled to a day
LAPSE = timedelta(days=1)  # a refusal that is older says nothing any more


@dataclass(frozen=True, slots=True)
class Refusals:
    """`source` was refused first, `at` is when the last was; `until`: nobody is asked there before, None while it is
    one source's affair; `pauses` there were in a row; `retry_at`: the latest that Retry-After asked for.
    """

    source: str
    at: datetime
    pauses: int = 0
    until: datetime | None = None
    retry_at: datetime | None = None


def is_refusal(status: int, retry_after: timedelta | None) -> bool:
    """503 alone is trouble of its own; with Retry-After it is an answer to us."""
    return status == 429 or (status == 503 and bool(retry_after))


def after_refusal(before: Refusals | None, source: str, now: datetime, retry_after: timedelta | None) -> Refusals:
    asked = now + min(retry_after, RETRY_MOST) if retry_after else None
    if before is None or now - (before.until or before.at) > LAPSE:
        return Refusals(source, now, retry_at=asked)
    known = replace(before, at=now, retry_at=_later(before.retry_at, asked))
    if before.until is None and before.source == source:
        return known
    if before.until and now < before.until:  # it was on its way when the pause began
        return replace(known, until=_later(before.until, asked))
    pause = min(PAUSE * (1 << min(before.pauses, 10)), BACK_OFF_MOST)
    return replace(known, pauses=before.pauses + 1, until=_later(now + pause, known.retry_at))


def after_welcome(before: Refusals, now: datetime) -> Refusals | None:
    """After a good answer all is forgotten, unless a pause is on: that answer was on its way when it began."""
    return before if before.until and now < before.until else None


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment), default=None)
