"""Dates in posts: many notations of one moment, and texts that are no dates."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.post_dates import read_date

MOMENT = datetime(2021, 10, 22, 13, 15, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 22 Oct 2021 13:15:01 GMT",
        "Fri,  22 Oct 2021 13:15:01 +0000",
        "Friday, 22-Oct-21 13:15:01 UTC",
        "22 Oct 2021 13:15:01 Z",
        "Fri, 22 Oct 2021 09:15:01 EDT",
        "Fri, 22 Oct 21 21:15:01 +0800 (CST)",
        "Fri Oct 22 13:15:01 2021",
        "Fri Oct 22 13:15:01 UTC 2021",
        "Fri Oct 22 2021 21:15:01 GMT+0800 (China Standard Time)",
        "October 22, 2021 1:15:01 PM",
        "2021-10-22T13:15:01Z",
        "2021-10-22t13:15:01z",
        "2021-10-22T13:15:01.000Z",
        "2021-10-22T21:15:01+08:00",
        "2021-10-22 21:15:01 +08",
        "2021-10-22 21:15:01 +0800 CST",
        "2021-10-22 13:15:01",
        "2021-10-22  13:15:01.0",
        "2021/10/22 13:15:01",
        "2021.10.22 13:15:01",
        "20211022T131501Z",
        "1634908501",
        "1634908501000",
        " 2021-10-22 13:15:01\n",
    ],
)
def test_spellings_of_one_moment(text: str) -> None:
    assert read_date(text, UTC) == MOMENT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-10-22", "2021-10-21T16:00:00"),
        ("2021/1/2", "2021-01-01T16:00:00"),
        ("20211022", "2021-10-21T16:00:00"),
        ("2021-10", "2021-09-30T16:00:00"),
        ("2021-10-22 21:15", "2021-10-22T13:15:00"),
        ("2021-10-22 24:00", "2021-10-22T16:00:00"),
        ("Oct 22nd, 2021", "2021-10-21T16:00:00"),
        ("22 Oct 2021 21:15:01 XYZ", "2021-10-22T13:15:01"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
        ("Fri, 01 Jan 0900 00:00:00 GMT", "0900-01-01T00:00:00"),
        ("Sat, 01 Jan 50 00:00:00 GMT", "1950-01-01T00:00:00"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00"),
    ],
)
def test_a_date_without_a_zone_is_in_the_given_one(text: str, moment: str) -> None:
    assert read_date(text, SHANGHAI) == datetime.fromisoformat(moment + "+00:00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Invalid Date",
        "2026-13-45",
        "2026-02-30",
        "2021-10-22 25:00",
        "2021-10-22 12:60",
        "2021-10-22 24:01",
        "2021-10-22T13:15:01+99:00",
        "2021-10-22T13:15:01+08:75",
        "0000-01-01",
        "0001-01-01",
        "Fri, 32 Oct 2021 13:15:01 GMT",
        "Fri, 22 Foo 2021 13:15:01 GMT",
        "yesterday",
        "2021",
        "12345",
        "２０２１-10-22",
        "2021-10-22 and more",
        "9" * 5000,
        " " * 5000 + "x",
    ],
)
def test_texts_that_are_no_dates(text: str) -> None:
    assert read_date(text, SHANGHAI) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Fri, 22 Oct 2021 13:15:01 GMT", "05:15:01"),
        ("2021-10-22T13:15:01Z", "05:15:01"),
        ("2021-10-22T13:15:01+00:00", "05:15:01"),
        ("2021-10-22 13:15:01 UTC", "05:15:01"),
        ("2021-10-22 13:15:01", "13:15:01"),
        ("2021-10-22T13:15:01+02:00", "11:15:01"),
        ("1634908501", "13:15:01"),
    ],
)
def test_the_offset_applies_only_to_dates_that_claim_utc(text: str, moment: str) -> None:
    date = read_date(text, UTC, timedelta(hours=-8))
    assert date
    assert date.time().isoformat() == moment


def test_a_skipped_hour_is_moved_forward() -> None:
    assert read_date("2021-03-28 02:30", BERLIN) == datetime(2021, 3, 28, 1, 30, tzinfo=UTC)


def test_a_repeated_hour_is_the_first_of_the_two() -> None:
    assert read_date("2021-10-31 02:30", BERLIN) == datetime(2021, 10, 31, 0, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(1000, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_formats_of_the_standard_library(naive: datetime, zone: timezone) -> None:
    date = naive.replace(tzinfo=zone)
    assert read_date(date.isoformat(), UTC) == date
    assert read_date(str(date), UTC) == date
    assert read_date(format_datetime(date), UTC) == date.replace(microsecond=0)


@given(st.text(st.sampled_from("0123456789-:/., TZ+GMTOctFri()"), max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    date = read_date(text, BERLIN)
    assert date is None or date.utcoffset() == timedelta(0)
