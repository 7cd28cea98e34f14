"""The public id of an entry: given once, never changed (RFC 4287 4.2.6). Pure."""

import base64
import hashlib
import re
from collections.abc import Container, Iterator
from datetime import date
from urllib.parse import quote

from aggregator.text.urls import ascii_host, host_of, split

LONGEST = 1000

# An absolute IRI (RFC 3987 2.2): beyond ASCII its letters, without the marks of direction that 4.1 forbids.
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


def is_public_id(text: str) -> bool:
    """Whether an upstream id can be carried as it is: an absolute URI that names something to others too."""
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
    """Whether it has the characters of an absolute IRI (RFC 3987 2.2), whatever it names."""
    return bool(_ABSOLUTE.fullmatch(text)) and text.partition(":")[2] != ""


def carried(upstream_id: str) -> str:
    """The id that an entry of this upstream id gets, as a URI (RFC 3987 3.1): validators know no other; "" where one is
    to be minted. What was given once stays, also where it would not be given today."""
    is_uuid = upstream_id[:9].lower() != "urn:uuid:" or _UUID.fullmatch(upstream_id)
    return _BEYOND_ASCII.sub(lambda some: quote(some[0]), upstream_id) if is_public_id(upstream_id) and is_uuid else ""


def _has_host(address: str) -> bool:
    try:
        return bool(split(address).hostname)
    except ValueError:
        return False


def tag_prefix(site_url: str, since: date) -> str:
    """`tag:<host>,<since>:` (RFC 4151), the beginning of every id that we mint."""
    host = ascii_host(host_of(site_url)) or "localhost"
    return f"tag:{re.sub('[^a-z0-9.-]', '-', host)},{since.isoformat()}:"


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
    """80 bits: a million entries meet by chance once in two million million states."""
    name = hashlib.sha256(evidence.encode(errors="surrogatepass")).digest()[:10]
    return f"{prefix}{source_id}/{base64.b32encode(name).decode().lower()}"
