"""Addresses: from what stands in a request to a path below the tree, or to nothing."""

from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes

LONGEST = 2048  # bytes; no file of ours is half as deep
INDEX = "index.html"
UNFIT = frozenset([*map(chr, range(0x20)), "\x7f", "/", "\\"])


def address_of(raw_path: bytes) -> str | None:
    """`ai/atom.xml` for `/ai/atom.xml`, `ai/` for a folder, "" for the root; None for what names no file of a tree.

    Every level is decoded by itself, so that nothing encoded can climb, hide, or reach outside: no level is empty or
    begins with a dot, none holds a slash, a backslash or a control character, and all are UTF-8.
    """
    if len(raw_path) > LONGEST or not raw_path.startswith(b"/"):
        return None
    try:
        levels = [_decoded(level) for level in raw_path[1:].split(b"/")]
    except UnicodeDecodeError:
        return None
    *above, last = levels
    return "/".join(levels) if all(map(_is_name, above)) and (not last or _is_name(last)) else None


def file_of(address: str) -> str:
    """A folder shows its index."""
    return address + INDEX if not address or address.endswith("/") else address


def moved_address(address: str, moved: Mapping[str, str]) -> str | None:
    """Where an address of a feed that moved is now. `moved`: feed id → the one that it is now.

    A file belongs to the feed whose folder it stands in: what stands deeper belongs to another feed, which moves by
    itself. Sealed pages stay behind: what was on them is on others now, to which the feed itself leads.
    """
    if address in moved:
        return f"{_last(address, moved)}/"
    folder, _, file = address.rpartition("/")
    feed = folder.partition("/archive/")[0]
    return f"{_last(feed, moved)}/{file}" if feed in moved else None


def location(address: str, query: bytes, *, prefix: str = "/") -> bytes:
    """A Location header, with the query that came."""
    return quote(prefix + address, safe="/~!$&'()*+,;=:@").encode() + (b"?" + query if query else b"")


def _decoded(level: bytes) -> str:
    return (unquote_to_bytes(level) if b"%" in level else level).decode("utf-8")


def _is_name(level: str) -> bool:
    return bool(level) and level[0] != "." and UNFIT.isdisjoint(level)


def _last(feed: str, moved: Mapping[str, str]) -> str:
    """A feed may move again; in no more steps than there are, even if they went round in a circle."""
    for _ in moved:
        if feed not in moved:
            break
        feed = moved[feed]
    return feed
