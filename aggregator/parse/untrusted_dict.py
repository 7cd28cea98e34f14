"""Typed reads from untrusted dictionaries: a value may be of any type, and hold characters that XML forbids."""

from collections.abc import Mapping
from typing import Any

from aggregator.parse.repair_xml import legal

Raw = Mapping[str, Any]


def string(data: Raw, key: str) -> str:
    value = data.get(key)
    return legal(value).strip() if isinstance(value, str) else ""


def mapping(data: Raw, key: str) -> Raw:
    """As a plain dict, because feedparser's class returns `published` for a missing `updated`, and warns."""
    value = data.get(key)
    return dict(value) if isinstance(value, dict) else {}


def mappings(data: Raw, key: str) -> list[Raw]:
    value = data.get(key)
    return [dict(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def strings(data: Raw, key: str) -> list[str]:
    value = data.get(key)
    if not isinstance(value, list):
        return []
    return [text for item in value if isinstance(item, str) and (text := legal(item).strip())]


def count(value: object) -> int | None:
    """A number of bytes or seconds; None if it is not a number, negative, or 2^63 or more."""
    try:
        number = int(float(value)) if isinstance(value, str | int | float) else -1
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1 << 63 else None


def seconds(text: str) -> int | None:
    """Seconds from `1:02:03`, `2:03` or `123`, as podcasts write durations."""
    parts = [count(part or "0") for part in text.split(":")] if text else []
    if not 1 <= len(parts) <= 3 or None in parts:
        return None
    total = 0
    for part in parts:
        total = total * 60 + (part or 0)
    return total
