"""Cron lines of five fields, read as POSIX cron reads them."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def check_cron(line: str) -> None:
    """Raises ValueError if `line` is not a cron line of five fields, or never fires."""
    if _next_wall(line, datetime(2000, 1, 1, tzinfo=UTC)) is None:
        raise ValueError("comes never")


def next_fire(line: str, zone: tzinfo, now: datetime) -> datetime | None:
    """Where clocks change, a line that names an hour fires once a day; one for every hour fires every 60 minutes."""
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
    """The next time by a wall clock without time changes, written as UTC."""
    following = (trigger.get_next_fire_time(None, wall + timedelta(microseconds=1)) for trigger in _triggers(line))
    return min((at for at in following if at), default=None)


@lru_cache(maxsize=1024)
def _triggers(line: str) -> "tuple[CronTrigger, ...]":
    """If both days are restricted, cron fires on either (POSIX crontab); apscheduler would require both."""
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
    """Days by name, because 0 and 7 are Sunday in cron, and 0 is Monday in apscheduler."""
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
