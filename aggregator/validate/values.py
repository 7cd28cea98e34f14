"""Predicates on single values: dates, addresses, language tags, media types, e-mail addresses."""

import re
from datetime import date, datetime
from functools import lru_cache

from aggregator.text.urls import READING

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:)([0-5]\d|60)(?:\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC822 = re.compile(
    rf"(?:({'|'.join(_DAYS)}), )?(\d\d?) ({'|'.join(_MONTHS)}) (\d{{4}})"
    r" (?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60))? (?:GMT|UT|[ECMP][SD]T|[+-](?:0\d|1[0-4])[0-5]\d)",
    re.ASCII,
)

# RFC 3987 2.2: the characters of an IRI; brackets are allowed in the host only.
_LETTER = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef" + "".join(
    f"{chr(plane * 0x10000)}-{chr(plane * 0x10000 + 0xFFFD)}" for plane in range(1, 15)
)
_CHARACTERS = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?{_LETTER}-]++|%[0-9A-Fa-f]{{2}})*+"
_IRI = re.compile(
    rf"([A-Za-z][A-Za-z0-9+.-]*):(?://(?:[^\s/?#\[\]@]*@)?\[[0-9A-Fa-f:.]+\](?::\d*+)?+(?=[/?#]|$))?+"
    rf"{_CHARACTERS}(?:#{_CHARACTERS})?"
)
_WEB = re.compile(r"https?://(?:[^/?#@:]|[^/?#@]*@[^/?#@:])", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")  # RFC 4287 2, atomLanguageTag
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_RSS_PERSON = re.compile(r"[^@\s]+@[^@\s]+(?: \(.*\))?")
_COUNT = re.compile(r"\d{1,18}", re.ASCII)

CACHE_SIZE = 4096


@lru_cache(CACHE_SIZE)
def is_rfc3339(text: str) -> bool:
    """A date that exists and a time with a time zone (RFC 3339 5.6); leap seconds are allowed."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        return False
    try:
        datetime.fromisoformat(found[1] + min(found[2], "59"))
    except ValueError:
        return False
    return True


@lru_cache(CACHE_SIZE)
def is_rfc822(text: str) -> bool:
    """The year has four digits; the weekday, if given, must match the date."""
    found = _RFC822.fullmatch(text)
    if found is None:
        return False
    try:
        day = date(int(found[4]), _MONTHS.index(found[3]) + 1, int(found[2]))
    except ValueError:
        return False
    return not found[1] or _DAYS[day.weekday()] == found[1]


@lru_cache(CACHE_SIZE)
def is_iri(text: str) -> bool:
    """An absolute IRI (RFC 3987); one of http or https needs a host."""
    found = _IRI.fullmatch(text)
    if found is None or len(found[1]) + 1 == len(text):
        return False
    return found[1].lower() not in {"http", "https"} or bool(_WEB.match(text))


@lru_cache(CACHE_SIZE)
def is_web(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://")) and is_iri(text)


@lru_cache(CACHE_SIZE)
def is_link(text: str) -> bool:
    """An absolute address of a scheme in READING: not `javascript:` or `data:`."""
    return text.partition(":")[0].lower() in READING and is_iri(text)


def is_harmless(text: str) -> bool:
    """An address of a scheme in READING, well-formed or not: following it may fail, but does no harm."""
    return text.partition(":")[0].lower() in READING


def is_language(text: str) -> bool:
    """A well-formed language tag. It need not be registered: readers accept unknown ones."""
    return bool(_LANGUAGE.fullmatch(text))


def is_email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text))


def is_rss_person(text: str) -> bool:
    """`me@example.org (My Name)`; the name is optional."""
    return bool(_RSS_PERSON.fullmatch(text))


def is_count(text: str) -> bool:
    return bool(_COUNT.fullmatch(text))


def is_not_blank(text: str) -> bool:
    return bool(text.strip())
