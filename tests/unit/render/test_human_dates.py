"""Dates and numbers as each language writes them: as CLDR says, in the time zone of the site."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from aggregator.render.date_forms import FORMS
from aggregator.render.human_dates import HumanDates
from aggregator.render.number_forms import grouped, with_fraction
from aggregator.render.words import Words
from aggregator.text.date_formats import rfc3339
from aggregator.translations import CATALOGS, ENGLISH

NOON = datetime(2026, 11, 29, 12, 5, tzinfo=UTC)
DAYS = [date(2024, 1, 1) + timedelta(days) for days in range(0, 366, 5)]


def dates(language: str, zone: str = "UTC") -> HumanDates:
    return HumanDates(ZoneInfo(zone), Words.of(language))


def test_every_catalog_has_its_dates() -> None:
    assert set(FORMS) == {ENGLISH, *CATALOGS}


@pytest.mark.parametrize("name", CATALOGS)
def test_dates_are_those_of_cldr(name: str) -> None:
    """In a heading a name begins with a capital, as a sentence does."""
    for day in DAYS:
        assert FORMS[name].of_day(day) == format_date(day, "long", locale=name)
        full = format_date(day, "full", locale=name)
        assert FORMS[name].of_full_day(day) == full[0].upper() + full[1:]


@pytest.mark.parametrize(
    ("language", "day", "full_day", "time"),
    [
        ("en", "29 November 2026", "Sunday, 29 November 2026", "29 November 2026, 12:05 UTC"),
        ("de-AT", "29. November 2026", "Sonntag, 29. November 2026", "29. November 2026, 12:05 UTC"),
        ("es", "29 de noviembre de 2026", "Domingo, 29 de noviembre de 2026", "29 de noviembre de 2026, 12:05 UTC"),
        ("fr", "29 novembre 2026", "Dimanche 29 novembre 2026", "29 novembre 2026, 12:05 UTC"),
        ("ja", "2026年11月29日", "2026年11月29日日曜日", "2026年11月29日 12:05 UTC"),
        ("zh-CN", "2026年11月29日", "2026年11月29日星期日", "2026年11月29日 12:05 UTC"),
        ("zh-HK", "2026年11月29日", "2026年11月29日 星期日", "2026年11月29日 12:05 UTC"),
        ("ar", "29 November 2026", "Sunday, 29 November 2026", "29 November 2026, 12:05 UTC"),
    ],
)
def test_a_date_in_each_language(language: str, day: str, full_day: str, time: str) -> None:
    shown = dates(language)
    assert (shown.human_day(NOON), shown.full_day(NOON), shown.human_time(NOON)) == (day, full_day, time)


def test_a_date_is_that_of_the_time_zone() -> None:
    late = dates("zh", "Asia/Shanghai").time_element(NOON.replace(hour=20))
    assert late == '<time dir="ltr" datetime="2026-11-29T20:05:00Z">2026年11月30日 04:05 UTC+08:00</time>'


@pytest.mark.parametrize("name", [ENGLISH, *CATALOGS])
@pytest.mark.parametrize("number", [0, 7, 999, 1000, 9_999, 10_000, 1_234_567])
def test_numbers_are_those_of_cldr(name: str, number: int) -> None:
    if name == "es" and number < 10_000:  # CLDR groups from five digits on, which babel does not know
        assert grouped(number, name) == str(number)
    else:
        assert grouped(number, name) == format_decimal(number, locale=name)
    assert with_fraction(12.34, name) == format_decimal(12.3, locale=name)


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"]),
    st.sampled_from(["en", "de", "fr", "zh-TW", "ar"]),
)
def test_an_element_is_what_a_template_would_write(moment: datetime, zone: str, language: str) -> None:
    shown = dates(language, zone)
    local = moment.astimezone(ZoneInfo(zone))
    parts = shown.words.language_mark(), rfc3339(moment), shown.human_time(moment)
    assert shown.time_element(moment) == Markup('<time dir="ltr"{} datetime="{}">{}</time>').format(*parts)
    assert f"{local:%H:%M} UTC" in shown.human_time(moment)
    assert (zone == "UTC") == shown.human_time(moment).endswith("UTC")
