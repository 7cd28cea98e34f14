"""What was looked at before need not be looked at again: verdicts by what they are about, the oldest dropped."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")  # never None


class ResultCache(Generic[T]):
    """Verdicts on texts of at most `most` bytes or characters together. They are found by the text itself, which costs
    next to nothing where it is the same object."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[str | bytes, str | bytes], T] = OrderedDict()

    def of(self, kind: str | bytes, text: str | bytes, look: Callable[[], T]) -> T:
        """What `look` says of the text, `kind` being all else that it depends on."""
        key = kind, text
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known
        found = look()
        self._kept[key] = found
        self._size += len(text)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[0][1])
        return found
