"""Dates in headers (RFC 9110 5.6.7)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 100  # characters; the three forms of HTTP have 40 at most


def read_date(value: str) -> datetime | None:
    """None if it is no date. A longer text is read no further than a date may be."""
    try:
        date = parsedate_to_datetime(value[:_LONGEST])
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
