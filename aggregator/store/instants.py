"""Times as the state stores them: microseconds since 1970."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_stored(at: datetime) -> int:
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_stored(microseconds: int) -> datetime:
    """Raises TypeError or OverflowError."""
    return EPOCH + timedelta(microseconds=microseconds)
