"""What a source repeats: the shingles that stand in several of its entries. Pure.

A footer, a form or a template says nothing about which entry this is. It is found by counting over the entries of one
document and the newest ones of its source, so that a source's first document shows it, too.
"""

from collections.abc import Hashable, Iterable

from aggregator.dedup.shingles import shingles

NEWEST = 20  # entries of a source in which it may have repeated itself
MOST_COUNTED = 500_000  # shingles of one document; more are not counted, so that a huge one fits into memory


class RepeatedShingles:
    """`texts`: (entry, own text) of all entries of a source that are known here; an entry may have several texts."""

    def __init__(self, texts: Iterable[tuple[Hashable, str]]) -> None:
        self._first: dict[str, Hashable] = {}
        self._repeated: set[str] = set()
        for entry, text in texts:
            self._count(entry, text)

    def _count(self, entry: Hashable, text: str) -> None:
        if len(self._first) > MOST_COUNTED:
            return
        for shingle in shingles(text):
            if self._first.setdefault(shingle, entry) != entry:
                self._repeated.add(shingle)

    def beside(self, entry: Hashable, text: str) -> frozenset[str]:
        """The shingles of an entry's text that stand in another entry as well."""
        return frozenset(one for one in shingles(text) if self._is_elsewhere(one, entry))

    def _is_elsewhere(self, shingle: str, entry: Hashable) -> bool:
        return shingle in self._repeated or self._first.get(shingle, entry) != entry
