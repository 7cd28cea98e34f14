"""Dates in posts, as people and site generators write them, as aware UTC datetimes. Pure.

RFC 822 and 2822, ISO 8601 and RFC 3339, YAML timestamps, the formats of JavaScript and Go, and Unix time.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_LONGEST = 100

_SECOND = r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
_CLOCK = rf"(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}}){_SECOND}(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
# A name, an offset or both, then a comment or Go's second name: `GMT+0800 (China Standard Time)`, `+0800 CST`.
_ZONE = r"(?P<zone>[A-Za-z]{1,5}(?![A-Za-z]))?\s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?(?:\s*(?:\([^()]*\)|[A-Z]{2,5}))?"
_CLOCK_AFTER = rf"(?:,?\s+{_CLOCK}\s*{_ZONE})?"
_DAY_NAME = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
_MONTH_NAME = r"(?P<name>[A-Za-z]{3,9})\.?,?"

_ISO = rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}})(?:(?:[Tt]|\s+){_CLOCK}\s*{_ZONE})?"
_ISO_BASIC_CLOCK = rf"[Tt](?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?\s*{_ZONE}"
_ISO_BASIC = rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:{_ISO_BASIC_CLOCK})?"
_ISO_MONTH = r"(?P<year>\d{4})-(?P<month>\d\d)"
_RFC_822 = rf"{_DAY_NAME}(?P<day>\d{{1,2}})[\s-]+{_MONTH_NAME}[\s-]+(?P<year>\d{{4}}|\d\d){_CLOCK_AFTER}"
_MONTH_FIRST = rf"{_DAY_NAME}{_MONTH_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_CLOCK_AFTER}"
_ASCTIME = rf"{_DAY_NAME}{_MONTH_NAME}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+{_ZONE}\s*(?P<year>\d{{4}})"

_FORMS = tuple(
    re.compile(form + r"\s*\Z", re.ASCII) for form in (_ISO, _RFC_822, _MONTH_FIRST, _ASCTIME, _ISO_BASIC, _ISO_MONTH)
)
_UNIX_TIME = re.compile(r"\d{9,10}|\d{13}", re.ASCII)

_MONTHS = {
    name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}
_UTC_LABELS = frozenset(("Z", "UT", "UTC", "GMT"))
# The zone names of RFC 822, then those with the same offset everywhere, in hours east of Greenwich.
_ZONES: Mapping[str, float] = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "BST": 1, "SGT": 8, "HKT": 8,
    "JST": 9, "KST": 9, "ACST": 9.5, "AWST": 8, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip


def read_date(text: str, zone: tzinfo, utc_offset: timedelta = timedelta(0)) -> datetime | None:
    """Aware UTC, or None if the text is not a date that exists.

    A date without a zone, or with an unknown one, is in `zone`. An hour that a change of clocks repeats is the first of
    the two, an hour that it skips is moved forward. `utc_offset` is added to every date that claims to be UTC (GMT,
    UTC, Z or +00:00). A day alone is its first moment, a month its first day.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    try:
        if _UNIX_TIME.fullmatch(text):
            return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        found = next((found for form in _FORMS if (found := form.match(text))), None)
        return _read(found.groupdict(), zone, utc_offset) if found else None
    except (ValueError, OverflowError):
        return None


def _read(parts: dict[str, str | None], zone: tzinfo, utc_offset: timedelta) -> datetime:
    """Raises ValueError or OverflowError if there is no such moment."""
    moment = datetime(_year(parts["year"]), _month(parts), _int(parts.get("day"), 1)) + _time(parts)  # noqa: DTZ001
    label = (parts.get("zone") or "").upper()
    offset = _offset(parts.get("offset"), label)
    if offset is None:
        return moment.replace(tzinfo=zone).astimezone(UTC)
    is_utc = not offset and (label in _UTC_LABELS or bool(parts.get("offset")))
    return moment.replace(tzinfo=timezone(offset)).astimezone(UTC) + (utc_offset if is_utc else timedelta(0))


def _int(digits: str | None, default: int = 0) -> int:
    return int(digits) if digits else default


def _year(digits: str | None) -> int:
    """Two digits as in RFC 2822 4.3: 00 to 49 are 2000 to 2049."""
    year = _int(digits)
    return year if len(digits or "") != 2 else year + (2000 if year < 50 else 1900)


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("name")
    if name is None:
        return _int(parts.get("month"))
    return _MONTHS.get(name[:3].lower(), 0)


def _time(parts: dict[str, str | None]) -> timedelta:
    """24:00 is the end of the day (ISO 8601); the leap second :60 becomes :59."""
    hour, minute, second = (_int(parts.get(name)) for name in ("hour", "minute", "second"))
    half = (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no such time of day")
    micro = int((parts.get("fraction") or "0")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=micro)


def _offset(digits: str | None, label: str) -> timedelta | None:
    """The offset of a zone, None if it is missing or unknown. Digits win over a name (`GMT+0800`)."""
    if digits:
        hours, minutes = int(digits[1:3].rstrip(":")), int(digits[-2:]) if len(digits) > 3 else 0
        if minutes > 59:
            raise ValueError("no such offset")
        return timedelta(hours=hours, minutes=minutes) * (-1 if digits[0] == "-" else 1)
    if label in _UTC_LABELS:
        return timedelta(0)
    return timedelta(hours=_ZONES[label]) if label in _ZONES else None
