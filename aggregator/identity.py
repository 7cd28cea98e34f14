"""The public id of an entry: given once, never changed (RFC 4287 4.2.6). Pure."""

import base64
import hashlib
import re
from collections.abc import Container, Iterator
from datetime import date
from urllib.parse import quote, urlsplit

# An absolute IRI (RFC 3987): a scheme, then no character that must never stand in one.
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f-\x9f]+")
NO_NAME = frozenset({"javascript", "vbscript", "data", "blob", "about", "file"})
LONGEST = 1000


def is_public_id(text: str) -> bool:
    """Whether an upstream id can be carried as it is: an absolute URI that names something to others too."""
    if len(text) > LONGEST or not ABSOLUTE.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme not in NO_NAME and (parts.scheme not in {"http", "https"} or bool(parts.hostname))


def tag_prefix(site_url: str, since: date) -> str:
    """`tag:<host>,<since>:` (RFC 4151), the beginning of every id that we mint."""
    host = urlsplit(site_url).hostname or "localhost"
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        host = quote(host)
    return f"tag:{host},{since.isoformat()}:"


def minted(prefix: str, source_id: str, evidence: Iterator[str], taken: Container[str]) -> str:
    """An id made of the best evidence that gives a free one; no clock in it, so a lost state mints it again."""
    last = ""
    for last in evidence:
        candidate = mint(prefix, source_id, last)
        if candidate not in taken:
            return candidate
    number = 2
    while (candidate := mint(prefix, source_id, f"{last}\n{number}")) in taken:
        number += 1
    return candidate


def mint(prefix: str, source_id: str, evidence: str) -> str:
    """`<prefix><source id>/` and 80 bits of the evidence's SHA-256 in base32."""
    name = base64.b32encode(hashlib.sha256(evidence.encode()).digest()[:10]).decode().lower()
    return f"{prefix}{source_id}/{name}"
