"""The table of names is what CLDR says, no name is that of two months, and dates in each language are read."""

from collections import Counter
from datetime import datetime

import pytest
from babel.dates import format_date

from aggregator.text.dates.names import MONTHS
from aggregator.text.dates.text_reader import read_text
from tests.support.date_names import FILE, LOCALES, module


@pytest.mark.torture
def test_the_names_are_those_of_cldr() -> None:
    assert FILE.read_text(encoding="utf-8") == module(), "python -m tests.support.date_names writes it anew"


def test_no_name_is_that_of_two_months() -> None:
    assert [name for name, count in Counter(MONTHS.split()).items() if count > 1] == []
    assert len(MONTHS.strip().split("\n\n")) == 12


@pytest.mark.parametrize("locale", LOCALES)
def test_dates_as_cldr_writes_them_are_read(locale: str) -> None:
    days = [datetime(2025, month, month + 6) for month in range(1, 13)]  # noqa: DTZ001
    written = {(format_date(day, style, locale), day) for day in days for style in ("full", "long", "medium")}
    lost = [text for text, day in written if (reading := read_text(text)) is None or reading.local != day]
    assert lost == []
