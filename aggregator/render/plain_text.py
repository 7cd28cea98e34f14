"""Plain text: without characters that XML forbids, and from sanitized HTML."""

import html
import re
from collections.abc import Iterator

from aggregator.render.tags import INNER, each_tag
from aggregator.text.normalize import FORBIDDEN

_TAG = re.compile(rf"</?([a-zA-Z][a-zA-Z0-9-]*+){INNER}(>)?|<!--(?:[^-]|-(?!->))*+(-->)?")
_INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q rp rt ruby s samp small span strike strong"
    " sub sup time tt u var wbr".split()
)
HEADLINE = 80
REFERENCE = 8  # characters of a reference such as `&#x4e00;`, which becomes one


def legal(text: str) -> str:
    """The text without characters that XML 1.0 (2.2) forbids, surrogates included."""
    return FORBIDDEN.sub("", text)


def plain(markup: str) -> str:
    """The text of sanitized HTML on one line; a block-level tag becomes a space."""
    return " ".join(html.unescape("".join(_pieces(markup))).split())


def first_words(markup: str, most: int = HEADLINE) -> str:
    """The beginning of the text, cut at a space where there is one near the end; Chinese has none."""
    return _cut(plain(markup), most)


def beginning(markup: str, most: int) -> str:
    """`first_words` of a long text, whose end is not read."""
    pieces, length = [], 0
    for piece in _pieces(markup):
        pieces.append(piece)
        length += max(len(piece.strip()) - REFERENCE * piece.count("&"), 0)
        if length > most:
            break
    return _cut(" ".join(html.unescape("".join(pieces)).split()), most)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    head = text[: most + 1]
    cut = head.rfind(" ", most // 2)
    return head[: cut if cut > 0 else most].rstrip() + "…"


def _pieces(markup: str) -> Iterator[str]:
    end = 0
    for tag in each_tag(_TAG, markup, 2):
        yield markup[end : tag.start()]
        yield _gap(tag)
        end = tag.end()
    yield markup[end:]


def _gap(tag: re.Match[str]) -> str:
    return "" if (tag[1] or "").lower() in _INLINE else " "
