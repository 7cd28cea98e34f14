"""Which words of a text stand in the place of other words in another text. Pure.

An editor adds and cuts sentences; a template keeps them and fills in other names and numbers. So a replaced word says
more than a missing one.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence, Set
from difflib import SequenceMatcher
from typing import NamedTuple

from aggregator.dedup.shingles import SIZE, shingled, shingles, tokens
from aggregator.text.normalize import unspaced

CONTEXT = SIZE - 1  # words on each side by which a place is recognized
LONGEST_TITLE = 60  # words or characters of a title that are compared
LEAST_LETTERS = 6  # of a word whose spelling may vary; shorter words of one letter's difference are other words

Words = tuple[str, ...]


class Change(NamedTuple):
    """Words of one text and what stands in their place in the other; one of the two may be empty."""

    old: Words
    new: Words

    def __str__(self) -> str:
        return f"{' '.join(self.old) or 'nothing'} / {' '.join(self.new) or 'nothing'}"

    @property
    def is_spelling(self) -> bool:
        """Whether both are one word in two spellings. A number has one spelling."""
        old, new = "".join(self.old), "".join(self.new)
        return old == new or (
            max(len(old), len(new)) >= LEAST_LETTERS
            and not has_digit(old + new)
            and not unspaced(old + new)
            and _edits(old, new) <= 1
        )

    @property
    def is_replacement(self) -> bool:
        return bool(self.old and self.new) and not self.is_spelling


def replaced_words(one: str, other: str) -> list[Change]:
    """Runs of words in two folded texts that differ between the same words on both sides. Takes linear time."""
    if one == other:
        return []
    common = shingles(one) & shingles(other)
    there: defaultdict[tuple[Words, Words], deque[Words]] = defaultdict(deque)
    for place, run in _uncommon(tokens(other), common):
        there[place].append(run)
    pairs = (Change(run, there[place].popleft()) for place, run in _uncommon(tokens(one), common) if there.get(place))
    return [pair for pair in pairs if pair.is_replacement]


def title_changes(one: str, other: str) -> list[Change]:
    """What two folded titles have apart, in order: replaced, left out or added words. Names may differ by a letter."""
    a, b = title_words(one), title_words(other)
    parts = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    changes = (Change(a[i:j], b[k:m]) for what, i, j, k, m in parts if what != "equal")
    return [change for change in changes if "".join(change.old) != "".join(change.new)]


def title_words(title: str) -> Words:
    return tokens(title)[:LONGEST_TITLE]


def has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _uncommon(parts: Words, common: Set[str]) -> Iterator[tuple[tuple[Words, Words], Words]]:
    """((words before, words after), run) of each run that no common shingle covers."""
    covered = [False] * len(parts)
    for start, some in enumerate(shingled(parts)):
        if " ".join(some) in common:
            covered[start : start + SIZE] = [True] * SIZE
    for start, end in _runs(covered):
        yield (parts[max(0, start - CONTEXT) : start], parts[end : end + CONTEXT]), parts[start:end]


def _runs(covered: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for at, is_covered in enumerate([*covered, True]):
        if is_covered and start is not None:
            yield start, at
            start = None
        elif not is_covered and start is None:
            start = at


def _edits(one: str, other: str) -> int:
    """0, 1, or 2 for more: letters to add, drop, replace or swap with the next one."""
    if one == other:
        return 0
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    alike = a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
    return 1 if alike else 2
