"""Texts of dates in one spelling: folded, with a mark for each name, so that the layouts need to know no language.

`M05` is the month of May, `D` a weekday, `A` and `P` the halves of the day, `Z` a name of the time zone database.
Everything else is in lower case.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from unicodedata import category, decimal, normalize

from aggregator.text.dates.names import HALVES_OF_DAY, MONTHS, WEEKDAYS
from aggregator.text.dates.zones import ABBREVIATIONS

# Dashes and the minus as `-`, commas as `,`; the dotless i as its ASCII likeness.
_LIKENESSES = str.maketrans("‐‑‒–—―−،、٫ı", "-------,,.i")
# Words between the parts of a date, in the languages of names.py: "5 de enero de 2025 a las 10:00".
_BETWEEN = frozenset(
    "at on of the um uhr den le de del el las la il alle ore às as uur kl klo klockan godz saat pukul tanggal"
    " v в г год года о р року рік ngay nam luc στις hs hrs".split()
)
_ZONE_NAME = re.compile(r"[A-Z][A-Za-z]{1,15}+/[A-Z][A-Za-z0-9_+-]{1,30}+(?:/[A-Z][A-Za-z_]{1,30}+)?")
_HALF = re.compile(r"(?<![^\W\d_])([apπμ])\.? ?[mμ](?![^\W\d_])\.?")  # am, a.m., Greek π.μ.
_ORDINAL = re.compile(r"(?<![\d:.])(\d\d?)(?:st|nd|rd|th|er|re|:?e|o|a)(?!\w)")
_AT = re.compile(r"(?<!\w)[ao] (?=\d|las |godz)")
_EAST_ASIAN_DAY = re.compile(r"(\d{4})\s?[年년]\s?(\d\d?)\s?[月월](?:\s?(\d\d?)\s?(?:[日号號](?!曜)|일(?!요일)))?")
_EAST_ASIAN_CLOCK = re.compile(r"(\d\d?)\s?[時时點点시](?:\s?(\d\d?)\s?[分분](?:\s?(\d\d?)\s?[秒초])?)?")
_VIETNAMESE_MONTH = re.compile(r"(?<!\w)(?:thang|thg) ?(\d\d?)(?!\d)")
# Monday is "the second": without its accents it would be an English Thursday.
_VIETNAMESE_WEEKDAY = re.compile(r"(?<!\w)thứ\s?[2-7](?!\d)", re.IGNORECASE)
_AFTER_CLOCK = re.compile(r"(?::\d\d|[AP])\s*\Z")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")  # in a word, as in п'ятниця
_WORD = re.compile(r"[^\W\d_]++")


@dataclass(frozen=True, slots=True)
class Spelling:
    """`text`: with marks. `weekdays`: for each D the days it may mean (0 is Monday). `zone_names`: for each Z.
    `original`: as it was written."""

    text: str
    weekdays: tuple[frozenset[int], ...]
    zone_names: tuple[str, ...]
    original: str


def fold(text: str) -> str:
    """In lower case, without accents and invisible characters, digits of every script as ASCII."""
    if text.isascii():
        return text.casefold()
    kept = (char for char in normalize("NFKD", text).casefold() if category(char) not in ("Mn", "Cf"))
    digits = (str(decimal(char)) if char.isdecimal() else char for char in kept)
    return normalize("NFC", "".join(digits)).translate(_LIKENESSES)


def _table(names: str, first: int) -> dict[str, frozenset[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, paragraph in enumerate(names.split("\n\n"), first):
        for name in paragraph.split():
            found[name.replace("_", "")].add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


_MONTHS = _table(MONTHS, 1)
_WEEKDAYS = _table(WEEKDAYS, 0)
_HALVES = {name: "AP"[min(half)] for name, half in _table(HALVES_OF_DAY, 0).items()}
_PHRASES = tuple(name.replace("_", " ") for name in f"{MONTHS} {WEEKDAYS}".split() if "_" in name)
_MOST_DOUBTFUL = 2  # a date names a month and a weekday


def spellings(original: str) -> Iterator[Spelling]:
    """Usually one; more where a name is that of a month and of a weekday (`mar`), first as a month."""
    zone_names = tuple(_ZONE_NAME.findall(original)) if "/" in original else ()
    text = _ZONE_NAME.sub("\0", original) if zone_names else original
    text = fold(text) if text.isascii() else _latinized(text)
    text = _ORDINAL.sub(r"\1", _VIETNAMESE_MONTH.sub(_month, text))
    text = _AT.sub(" ", _HALF.sub(_half, text.replace("-feira", "")))
    words = list(_WORD.finditer(text))
    meanings = [_meanings(word[0], after=text[: word.start()]) for word in words]
    if sum(len(one) > 1 for one in meanings) <= _MOST_DOUBTFUL:
        for chosen in product(*meanings):
            marked = iter(chosen)
            weekdays = (_WEEKDAYS[word[0]] for word, mark in zip(words, chosen, strict=True) if mark == "D")
            named = _WORD.sub(lambda _: next(marked), text)  # noqa: B023 - used at once
            yield Spelling(" ".join(named.split()), tuple(weekdays), zone_names, original)


def _meanings(word: str, after: str) -> tuple[str, ...]:
    """Marks for a word, or the word itself: `UT` after a clock is a zone, elsewhere a Czech Tuesday."""
    if word in ABBREVIATIONS and _AFTER_CLOCK.search(after):
        return (word,)
    months = tuple(f"M{month:02}" for month in _MONTHS.get(word, ()))
    found = (*months, "D") if word in _WEEKDAYS else months
    return found or ((_HALVES[word],) if word in _HALVES else (" ",) if word in _BETWEEN else (word,))


def _latinized(text: str) -> str:
    """Folded, with East Asian days and clocks as ISO 8601 writes them."""
    text = fold(_VIETNAMESE_WEEKDAY.sub("monday", normalize("NFC", _APOSTROPHE.sub("ʼ", text))))
    text = _EAST_ASIAN_CLOCK.sub(_clock, _EAST_ASIAN_DAY.sub(_day, text))
    for phrase in _PHRASES:
        text = text.replace(phrase, phrase.replace(" ", ""))
    return text


def _half(match: re.Match[str]) -> str:
    return "A" if match[1] in "aπ" else "P"


def _day(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{year}-{month:0>2}-{day:0>2} " if day else f"{year}-{month:0>2} "


def _clock(match: re.Match[str]) -> str:
    return f"{match[1]}:{match[2] or 0}:{match[3] or 0} "


def _month(match: re.Match[str]) -> str:
    return f" M{match[1]:0>2} "
