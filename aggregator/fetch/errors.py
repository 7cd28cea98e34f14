"""Exceptions of the libraries, and answers that cannot be used, as FetchError."""

import os
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

import aiohttp

from aggregator.errors import FetchError
from aggregator.text.http_dates import read_date

_LONGEST_WAIT = timedelta(days=7)
_TRY_AGAIN = frozenset({304, 408, 425, 429})
_ADVICE = {
    304: "nothing was asked that could be unmodified",
    401: "it wants a name and a password: set `auth` of this source",
    403: "it does not let us in",
    404: "no feed is there; look for its new address",
    406: "it has no feed in a format that was asked for",
    407: "a proxy stands between",
    410: "the feed is gone for good; remove the source",
    429: "it was asked too often",
    451: "it may not show the feed for legal reasons",
}


def from_exception(error: Exception, host: str) -> FetchError:
    """The FetchError for an exception of a library; `host` is the requested one."""
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, FetchError):
            return cause
    for cause in chain:
        if (fault := _from_cause(cause, host)) is not None:
            return fault
    message = f"{host}: the request failed ({type(error).__name__})"
    return FetchError("connect", message, transient=True)


def from_status(status: int, headers: Mapping[str, str], now: datetime) -> FetchError:
    """For an error status, or an unexpected 304. `now` replaces a missing Date, from which Retry-After counts."""
    transient = status in _TRY_AGAIN or 500 <= status < 600
    message = f"the server answered {status}{_phrase(status)}"
    if (advice := _advice(status)) is not None:
        message += f": {advice}"
    return FetchError("status", message, transient=transient, status=status, retry_after=retry_after(headers, now))


def bot_wall(status: int, headers: Mapping[str, str], now: datetime) -> FetchError:
    message = (
        f"the server answered {status} with a page that tests for browsers or asks for consent: "
        "ask its owner to let feed readers in, or for another address"
    )
    wait = retry_after(headers, now)
    return FetchError("bot-wall", message, transient=False, status=status, retry_after=wait)


def timed_out(host: str, limit: timedelta) -> FetchError:
    message = f"{host}: no whole answer within {limit.total_seconds():g} s (fetch.timeout)"
    return FetchError("timeout", message, transient=True)


def truncated(host: str) -> FetchError:
    return FetchError("truncated", f"{host}: the connection ended before the body did", transient=True)


def slow_connect(host: str, limit: timedelta) -> FetchError:
    message = f"{host}: no connection within {limit.total_seconds():g} s (fetch.connect_timeout)"
    return FetchError("timeout", message, transient=True)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Retry-After (RFC 9110 10.2.3) as a span from the answer on, between 0 and 7 days; None if missing or invalid."""
    value = headers.get("retry-after", "").strip()
    digits = value[1:] if value[:1] in {"+", "-"} else value
    if digits.isascii() and digits.isdecimal():
        return _clamped(value)
    date = read_date(value)
    if date is None:
        return None
    span = date - (read_date(headers.get("date", "")) or now)
    return min(max(span, timedelta()), _LONGEST_WAIT)


def _clamped(seconds: str) -> timedelta:
    if seconds.startswith("-"):
        return timedelta()
    # Ten digits are more than the limit anyway, and int() refuses more than 4,300.
    digits = seconds.lstrip("+0")
    return _LONGEST_WAIT if len(digits) > 9 else min(timedelta(seconds=int(digits or "0")), _LONGEST_WAIT)


def _phrase(status: int) -> str:
    # Never the server's own reason phrase: messages go to logs and pages.
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _advice(status: int) -> str | None:
    if 500 <= status < 600:
        return "it is in trouble of its own"
    return _ADVICE.get(status)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _from_cause(error: BaseException, host: str) -> FetchError | None:
    match error:
        case ssl.SSLCertVerificationError():
            return _tls(host, getattr(error, "verify_message", "not to be verified"), transient=False)
        case ssl.SSLError():
            return _tls(host, getattr(error, "reason", "") or "no agreement", transient=True)
        case aiohttp.ClientSSLError():
            return None  # an OSError too, but only its cause is specific
        case aiohttp.ClientPayloadError():
            return truncated(host)
        case aiohttp.ServerDisconnectedError():
            return FetchError("connect", f"{host}: the server hung up without an answer", transient=True)
        case OSError() if not isinstance(error, TimeoutError) and error.errno is not None:
            return FetchError("connect", f"{host}: {_os_message(error)}", transient=True)
        case ValueError():
            message = f"{host}: the request cannot be written, a header or the address has odd characters"
            return FetchError("config", message, transient=False)
    return None


def _tls(host: str, why: str, *, transient: bool) -> FetchError:
    return FetchError("tls", f"{host}: no secure connection: {why}", transient=transient)


def _os_message(error: OSError) -> str:
    # aiohttp puts addresses and more into its text; errno is enough.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else "the connection failed"
