"""When a hub or a callback that failed is asked again. Pure."""

from datetime import datetime, timedelta

FIRST = timedelta(seconds=5)  # who is only started anew is there by then
LONGEST = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=7)  # of failed deliveries, a subscription ends
LATEST_RETRY_AFTER = timedelta(days=1)


def next_attempt(failures: int, at: datetime, retry_after: timedelta | None = None) -> datetime:
    """`failures`: in a row, this one included; `retry_after`: the pause that was asked for."""
    pause = min(FIRST * (1 << min(failures - 1, 20)), LONGEST)
    asked = min(retry_after or timedelta(0), LATEST_RETRY_AFTER)
    return at + max(pause, asked)


def is_given_up(failing_since: datetime, at: datetime) -> bool:
    return at - failing_since >= GIVEN_UP_AFTER
