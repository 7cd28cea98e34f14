"""Content codings: chooses one by Accept-Encoding (RFC 9110 12.5.3), and encodes bytes in it."""

import zlib
from functools import lru_cache

import brotli

from aggregator.web.preferences import weighed

IDENTITY = "identity"
CODINGS = ("br", "gzip", IDENTITY)  # the first wins among equal weights

UNASKED = 0.0005  # below 0.001, the least weight in the header: anything a client names goes before it


@lru_cache(256)
def choose(accepted: bytes | None, *, shrinks: bool = True) -> str | None:
    """The coding for an Accept-Encoding header; None where the client accepts none. `shrinks`: encoding saves bytes.

    A client without this header accepts any coding, but gets the bytes unencoded: it did not ask for one.
    """
    weights = _weights(accepted or b"")
    if not shrinks and _weight(IDENTITY, weights):
        return IDENTITY
    best = max(CODINGS, key=lambda coding: _weight(coding, weights))
    return best if _weight(best, weights) else None


def encode(data: bytes, coding: str) -> bytes:
    """Deterministic. Runs once for each version of a file, so it may take some milliseconds."""
    if coding == "br":
        return bytes(brotli.compress(data, mode=brotli.MODE_TEXT, quality=5))
    return zlib.compress(data, 6, zlib.MAX_WBITS | 16) if coding == "gzip" else data


def _weights(accepted: bytes) -> dict[str, float]:
    """Weights by coding. Ignores members that cannot be read."""
    members = map(weighed, accepted.decode("latin-1").split(","))
    return {name.removeprefix("x-"): weight for name, weight in members if name}


def _weight(coding: str, weights: dict[str, float]) -> float:
    return weights.get(coding, weights.get("*", UNASKED if coding == IDENTITY else 0.0))
