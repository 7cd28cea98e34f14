"""Response headers of a file."""

import time
from email.utils import formatdate
from functools import lru_cache

from aggregator.text.link_header import feed_links
from aggregator.web.files import ServedFile
from aggregator.web.negotiation import IDENTITY

Header = tuple[bytes, bytes]

LONGEST_AGE = 300  # seconds

# Pages allow the style sheet of the tree alone, in a stricter policy of their own that this one cannot loosen. Pages of
# earlier versions, and of a user's templates, have their style in them.
POLICY = (
    b"default-src 'none'; img-src * data:; media-src *; style-src 'self' 'unsafe-inline'; font-src 'self';"
    b" base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUARDS: tuple[Header, ...] = (
    (b"content-security-policy", POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
FRESH = {name.decode(): value.decode() for name, value in GUARDS} | {"cache-control": "no-store"}
BY_CODING: Header = (b"vary", b"Accept-Encoding")
BY_BOTH: Header = (b"vary", b"Accept-Encoding, Sec-Fetch-Dest")
BY_OPENING: Header = (b"vary", b"Sec-Fetch-Dest")
WHOLE_ONLY: Header = (b"accept-ranges", b"none")


def entity_tag(document: ServedFile, coding: str) -> bytes:
    """A strong tag, so it differs between codings (RFC 9110 8.8.3.3)."""
    return _tag(document.sha256, coding)


@lru_cache(1024)
def _tag(sha256: str, coding: str) -> bytes:
    return f'"{sha256}"'.encode() if coding == IDENTITY else f'"{sha256}-{coding}"'.encode()


def unchanged_headers(document: ServedFile, coding: str, seconds: float) -> tuple[Header, ...]:
    """The headers that a 304 must repeat (RFC 9110 15.4.5)."""
    return _unchanged(entity_tag(document, coding), _age(seconds), BY_BOTH if document.kind.opened else BY_CODING)


@lru_cache(1024)
def _unchanged(tag: bytes, age: int, vary: Header) -> tuple[Header, ...]:
    return (b"etag", tag), (b"cache-control", b"public, max-age=%d" % age), vary


def document_headers(
    document: ServedFile, coding: str, length: int, seconds: float, *, opened: bool = False
) -> tuple[Header, ...]:
    """`length` is in this coding; `seconds`: how long a cache may use it without asking again; `opened`: by a person,
    in a window of a browser."""
    headers = [
        (b"content-type", document.kind.of(opened=opened).encode()),
        (b"content-length", b"%d" % length),
        *unchanged_headers(document, coding, seconds),
        WHOLE_ONLY,
        *GUARDS,
    ]
    if coding != IDENTITY:
        headers.append((b"content-encoding", coding.encode()))
    if document.modified <= time.time():  # a future date is not allowed (RFC 9110 8.8.2.1)
        headers.append((b"last-modified", _date(document.modified)))
    return tuple(headers)


def fresh_for(seconds: float) -> Header:
    return b"cache-control", b"public, max-age=%d" % _age(seconds)


def _age(seconds: float) -> int:
    return LONGEST_AGE if seconds > LONGEST_AGE else int(seconds) if seconds > 0 else 0


def links(own: str, hub: str) -> Header:
    """The Link header of a feed: its own URL, and its hub if it has one."""
    return b"link", feed_links(own, hub).encode()


@lru_cache(1024)
def _date(moment: int) -> bytes:
    return formatdate(moment, usegmt=True).encode()
