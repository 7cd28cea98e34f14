"""The different words of a text, to compare what texts are about."""

from collections.abc import Iterator

from aggregator.text.normalize import unspaced

LONGEST = 3000  # characters that are read
LEAST_LETTERS = 4


def words_of(text: str) -> frozenset[str]:
    """Words of at least four letters of a folded text; pairs of characters where most of it is in a script without
    spaces."""
    spoken = [word for raw in text[:LONGEST].split() for word in _letters(raw)]
    if 2 * unspaced(text[:LONGEST]) > sum(map(len, spoken)):
        return frozenset(part[at : at + 2] for part in spoken for at in range(len(part) - 1))
    return frozenset(word for word in spoken if len(word) >= LEAST_LETTERS)


def _letters(raw: str) -> Iterator[str]:
    if raw.isalpha():  # most words, and much faster
        yield raw
    else:
        yield from "".join(one if one.isalpha() else " " for one in raw).split()
