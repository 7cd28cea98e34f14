"""A document of a feed in its parts: what stands around the entries, and each of them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """`before`, the `entries` with `between` after each but the last, `after`. An entry is whole by itself.

    Where the parts are not known, all of it is `before`.
    """

    before: bytes
    entries: Sequence[bytes] = ()
    between: bytes = b"\n"
    after: bytes = b""

    @property
    def data(self) -> bytes:
        return b"".join((self.before, self.between.join(self.entries), self.after))
