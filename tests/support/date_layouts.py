"""Notations of dates in feeds, as parts that are combined: 3,000 layouts, among them all that Go and Miniflux know."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

# What stands for itself in strftime's words, `{d}` and the like without a leading zero.
DAYS_WITH_NAMES = """
%a, %d %b %Y|%a %d %b %Y|%a,%d %b %Y|%a , %d %b %Y|%d %b %Y|{d} %b %Y|%a, {d} %B %Y|%A, %d %B %Y|%A %d %B %Y|%d %b %y
%a, %d %b %y|%A, %d-%b-%y|%d-%b-%Y|%A, {d}. %B %Y|%d %A, %b %Y|%a, {d}, %b %Y|{d} %B, %Y|%d/%b/%Y|%a, {d}th %b %Y
%a, %b %d, %Y|%a, %b %d,%Y|%a %b {d} %Y|%b {d}, %Y|%b. {d}, %Y|%B %d, %Y|%B {d} %Y|%A, %B {d}, %Y|%a, %B %d %Y
%B {d}rd, %Y|%Y %B %d|%Y-%b-%d
"""
DAYS_IN_NUMBERS = """
%Y-%m-%d|{y}-{m}-{d}|%Y/%m/%d|%Y.%m.%d|%Y. {m}. {d}.|%a, %Y-%m-%d|%d.%m.%Y|{d}.{m}.%Y|{d}. {m}. %Y|%d.%m.%y
"""
DAYS_FIRST = "%d/%m/%Y|{d}/{m}/%Y|%d-%m-%Y|{d}-{m}-%Y|%d/%m/%y|%a, %d/%m/%Y|%a, %d %m %Y"
MONTHS_FIRST = "%m/%d/%Y|{m}/{d}/%Y|%m-%d-%Y|{m}-{d}-%Y|%m/%d/%y|%a, %m/%d/%Y|%a, %m %d %Y"
CLOCKS = """
 %H:%M:%S| %H:%M|, %H:%M:%S| - %H:%M| at %H:%M:%S| {h}:{min}:{s}| %I:%M %p| %I:%M:%S %p| {i}:%M%p|, {i}:%M:%S %p
 %H:%M:%S.0|T%H:%M:%S|T%H:%M:%S.0
"""
ZONES = """
 MST| UTC-7| -0700| -07:00| -07| MST-07:00| MST -0700| GMT-0700| GMT-7:00| -0700 MST| -0700 (MST)|-07:00|-0700| --0700
 America/Phoenix|-07:00[America/Phoenix]
"""
EAST = timedelta(hours=-7)  # of all these zones


@dataclass(frozen=True, slots=True)
class Layout:
    """`order`: of its numbers, "" where only one is possible. `has_zone`: times are 7 hours behind UTC."""

    day: str
    clock: str
    zone: str
    order: str

    @property
    def has_zone(self) -> bool:
        return bool(self.zone)

    def format(self, moment: datetime) -> str:
        parts = {
            "y": f"{moment.year}",
            "m": moment.month,
            "d": moment.day,
            "h": moment.hour,
            "i": moment.hour % 12 or 12,
            "min": moment.minute,
            "s": moment.second,
        }
        return moment.strftime((self.day + self.clock + self.zone).format(**parts))

    def kept(self, moment: datetime) -> datetime:
        """The part of a moment that the layout writes."""
        if not self.clock:
            return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
        return moment.replace(second=moment.second if self.clock.count(":") + self.clock.count("%S") > 1 else 0)


def parts(table: str) -> list[str]:
    return [part for line in table.strip("\n").splitlines() for part in line.split("|")]


def layouts() -> Iterator[Layout]:
    days = [(day, "") for day in parts(DAYS_WITH_NAMES) + parts(DAYS_IN_NUMBERS)]
    days += [(day, order) for order, table in (("day", DAYS_FIRST), ("month", MONTHS_FIRST)) for day in parts(table)]
    for (day, order), clock, zone in product(days, ["", *parts(CLOCKS)], ["", *parts(ZONES)]):
        if clock or not zone:
            yield Layout(day, clock, zone, order)
