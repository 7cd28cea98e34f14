"""The small languages inside config values: durations, sizes, schedules, patterns."""

import re
from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator

from aggregator.polling import check_cron

UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
SIZES = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def parse_duration(value: Any) -> timedelta:
    """`10m`, `1h30m`, `-8h`, `0s`; raises ValueError for anything else."""
    text = str(value).replace(" ", "")
    if not re.fullmatch(r"[+-]?(\d+(\.\d+)?[smhdw])+", text):
        raise ValueError("not a duration; write a number and a unit, such as 30s, 10m, 1h30m, 14d")
    try:
        total = sum((float(n) * UNITS[u] for n, u in re.findall(r"([\d.]+)([smhdw])", text)), timedelta(0))
    except OverflowError as error:
        raise ValueError("too long a duration") from error
    return -total if text.startswith("-") else total


def not_negative(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise ValueError("must not be negative")
    return value


def parse_size(value: Any) -> int:
    """Bytes, or a number with KB, MB, KiB, MiB, …; raises ValueError."""
    match = re.fullmatch(r"(\d+)\s*([KMG]i?B|B|)", str(value))
    if not match:
        raise ValueError("not a size; write bytes or a number and a unit, such as 8MiB")
    return int(match[1]) * SIZES[match[2]]


def parse_every(value: Any) -> timedelta | str | None:
    """None for `adaptive`, a timedelta, or the cron line after `cron:`; raises ValueError."""
    text = value if isinstance(value, str) else str(value)
    if text == "adaptive":
        return None
    if text.startswith("cron:"):
        line = text[5:].strip()
        try:
            check_cron(line)
        except ValueError as error:
            raise ValueError(f'not a cron line of five fields ({error}), such as "cron: 0 * * * *"') from error
        return line
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ValueError('write adaptive, an interval such as 1h, or "cron: 0 * * * *"') from error


def parse_network(value: Any) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(value), strict=False)
    except ValueError as error:
        raise ValueError("not a network; write it such as 127.0.0.0/8 or fd00::/8") from error


def check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such time zone; write a name such as UTC or Europe/Berlin") from error
    return value


def check_web_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        well_formed = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or re.search(r"[\s<>\"]", value):
        raise ValueError("must be an absolute address that begins with https:// or http://")
    return value


def check_pattern(value: str) -> str:
    """An alias pattern: exact, glob, or `re:` and a regular expression."""
    if value.startswith("re:"):
        check_regex(value[3:])
    if not value.strip():
        raise ValueError("an empty pattern matches nothing")
    return value


def parse_alias(value: Any) -> str | tuple[str, ...]:
    """One pattern, or a list of them that matches the beginning of a path."""
    if isinstance(value, list):
        if not value:
            raise ValueError("an empty list matches nothing")
        return tuple(check_pattern(as_text(item)) for item in value)
    return check_pattern(as_text(value))


def check_regex(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def as_text(value: Any) -> str:
    """Names may look like numbers or dates to YAML (`2021`): what was meant is the text."""
    if isinstance(value, bool):
        raise ValueError("YAML reads this as true/false; put it in quotes")
    if not isinstance(value, str | int | float | date):
        raise ValueError("must be text")
    return str(value)


def split_category(value: Any) -> tuple[str, ...]:
    """`Programming/Python` as levels; raises ValueError where a level is empty."""
    levels = tuple(level.strip() for level in str(value).split("/"))
    if not all(levels):
        raise ValueError('empty level; write categories as "Parent/Child"')
    return levels


Duration = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(not_negative)]
Offset = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
Every = Annotated[timedelta | str | None, BeforeValidator(parse_every)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(parse_network)]
Zone = Annotated[str, AfterValidator(check_zone)]
WebUrl = Annotated[str, AfterValidator(check_web_url)]
Name = Annotated[str, BeforeValidator(as_text)]
Pattern = Annotated[str, BeforeValidator(as_text), AfterValidator(check_pattern)]
AliasPattern = Annotated[str | tuple[str, ...], BeforeValidator(parse_alias)]
Regex = Annotated[str, AfterValidator(check_regex)]
Category = Annotated[tuple[str, ...], BeforeValidator(split_category)]
