"""What was looked at before need not be looked at again: verdicts by what they are about, the oldest dropped."""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """At most `most` verdicts, found by a digest of the bytes (16 of them, so that none is ever another's)."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, T] = OrderedDict()

    def of(self, kind: bytes, data: bytes, look: Callable[[], T]) -> T:
        """What `look` says of the data, `kind` being all else that it depends on."""
        hashed = blake2b(len(kind).to_bytes(8, "big") + kind, digest_size=16)
        hashed.update(data)
        digest = hashed.digest()
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        self._kept[digest] = found = look()
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found
