"""How much two folded texts have in common. Pure, and bounded: texts are cut where fingerprints cut them."""

import re
from collections.abc import Sequence
from functools import lru_cache

LEAST_GRAMS = 4  # six words; `Read more` and `Comments` say nothing of what they stand under
UNSPACED = 12  # characters a word on average, beyond which a text has no spaces between words

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")


@lru_cache(maxsize=8)
def grams(text: str) -> frozenset[str]:
    """The set of word 3-grams; of characters where the script has no spaces."""
    words = text.split()
    parts: Sequence[str] = text if len(words) * UNSPACED < len(text) else words
    if len(parts) < 3:
        return frozenset([" ".join(parts)]) if parts else frozenset()
    joint = "" if isinstance(parts, str) else " "
    return frozenset(joint.join(parts[i : i + 3]) for i in range(len(parts) - 2))


def overlap(one: str, other: str) -> float:
    """The share of the longer text's 3-grams that both have, 0 to 1."""
    a, b = grams(one), grams(other)
    return len(a & b) / max(len(a), len(b)) if a and b else 0.0


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of the sets of 3-grams, 0 to 1."""
    a, b = grams(one), grams(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def says_something(text: str) -> bool:
    return len(grams(text)) >= LEAST_GRAMS


def like_titles(one: str, other: str, threshold: float) -> bool:
    """Whether two titles say the same, whatever their punctuation; `1.2 is out` and `1.3 is out` do not."""
    if one == other:
        return bool(one)
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    bare, other_bare = "".join(_WORD.findall(one)), "".join(_WORD.findall(other))
    return bool(bare) and (bare == other_bare or similarity(bare, other_bare) >= threshold)
