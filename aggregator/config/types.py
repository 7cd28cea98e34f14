"""Annotated types of config values: durations, sizes, schedules, patterns. All are read from text."""

import re
from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from aggregator.polling import check_cron
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
_PART = re.compile(r"([0-9.]{1,25})([smhdw])")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110 5.6.2
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


def check_unmapped(value: str) -> str:
    if value == "tag":
        raise ValueError("tags alone are not supported yet; write keep, drop, or the category that takes them")
    return value


def check_no_hub(value: str) -> str:
    """Readers would poll less if feeds named a hub that is never pinged."""
    if value:
        raise ValueError(
            "WebSub is not supported yet: readers would wait for a hub that is never pinged; leave this key out"
        )
    return value


def check_no_own_hub(value: bool) -> bool:
    if value:
        raise ValueError("a built-in hub is not supported yet; leave this key out")
    return value


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
    if len(value) > LONGEST_ADDRESS:
        raise ValueError(f"has {len(value):,} characters, where an address has {LONGEST_ADDRESS:,} at most")
    try:
        parts = split(value)
        well_formed = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or re.search(r"[\s<>\"]", value) or not absolute(value):
        raise ValueError("must be an absolute address that begins with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("must not hold a password: addresses end up in logs and feeds")
    return value


def check_optional_url(value: str) -> str:
    return check_web_url(value) if value else ""


def check_folder_url(value: str) -> str:
    """The address of a folder, as a URI (RFC 3986) with a slash at its end."""
    value = absolute(check_web_url(value))
    if "?" in value or "#" in value:
        raise ValueError("must be the address of a folder, without ? or #")
    return value if value.endswith("/") else value + "/"


def check_header_name(value: str) -> str:
    if not _HEADER_NAME.fullmatch(value):
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


# Schemas for editors (see `json_schema`). Text may look like a number or a boolean.

_SCALAR = ["string", "number", "boolean"]
_SPAN = r"([0-9]{1,12}(\.[0-9]{1,12})?[smhdw])+"


def _scalar(pattern: str = "", *examples: str, **more: Any) -> WithJsonSchema:
    schema = {"type": _SCALAR, **({"pattern": pattern} if pattern else {}), **more}
    return WithJsonSchema(schema | ({"examples": list(examples)} if examples else {}))


def _duration(pattern: str, *examples: str, zero: bool = False) -> WithJsonSchema:
    """The schema of a duration; only `zero` needs no unit."""
    schema = {"type": "string", "pattern": pattern, "examples": list(examples)}
    return WithJsonSchema({"anyOf": [schema, {"enum": [0, "0"]}]} if zero else schema)


_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s<>\"]+$"
_LONG = rf"^\s*\+?{_SPAN}\s*$"
_LEVELS = r"^\s*[^/\s][^/]*(/\s*[^/\s][^/]*)*$"

Text = Annotated[str, BeforeValidator(as_text), _scalar()]
Name = Annotated[str, BeforeValidator(as_name), _scalar()]
Required = Annotated[Text, AfterValidator(check_not_empty), _scalar(minLength=1)]
RequiredName = Annotated[Name, AfterValidator(check_not_empty), _scalar(r"\S")]
SourceId = Annotated[Text, AfterValidator(check_id), _scalar("^[a-z0-9][a-z0-9-]{0,99}$", "my-blog")]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Positive = Annotated[int, Field(ge=1, le=10**9)]
Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), AfterValidator(not_negative), _duration(_LONG, "30s", "14d", zero=True)
]
Wait = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(positive), _duration(_LONG, "5s", "1m")]
Offset = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    AfterValidator(check_offset),
    _duration(rf"^\s*[+-]?{_SPAN}\s*$", "-8h", "5h30m", zero=True),
]
Retention = Annotated[
    timedelta | None, BeforeValidator(parse_retention), _duration(rf"^forever$|{_LONG}", "forever", "365d")
]
Size = Annotated[
    int,
    BeforeValidator(parse_size),
    _scalar(r"^\s*[0-9]{1,15}\s*([KMG]i?B|B|)\s*$", "8MiB", "10MB", minimum=1, maximum=LARGEST),
]
Every = Annotated[
    timedelta | str | None,
    BeforeValidator(parse_every),
    _duration(rf"^\s*adaptive\s*$|^\s*cron:|{_LONG}", "adaptive", "1h", "cron: 0 * * * *"),
]
NoHub = Annotated[Text, AfterValidator(check_no_hub), WithJsonSchema({"enum": [""]})]
NoOwnHub = Annotated[bool, AfterValidator(check_no_own_hub), WithJsonSchema({"enum": [False, 0]})]
Since = Annotated[date, BeforeValidator(parse_since), _scalar("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-11-23")]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(parse_network), _scalar("", "127.0.0.0/8", "fd00::/8")]
Zone = Annotated[Text, AfterValidator(check_zone), _scalar("", "UTC", "Europe/Berlin")]
Language = Annotated[Text, AfterValidator(check_language), _scalar("", "en", "zh-CN")]
WebUrl = Annotated[Text, AfterValidator(check_web_url), _scalar(_ADDRESS)]
OptionalUrl = Annotated[Text, AfterValidator(check_optional_url), _scalar(f"{_ADDRESS}|^$")]
FolderUrl = Annotated[Text, AfterValidator(check_folder_url), _scalar(r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s<>\"?#]+$")]
HeaderName = Annotated[Text, AfterValidator(check_header_name), _scalar(rf"^{_HEADER_NAME.pattern}$")]
HeaderValue = Annotated[Text, AfterValidator(check_header_value), _scalar(r"^[ -~]*$")]
Pattern = Annotated[str, BeforeValidator(parse_pattern), _scalar(r"\S", "py-*", "re:^python")]
AliasPattern = Annotated[
    str | tuple[str, ...],
    BeforeValidator(parse_alias),
    WithJsonSchema(
        {"anyOf": [{"type": _SCALAR}, {"type": "array", "minItems": 1, "items": {"type": _SCALAR, "pattern": r"\S"}}]}
    ),
]
Regex = Annotated[Text, AfterValidator(check_regex), _scalar("", "(?i)release")]
Category = Annotated[tuple[str, ...], BeforeValidator(split_category), _scalar(_LEVELS, "Programming/Python")]
CategoryName = Annotated[Text, AfterValidator(check_category), _scalar(_LEVELS, "Programming/Python")]
Unmapped = Annotated[CategoryName, AfterValidator(check_unmapped), _scalar(_LEVELS, "keep", "drop", "Other")]
