"""The attributes of a start tag that is not well-formed: without quotes, value or space, doubled, or never closed."""

import re
from dataclasses import dataclass

from aggregator.text.urls import LONGEST

NAME = r"[A-Za-z_][A-Za-z0-9_.-]*+"
QNAME = rf"{NAME}(?::{NAME})?+"
_QNAME = re.compile(QNAME)
_WORD = re.compile(r"""[^\s"'<>/=]++""")
_SPACE = re.compile(r"\s*+")
_EQUALS = re.compile(r"\s*+=\s*+")
_UNQUOTED = re.compile(r"""[^\s"'<>]*+""")
_QUOTED = {quote: re.compile(rf"[^{quote}<]*+") for quote in "\"'"}
_UNTIL_SPACE = re.compile(r"[^\s<>]*+")
_ENTRY_END = re.compile(r"</(?:[\w.-]{1,30}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_AFTER_VALUE = frozenset(" \t\r\n/>")


@dataclass(frozen=True, slots=True)
class TagEnd:
    """`end`: the position behind the tag. `is_empty`: it ends in `/>`. `has_end`: False if `<` or the end of the text
    comes before its `>`."""

    attributes: list[tuple[str, str]]
    end: int
    is_empty: bool
    has_end: bool


def read_attributes(text: str, at: int) -> TagEnd:
    """Reads from behind the name of the tag. Values keep their references; names that XML cannot write are left out."""
    attributes: list[tuple[str, str]] = []
    slash = False
    while True:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # matches the empty string too
        char = text[at : at + 1]
        if char in ("", "<", ">"):
            return TagEnd(attributes, at + (char == ">"), slash, char == ">")
        word = _WORD.match(text, at)
        if not word:  # a quote, `=` or `/` that stands alone
            slash, at = char == "/", at + 1
            continue
        value, at, slash = _value(text, word.end())
        if _QNAME.fullmatch(word[0]):
            attributes.append((word[0], value))


def _value(text: str, at: int) -> tuple[str, int, bool]:
    """The value, the position behind it, and whether a `/` that ends the tag was taken from it."""
    equals = _EQUALS.match(text, at)
    if not equals:
        return "", at, False
    at = equals.end()
    quote = text[at : at + 1]
    if quote in _QUOTED:
        end = _closing_quote(text, at + 1, quote)
        if end >= 0:
            return text[at + 1 : end], end + 1, False
        at, pattern = at + 1, _UNTIL_SPACE
    else:
        pattern = _UNQUOTED
    value = pattern.match(text, at)[0]  # type: ignore[index]  # matches the empty string too
    end = at + len(value)
    value, slash = (value[:-1], True) if value.endswith("/") and text[end : end + 1] == ">" else (value, False)
    return value.rstrip("\"'"), end, slash


def _closing_quote(text: str, at: int, quote: str) -> int:
    """The position of the quote that closes the value, -1 if it is the first of another value."""
    end = _QUOTED[quote].match(text, at).end()  # type: ignore[union-attr]  # matches the empty string too
    if text[end : end + 1] == "<":  # the value holds markup, or its quote is missing
        end = text.find(quote, end, at + LONGEST)
        if end < 0 or _ENTRY_END.search(text, at, end):
            return -1
    elif end == len(text):
        return -1
    value = text[at:end]
    is_closed = text[end + 1 : end + 2] in _AFTER_VALUE
    return end if is_closed or not (value.rstrip().endswith("=") or ">" in value) else -1
