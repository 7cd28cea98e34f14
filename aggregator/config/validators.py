"""Reads and checks single values of the config: durations, sizes, schedules, addresses, patterns.

A `parse_…` function takes a value as the file has it, a `check_…` function one that was parsed. Each raises ValueError,
whose message says what would be right.
"""

import re
from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.polling import check_cron
from aggregator.text.masking import secret_parameters
from aggregator.text.normalize import language
from aggregator.text.regex import ExpressionError
from aggregator.text.regex import check as check_expression
from aggregator.text.urls import LONGEST as LONGEST_ADDRESS
from aggregator.text.urls import absolute, split

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
SIZES = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
LONGEST = timedelta(days=36525)  # a century; adding it to a date must not overflow
SHIFT = timedelta(days=2)  # time zones are at most 26 hours apart
LARGEST = 2**40

_DURATION = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{1,12})?[smhdw])+|0")
_NOT_IN_ADDRESSES = re.compile(r"[\s<>\"]")
_PART = re.compile(r"([0-9.]{1,25})([smhdw])")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110 5.6.2
_OUR_HEADERS = frozenset(
    "host connection content-length transfer-encoding accept-encoding if-none-match if-modified-since".split()
)


def as_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text; put it in quotes" if value is None else "must be text")
    return value


def as_name(value: Any) -> str:
    """One line of text."""
    return " ".join(as_text(value).split())


def check_not_empty(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def check_id(value: str) -> str:
    if not re.fullmatch("[a-z0-9][a-z0-9-]{0,99}", value):
        raise ValueError("use only a-z, 0-9 and -, at most 100 of them")
    return value


def parse_duration(value: Any) -> timedelta:
    """`10m`, `1h30m`, `-8h`, `0s`; raises ValueError for anything else."""
    text = as_text(value).strip()
    if not _DURATION.fullmatch(text):
        raise ValueError("not a duration; write a number and a unit, such as 30s, 10m, 1h30m, 14d")
    seconds = sum(float(number) * UNITS[unit] for number, unit in _PART.findall(text))
    if seconds > LONGEST.total_seconds():
        raise ValueError("too long; the longest duration is 36525d")
    return timedelta(seconds=-seconds if text.startswith("-") else seconds)


def not_negative(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise ValueError("must not be negative")
    return value


def positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be more than 0")
    return value


def check_offset(value: timedelta) -> timedelta:
    if abs(value) > SHIFT:
        raise ValueError("too large; write the difference between two time zones, such as -8h")
    return value


def parse_retention(value: Any) -> timedelta | None:
    """None for `forever`."""
    if value == "forever":
        return None
    try:
        return positive(parse_duration(value))
    except ValueError as error:
        raise ValueError("write forever, or how long, such as 365d") from error


def parse_age(value: Any) -> timedelta | None:
    """None for no limit."""
    return None if value is None or as_text(value).strip() == "" else positive(parse_duration(value))


def parse_size(value: Any) -> int:
    """Bytes, or a number with KB, MB, KiB, MiB, …; raises ValueError."""
    match = re.fullmatch(r"([0-9]{1,15})\s*([KMG]i?B|B|)", as_text(value).strip())
    if not match:
        raise ValueError("not a size; write bytes or a number and a unit, such as 8MiB")
    size = int(match[1]) * SIZES[match[2]]
    if not 1 <= size <= LARGEST:
        raise ValueError("must be between 1 and 1024GiB")
    return size


def parse_every(value: Any) -> timedelta | str | None:
    """None for `adaptive`, a timedelta, or the cron line after `cron:`; raises ValueError."""
    text = as_text(value).strip()
    if text == "adaptive":
        return None
    if text.startswith("cron:"):
        line = text[5:].strip()
        try:
            check_cron(line)
        except ValueError as error:
            raise ValueError(f'{error}; write five fields, such as "cron: 0 * * * *"') from error
        return line
    try:
        return positive(parse_duration(text))
    except ValueError as error:
        raise ValueError('write adaptive, an interval such as 1h, or "cron: 0 * * * *"') from error


def parse_since(value: Any) -> date:
    text = as_text(value)
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("not a date; write one such as 2026-11-23")


def parse_network(value: Any) -> IPv4Network | IPv6Network:
    try:
        return ip_network(as_text(value).strip(), strict=False)
    except ValueError as error:
        raise ValueError("not a network; write one such as 127.0.0.0/8 or fd00::/8") from error


def check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such time zone; write a name such as UTC or Europe/Berlin") from error
    return value


def check_language(value: str) -> str:
    tag = language(value)
    if value and not tag:
        raise ValueError("not a language tag; write one such as en or zh-CN")
    return tag


def check_web_url(value: str) -> str:
    """The address as written, without blanks at its ends. One with blanks, quotes or angle brackets in it becomes a
    URI, as in the address bar of a browser."""
    value = value.strip()
    if _NOT_IN_ADDRESSES.search(value):
        value = absolute(value) or value
    if len(value) > LONGEST_ADDRESS:
        raise ValueError(f"has {len(value):,} characters, where an address has {LONGEST_ADDRESS:,} at most")
    try:
        parts = split(value)
        well_formed = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or _NOT_IN_ADDRESSES.search(value) or not absolute(value):
        raise ValueError("must be an absolute address that begins with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("must not hold a password: addresses end up in logs and feeds")
    return value


def check_optional_url(value: str) -> str:
    return check_web_url(value) if value else ""


def check_hub(value: str) -> str:
    """The address of a hub as a URI; "" for none. Every feed names it, so that it can hold no secret."""
    value = absolute(check_optional_url(value))
    if secrets := secret_parameters(value):
        raise ValueError(f"every feed names this address, so it must hold no secret such as `{secrets[0][0]}`")
    return value


def check_folder_url(value: str) -> str:
    """The address of a folder, as a URI (RFC 3986) with a slash at its end."""
    value = absolute(check_web_url(value))
    if "?" in value or "#" in value:
        raise ValueError("must be the address of a folder, without ? or #")
    return value if value.endswith("/") else value + "/"


def check_header_name(value: str) -> str:
    if not HEADER_NAME.fullmatch(value):
        raise ValueError("not a header name; use letters, digits and -")
    if value.lower() in _OUR_HEADERS:
        raise ValueError("this program sets the header itself; leave it out")
    return value


def check_header_value(value: str) -> str:
    """A value that a header field can carry (RFC 9110 5.5)."""
    if not value.isascii() or not value.isprintable():
        raise ValueError("only ASCII characters on one line can be sent")
    return value


def check_pattern(value: str) -> str:
    """An alias pattern: exact, glob, or `re:` and a regular expression."""
    if value.startswith("re:"):
        check_regex(value[3:])
    if not value.removeprefix("re:").strip():
        raise ValueError("an empty pattern; write a name, a glob such as py-*, or re: and a regular expression")
    return value


def parse_pattern(value: Any) -> str:
    return check_pattern(as_text(value))


def parse_alias(value: Any) -> str | tuple[str, ...]:
    """One pattern, or a list of them that matches the beginning of a path."""
    if not isinstance(value, list):
        return parse_pattern(value)
    if not value:
        raise ValueError("an empty list; write the first levels of a path, such as [Pictures, 1X]")
    return tuple(map(_parse_level, value))


def _parse_level(value: Any) -> str:
    """Adds the pattern to the message, which shows only the whole list."""
    try:
        return parse_pattern(value)
    except ValueError as error:
        raise ValueError(f"`{value}`: {error}" if isinstance(value, str) else str(error)) from error


def check_regex(value: str) -> str:
    try:
        check_expression(value)
    except ExpressionError as error:
        raise ValueError(str(error)) from error
    return value


def split_category(value: Any) -> tuple[str, ...]:
    """`Programming/Python` as levels; raises ValueError where a level is empty."""
    levels = tuple(as_name(level) for level in as_text(value).split("/"))
    if not all(levels):
        raise ValueError('a level is empty; write categories such as "Parent/Child"')
    return levels


def check_category(value: str) -> str:
    split_category(value)
    return value
