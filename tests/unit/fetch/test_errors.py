"""What an answer or an exception means, and how long to wait."""

import ssl
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from aggregator.fetch import errors

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("-5", 0),
        ("+7", 7),
        ("0000000000005", 5),
        ("604801", 604_800),
        ("99999999999", 604_800),
        ("9" * 5000, 604_800),
        ("Mon, 23 Nov 2026 12:10:00 GMT", 600),
        ("Monday, 23-Nov-26 12:10:00 GMT", 600),
        ("Mon, 23 Nov 2026 13:10:00 +0100", 600),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 604_800),
        ("soon", None),
        ("1.5", None),
        ("", None),
        ("Mon, 99 Nov 2026 12:10:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_retry_after_in_both_forms(value: str, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert errors.retry_after({"retry-after": value}, NOW) == expected


def test_a_date_to_wait_for_is_read_by_the_servers_own_clock() -> None:
    headers = {"retry-after": "Sun, 22 Nov 2026 12:10:00 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}
    assert errors.retry_after(headers, NOW) == timedelta(minutes=10)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 599])
def test_these_may_pass(status: int) -> None:
    assert errors.from_status(status, {}, NOW).transient


@pytest.mark.parametrize("status", [204, 206, 300, 305, 400, 401, 403, 404, 410, 418, 451, 999])
def test_these_will_not(status: int) -> None:
    fault = errors.from_status(status, {}, NOW)
    assert (fault.kind, fault.transient, fault.status) == ("status", False, status)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ssl.SSLError(1, "wrong version"), "tls"),
        (aiohttp.ClientPayloadError("short"), "truncated"),
        (aiohttp.ServerDisconnectedError(), "connect"),
        (ConnectionResetError(104, "reset"), "connect"),
        (OSError(24, "Too many open files"), "connect"),
        (ValueError("newline in header"), "config"),
        (RecursionError(), "connect"),
    ],
)
def test_every_exception_becomes_ours(error: Exception, kind: str) -> None:
    assert errors.from_exception(error, "feeds.example").kind == kind
    wrapped = KeyError("around it")
    wrapped.__cause__ = error
    assert errors.from_exception(wrapped, "feeds.example").kind == kind
