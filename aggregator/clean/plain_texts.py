"""Texts without markup: titles, names, category terms; and plain text as paragraphs."""

import re
from collections.abc import Iterable
from itertools import islice

from aggregator.categories import decoded
from aggregator.html.rewriter import escaped
from aggregator.html.sanitize import plain, sanitize_inline
from aggregator.model.document import CategoryTerm, Text
from aggregator.text.normalize import bounded, decode, decode_again, fold, legal, one_line, shorten

LONGEST_TITLE = 1000
LONGEST_NAME = 300
LONGEST_LINE = 2000
MOST_TERMS = 1000  # of one entry

_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_ANY_TAG = re.compile(r"<[A-Za-z/!?]")
_OUTER_DIV = re.compile(r"\s*<div>(.*)</div>\s*", re.DOTALL | re.IGNORECASE)


def plain_title(text: Text | None) -> tuple[str, str]:
    """One line of plain text, and its markup where it had any.

    Where character references are left in an html title after decoding, the publisher escaped it twice. Those of
    letters and punctuation are then decoded once more, `&lt;` never.
    """
    if text is None:
        return "", ""
    if text.type == "text" or not ("<" in text.value or "&" in text.value):
        return shorten(one_line(text.value), LONGEST_TITLE), ""
    markup = sanitize_inline(text.value)
    whole = one_line(decode_again(plain(markup)))
    title = shorten(whole, LONGEST_TITLE)
    return title, markup if "<" in markup and title == whole != "" else ""


def short_line(text: str) -> str:
    """The text on one line, of at most LONGEST_LINE characters."""
    return shorten(one_line(text), LONGEST_LINE)


def paragraphs(characters: str) -> str:
    """Plain text as HTML: blank lines separate paragraphs, other line ends stay."""
    lines = "\n".join(line.rstrip() for line in legal(characters).split("\n")).strip("\n")
    parts = [escaped(part).replace("\n", "<br>") for part in _BLANK_LINES.split(lines) if part.strip()]
    return "".join(f"<p>{part}</p>" for part in parts) if len(parts) > 1 else "".join(parts)


def lines_of_post(markup: str) -> str | None:
    """The lines of a post without tags, save one outer div: its line ends are intended; None for other markup."""
    div = _OUTER_DIV.fullmatch(markup)
    inner = div[1] if div else markup
    if _ANY_TAG.search(inner) or "\n" not in inner.strip():
        return None
    return "\n".join(line.strip() for line in inner.strip().split("\n"))


def has_same_text(summary: str, content: str) -> bool:
    """Whether both have the same text, in the first 50,000 characters of markup-free text."""
    return summary == content or fold(plain(summary)[:50_000]) == fold(plain(content)[:50_000]) != ""


def clean_terms(terms: Iterable[CategoryTerm]) -> tuple[CategoryTerm, ...]:
    """The first MOST_TERMS of them, each once, without those that are empty."""
    found = (_term(term) for term in islice(terms, MOST_TERMS))
    return tuple(dict.fromkeys(term for term in found if term.term))


def _term(term: CategoryTerm) -> CategoryTerm:
    """A term on one line, long enough to hold a whole list of names."""
    name, label = (shorten(one_line(decoded(text)), LONGEST_LINE) for text in (term.term, term.label))
    return CategoryTerm(term=name or label, label=label, scheme=bounded(term.scheme, 500))


def plain_name(text: str) -> str:
    """A name without markup: `<a href="…">Ann</a>` gives `Ann`, but a lone `<` is kept."""
    bare = plain(sanitize_inline(text)) if "</" in text else decode(text)
    return shorten(one_line(bare), LONGEST_NAME)
