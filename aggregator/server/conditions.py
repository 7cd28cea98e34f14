"""Whether a client has what it asks for already (RFC 9110 13)."""

from calendar import timegm
from email.utils import parsedate_tz
from functools import lru_cache

LONGEST_DATE = 64


def is_unchanged(tag: bytes, modified: int, *, none_match: bytes | None, since: bytes | None) -> bool:
    """`tag` and `modified` (seconds since 1970) of what would be sent, and the headers If-None-Match (which compares
    weakly, and goes before) and If-Modified-Since.
    """
    if none_match is not None:
        return none_match.strip() == b"*" or (tag in none_match and tag in map(_opaque, none_match.split(b",")))
    if since is None:
        return False
    moment = parse_date(since[:LONGEST_DATE])
    return moment is not None and modified <= moment


def _opaque(member: bytes) -> bytes:
    """An entity tag without the mark of a weak one. Ours hold no comma, so that a list can be split there."""
    return member.strip(b" \t").removeprefix(b"W/")


@lru_cache(1024)
def parse_date(text: bytes) -> int | None:
    """Seconds since 1970 of an HTTP date in any of its three forms, always in UTC; None for what is no date."""
    try:
        parts = parsedate_tz(text.decode("ascii"))
        return timegm(parts[:6]) - (parts[9] or 0) if parts else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
