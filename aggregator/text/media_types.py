"""Media types: their syntax, and those that file names suggest.

The table is our own because `mimetypes` reads files of the system: output would differ between machines.
"""

import re

UNKNOWN = "application/octet-stream"

TYPES = {
    ".aac": "audio/aac",
    ".avif": "image/avif",
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".gif": "image/gif",
    ".gz": "application/gzip",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".m4v": "video/mp4",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".opus": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".torrent": "application/x-bittorrent",
    ".txt": "text/plain",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}

FEEDS = {  # of the documents that people subscribe to, by file name
    "atom.xml": "application/atom+xml; charset=utf-8",
    "rss.xml": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
}

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)  # RFC 4287 4.2.7.3


def feed_type(path: str) -> str:
    """The media type of a document that people subscribe to, by its path in the tree; "" for any other file. Archive
    pages are none: they never change."""
    return "" if "/archive/" in path else FEEDS.get(path.rpartition("/")[2], "")


def is_media_type(text: str) -> bool:
    return bool(_MEDIA_TYPE.fullmatch(text))
