"""Annotated types of config values: durations, sizes, schedules, patterns. All are read from text."""

from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from aggregator.config.validators import (
    HEADER_NAME,
    LARGEST,
    as_name,
    as_text,
    check_category,
    check_folder_url,
    check_header_name,
    check_header_value,
    check_hub,
    check_id,
    check_language,
    check_not_empty,
    check_offset,
    check_optional_url,
    check_regex,
    check_zone,
    not_negative,
    parse_age,
    parse_alias,
    parse_duration,
    parse_every,
    parse_network,
    parse_pattern,
    parse_retention,
    parse_since,
    parse_size,
    positive,
    split_category,
)

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


_ADDRESS = r"^\s*[Hh][Tt][Tt][Pp][Ss]?://\s*\S"
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
Age = Annotated[timedelta | None, BeforeValidator(parse_age), _duration(rf"^\s*$|{_LONG}", "30d")]
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
Since = Annotated[date, BeforeValidator(parse_since), _scalar("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-11-23")]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(parse_network), _scalar("", "127.0.0.0/8", "fd00::/8")]
Zone = Annotated[Text, AfterValidator(check_zone), _scalar("", "UTC", "Europe/Berlin")]
Language = Annotated[Text, AfterValidator(check_language), _scalar("", "en", "zh-CN")]
HubUrl = Annotated[Text, AfterValidator(check_hub), _scalar(f"{_ADDRESS}|^$", "https://hub.example/")]
OptionalUrl = Annotated[Text, AfterValidator(check_optional_url), _scalar(f"{_ADDRESS}|^$")]
FolderUrl = Annotated[Text, AfterValidator(check_folder_url), _scalar(r"^\s*[Hh][Tt][Tt][Pp][Ss]?://[^?#]+$")]
HeaderName = Annotated[Text, AfterValidator(check_header_name), _scalar(rf"^{HEADER_NAME.pattern}$")]
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
Unmapped = Annotated[CategoryName, _scalar(_LEVELS, "keep", "tag", "drop", "Other")]
