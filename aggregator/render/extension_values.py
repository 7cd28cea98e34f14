"""Values of extension elements: what a vocabulary takes for a number, a language or an address."""

import re
from collections.abc import Callable

from aggregator.text.normalize import shorten

Normalizer = Callable[[str], str]  # the value as it is written, "" where it is invalid


def any_text(text: str) -> str:
    return text


def lower(text: str) -> str:
    return text.lower()


def no_text(_: str) -> str:
    return ""


def _matching(pattern: str) -> Normalizer:
    known = re.compile(pattern, re.ASCII)
    return lambda text: text if known.fullmatch(text) else ""


def one_of(*values: str) -> Normalizer:
    return lambda text: low if (low := text.lower()) in values else ""


def between(least: float, most: float) -> Normalizer:
    return lambda text: text if _DIGITS.fullmatch(text) and least <= float(text) <= most else ""


def shortened(most: int) -> Normalizer:
    return lambda text: shorten(text, most)


def explicit(text: str) -> str:
    """Apple's two values; publishers still write the older ones."""
    return {"yes": "true", "explicit": "true", "no": "false", "clean": "false"}.get(
        text.lower(), one_of("true", "false")(text)
    )


def block(text: str) -> str:
    """Apple: every value other than "yes" means no."""
    return "yes" if text.lower() == "yes" else "no"


def position(text: str) -> str:
    """Latitude and longitude; some publishers add a height, which is dropped."""
    numbers = re.split(r"[\s,]+", text.strip())
    return " ".join(numbers[:2]) if len(numbers) in (2, 3) and all(map(_NUMBER.fullmatch, numbers)) else ""


def positions(text: str) -> str:
    numbers = re.split(r"[\s,]+", text.strip())
    is_whole = len(numbers) > 3 and len(numbers) % 2 == 0 and all(map(_NUMBER.fullmatch, numbers))
    return " ".join(numbers) if is_whole else ""


_DIGITS = re.compile(r"[-+]?\d+(?:\.\d*)?")  # digits of any script, which `float` accepts
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?", re.ASCII)
COUNT = _matching(r"\d+")
POSITIVE = _matching(r"0*[1-9]\d*")
DECIMAL = _matching(_NUMBER.pattern)
AMOUNT = _matching(r"\d+(?:\.\d*)?")
TRUTH = one_of("true", "false")
URL = _matching(r"https?://(?:[A-Za-z0-9-]++\.)++[A-Za-z0-9-]+(?::\d+)?(?:[/?#][0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]*)?")
URI = _matching(r"[A-Za-z][0-9A-Za-z+.-]*:[0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]+")
LANGUAGE = _matching(r"[A-Za-z]{2}(?:-[A-Za-z0-9-]+)?")
TIME = _matching(r"now|\d+(?:\.\d+)?|\d+:\d\d:\d\d(?:\.\d+)?")
DATE = _matching(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?")
MIME = _matching(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?")
WHOLE = _matching(r"[-+]?\d+")
DURATION = _matching(r"\d+(?::[0-5]\d(?::[0-5]\d)?)?")
ICRA = _matching(r"r \((?:[nsvlocx]z [01]|[nsvlocx][a-j] 1)(?: (?:[nsvlocx]z [01]|[nsvlocx][a-j] 1))*\)")
HASH = _matching(r"[0-9A-Za-z]+")
COUNTS = _matching(r"\d+(?:,\s*\d+)*")
COUNTRIES = _matching(r"(?!XX\b)[A-Za-z]{2}(?: (?!XX\b)[A-Za-z]{2})*")
