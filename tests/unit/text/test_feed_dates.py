"""Dates in feeds, valid and invalid."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.parse import parse
from aggregator.text.feed_dates import read_date


def moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def through_a_feed(text: str) -> datetime | None:
    body = f'<rss version="2.0"><channel><item><pubDate>{text}</pubDate></item></channel></rss>'
    return parse(body.encode(), url="https://a.example/").drafts[0].published


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01T10:20:30Z", (2024, 3, 1, 10, 20, 30)),
        ("2024-03-01t10:20:30.999z", (2024, 3, 1, 10, 20, 30)),
        ("2024-03-01T10:20:30+0530", (2024, 3, 1, 4, 50, 30)),
        ("2024-03-01T10:20:30-03:30", (2024, 3, 1, 13, 50, 30)),
        ("2024-03-01T10:20+02", (2024, 3, 1, 8, 20)),
        ("2024-03-01 10:20:30 UTC", (2024, 3, 1, 10, 20, 30)),
        ("2024-03-01 10:20:30", (2024, 3, 1, 10, 20, 30)),
        ("2024-03-01", (2024, 3, 1)),
        ("2016-12-31T23:59:60Z", (2016, 12, 31, 23, 59, 59)),
        ("2024-02-29T24:00:00Z", (2024, 3, 1)),
        ("0900-01-01T00:00:00Z", (900, 1, 1)),
        ("2024/3/1", (2024, 3, 1)),
        ("2024/03/01 10:20:30 +0800", (2024, 3, 1, 2, 20, 30)),
        ("2024.03.01 10:20", (2024, 3, 1, 10, 20)),
        ("2024年3月1日 10:20", (2024, 3, 1, 10, 20)),
        ("20240301", (2024, 3, 1)),
        ("2024-03", (2024, 3, 1)),
        ("2024-03-01T10:20:30.000Z[UTC]", (2024, 3, 1, 10, 20, 30)),
        ("Fri, 01 Mar 2024 10:20:30 GMT", (2024, 3, 1, 10, 20, 30)),
        ("Fri, 01 Mar 2024 10:20:30 +0530", (2024, 3, 1, 4, 50, 30)),
        ("Fri, 01 Mar 2024 10:20:30 EDT", (2024, 3, 1, 14, 20, 30)),
        ("Fri, 01 Mar 2024 10:20:30 CET", (2024, 3, 1, 9, 20, 30)),
        ("Fri, 01 Mar 2024 10:20:30 JST", (2024, 3, 1, 1, 20, 30)),
        ("1 Mar 24 10:20 PST", (2024, 3, 1, 18, 20)),
        ("Sat, 31 Dec 2016 23:59:60 +0000", (2016, 12, 31, 23, 59, 59)),
        ("Friday, 01-Mar-24 10:20:30 GMT", (2024, 3, 1, 10, 20, 30)),
    ],
)
def test_readable_dates(text: str, expected: tuple[int, ...]) -> None:
    assert through_a_feed(text) == moment(*expected)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "0000-00-00T00:00:00Z", "2024-13-45", "2024-02-30T00:00:00Z", "2024-01-01T25:00:00Z",
     "0001-01-01T00:00:00+01:00",
     "9999-12-31T23:59:59-01:00", "2024-01-01T00:00:00+99:00",
     "2024", "2024 (spring)", "2024-W09-5", "2024-061", "2024-03/01",
     "-1", "--03-01", "1709288430", "Fri, 01 Mar 2024 10:20:30 +9900",
     "9" * 20_000, "Mon, 99 Foo 99999 99:99:99 +9999"],
)  # fmt: skip
def test_unreadable_dates_are_none(text: str) -> None:
    assert through_a_feed(text) is None


@pytest.mark.parametrize("year", [-1, 0, 10_000])
def test_a_struct_out_of_range_is_no_date(year: int) -> None:
    assert read_date("x", time.struct_time((year, 1, 1, 0, 0, 61, 0, 1, 0))) is None


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_no_text_raises(text: str) -> None:
    found = read_date(text)
    assert found is None or found.tzinfo is UTC
