"""The day that numbers name: a plain one, a day of the year, of a week, or one of two where the order is not known."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from aggregator.text.dates.reading import Order

Parts = Mapping[str, str | None]


def day_of(parts: Parts, weekdays: Collection[int]) -> tuple[date, date | None, Order]:
    """The day; where its order is not known, with the day first, and the reading with the month first; the order that
    is proved. `weekdays`: those that the text may name. Raises ValueError if there is no such day."""
    year = _year(parts)
    if parts.get("a"):
        return _either(year, _int(parts["a"]), _int(parts["b"]), weekdays)
    if parts.get("o"):
        found = date(year, 1, 1) + timedelta(days=_int(parts["o"]) - 1)
        if found.year != year:
            raise ValueError("no such day of the year")
        return found, None, ""
    if parts.get("w"):
        return date.fromisocalendar(year, _int(parts["w"]), _int(parts.get("wd") or "1")), None, ""
    return date(year, _int(parts["m"]), _int(parts.get("d") or "1")), None, ""


def _either(year: int, first: int, second: int, weekdays: Collection[int]) -> tuple[date, date | None, Order]:
    """A number over 12 proves the order, and so does the weekday if one reading has it alone."""
    if first > 12 or second > 12:
        return (date(year, second, first), None, "day") if first > 12 else (date(year, first, second), None, "month")
    day_first, month_first = date(year, second, first), date(year, first, second)
    if first == second:
        return day_first, None, ""
    fits = day_first.weekday() in weekdays, month_first.weekday() in weekdays
    if fits == (True, False):
        return day_first, None, "day"
    return (month_first, None, "month") if fits == (False, True) else (day_first, month_first, "")


def _int(digits: str | None) -> int:
    return int(digits or 0)


def _year(parts: Parts) -> int:
    """Two digits as in RFC 2822 4.3: 00 to 49 are 2000 to 2049."""
    if short := parts.get("y2"):
        return int(short) + (2000 if int(short) < 50 else 1900)
    return _int(parts.get("y"))
