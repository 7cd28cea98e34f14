"""How long a publisher asks us to wait: in the headers of an answer, and in the document."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from aggregator.model.poll_hints import PollHints
from aggregator.text.http_dates import read_date

ASKED_MOST = timedelta(days=1)
HOUR = timedelta(hours=1)


def freshness(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Freshness lifetime of an answer: max-age, else Expires, less its age on arrival (RFC 9111 4.2); never negative.
    Header names are in lower case."""
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age":
            return max(_seconds(value) - _seconds(headers.get("age", "")), timedelta(0))
    expires = read_date(headers.get("expires", ""))
    return max(expires - (read_date(headers.get("date", "")) or now), timedelta(0)) if expires else timedelta(0)


def freshness_after(status: int, headers: Mapping[str, str], now: datetime, before: timedelta) -> timedelta:
    """Like `freshness`, up to a day; a 304 without these headers keeps the value of `before` (RFC 9111 3.2)."""
    if status == 304 and not headers.keys() & {"cache-control", "expires"}:
        return before
    return min(freshness(headers, now), ASKED_MOST)


def skipped_by(at: datetime, hints: PollHints) -> str:
    """The element (skipDays or skipHours) that excludes `at`, or "". `at` is UTC, which RSS calls GMT."""
    if at.weekday() in hints.skip_days:
        return "skipDays"
    return "skipHours" if at.hour in hints.skip_hours else ""


def outside(at: datetime, hints: PollHints) -> datetime:
    """The first moment from `at` on that is not skipped; each of the two elements delays by a day at most."""
    moment, left = at, {"skipDays": ASKED_MOST, "skipHours": ASKED_MOST}
    while (why := skipped_by(moment, hints)) and left[why]:
        later = min(moment.replace(minute=0, second=0, microsecond=0) + HOUR, moment + left[why])
        left[why] -= later - moment
        moment = later
    return moment


def _seconds(text: str) -> timedelta:
    """Delta-seconds (RFC 9111 1.2.2). Ten digits or more are 10^9 seconds; text that is not a number is 0."""
    digits = text.strip(' "')
    if not (digits.isascii() and digits.isdecimal()):
        return timedelta(0)
    return timedelta(seconds=int(digits) if len(digits) < 10 else 10**9)
