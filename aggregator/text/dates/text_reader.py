"""A text as a Reading: a day, a clock, a zone and a weekday in any order, each once, and nothing else."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from aggregator.text.dates import layouts, zones
from aggregator.text.dates.calendar_day import Parts, day_of
from aggregator.text.dates.reading import Reading
from aggregator.text.dates.spelling import Spelling, spellings
from aggregator.text.dates.standard import read_standard

LONGEST = 100  # characters of a text that may be a date
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a Reading is naive


def read_text(text: str) -> Reading | None:
    """None if the text is not a date that exists, or says more than a date."""
    text = text.strip()
    if len(text) > LONGEST or "\0" in text or not any(map(str.isdecimal, text)):
        return None
    if found := read_standard(text):
        return found
    try:
        if match := layouts.UNIX_TIME.fullmatch(text):
            return _unix_time(match)
        text = layouts.COMPACT.sub(r"\1T\2\3", text) if layouts.COMPACT.fullmatch(text) else text
        return next((found for one in spellings(text) if (found := _Cursor(one).reading())), None)
    except (ValueError, OverflowError):
        return None


def _unix_time(match: re.Match[str]) -> Reading:
    """The offset of `/Date(1736070000000+0100)/` only says how to show it."""
    if milliseconds := match["ms"] or match["date"]:
        return Reading(_EPOCH + timedelta(milliseconds=int(milliseconds)), UTC, is_counted=True)
    seconds = timedelta(seconds=int(match["s"]), microseconds=_micro(match["f"]))
    return Reading(_EPOCH + seconds, UTC, is_counted=True)


class _Cursor:
    """Goes through one spelling; what it met is in `day`, `clock`, `offset`, `label` and `weekdays`."""

    def __init__(self, spelling: Spelling) -> None:
        self.spelling = spelling
        self.text = spelling.text
        self.at = 0
        self.day: dict[str, str | None] = {}
        self.clock: dict[str, str | None] = {}
        self.offset: tzinfo | None = None
        self.label: str | None = None
        self.weekdays: frozenset[int] = frozenset()

    def reading(self) -> Reading | None:
        """Raises ValueError or OverflowError if there is no such day or time."""
        while self.at < len(self.text):
            if not self._step():
                return None
        if not (self.day.get("y") or self.day.get("y2")):
            return None
        first, second, proves = day_of(self.day, self.weekdays)
        clock = _since_midnight(self.clock)
        both = [datetime.combine(one, time()) + clock if one else None for one in (first, second)]
        zone = self.offset or self._zone_of_label()
        return Reading(both[0], zone, both[1], proves) if both[0] else None

    def _step(self) -> bool:
        """Goes on by one part; False if nothing fits."""
        return bool(
            ((self.label or self.offset) and self._take(layouts.COMMENT))
            or self._take(layouts.SIGNS)
            or self._take_day()
            or self._take_clock()
            or self._take_weekday()
            or self._take_zone()
            or (self.clock and self._take(layouts.GO_CLOCK))
            or self._take(layouts.PARENTHESIS)
        )

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def _take_day(self) -> bool:
        if self.day:
            late = None if self.day.get("y") or self.day.get("y2") else self._take(layouts.LATE_YEAR)
            self.day |= late.groupdict() if late else {}
            return late is not None
        match = next(filter(None, map(self._take, layouts.DAYS)), None)
        self.day = match.groupdict() if match else {}
        return match is not None

    def _take_clock(self) -> bool:
        """A second clock counts if the first is midnight: Java's java.sql.Date and Time in one text."""
        if self.clock and _since_midnight(self.clock):
            return False
        patterns = (*layouts.CLOCKS, *(layouts.CLOCKS_AFTER_DAY if self.day else ()))
        match = next(filter(None, map(self._take, patterns)), None)
        self.clock = match.groupdict() if match else self.clock
        return match is not None

    def _take_weekday(self) -> bool:
        if self.weekdays or not self._take(layouts.WEEKDAY):
            return False
        self.weekdays = frozenset[int]().union(*self.spelling.weekdays)
        return True

    def _take_zone(self) -> bool:
        """An offset counts more than a name beside it (`+0200 CEST`, `GMT+0800`)."""
        if not self.day and not self.clock:
            return False
        if not self.offset and (match := layouts.OFFSET.match(self.text, self.at)):
            return self._take_offset(match)
        if self.label is None and (match := layouts.ABBREVIATION.match(self.text, self.at)):
            return self._take_label(match["label"], match.end())
        if self.label is None and self._take(layouts.ZONE_NAME):
            self.label = self.spelling.zone_names[self.text.count("\0", 0, self.at) - 1]
            return zones.named(self.label) is not None
        if self.clock and not self.offset and self.label is None and self._take(layouts.NO_OFFSET):
            self.offset = UTC
            return True
        return False

    def _take_offset(self, match: re.Match[str]) -> bool:
        label, digits = match["label"], match["digits"]
        if not self.clock and len(digits) < 4:
            return False
        if label and (self.label is not None or not self._take_label(label, match.end())):
            return False
        self.offset, self.at = zones.offset(match["sign"] + digits), match.end()
        return self.offset is not None

    def _take_label(self, label: str, end: int) -> bool:
        """One that nobody knows, in capitals after a clock, says nothing of the zone (RFC 5322 4.3)."""
        is_unknown_zone = bool(self.clock) and len(label) >= 3 and label.upper() in self.spelling.original
        if zones.abbreviated(label) is None and not is_unknown_zone:
            return False
        self.label, self.at = label, end
        return True

    def _zone_of_label(self) -> tzinfo | None:
        if self.label is None:
            return None
        return zones.named(self.label) if "/" in self.label else zones.abbreviated(self.label)


def _since_midnight(parts: Parts) -> timedelta:
    """24:00 is the end of the day (ISO 8601); the leap second :60 becomes :59; 15:04 PM is 15:04."""
    if not parts:
        return timedelta(0)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("h", "min", "s"))
    before, after = parts.get("before"), parts.get("after")
    if half := before or after:
        if (before and after) or (hour > 12 and half == "A"):
            raise ValueError("two halves of the day")
        hour = hour if hour > 12 else hour % 12 + (12 if half == "P" else 0)
    micro = _micro(parts.get("f"))
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second or micro)):
        raise ValueError("no such time of day")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=micro)


def _micro(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))
