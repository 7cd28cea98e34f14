"""Dates as each format writes them: UTC, whole seconds, English names whatever the locale."""

from datetime import UTC, datetime
from email.utils import format_datetime


def utc(moment: datetime) -> datetime:
    """Raises ValueError for a naive datetime, because its time zone is unknown."""
    if moment.tzinfo is None:
        raise ValueError(f"date without a time zone: {moment.isoformat()}")
    if moment.tzinfo is UTC and not moment.microsecond:
        return moment
    return moment.astimezone(UTC).replace(microsecond=0)


def to_the_minute(moment: datetime | None) -> str:
    """For people; "" for none."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def rfc3339(moment: datetime) -> str:
    return f"{utc(moment).isoformat()[:19]}Z"


def rfc822(moment: datetime) -> str:
    """RFC 822 with a year of four digits, as the RSS Advisory Board's profile requires."""
    return format_datetime(utc(moment), usegmt=True)
