"""The table of names is what CLDR says, and no name is that of two months."""

from collections import Counter

from aggregator.text.dates.names import MONTHS
from tests.support.date_names import FILE, module


def test_the_names_are_those_of_cldr() -> None:
    assert FILE.read_text(encoding="utf-8") == module(), "python -m tests.support.date_names writes it anew"


def test_no_name_is_that_of_two_months() -> None:
    assert [name for name, count in Counter(MONTHS.split()).items() if count > 1] == []
    assert len(MONTHS.strip().split("\n\n")) == 12
