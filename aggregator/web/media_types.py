"""The media type of a file in the tree, by its name."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class FileType:
    """`shrinks`: compression makes it smaller; `is_feed`: people subscribe to it."""

    media_type: str
    shrinks: bool = True
    is_feed: bool = False


ATOM = FileType("application/atom+xml; charset=utf-8", is_feed=True)
RSS = FileType("application/rss+xml; charset=utf-8", is_feed=True)
JSON_FEED = FileType("application/feed+json; charset=utf-8", is_feed=True)
OTHER = FileType("application/octet-stream", shrinks=False)

NAMES = {
    "atom.xml": ATOM,
    "rss.xml": RSS,
    "feed.json": JSON_FEED,
    "opml.xml": FileType("text/x-opml; charset=utf-8"),
}

# Not `mimetypes`: its table differs from machine to machine.
SUFFIXES = {
    ".html": FileType("text/html; charset=utf-8"),
    ".css": FileType("text/css; charset=utf-8"),
    ".json": FileType("application/json"),
    ".xml": FileType("application/xml; charset=utf-8"),
    ".opml": FileType("text/x-opml; charset=utf-8"),
    ".txt": FileType("text/plain; charset=utf-8"),
    ".svg": FileType("image/svg+xml"),
    ".ico": FileType("image/x-icon"),
    ".png": FileType("image/png", shrinks=False),
    ".jpg": FileType("image/jpeg", shrinks=False),
    ".jpeg": FileType("image/jpeg", shrinks=False),
    ".gif": FileType("image/gif", shrinks=False),
    ".webp": FileType("image/webp", shrinks=False),
    ".avif": FileType("image/avif", shrinks=False),
    ".woff2": FileType("font/woff2", shrinks=False),
    ".mp3": FileType("audio/mpeg", shrinks=False),
    ".mp4": FileType("video/mp4", shrinks=False),
    ".pdf": FileType("application/pdf", shrinks=False),
}


def file_type_of(path: str) -> FileType:
    """`path` is relative to the tree, in POSIX form."""
    file = PurePosixPath(path)
    if file.name in NAMES:
        return NAMES[file.name]
    return SUFFIXES.get(file.suffix.lower(), OTHER)
