"""Titles that identify no entry: dates, and words that programs write where an author wrote none. Pure."""

import unicodedata
from functools import lru_cache
from itertools import groupby

from aggregator.text.dates.names import HALVES_OF_DAY, MONTHS, WEEKDAYS
from aggregator.text.normalize import fold

_NAMELESS = frozenset(
    map(
        fold,
        (
            "untitled", "no title", "(no title)", "[no title]", "untitled post", "untitled document", "no subject",
            "new post", "post", "photo", "image", "picture", "link", "note", "status", "update", "news", "title",
            "ohne titel", "kein titel", "sans titre", "sin título", "senza titolo", "sem título", "zonder titel",
            "uten tittel", "utan titel", "bez tytułu", "bez názvu", "без названия", "без заголовка", "без назви",
            "无标题", "無標題", "无题", "無題", "タイトルなし", "제목 없음", "بدون عنوان", "başlıksız",
        ),
    )
)  # fmt: skip
_DAY_NAMES = frozenset(f"{MONTHS} {WEEKDAYS}".replace("_", " ").split())
_AROUND_DATES = f"{HALVES_OF_DAY} utc gmt st nd rd th er of de the 年 月 日 号 號 년 월 일".split()
_IN_DATES = _DAY_NAMES.union(_AROUND_DATES)
_YEARS = range(1990, 2100)


@lru_cache(maxsize=1000)
def is_generic(title: str) -> bool:
    """Whether a folded title is empty, nameless, without a letter or digit, or a date."""
    return title in _NAMELESS or not any(map(str.isalnum, title)) or _is_date(title)


def _is_date(title: str) -> bool:
    """Whether it consists of numbers and names of months and days: a day by its name, or a year with two numbers."""
    numbers: list[str] = []
    words: list[str] = []
    for kind, run in groupby(title, lambda one: one.isdecimal() - one.isalpha()):
        if kind:
            (numbers if kind > 0 else words).append("".join(run))
    names = {_bare(word) for word in words}
    if not numbers or not names.issubset(_IN_DATES):
        return False
    has_year = any(len(number) == 4 and int(number) in _YEARS for number in numbers)
    return not names.isdisjoint(_DAY_NAMES) or (has_year and len(numbers) > 2)


def _bare(word: str) -> str:
    """The word without accents, as names of days are written."""
    letters = (one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", "".join(letters))
