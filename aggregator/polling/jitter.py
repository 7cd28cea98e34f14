"""A little later, so that what came due together does not stay together. Never chance: the same source at the same time
waits as long again.
"""

import hashlib
from datetime import datetime, timedelta

MOST = timedelta(minutes=5)
MOST_AT_FIRST = timedelta(minutes=30)


def jitter(source: str, now: datetime, wait: timedelta, *, is_first: bool = False) -> timedelta:
    """Up to a tenth of `wait`, at most five minutes; after the first turn, which all sources of a new planet have at
    the same time, up to half of it, at most half an hour.
    """
    most = min(wait / 2, MOST_AT_FIRST) if is_first else min(wait / 10, MOST)
    return max(most, timedelta(0)) * _fraction(f"{source} {now.isoformat()}")


def _fraction(seed: str) -> float:
    """In [0, 1), evenly."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) / 2**48
