"""The dates of one document: zones of posts, one order for all dates, and what a person is told."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.dates import DateContext, DateReader, shape

SHANGHAI = DateReader(zone=ZoneInfo("Asia/Shanghai"))
BERLIN = DateReader(zone=ZoneInfo("Europe/Berlin"))
PLAIN = DateReader()


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
        ("2021-10-22T21:15:01Z", "2021-10-22T21:15:01"),
        ("1634908501", "2021-10-22T13:15:01"),
    ],
)
def test_a_date_without_a_zone_is_in_the_given_one(text: str, moment: str) -> None:
    assert SHANGHAI.read(text) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


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
    date = DateReader(utc_offset=timedelta(hours=-8)).read(text)
    assert date
    assert date.time().isoformat() == moment


def test_a_skipped_hour_is_moved_forward() -> None:
    assert BERLIN.read("2021-03-28 02:30") == datetime(2021, 3, 28, 1, 30, tzinfo=UTC)


def test_a_repeated_hour_is_the_first_of_the_two() -> None:
    assert BERLIN.read("2021-10-31 02:30") == datetime(2021, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_an_instant_outside_of_the_calendar_is_none(text: str) -> None:
    assert PLAIN.read(text) is None
    assert PLAIN.faults([text]) == (f"not a date: {text}",)


@given(
    st.datetimes(datetime(1000, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_formats_of_the_standard_library(naive: datetime, zone: timezone) -> None:
    date = naive.replace(tzinfo=zone)
    assert BERLIN.read(date.isoformat()) == date
    assert BERLIN.read(str(date)) == date
    assert BERLIN.read(format_datetime(date)) == date.replace(microsecond=0)


def test_all_dates_of_a_document_are_read_in_one_order() -> None:
    reader = DateReader([["01/05/2025", "02/05/2025"], ["01/17/2025"]])
    assert reader.read("01/05/2025") == datetime(2025, 1, 5, tzinfo=UTC)
    assert reader.read("02/05/2025") == datetime(2025, 2, 5, tzinfo=UTC)
    assert reader.choice.remembered == "month"
    assert reader.faults(["01/05/2025"]) == ()


@pytest.mark.parametrize(("order", "month"), [("day", 5), ("month", 1), ("anything", 5)])
def test_the_order_of_the_context_holds(order: str, month: int) -> None:
    moment = DateReader([["01/05/2025"]], context=DateContext(order=order)).read("01/05/2025")
    assert moment
    assert moment.month == month


def test_a_person_is_told_of_dates_that_cannot_be_read_or_may_be_another_day() -> None:
    reader = DateReader([["05/01/2025", "next week", ""]])
    assert reader.faults(["05/01/2025", "next week", "", "2025-01-05"]) == (
        "which number is the day is not known: 05/01/2025 is read as 2025-01-05",
        "not a date: next week",
    )


def test_texts_of_one_shape() -> None:
    assert shape("not a date: Foo, 32 Bar 2025") == shape("not a date: Quux, 5 Ba 99")
    assert shape("not a date: 2025-13-45") != shape("not a date: 45.13.2025")
