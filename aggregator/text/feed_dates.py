"""A publisher's date text as an aware UTC datetime. Nothing is guessed: a text that no rule reads is no date."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from time import struct_time

# RFC 3339, with the freedoms of ISO 8601: no seconds, no colon in the offset, a space for the T. If the year comes
# first, `-`, `/` and `.` mean the same.
_ISO = re.compile(
    r"(\d{4})([-/.])(\d\d?)\2(\d\d?)"
    r"(?:(?:[Tt]|\s+)(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_EAST_ASIAN = re.compile(r"(\d{4})年(\d\d?)月(\d\d?)日", re.ASCII)
# For a year alone feedparser takes the month from its clock, and it reads the day of a year as a month.
_YEAR = re.compile(r"\d{4}|-")
_DAY = re.compile(r"\d{4}-?\d\d(?:-?\d\d)?(?![\d/-])", re.ASCII)
_NO_ZONE = re.compile(r"[+-](?:2[4-9]|[3-9]\d):?\d\d$", re.ASCII)
_LAST_WORD = re.compile(r"\d:\d\d(?::\d\d)?\s+\(?([A-Za-z]{3,4})\)?$")
# Zone names with the same offset everywhere, in hours; feedparser knows those of RFC 822.
_ZONES = {
    "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3,
    "sgt": 8, "hkt": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip


def read_date(text: str, parsed: object = None) -> datetime | None:
    """The time that `text` names; `parsed`: feedparser's result in UTC, if it has one.

    Naive dates are UTC. Fractions of seconds are dropped, a leap second becomes :59, 24:00 is the next day.
    """
    text = _EAST_ASIAN.sub(r"\1-\2-\3", text.strip()[:101])
    if not text or len(text) > 100:
        return None
    iso = _ISO.fullmatch(text)
    if iso:
        return _from_iso(iso)
    if _NO_ZONE.search(text) or (_YEAR.match(text) and not _DAY.match(text)):
        return None
    if isinstance(parsed, struct_time):
        return _shifted(_moment(parsed[:6], 0), text)
    return _from_mail(text)


def _from_iso(match: re.Match[str]) -> datetime | None:
    year, _, *rest, zone = match.groups()
    return _moment([int(part or 0) for part in (year, *rest)], _offset(zone or ""))


def _offset(zone: str) -> int:
    """Seconds east of Greenwich."""
    if zone[:1] not in ("+", "-"):
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:] if len(zone) > 3 else 0) * 60
    return -seconds if zone[0] == "-" else seconds


def _shifted(moment: datetime | None, text: str) -> datetime | None:
    """Corrects the zone: feedparser reads one that it does not know as UTC."""
    word = _LAST_WORD.search(text)
    hours = _ZONES.get(word[1].lower(), 0) if word else 0
    try:
        return moment - timedelta(hours=hours) if moment else None
    except OverflowError:
        return None


def _from_mail(text: str) -> datetime | None:
    try:
        read = parsedate_tz(text)
    except (ValueError, IndexError, TypeError):
        return None
    return _shifted(_moment(list(read[:6]), read[9] or 0), text if read[9] is None else "") if read else None


def _moment(parts: "tuple[int, ...] | list[int]", offset: int) -> datetime | None:
    year, month, day, hour, minute, second = parts
    try:
        zone = timezone(timedelta(seconds=offset))
        moment = datetime(year, month, day, hour % 24, minute, min(second, 59), tzinfo=zone)
        return (moment + timedelta(days=hour // 24)).astimezone(UTC) if hour <= 24 else None
    except (ValueError, OverflowError):
        return None
