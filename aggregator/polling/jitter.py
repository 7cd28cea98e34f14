"""Extra wait, so that sources that are due together spread out. It is a hash of source and time, not random, so
that it is repeatable.
"""

import hashlib
from datetime import datetime, timedelta

MOST = timedelta(minutes=5)
MOST_AT_FIRST = timedelta(minutes=30)


def jitter(source: str, now: datetime, wait: timedelta, *, is_first: bool = False) -> timedelta:
    """Up to a tenth of `wait`, at most five minutes. After the first poll (`is_first`), which all sources of a new
    planet have at the same time, up to half of `wait`, at most half an hour.
    """
    most = min(wait / 2, MOST_AT_FIRST) if is_first else min(wait / 10, MOST)
    return max(most, timedelta(0)) * _fraction(f"{source} {now.isoformat()}")


def _fraction(seed: str) -> float:
    """Uniform in [0, 1)."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) / 2**48
