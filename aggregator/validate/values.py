"""Single values: dates, addresses, language tags, media types, e-mail addresses."""

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

# RFC 3987 2.2: what may stand in an IRI; brackets belong to a host alone.
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
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_RSS_PERSON = re.compile(r"[^@\s]+@[^@\s]+(?: \(.*\))?")
_OF_THE_WORLD = re.compile(r"https?://(?:[a-z0-9-]++\.)++[a-z0-9][a-z0-9-]*(?::\d+)?(?:/|$)", re.IGNORECASE | re.ASCII)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)

REMEMBERED = 4096


@lru_cache(REMEMBERED)
def is_rfc3339(text: str) -> bool:
    """A day of the calendar and a time of day, with a time zone (RFC 3339 5.6); a leap second is one."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        return False
    try:
        datetime.fromisoformat(found[1] + min(found[2], "59"))
    except ValueError:
        return False
    return True


@lru_cache(REMEMBERED)
def is_rfc822(text: str) -> bool:
    """With a year of four digits; the name of the day, where there is one, is that day's."""
    found = _RFC822.fullmatch(text)
    if found is None:
        return False
    try:
        day = date(int(found[4]), _MONTHS.index(found[3]) + 1, int(found[2]))
    except ValueError:
        return False
    return not found[1] or _DAYS[day.weekday()] == found[1]


@lru_cache(REMEMBERED)
def is_iri(text: str) -> bool:
    """An absolute IRI (RFC 3987); on the web it has a host."""
    found = _IRI.fullmatch(text)
    if found is None or len(found[1]) + 1 == len(text):
        return False
    return found[1].lower() not in {"http", "https"} or bool(_WEB.match(text))


@lru_cache(REMEMBERED)
def is_web(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://")) and is_iri(text)


@lru_cache(REMEMBERED)
def is_link(text: str) -> bool:
    """An absolute address of a scheme that only shows or tells something: no `javascript:`, no `data:`."""
    return text.partition(":")[0].lower() in READING and is_iri(text)


def is_of_the_world(text: str) -> bool:
    """Over HTTP, from a host that has the same name everywhere."""
    return bool(_OF_THE_WORLD.match(text))


def is_harmless(text: str) -> bool:
    """Of such a scheme, in whatever form: what a reader can follow without harm, if perhaps to nowhere."""
    return text.partition(":")[0].lower() in READING


def is_language(text: str) -> bool:
    """In the form that a tag has; whether it is registered is left open, as no reader falls over one that is not."""
    return bool(_LANGUAGE.fullmatch(text))


def is_media_type(text: str) -> bool:
    return bool(_MEDIA_TYPE.fullmatch(text))


def is_email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text))


def is_rss_person(text: str) -> bool:
    """`me@example.org (My Name)`, the name being optional."""
    return bool(_RSS_PERSON.fullmatch(text))


def is_count(text: str) -> bool:
    return bool(_COUNT.fullmatch(text))


def is_said(text: str) -> bool:
    return bool(text.strip())
