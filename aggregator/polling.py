"""When a source is asked again. Pure: an outcome, a schedule and a time in, a time out.

What a publisher asks for (Retry-After, Cache-Control, Expires; RFC 9110 10.2.3, RFC 9111 5) is a floor, counted up
to a day; nothing is ever asked more often than `Schedule.floor`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

ADAPTIVE_DEFAULT = timedelta(hours=1)
ADAPTIVE_MOST = timedelta(hours=12)
BACK_OFF_MOST = timedelta(days=1)
ASKED_MOST = timedelta(days=1)
RETRY_MOST = timedelta(days=7)
GONE_AFTER = 2  # answers 410 in a row before we believe it


@dataclass(frozen=True, slots=True)
class Schedule:
    """`every`: None = adaptive, a fixed interval, or the five fields of a cron line in `timezone`."""

    every: timedelta | str | None = None
    floor: timedelta = timedelta(minutes=10)
    timezone: str = "UTC"


def after_success(
    schedule: Schedule, now: datetime, *, headers: Mapping[str, str], published: Sequence[datetime]
) -> datetime:
    """The next poll after an answer; `published`: dates of the newest entries, for the adaptive interval."""
    asked = min(freshness(headers, now), ASKED_MOST)
    regular: datetime = _regular(schedule, now, published)
    return max(regular, now + asked, now + schedule.floor)


def after_failure(
    schedule: Schedule, now: datetime, *, failures: int, retry_after: timedelta | None = None
) -> datetime:
    """The next poll after the `failures`-th failure in a row: doubling from the interval to a day."""
    base = schedule.every if isinstance(schedule.every, timedelta) else ADAPTIVE_DEFAULT
    back_off = min(base * (1 << min(failures - 1, 10)), max(BACK_OFF_MOST, base))
    asked = min(retry_after or timedelta(0), RETRY_MOST)
    return now + max(back_off, asked, schedule.floor)


def freshness(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long the answer asked to be kept: max-age, else Expires (RFC 9111 4.2.1); never negative."""
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age" and value.strip('"').isdecimal():
            return timedelta(seconds=min(int(value.strip('"')), 10**9))
    try:
        expires = parsedate_to_datetime(headers["expires"])
    except (KeyError, ValueError):
        return timedelta(0)
    if expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    return max(expires - now, timedelta(0))


def check_cron(line: str) -> None:
    """Raises ValueError where `line` is no cron line of five fields."""
    CronTrigger.from_crontab(line, timezone=UTC)


def _regular(schedule: Schedule, now: datetime, published: Sequence[datetime]) -> datetime:
    if isinstance(schedule.every, timedelta):
        return now + schedule.every
    if isinstance(schedule.every, str):
        trigger = CronTrigger.from_crontab(schedule.every, timezone=ZoneInfo(schedule.timezone))
        following = trigger.get_next_fire_time(None, now + timedelta(seconds=1))
        return following.astimezone(UTC) if following else now + ADAPTIVE_MOST
    return now + _adaptive(now, published)


def _adaptive(now: datetime, published: Sequence[datetime]) -> timedelta:
    """Half the mean gap between the newest entries, silence since the last one included."""
    newest = sorted(published, reverse=True)[:10]
    if len(newest) < 2:
        return ADAPTIVE_DEFAULT
    gaps = [later - earlier for later, earlier in pairwise([max(now, newest[0]), *newest])]
    mean = sum(gaps, timedelta(0)) / len(gaps)
    return min(max(mean / 2, ADAPTIVE_DEFAULT / 4), ADAPTIVE_MOST)
