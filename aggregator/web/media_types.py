"""What a file of the tree is, by its name."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Kind:
    """`shrinks`: it is text, which compressing makes smaller; `is_feed`: people subscribe to it."""

    media_type: str
    shrinks: bool = True
    is_feed: bool = False


ATOM = Kind("application/atom+xml; charset=utf-8", is_feed=True)
RSS = Kind("application/rss+xml; charset=utf-8", is_feed=True)
JSON_FEED = Kind("application/feed+json; charset=utf-8", is_feed=True)
UNKNOWN = Kind("application/octet-stream", shrinks=False)

NAMES = {
    "atom.xml": ATOM,
    "rss.xml": RSS,
    "feed.json": JSON_FEED,
    "opml.xml": Kind("text/x-opml; charset=utf-8"),
}

# The system's table differs from machine to machine.
SUFFIXES = {
    ".html": Kind("text/html; charset=utf-8"),
    ".css": Kind("text/css; charset=utf-8"),
    ".json": Kind("application/json"),
    ".xml": Kind("application/xml; charset=utf-8"),
    ".opml": Kind("text/x-opml; charset=utf-8"),
    ".txt": Kind("text/plain; charset=utf-8"),
    ".svg": Kind("image/svg+xml"),
    ".ico": Kind("image/x-icon"),
    ".png": Kind("image/png", shrinks=False),
    ".jpg": Kind("image/jpeg", shrinks=False),
    ".jpeg": Kind("image/jpeg", shrinks=False),
    ".gif": Kind("image/gif", shrinks=False),
    ".webp": Kind("image/webp", shrinks=False),
    ".avif": Kind("image/avif", shrinks=False),
    ".woff2": Kind("font/woff2", shrinks=False),
    ".mp3": Kind("audio/mpeg", shrinks=False),
    ".mp4": Kind("video/mp4", shrinks=False),
    ".pdf": Kind("application/pdf", shrinks=False),
}


def kind_of(path: str) -> Kind:
    """`path` is below the tree, POSIX."""
    file = PurePosixPath(path)
    if file.name in NAMES:
        return NAMES[file.name]
    return SUFFIXES.get(file.suffix.lower(), UNKNOWN)
