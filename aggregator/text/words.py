"""The different words of a text, to compare what texts are about."""

from aggregator.text.normalize import fold, unspaced

LONGEST = 3000  # characters that are read
LEAST_LETTERS = 4


def words_of(text: str) -> frozenset[str]:
    """Words of at least four letters, folded; pairs of characters where most of the text is in a script without
    spaces."""
    spoken = "".join(one if one.isalpha() else " " for one in fold(text[:LONGEST])).split()
    joined = "".join(spoken)
    if 2 * unspaced(joined) > len(joined):
        return frozenset(part[at : at + 2] for part in spoken for at in range(len(part) - 1))
    return frozenset(word for word in spoken if len(word) >= LEAST_LETTERS)
