"""Entries of a document that were read before, among those that are read now."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from aggregator.codec import pack, unpack_or
from aggregator.model.document import NOTHING_READ, FeedDocument, ReadMarkup

T = TypeVar("T")


def known_markup(read: bytes | None, known: frozenset[str]) -> ReadMarkup:
    """What was `read` before, of the items that are still `known`."""
    before = unpack_or(read, ReadMarkup, NOTHING_READ)
    return ReadMarkup(before.context, {markup: item for markup, item in before.items.items() if item in known})


def in_document_order(read: Sequence[T], unchanged: Mapping[int, T]) -> tuple[T, ...]:
    """`unchanged`: by place."""
    entries = list(read)
    for place in sorted(unchanged):
        entries.insert(place, unchanged[place])
    return tuple(entries)


def packed_markup(document: FeedDocument, items: Sequence[str]) -> bytes | None:
    """`items`: those of all entries of the document. None where the next document must be read whole."""
    if not document.markup or len(items) != len(document.markup):
        return None
    return pack(ReadMarkup(document.context, dict(zip(document.markup, items, strict=True))))
