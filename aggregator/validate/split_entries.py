"""Splits feed documents into their entries, so that an entry is checked once, however many feeds contain it.

Entries are found by their bytes. That is exact for what our renderers write: without CDATA, comments and processing
instructions after the root's start tag, the bytes of a tag are always a tag. Other documents are not split.
"""

import re
from dataclasses import dataclass

from aggregator.model.rendered import RenderedDocument

_OPENING = {"atom": b"<entry", "rss": b"<item"}
_CLOSING = {"atom": b"</entry>", "rss": b"</item>"}
_ROOT = re.compile(
    rb"\s*+(?:<\?xml version=['\"]1\.0['\"](?: encoding=['\"]UTF-8['\"])?\s*+\?>\s*+)?+"
    rb'(?:<\?xml-stylesheet type="text/css" href="[^"<>&?]*+"\?>\s*+)?+'
    rb"""(<(?:feed|rss)(?=[\s>])(?:[^>"']|"[^"]*"|'[^']*')*>)"""
)
_OTHER_MARKUP = re.compile(rb"<[!?]")
_CHANNEL = re.compile(rb"\s*<channel>")
_ITEMS = b'\n "items": [\n'


@dataclass(frozen=True, slots=True)
class EntryContext:
    """The bytes around an entry that make it a document of its own, with the namespaces of its feed."""

    before: bytes
    after: bytes


def split_feed(data: bytes, format: str) -> RenderedDocument | None:  # noqa: A002 - the word of the field
    """The document in its parts, which joined give `data` again; None where it cannot be split.

    `format`: atom, rss or json; a page does not mark where an entry ends.
    """
    found = _split_json(data) if format == "json" else _split_xml(data, format) if format in _OPENING else None
    return found if found and found.data == data else None


def entry_context(before: bytes) -> EntryContext | None:
    """The context of entries that follow `before`; None where its root is not one of our feeds'."""
    root = _ROOT.match(before)
    if root is None:
        return None
    if root[1].startswith(b"<feed"):
        return EntryContext(root[1], b"</feed>")
    is_usual = _CHANNEL.match(before, root.end())
    return EntryContext(root[1] + b"<channel>", b"</channel></rss>") if is_usual else None


def _split_xml(data: bytes, format: str) -> RenderedDocument | None:  # noqa: A002
    root = _ROOT.match(data)
    opening, closing = _OPENING[format], _CLOSING[format]
    if root is None or _OTHER_MARKUP.search(data, root.start(1)):
        return None
    first, end = data.find(opening, root.end()), data.rfind(closing) + len(closing)
    if not root.end() < first < end:
        return None
    entries = [(piece + closing).lstrip() for piece in data[first:end].split(closing)[:-1]]
    if not all(entry.startswith(opening) for entry in entries):
        return None
    return RenderedDocument(data[:first], entries, after=data[end:])


def _split_json(data: bytes) -> RenderedDocument | None:
    """Splits by lines: one opens the list, each item has one, one closes the list."""
    first, end = data.find(_ITEMS) + len(_ITEMS), data.rfind(b"\n]")
    if not len(_ITEMS) <= first < end:
        return None
    items = data[first:end].split(b"\n")
    entries = [*(item.removesuffix(b",") for item in items[:-1]), items[-1]]
    return RenderedDocument(data[:first], entries, b",\n", data[end:])
