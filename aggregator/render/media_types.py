"""Media types and language tags that are valid in feeds.

The table is our own because `mimetypes` reads files of the system: output would differ between machines.
"""

import re
from functools import lru_cache
from pathlib import PurePosixPath

from aggregator.model.document import Link
from aggregator.text.normalize import language
from aggregator.text.urls import split

UNKNOWN = "application/octet-stream"

TYPES = {
    ".aac": "audio/aac",
    ".avif": "image/avif",
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".gif": "image/gif",
    ".gz": "application/gzip",
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
    ".zip": "application/zip",
}

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(\s*;.*)?")
_PUBLIC_HTTP = re.compile(r"https?://(?:[a-z0-9-]++\.)++[a-z0-9][a-z0-9-]*(?::\d+)?(?:/|$)", re.IGNORECASE | re.ASCII)


def stated_type(link: Link) -> str:
    """The link's own type where it is one (RFC 4287 4.2.7.3), else ""."""
    return link.type if _MEDIA_TYPE.fullmatch(link.type) else ""


def media_type(link: Link) -> str:
    """The link's own type, else what its file name suggests, else "application/octet-stream"."""
    return stated_type(link) or TYPES.get(_suffix(link.href), UNKNOWN)


def is_enclosure(link: Link) -> bool:
    """Whether RSS can enclose it: an HTTP address (RSS 2.0) with a host that is a public domain name."""
    return bool(_PUBLIC_HTTP.match(link.href))


@lru_cache(1000)
def language_tag(tag: str) -> str:
    """The valid form of `tag`, or "". Stored metadata of sources is not cleaned again, so it is checked here."""
    found = language(tag)
    return tag if found.lower() == tag.lower() else found


def _suffix(href: str) -> str:
    try:
        return PurePosixPath(split(href).path).suffix.lower()
    except ValueError:  # such as an unclosed bracket in the host
        return ""
