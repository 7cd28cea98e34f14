"""Results of checks, kept by the text that was checked."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")  # never None


class ResultCache(Generic[T]):
    """Results for texts of at most `most` bytes or characters together; the least recently used are dropped.

    The text itself is the key: a lookup costs next to nothing where it is the same object, as its hash is cached.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[str | bytes, str | bytes], T] = OrderedDict()

    def get(self, kind: str | bytes, text: str | bytes, compute: Callable[[], T]) -> T:
        """The result for the text, computed where it is unknown. `kind`: everything else that the result depends on."""
        key = kind, text
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known
        found = compute()
        self._kept[key] = found
        self._size += len(text)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[0][1])
        return found
