"""A document of a feed in its parts: what stands around the entries, and each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

LINE = b"\n"


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """`before`, the `entries` with `between` after each but the last, `after`. An entry is whole by itself.

    Where the parts are not known, all of it is `before`.
    """

    before: bytes
    entries: Sequence[bytes] = ()
    between: bytes = LINE
    after: bytes = b""

    @property
    def data(self) -> bytes:
        if not self.entries:
            return self.before + self.after
        parts = [self.between] * (2 * len(self.entries) + 1)
        parts[1::2] = self.entries
        parts[0], parts[-1] = self.before, self.after
        return b"".join(parts)

    @property
    def laid(self) -> tuple[int, ...]:
        """How long it is before the entries, and each of them; nothing where there are none."""
        return (len(self.before), *map(len, self.entries)) if self.entries else ()


def split_document(data: bytes, laid: Sequence[int]) -> RenderedDocument:
    """A document that is `laid` so, a line between its entries, in its parts again."""
    if not laid:
        return RenderedDocument(data)
    before, *lengths = laid
    entries, at = [], before
    for length in lengths:
        entries.append(data[at : at + length])
        at += length + len(LINE)
    return RenderedDocument(data[:before], entries, after=data[at - len(LINE) :])
