"""The public id of an entry: given once, never changed (RFC 4287 4.2.6). Pure."""

import base64
import hashlib
import re
from collections.abc import Container, Iterator
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from aggregator.text.urls import ascii_host, host_of, split

LONGEST = 1000

# An absolute IRI (RFC 3987 2.2), without the directional marks that 4.1 forbids.
_LETTER = (
    "\u00a1-\u167f\u1681-\u1fff\u200c\u200d\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdcf"
    "\ufdf0-\uffef\U00010000-\U000efffd"
)
_CHARACTERS = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?{_LETTER}-]|%[0-9A-Fa-f]{{2}})*+"
_USER = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:{_LETTER}-]|%[0-9A-Fa-f]{{2}})*+@"
_AUTHORITY = rf"(?://(?:{_USER})?+(?:\[[0-9A-Fa-f:.]++\](?::[0-9]*+)?+(?=[/?#]|$))?+)?+"
_ABSOLUTE = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*+:{_AUTHORITY}{_CHARACTERS}(?:#{_CHARACTERS})?")
_TAG = re.compile(r"tag:[A-Za-z0-9._~@-]+,\d{4}(?:-\d\d(?:-\d\d)?)?:.*", re.ASCII)  # RFC 4151 2.1
_URN = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]:.+", re.IGNORECASE)  # RFC 8141 2
_UUID = re.compile("urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)  # RFC 9562 4
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_NO_NAME = frozenset({"javascript", "vbscript", "data", "blob", "about", "file"})


@lru_cache(4096)  # merging asks several times for each entry of a document, rendering for each of a source
def is_public_id(text: str) -> bool:
    """Whether an upstream id can be published as it is: an absolute URI that is meaningful to others."""
    if len(text) > LONGEST or not _ABSOLUTE.fullmatch(text):
        return False
    scheme, _, rest = text.partition(":")
    match scheme.lower():
        case "http" | "https":
            return _has_host(text)
        case "tag":
            return bool(_TAG.fullmatch(text))
        case "urn":
            return bool(_URN.fullmatch(text))
        case other:
            return other not in _NO_NAME and bool(rest.strip("/"))


def is_iri(text: str) -> bool:
    """Whether the text has the form of an absolute IRI (RFC 3987 2.2)."""
    return bool(_ABSOLUTE.fullmatch(text)) and text.partition(":")[2] != ""


def as_public_id(upstream_id: str) -> str:
    """The public id for an upstream id, as a URI (RFC 3987 3.1), because validators accept no IRI; "" if one must be
    minted. Ids that were given earlier stay, even if this function would not give them today."""
    is_uuid = upstream_id[:9].lower() != "urn:uuid:" or _UUID.fullmatch(upstream_id)
    return _BEYOND_ASCII.sub(lambda some: quote(some[0]), upstream_id) if is_public_id(upstream_id) and is_uuid else ""


def _has_host(address: str) -> bool:
    try:
        return bool(split(address).hostname)
    except ValueError:
        return False


def tag_prefix(site_url: str, since: date) -> str:
    """`tag:<host>,<since>:` (RFC 4151), the prefix of every minted id."""
    host = ascii_host(host_of(site_url)) or "localhost"
    return f"tag:{re.sub('[^a-z0-9.-]', '-', host)},{since.isoformat()}:"


def minted(prefix: str, source_id: str, evidence: Iterator[str], taken: Container[str]) -> str:
    """An id from the first evidence that gives a free one. It contains no time, so a rebuilt state mints it again."""
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
    """The id has 80 bits: among a million entries the chance of a collision is 1 in two million million."""
    name = hashlib.sha256(evidence.encode(errors="surrogatepass")).digest()[:10]
    return f"{prefix}{source_id}/{base64.b32encode(name).decode().lower()}"
