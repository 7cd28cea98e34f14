"""Dates in headers (RFC 9110 5.6.7)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 100  # characters; the three forms of HTTP have 40 at most


def read_date(value: str) -> datetime | None:
    """Aware UTC; None if it is no date, such as `0` and `-1`, which are common and mean "already expired". No more of
    a text is read than a date may have."""
    try:
        date = parsedate_to_datetime(value[:_LONGEST])
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
