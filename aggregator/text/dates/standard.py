"""What nearly all feeds write, read without a detour: RFC 822 with a year of four digits, RFC 3339 and its likes."""

import re
from datetime import datetime

from aggregator.text.dates.reading import Reading
from aggregator.text.dates.zones import abbreviated, offset

_RFC_822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" (\d\d):(\d\d)(?::(\d\d))?(?: ([A-Z]{1,4}|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d{0,20})?)?(Z|(?: ?[+-]\d\d:?\d\d)?))?",
    re.ASCII,
)
_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}


def read_standard(text: str) -> Reading | None:
    """None for any other shape, and for what needs more thought: no such day, the hour 24, a leap second."""
    try:
        if match := _RFC_3339.fullmatch(text):
            year, month, day, hour, minute, second, fraction, zone = match.groups()
            micro = int(f"{fraction:0<6}") if fraction else 0
        elif match := _RFC_822.fullmatch(text):
            day, name, year, hour, minute, second, zone = match.groups()
            month, micro = _MONTHS[name], 0
        else:
            return None
        moment = datetime(  # noqa: DTZ001 - a Reading is naive
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro
        )
    except ValueError:
        return None
    if not zone:
        return Reading(moment)
    known = offset(zone.lstrip()) if zone[-1].isdigit() else abbreviated(zone.lower())
    return Reading(moment, known) if known else None
