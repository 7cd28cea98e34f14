"""Entries and documents as they are written, in bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LINE = b"\n"
UP = b"\x01"  # in an entry: the way from a document to the root of the tree; neither XML nor HTML allows this byte
Pieces = dict[str, bytes | str]  # by format: the bytes of an entry; where it is left out of the format, why


@dataclass(frozen=True, slots=True)
class RenderedEntry:
    """An entry in each format. `shown`: a digest of all that it was made of, "" where none is known. `left_out`: a
    message for each address that no format shows; they are told once, when the entry is rendered."""

    id: str
    updated: datetime
    pieces: Pieces
    shown: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """The document is `before`, the `entries` joined by `between`, and `after`. `up`: what stands in it for UP."""

    before: bytes
    entries: Sequence[bytes] = ()
    between: bytes = LINE
    after: bytes = b""
    up: bytes = b""

    @property
    def data(self) -> bytes:
        entries = self.between.join(self.entries)
        return self.before + (entries.replace(UP, self.up) if self.up else entries) + self.after
