"""When a source is asked again."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.polling import Schedule, after_failure, after_success, check_cron, freshness, freshness_after

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOURLY = Schedule(every=HOUR)


def wait(schedule: Schedule, headers: dict[str, str] | None = None) -> timedelta:
    return (
        after_success(schedule, NOW, published=[], fresh=freshness_after(200, headers or {}, NOW, timedelta(0))).at
        - NOW
    )


def fires(line: str, zone: str, start: datetime, count: int) -> list[str]:
    """The next times of a cron line, each counted from the one before."""
    schedule, now, found = Schedule(every=line, floor=timedelta(0), timezone=zone), start, []
    for _ in range(count):
        now = after_success(schedule, now, published=[]).at
        found.append(f"{now:%a %m-%d %H:%M}")
    return found


# what the config asks for


def test_a_fixed_interval_is_kept() -> None:
    assert wait(HOURLY) == HOUR


def test_nothing_is_asked_more_often_than_the_floor() -> None:
    assert wait(Schedule(every=MINUTE)) == 10 * MINUTE
    assert wait(Schedule(every="* * * * *")) == 10 * MINUTE
    assert after_failure(Schedule(every=MINUTE), NOW, failures=1).at - NOW == 10 * MINUTE


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([], HOUR),
        ([5 * HOUR], HOUR),
        ([timedelta(0)] * 10, 15 * MINUTE),
        ([HOUR * n for n in range(10)], 27 * MINUTE),
        ([2 * HOUR * n for n in range(1, 11)], HOUR),
        ([DAY * n for n in range(1, 11)], 12 * HOUR),
        ([400 * DAY, 401 * DAY], 12 * HOUR),
        ([-30 * DAY, HOUR], 12 * HOUR),
    ],
)
def test_adaptive_is_half_the_mean_gap_between_a_quarter_of_an_hour_and_half_a_day(
    ages: list[timedelta], expected: timedelta
) -> None:
    found = after_success(Schedule(), NOW, published=[NOW - age for age in ages]).at - NOW
    assert found.total_seconds() == pytest.approx(expected.total_seconds())


def test_only_the_newest_ten_entries_count() -> None:
    fresh = [NOW - HOUR * n for n in range(10)]
    with_old = [*fresh, *(NOW - 300 * DAY for _ in range(50))]
    assert after_success(Schedule(), NOW, published=with_old) == after_success(Schedule(), NOW, published=fresh)


# what the publisher asks for


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, timedelta(0)),
        ({"cache-control": "max-age=7200"}, 2 * HOUR),
        ({"cache-control": 'public, Max-Age="7200", must-revalidate'}, 2 * HOUR),
        ({"cache-control": "max-age=7200", "age": "3600"}, HOUR),
        ({"cache-control": "max-age=60", "age": "3600"}, timedelta(0)),
        ({"cache-control": "max-age=60", "age": "soon"}, MINUTE),
        ({"cache-control": "s-maxage=7200"}, timedelta(0)),
        ({"cache-control": "no-cache"}, timedelta(0)),
        ({"cache-control": "max-age=-5"}, timedelta(0)),
        ({"cache-control": "max-age"}, timedelta(0)),
        ({"cache-control": "max-age=²"}, timedelta(0)),
        ({"cache-control": "max-age=0", "expires": "Tue, 24 Nov 2026 10:00:00 GMT"}, timedelta(0)),
        ({"cache-control": "no-store", "expires": "Mon, 23 Nov 2026 12:00:00 GMT"}, 2 * HOUR),
        ({"expires": "Mon, 23 Nov 2026 12:00:00 GMT"}, 2 * HOUR),
        ({"expires": "Monday, 23-Nov-26 12:00:00 GMT"}, 2 * HOUR),
        ({"expires": "Mon Nov 23 12:00:00 2026"}, 2 * HOUR),
        ({"expires": "Mon, 23 Nov 2026 12:00:00"}, 2 * HOUR),
        ({"expires": "Mon, 23 Nov 2026 12:00:00 -0000"}, 2 * HOUR),
        ({"expires": "Mon, 23 Nov 2026 13:00:00 +0100"}, 2 * HOUR),
        ({"expires": "Mon, 23 Nov 2026 09:00:00 GMT"}, timedelta(0)),
        (
            {"expires": "Fri, 01 Jan 2021 12:00:00 GMT", "date": "Fri, 01 Jan 2021 10:00:00 GMT"},
            2 * HOUR,
        ),
        ({"expires": "0"}, timedelta(0)),
        ({"expires": "-1"}, timedelta(0)),
        ({"expires": ""}, timedelta(0)),
        ({"expires": "never"}, timedelta(0)),
        ({"expires": "Mon, 23 Nov 2026 12:00:00 +9999"}, timedelta(0)),
        ({"expires": "Mon, 99 Nov 99999 12:00:00 GMT"}, timedelta(0)),
    ],
)
def test_how_long_an_answer_asks_to_be_kept(headers: dict[str, str], expected: timedelta) -> None:
    assert freshness(headers, NOW) == expected


def test_a_number_too_large_to_count_is_a_day() -> None:
    for value in ("9" * 10, "9" * 5000):
        assert wait(HOURLY, {"cache-control": f"max-age={value}"}) == DAY
    assert wait(HOURLY, {"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}) == DAY


def test_what_is_asked_for_is_a_floor_and_never_shortens() -> None:
    assert wait(HOURLY, {"cache-control": "max-age=10"}) == HOUR
    assert wait(HOURLY, {"cache-control": "max-age=36000"}) == 10 * HOUR
    assert wait(Schedule(every=7 * DAY), {"cache-control": "max-age=36000"}) == 7 * DAY


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "age", "date"]), st.text(max_size=60)))
def test_no_header_breaks_the_schedule(headers: dict[str, str]) -> None:
    assert HOUR <= wait(HOURLY, headers) <= DAY


# failures


@pytest.mark.parametrize(
    ("schedule", "failures", "retry_after", "expected"),
    [
        (Schedule(), 1, None, HOUR),
        (Schedule(), 2, None, 2 * HOUR),
        (Schedule(), 3, None, 4 * HOUR),
        (Schedule(), 10, None, DAY),
        (Schedule(), 10**6, None, DAY),
        (Schedule(), 0, None, HOUR),
        (Schedule(every=20 * MINUTE), 2, None, 40 * MINUTE),
        (Schedule(every=7 * DAY), 1, None, 7 * DAY),
        (Schedule(every=7 * DAY), 5, None, 7 * DAY),
        (Schedule(every="0 * * * *"), 1, None, HOUR),
        (HOURLY, 1, timedelta(0), HOUR),
        (HOURLY, 1, 3 * HOUR, 3 * HOUR),
        (HOURLY, 1, -3 * HOUR, HOUR),
        (HOURLY, 1, 365 * DAY, 7 * DAY),
        (HOURLY, 1, timedelta.max, 7 * DAY),
    ],
)
def test_back_off_doubles_to_a_day_and_retry_after_counts_up_to_a_week(
    schedule: Schedule, failures: int, retry_after: timedelta | None, expected: timedelta
) -> None:
    assert after_failure(schedule, NOW, failures=failures, retry_after=retry_after).at - NOW == expected


# cron


@pytest.mark.parametrize(
    ("line", "zone", "expected"),
    [
        ("0 * * * *", "UTC", ["Mon 11-23 11:00", "Mon 11-23 12:00"]),
        ("30 6 * * *", "Asia/Shanghai", ["Mon 11-23 22:30", "Tue 11-24 22:30"]),
        ("0 9 * * 1", "UTC", ["Mon 11-30 09:00"]),
        ("0 9 * * 0", "UTC", ["Sun 11-29 09:00"]),
        ("0 9 * * 7", "UTC", ["Sun 11-29 09:00"]),
        ("0 9 * * 1-3", "UTC", ["Tue 11-24 09:00", "Wed 11-25 09:00", "Mon 11-30 09:00"]),
        ("0 9 * * MON,Thu", "UTC", ["Thu 11-26 09:00", "Mon 11-30 09:00"]),
        ("0 9 * * 5-7", "UTC", ["Fri 11-27 09:00", "Sat 11-28 09:00", "Sun 11-29 09:00", "Fri 12-04 09:00"]),
        ("0 9 * * sat-mon", "UTC", ["Sat 11-28 09:00", "Sun 11-29 09:00", "Mon 11-30 09:00", "Sat 12-05 09:00"]),
        ("0 9 * * */3", "UTC", ["Wed 11-25 09:00", "Sat 11-28 09:00", "Sun 11-29 09:00"]),
        ("0 9 * * 4/2", "UTC", ["Thu 11-26 09:00", "Sat 11-28 09:00", "Thu 12-03 09:00"]),
        ("0 9 1 * 3", "UTC", ["Wed 11-25 09:00", "Tue 12-01 09:00", "Wed 12-02 09:00"]),
        ("0 0 29 feb *", "UTC", ["Tue 02-29 00:00"]),
    ],
)  # fmt: skip
def test_cron_lines_mean_what_cron_means(line: str, zone: str, expected: list[str]) -> None:
    """Sunday is 0 and 7; of two restricted days either counts (POSIX crontab)."""
    assert fires(line, zone, NOW, len(expected)) == expected


def test_a_cron_time_is_not_lost_in_the_second_before_it() -> None:
    schedule = Schedule(every="0 * * * *", floor=timedelta(0))
    just_before = NOW - timedelta(milliseconds=1)
    assert after_success(schedule, just_before, published=[]).at == NOW
    assert after_success(schedule, NOW, published=[]).at == NOW + HOUR


def test_a_daily_cron_line_comes_once_a_day_where_clocks_change() -> None:
    """02:30 is skipped on March 29, 2026 in Berlin, and comes twice on October 25."""
    spring = datetime(2026, 3, 27, 12, tzinfo=UTC)
    autumn = datetime(2026, 10, 23, 12, tzinfo=UTC)
    assert fires("30 2 * * *", "Europe/Berlin", spring, 3) == ["Sat 03-28 01:30", "Sun 03-29 01:30", "Mon 03-30 00:30"]
    assert fires("30 2 * * *", "Europe/Berlin", autumn, 3) == ["Sat 10-24 00:30", "Sun 10-25 00:30", "Mon 10-26 01:30"]


@pytest.mark.parametrize("start", [datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC)])
def test_an_hourly_cron_line_comes_evenly_where_clocks_change(start: datetime) -> None:
    schedule, times = Schedule(every="*/30 * * * *", floor=timedelta(0), timezone="Europe/Berlin"), [start]
    for _ in range(10):
        times.append(after_success(schedule, times[-1], published=[]).at)
    assert {later - earlier for earlier, later in pairwise(times)} == {30 * MINUTE}


@settings(deadline=None)
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"]),
    st.sampled_from(["0 * * * *", "30 2 * * *", "15 */6 * * *", "0 3 * * 0"]),
)
def test_cron_times_lie_ahead(now: datetime, zone: str, line: str) -> None:
    schedule = Schedule(every=line, floor=timedelta(0), timezone=zone)
    following = after_success(schedule, now, published=[]).at
    assert now < following <= now + 8 * DAY
    assert following.astimezone(ZoneInfo(zone)).minute in {0, 15, 30}


@pytest.mark.variants(quick=5)
@pytest.mark.parametrize(
    "line",
    [
        "",
        "* * * *",
        "* * * * * *",
        "@hourly",
        "60 * * * *",
        "* 24 * * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "* * * * someday",
        "* * * * */0",
        "* * * * mon-",
        "a b c d e",
        "0 0 30 2 *",
        "0 0 31 4,6 *",
    ],
)
def test_what_is_no_cron_line_or_comes_never_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_cron(line)
