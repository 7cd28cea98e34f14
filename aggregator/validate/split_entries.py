"""Documents cut into their parts, so that an entry is looked at once, however many feeds hold it.

Entries are found by their bytes, which is exact for what our renderers write: without CDATA, comments and processing
instructions behind the root's tag no tag can stand anywhere but where it is one. A document of any other shape is not
cut: None. The parts put together are the document again.
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
class Surroundings:
    """What has to stand around an entry for its names to mean what they mean in the document."""

    before: bytes
    after: bytes


def cut(data: bytes, format: str) -> RenderedDocument | None:  # noqa: A002 - the word of the field
    """`format`: atom, rss or json; a page does not say where an entry ends."""
    found = _cut_json(data) if format == "json" else _cut_xml(data, format) if format in _OPENING else None
    return found if found and found.data == data else None


def surroundings(before: bytes) -> Surroundings | None:
    """Of entries that have this before them, as far as it tells."""
    root = _ROOT.match(before)
    if root is None:
        return None
    if root[1].startswith(b"<feed"):
        return Surroundings(root[1], b"</feed>")
    is_usual = _CHANNEL.match(before, root.end())
    return Surroundings(root[1] + b"<channel>", b"</channel></rss>") if is_usual else None


def _cut_xml(data: bytes, format: str) -> RenderedDocument | None:  # noqa: A002
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


def _cut_json(data: bytes) -> RenderedDocument | None:
    """One item a line, after a line that opens the list and before one that closes it."""
    first, end = data.find(_ITEMS) + len(_ITEMS), data.rfind(b"\n]")
    if not len(_ITEMS) <= first < end:
        return None
    items = data[first:end].split(b"\n")
    entries = [*(item.removesuffix(b",") for item in items[:-1]), items[-1]]
    return RenderedDocument(data[:first], entries, b",\n", data[end:])
