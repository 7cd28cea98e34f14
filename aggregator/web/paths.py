"""URL paths of requests, mapped to paths in the tree."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

LONGEST = 2048  # bytes; the paths of published files are less than half as long
INDEX = "index.html"
FORMS = ("atom.xml", "rss.xml", "feed.json", INDEX)  # of a feed, or of a page of its archive
UNFIT = frozenset([*map(chr, range(0x20)), "\x7f", "/", "\\"])


@lru_cache(1024)  # most requests are for the same few feeds
def address_of(raw_path: bytes) -> str | None:
    """`ai/atom.xml` for `/ai/atom.xml`, `ai/` for a folder, "" for the root; None where no file can have this path.

    Each level is decoded on its own, so that an encoded path cannot leave the tree or reach hidden files: a level must
    be UTF-8, not empty, not begin with a dot, and hold no slash, backslash or control character.
    """
    if len(raw_path) > LONGEST or not raw_path.startswith(b"/") or not raw_path.isascii():
        return None
    try:
        levels = [_decoded(level) for level in raw_path[1:].split(b"/")]
    except UnicodeDecodeError:
        return None
    *above, last = levels
    return "/".join(levels) if all(map(_is_name, above)) and (not last or _is_name(last)) else None


def file_of(address: str) -> str:
    """The file that an address shows: for a folder, its index."""
    return address + INDEX if not address or address.endswith("/") else address


def other_forms(path: str) -> list[str]:
    """The other forms of an archive page, or the documents of a feed for its page: a file that is missing beside one of
    them was taken away, or was never wanted."""
    folder, _, name = path.rpartition("/")
    is_page = name == INDEX or "/archive/" in f"/{folder}/"
    return [f"{folder}/{one}" for one in FORMS if one != name] if folder and name in FORMS and is_page else []


def moved_address(address: str, moved: Mapping[str, str]) -> str | None:
    """The new address of a file whose feed moved, "" where its feed ended for good, None where it did neither.
    `moved`: old feed id → new feed id, "" for none.

    A file belongs to the feed of its own folder; deeper folders belong to other feeds, which move on their own. An
    archive page of the old feed leads to the new feed itself, whose archive holds its entries now.
    """
    if not moved:
        return None
    if address in moved:
        return _in(_last(address, moved), "")
    folder, _, file = address.rpartition("/")
    feed = folder.partition("/archive/")[0]
    return _in(_last(feed, moved), file) if feed in moved else None


def _in(feed: str, file: str) -> str:
    return f"{feed}/{file}" if feed else ""


def location(address: str, query: bytes, *, prefix: str = "/") -> bytes:
    """The value of a Location header, with the query of the request."""
    return quote(prefix + address, safe="/~!$&'()*+,;=:@").encode() + (b"?" + query if query else b"")


def _decoded(level: bytes) -> str:
    return (unquote_to_bytes(level) if b"%" in level else level).decode("utf-8")


def _is_name(level: str) -> bool:
    return bool(level) and level[0] != "." and UNFIT.isdisjoint(level)


def _last(feed: str, moved: Mapping[str, str]) -> str:
    """Follows moves of moves. The number of steps is bounded, so a circle ends, too."""
    for _ in moved:
        if feed not in moved:
            break
        feed = moved[feed]
    return feed
