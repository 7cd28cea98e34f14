"""Results of checks, kept by the text that was checked."""

from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from cachetools import LRUCache

T = TypeVar("T")
Text = str | bytes


class ResultCache(Generic[T]):
    """Results for texts of at most `most` bytes or characters together; the least recently used are dropped.

    The text itself is the key: a lookup costs next to nothing where it is the same object, as its hash is cached.
    """

    def __init__(self, most: int) -> None:
        self._kept: LRUCache[tuple[Text, Text], tuple[Text, T]] = LRUCache(most, lambda kept: len(kept[0]))

    def get(self, kind: Text, text: Text, compute: Callable[[], T]) -> T:
        """The result for the text, computed where it is unknown. `kind`: everything else that the result depends on."""
        kept = self._kept.get((kind, text))
        if kept is None:
            kept = text, compute()
            with suppress(ValueError):  # larger than the cache
                self._kept[kind, text] = kept
        return kept[1]
