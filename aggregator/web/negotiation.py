"""Accept headers (RFC 9110 12.4.2, 12.5.3), and the content codings that they choose."""

import string
import zlib
from functools import lru_cache

import brotli

IDENTITY = "identity"
CODINGS = ("br", "gzip", IDENTITY)  # the first wins among equal weights

TOKEN = frozenset("!#$%&'*+-.^_`|~/" + string.ascii_letters + string.digits)  # and the slash of a media type
LONGEST_WEIGHT = 20  # characters; a weight has five
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


def weighed(member: str, *, is_media_type: bool = False) -> tuple[str, float]:
    """The name in lower case and the weight of a member such as `text/html;level=1;q=0.8`. The weight is 1 where none
    is written; a malformed member is ("", 0). Only a media type may have other parameters."""
    name, *parameters = member.split(";")
    name, weights = name.strip(" \t"), list(map(_stated_weight, parameters))
    stated = [weight for weight in weights if weight is not None]
    is_odd = any(weight < 0 for weight in stated) or (len(stated) != len(weights) and not is_media_type)
    if not name or not TOKEN.issuperset(name) or is_odd:
        return "", 0.0
    return name.lower(), min([*stated, 1.0][0], 1.0)


def _stated_weight(parameter: str) -> float | None:
    """A weight from 0 to 1; None for another parameter, less than 0 for a malformed weight."""
    name, equals, value = parameter.partition("=")
    if not equals or name.strip(" \t").lower() != "q":
        return None
    digits, _, fraction = value.strip(" \t")[:LONGEST_WEIGHT].partition(".")
    is_number = digits in {"0", "1"} and (fraction + "0").isascii() and (fraction + "0").isdecimal()
    return float(f"{digits}.{fraction}0") if is_number else -1.0
