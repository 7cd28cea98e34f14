"""A rendered document in parts: each entry, and the bytes around them."""

from collections.abc import Sequence
from dataclasses import dataclass

LINE = b"\n"


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """The document is `before`, the `entries` joined by `between`, and `after`. Where its parts are unknown, all of it
    is in `before`. `originals`: the entries as they are in every document, where links into the tree differ.
    """

    before: bytes
    entries: Sequence[bytes] = ()
    between: bytes = LINE
    after: bytes = b""
    originals: Sequence[bytes] = ()

    @property
    def checked(self) -> Sequence[bytes]:
        """The entries as they are validated, once for all documents that hold them."""
        return self.originals or self.entries

    @property
    def data(self) -> bytes:
        if not self.entries:
            return self.before + self.after
        parts = [self.between] * (2 * len(self.entries) + 1)
        parts[1::2] = self.entries
        parts[0], parts[-1] = self.before, self.after
        return b"".join(parts)

    @property
    def part_lengths(self) -> tuple[int, ...]:
        """The length of `before` and of each entry; () without entries."""
        return (len(self.before), *map(len, self.entries)) if self.entries else ()


def split_document(data: bytes, part_lengths: Sequence[int]) -> RenderedDocument:
    """Splits a document by its `part_lengths`; `between` has to be a line end."""
    if not part_lengths:
        return RenderedDocument(data)
    before, *lengths = part_lengths
    entries, at = [], before
    for length in lengths:
        entries.append(data[at : at + length])
        at += length + len(LINE)
    return RenderedDocument(data[:before], entries, after=data[at - len(LINE) :])
