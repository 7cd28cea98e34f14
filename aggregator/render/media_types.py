"""Media types and language tags that are valid in feeds."""

from functools import lru_cache
from pathlib import PurePosixPath

from aggregator.model.document import Link
from aggregator.text.media_types import TYPES, UNKNOWN, is_media_type
from aggregator.text.normalize import language
from aggregator.text.urls import is_public_http, split


def stated_type(link: Link) -> str:
    """The link's own type where it is one (RFC 4287 4.2.7.3), else ""."""
    return link.type if is_media_type(link.type) else ""


def media_type(link: Link) -> str:
    """The link's own type, else what its file name suggests, else "application/octet-stream"."""
    return stated_type(link) or TYPES.get(_suffix(link.href), UNKNOWN)


def is_enclosure(link: Link) -> bool:
    """Whether RSS can enclose it: an HTTP address (RSS 2.0) with a host that is a public domain name."""
    return is_public_http(link.href)


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
