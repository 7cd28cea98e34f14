"""Addresses as documents write them: URIs (RFC 3986). Pure."""

from functools import lru_cache

from aggregator.text.entry_ids import is_iri
from aggregator.text.masking import showable
from aggregator.text.normalize import one_line, shorten
from aggregator.text.urls import READING, WEB, absolute, host_of

SHOWN = 100  # characters of an address in a message


@lru_cache(4096)  # each format shows the same addresses
def as_uri(address: str, schemes: frozenset[str] = READING) -> str:
    """The address as a URI of an allowed scheme; "" if it is none, such as a relative or an unsafe one.

    A URI comes back unchanged, so that published addresses stay to the byte. In any other text, characters that no URI
    has are percent-encoded: a `%` that begins no escape, all beyond ASCII (RFC 3987 3.1) and every `#` but the first.
    Hosts become A-labels (IDNA), and a backslash in the path becomes a slash (WHATWG URL 4.4), because that is what
    browsers ask for. Idempotent; never raises.
    """
    made = absolute(address, schemes=schemes)
    return address if made == address or _is_uri(address, schemes) else made


def as_uri_id(id_: str) -> str:
    """An id that is an address: an IRI stays, because ids are compared by character; other text as a URI, if it is an
    address."""
    return id_ if is_iri(id_) else as_uri(id_) or id_


def left_out(what: str, address: str, why: str = "it is no address that a feed may show") -> str:
    """The message for an address that is left out of an entry. `what`: its place, such as `enclosure`."""
    return f"its {what} is left out, because {why}: {shorten(one_line(showable(address)), SHOWN)}"


def _is_uri(text: str, schemes: frozenset[str]) -> bool:
    scheme = text.partition(":")[0].lower()
    return scheme in schemes and text.isascii() and is_iri(text) and (scheme not in WEB or host_of(text) != "")
