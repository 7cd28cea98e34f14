"""When all requests to a host pause. A host is host:port.

One refused source pauses only itself, because one bad route must not stop the other feeds of its host. If a second
source is refused without a good answer in between, the whole host pauses.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.polling.schedule import BACK_OFF_MOST, RETRY_MOST

PAUSE = timedelta(minutes=15)  # the first pause of a host that names no time; each further one doubles, up to a day
LAPSE = timedelta(days=1)  # older refusals do not count


@dataclass(frozen=True, slots=True)
class Refusals:
    """`source`: the first source refused; `at`: when the last refusal came; `until`: end of the host's pause, None
    while one source alone was refused; `pauses`: pauses in a row; `retry_at`: the latest time of any Retry-After.
    """

    source: str
    at: datetime
    pauses: int = 0
    until: datetime | None = None
    retry_at: datetime | None = None


def is_refusal(status: int, retry_after: timedelta | None) -> bool:
    """503 counts only with Retry-After: without it, the server has a fault that is not about our requests."""
    return status == 429 or (status == 503 and bool(retry_after))


def after_refusal(before: Refusals | None, source: str, now: datetime, retry_after: timedelta | None) -> Refusals:
    asked = now + min(retry_after, RETRY_MOST) if retry_after else None
    if before is None or now - (before.until or before.at) > LAPSE:
        return Refusals(source, now, retry_at=asked)
    known = replace(before, at=now, retry_at=_later(before.retry_at, asked))
    if before.until is None and before.source == source:
        return known
    if before.until and now < before.until:  # this request was sent before the pause began
        return replace(known, until=_later(before.until, asked))
    pause = min(PAUSE * (1 << min(before.pauses, 10)), BACK_OFF_MOST)
    return replace(known, pauses=before.pauses + 1, until=_later(now + pause, known.retry_at))


def after_good_answer(before: Refusals, now: datetime) -> Refusals | None:
    """A good answer clears all refusals, except during a pause: its request was sent before the pause began."""
    return before if before.until and now < before.until else None


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment), default=None)
