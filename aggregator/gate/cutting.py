"""Documents cut into their head and their entries, so that an entry is looked at once, however many feeds hold it.

Entries are found by their bytes, which is exact for what our renderers write: without CDATA, comments and processing
instructions behind the root's tag no tag can stand anywhere but where it is one. A document of any other shape is not
cut: None.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_OPENING = {"atom": b"<entry", "rss": b"<item"}
_CLOSING = {"atom": b"</entry>", "rss": b"</item>"}
_ROOT = re.compile(
    rb"\s*(?:<\?xml version=['\"]1\.0['\"](?: encoding=['\"]UTF-8['\"])?\s*\?>\s*)?"
    rb'(?:<\?xml-stylesheet type="text/css" href="[^"<>&?]*"\?>\s*)?(<(?:feed|rss)[\s>][^>]*>)'
)
_OTHER_MARKUP = re.compile(rb"<[!?]")
_CHANNEL = re.compile(rb"\s*<channel>")


@dataclass(frozen=True, slots=True)
class Cut:
    """`head` = the document without its entries; an entry is whole between `before` and `after`."""

    head: bytes
    entries: Sequence[bytes]
    before: bytes = b""
    after: bytes = b""


def cut_xml(data: bytes, format: str) -> Cut | None:  # noqa: A002 - the word of the field
    root = _ROOT.match(data)
    opening, closing = _OPENING[format], _CLOSING[format]
    if root is None or _OTHER_MARKUP.search(data, root.start(1)):
        return None
    end = data.rfind(closing) + len(closing)
    first = data.find(opening, root.end()) if end >= len(closing) else -1
    before, after = _around(root, data)
    if first < 0:
        return Cut(data, (), before, after) if end < len(closing) else None
    entries = [(piece + closing).lstrip() for piece in data[first:end].split(closing)[:-1]]
    if not all(entry.startswith(opening) for entry in entries):
        return None
    return Cut(data[:first] + data[end:], entries, before, after)


def _around(root: re.Match[bytes], data: bytes) -> tuple[bytes, bytes]:
    """What has to stand around an entry for its names to mean what they mean in the document."""
    if root[1].startswith(b"<feed"):
        return root[1], b"</feed>"
    channel = _CHANNEL.match(data, root.end())
    return (root[1] + b"<channel>", b"</channel></rss>") if channel else (root[1], b"</rss>")


_ITEMS = b'\n "items": [\n'


def cut_json(data: bytes) -> Cut | None:
    """One item a line, after a line that opens the list and before one that closes it."""
    first, end = data.find(_ITEMS), data.rfind(b"\n]")
    if first < 0 or end < first + len(_ITEMS):
        return None
    items = data[first + len(_ITEMS) : end].split(b"\n")
    if not all(item.endswith(b",") for item in items[:-1]):
        return None
    entries = [*(item[:-1] for item in items[:-1]), items[-1]]
    return Cut(data[: first + len(_ITEMS)] + data[end:], entries)
