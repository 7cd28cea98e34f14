"""A text as the set of its shingles: runs of three words, or of three characters in a script without spaces. Pure.

Punctuation is no part of them, so that a copy in other quotation marks or with other spaces has the same.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from aggregator.text.normalize import unspaced

SIZE = 3

_WORD = re.compile(r"\w+")
_CHARACTER = re.compile(r"\w")


@lru_cache(maxsize=16)
def tokens(text: str) -> tuple[str, ...]:
    """The words of a folded text, or its letters and digits where most of it is in a script without spaces."""
    found = _WORD.findall(text)
    characters = "".join(found)
    return tuple(characters if is_unspaced(characters) else found)


def first_tokens(text: str, count: int) -> str:
    """The beginning of a text that has so many tokens."""
    pattern = _CHARACTER if is_unspaced("".join(_WORD.findall(text))) else _WORD
    last = next(islice(pattern.finditer(text), count - 1, None), None) if count else None
    return text[: last.end()] if last else ""


def is_unspaced(text: str) -> bool:
    """Whether most of a text is in a script without spaces between words."""
    return 2 * unspaced(text) > len(text)


@lru_cache(maxsize=16)
def shingles(text: str) -> frozenset[str]:
    """Those of a folded text; a shorter text is one shingle."""
    parts = tokens(text)
    if len(parts) < SIZE:
        return frozenset([" ".join(parts)]) if parts else frozenset()
    return frozenset(map(" ".join, shingled(parts)))


def shingled(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Each run of three parts, in order."""
    return zip(*(parts[start:] for start in range(SIZE)), strict=False)
