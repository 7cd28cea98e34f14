"""When a source is asked again. Pure: an outcome, a schedule and a time in, a time out.

What a publisher asks for is a floor: Retry-After (RFC 9110 10.2.3) up to a week, Cache-Control and Expires (RFC 9111
5) up to a day. Nothing is ever asked more often than `Schedule.floor`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

ADAPTIVE_DEFAULT = timedelta(hours=1)
ADAPTIVE_MOST = timedelta(hours=12)
BACK_OFF_MOST = timedelta(days=1)
ASKED_MOST = timedelta(days=1)
RETRY_MOST = timedelta(days=7)
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
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
    return max(_regular(schedule, now, published), now + asked, now + schedule.floor)


def after_failure(
    schedule: Schedule, now: datetime, *, failures: int, retry_after: timedelta | None = None
) -> datetime:
    """The next poll after the `failures`-th failure in a row: doubling from the interval to a day."""
    base = schedule.every if isinstance(schedule.every, timedelta) else ADAPTIVE_DEFAULT
    back_off = min(base * (1 << min(max(failures - 1, 0), 10)), max(BACK_OFF_MOST, base))
    asked = min(retry_after or timedelta(0), RETRY_MOST)
    return now + max(back_off, asked, schedule.floor)


def freshness(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long the answer asked to be kept: max-age, else Expires, less its age on arrival (RFC 9111 4.2); never
    negative. Names of headers are in lower case."""
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age":
            return max(_seconds(value) - _seconds(headers.get("age", "")), timedelta(0))
    expires = _http_date(headers.get("expires", ""))
    return max(expires - (_http_date(headers.get("date", "")) or now), timedelta(0)) if expires else timedelta(0)


def _seconds(text: str) -> timedelta:
    """Delta-seconds (RFC 9111 1.2.2); one too large to count is a very long time, what is no number none."""
    digits = text.strip(' "')
    if not (digits.isascii() and digits.isdecimal()):
        return timedelta(0)
    return timedelta(seconds=int(digits[:9]) if len(digits) < 10 else 10**9)


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # `0` and `-1` are common, and mean: at once
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


# cron lines


def check_cron(line: str) -> None:
    """Raises ValueError where `line` is no cron line of five fields, or comes never."""
    if _next_wall(line, datetime(2000, 1, 1, tzinfo=UTC)) is None:
        raise ValueError("comes never")


def _next_fire(line: str, zone: tzinfo, now: datetime) -> datetime | None:
    """As cron does where clocks change: what names an hour comes once a day, what takes every hour comes evenly."""
    local = now.astimezone(zone)
    if line.split()[1].startswith("*"):
        zone = timezone(local.utcoffset() or timedelta(0))
    wall = _next_wall(line, local.replace(tzinfo=UTC))
    while wall:
        if (at := wall.replace(tzinfo=zone).astimezone(UTC)) > now:
            return at
        wall = _next_wall(line, wall)
    return None


def _next_wall(line: str, wall: datetime) -> datetime | None:
    """The next time on a clock that never changes, written as UTC."""
    following = (trigger.get_next_fire_time(None, wall + timedelta(microseconds=1)) for trigger in _triggers(line))
    return min((at for at in following if at), default=None)


@lru_cache(maxsize=1024)
def _triggers(line: str) -> "tuple[CronTrigger, ...]":
    """Where both days are restricted, cron takes either (POSIX crontab); the library would take both together."""
    from apscheduler.triggers.cron import CronTrigger

    fields = line.split()
    if len(fields) != 5:
        raise ValueError(f"{len(fields)} fields are no cron line")
    minute, hour, day, month, weekday = fields
    either = not day.startswith("*") and not weekday.startswith("*")
    days = [(day, "*"), ("*", weekday)] if either else [(day, weekday)]
    return tuple(
        CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=UTC)
        for day, weekday in days
    )


def _weekdays(field: str) -> str:
    """Days by name: for cron 0 and 7 are Sunday, for the library 0 is Monday."""
    if field == "*":
        return field
    return ",".join(WEEKDAYS[day % 7] for part in field.lower().split(",") for day in _days(part))


def _days(part: str) -> range:
    match = re.fullmatch(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([0-9]))?", part, re.ASCII)
    if not match or match[3] == "0":
        raise ValueError(f"no day of the week is `{part}`")
    first = _weekday(match[1]) if match[1] else 0
    last = _weekday(match[2]) if match[2] else first if match[1] and not match[3] else 6
    return range(first, last + 1 if first <= last else last + 8, int(match[3] or 1))


def _weekday(name: str) -> int:
    if name in WEEKDAYS:
        return WEEKDAYS.index(name)
    if not re.fullmatch("[0-7]", name):
        raise ValueError(f"no day of the week is `{name}`")
    return int(name)


def _regular(schedule: Schedule, now: datetime, published: Sequence[datetime]) -> datetime:
    if isinstance(schedule.every, timedelta):
        return now + schedule.every
    if isinstance(schedule.every, str):
        return _next_fire(schedule.every, ZoneInfo(schedule.timezone), now) or now + ADAPTIVE_MOST
    return now + _adaptive(now, published)


def _adaptive(now: datetime, published: Sequence[datetime]) -> timedelta:
    """Half the mean gap between the newest entries, silence since the last one included."""
    newest = sorted(published, reverse=True)[:10]
    if len(newest) < 2:
        return ADAPTIVE_DEFAULT
    gaps = [later - earlier for later, earlier in pairwise([max(now, newest[0]), *newest])]
    mean = sum(gaps, timedelta(0)) / len(gaps)
    return min(max(mean / 2, ADAPTIVE_DEFAULT / 4), ADAPTIVE_MOST)
