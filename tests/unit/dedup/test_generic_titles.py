"""Titles that identify no entry."""

import pytest

from aggregator.dedup.generic_titles import is_generic
from aggregator.text.normalize import fold

GENERIC = [
    "", "…", "Untitled", "no title", "无标题", "2026-11-29", "29.11.2026", "11/29/2026 10:30", "29 November 2026",
    "Sunday, November 29th, 2026", "29. novembre 2026", "29 février 2026", "Sonntag, 29. November", "29 ноября 2026",
    "2026年11月29日", "2026년 11월 29일", "29 de noviembre de 2026", "Nov 29, 2026, 10:30 AM",
    "1990-01-01", "31.12.2099",
]  # fmt: skip
NAMING = [
    "42", "2026", "1.2.3", "May the fourth", "Week 48", "Episode 1", "Sunday", "Monday links", "November in review",
    "2026.11", "v2026.11.1", "A day in March", "10 years", "1989-12-31",
    "1.1.2100", "2026 11",
]  # fmt: skip


@pytest.mark.parametrize("title", GENERIC)
def test_a_date_or_no_title_identifies_nothing(title: str) -> None:
    assert is_generic(fold(title))


@pytest.mark.parametrize("title", NAMING)
def test_other_titles_do(title: str) -> None:
    assert not is_generic(fold(title))
