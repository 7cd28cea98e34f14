"""Offsets of zones: numbers, abbreviations and names of the time zone database."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

# Hours east of Greenwich. EST to PDT are those of RFC 822; of other abbreviations with several meanings the one that
# most feeds mean: BST is British, IST Indian, AST Atlantic.
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "uct": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "nst": -3.5, "ndt": -2.5, "ast": -4, "adt": -3, "akst": -9, "akdt": -8, "hst": -10, "hdt": -9, "sst": -11,
    "art": -3, "brt": -3, "brst": -2, "clt": -4, "clst": -3, "cot": -5, "pet": -5, "uyt": -3, "vet": -4, "bot": -4,
    "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3,
    "msk": 3, "msd": 4, "trt": 3, "samt": 4, "yekt": 5, "omst": 6, "novt": 7, "krat": 7, "irkt": 8, "yakt": 9,
    "vlat": 10, "magt": 11, "pett": 12, "wat": 1, "cat": 2, "sast": 2, "eat": 3, "idt": 3, "irst": 3.5, "gst": 4,
    "pkt": 5, "uzt": 5, "ist": 5.5, "npt": 5.75, "ict": 7, "wib": 7, "wita": 8, "wit": 9, "sgt": 8, "hkt": 8, "myt": 8,
    "pht": 8, "jst": 9, "kst": 9, "awst": 8, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "chst": 10, "fjt": 12,
}  # fmt: skip
# Abbreviations for the local time of a place, in summer and winter.
_PLACES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
}  # fmt: skip
ABBREVIATIONS = frozenset((*_HOURS, *_PLACES))
_OFFSET = re.compile(r"([+-])(\d\d?)(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII)


def fixed(hours: float) -> tzinfo:
    return timezone(timedelta(hours=hours)) if hours else UTC


_ZONES = {name: fixed(hours) for name, hours in _HOURS.items()}


def abbreviated(name: str) -> tzinfo | None:
    """The zone of an abbreviation in lower case."""
    return named(_PLACES[name]) if name in _PLACES else _ZONES.get(name)


@lru_cache(64)
def offset(text: str) -> tzinfo | None:
    """`+05:30`, `+5:30`, `+530`, `+05` and `+053000` as a zone; None for a day or more, or sixty minutes or more."""
    if text[1:].isdecimal() and len(text) in (4, 6):  # one digit for the hour
        text = f"{text[0]}0{text[1:]}"
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-size if match[1] == "-" else size) if size else UTC


def named(key: str) -> tzinfo | None:
    """A zone of the time zone database, such as Europe/Berlin."""
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):  # OSError: the key is that of a folder
        return None
