"""Conditional requests: preconditions in the order of RFC 9110 13.2.2."""

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import lru_cache

from aggregator.text.http_dates import read_date

LONGEST_DATE = 64


class Precondition(Enum):
    SEND = 200
    UNCHANGED = 304
    FAILED = 412


def evaluate(tag: bytes, modified: int, headers: Mapping[bytes, bytes]) -> Precondition:
    """`tag` and `modified` (seconds since 1970) describe what would be sent; `headers` are the request's, by name.

    If-Match and If-None-Match take precedence over dates. If-Match compares strongly, If-None-Match weakly (8.8.3.2).
    """
    match, unmodified = headers.get(b"if-match"), headers.get(b"if-unmodified-since")
    if match is not None:
        if match.strip() != b"*" and (tag, False) not in entity_tags(match):
            return Precondition.FAILED
    elif unmodified is not None and _is_newer(modified, unmodified):
        return Precondition.FAILED
    none_match, since = headers.get(b"if-none-match"), headers.get(b"if-modified-since")
    if none_match is not None:
        is_known = none_match in {tag, b"*"} or _names(none_match, tag)
        return Precondition.UNCHANGED if is_known else Precondition.SEND
    moment = parse_date(since[:LONGEST_DATE]) if since is not None else None
    return Precondition.UNCHANGED if moment is not None and modified <= moment else Precondition.SEND


def _is_newer(modified: int, date: bytes) -> bool:
    """An invalid date is ignored (13.1.4)."""
    moment = parse_date(date[:LONGEST_DATE])
    return moment is not None and modified > moment


def _names(none_match: bytes, tag: bytes) -> bool:
    """Whether a list names the tag, or any."""
    return none_match.strip() == b"*" or (tag in none_match and tag in dict(entity_tags(none_match)))


def entity_tags(value: bytes) -> Iterator[tuple[bytes, bool]]:
    """Each entity tag of a list with its quotes, and whether it is weak. Skips whatever is no entity tag."""
    at = 0
    while (begin := value.find(b'"', at)) >= 0 and (end := value.find(b'"', begin + 1)) >= 0:
        yield value[begin : end + 1], value[max(begin - 2, 0) : begin] == b"W/"
        at = end + 1


@lru_cache(1024)
def parse_date(text: bytes) -> int | None:
    """Seconds since 1970 of an HTTP date in any of its three forms, always in UTC; None where it is not a date."""
    date = read_date(text.decode("ascii", "replace"))
    return int(date.timestamp()) if date else None
