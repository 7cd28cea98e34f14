"""Weighted members of Accept headers (RFC 9110 12.4.2): `text/html;level=1;q=0.8`."""

import string

TOKEN = frozenset("!#$%&'*+-.^_`|~/" + string.ascii_letters + string.digits)  # and the slash of a media type
LONGEST_WEIGHT = 20  # characters; a weight has five


def weighed(member: str, *, is_media_type: bool = False) -> tuple[str, float]:
    """The name in lower case and its weight, 1 where none is written; ("", 0) where it is malformed. Only a media type
    may have other parameters."""
    name, *parameters = member.split(";")
    name, weights = name.strip(" \t"), list(map(_weight, parameters))
    stated = [weight for weight in weights if weight is not None]
    is_odd = any(weight < 0 for weight in stated) or (len(stated) != len(weights) and not is_media_type)
    if not name or not TOKEN.issuperset(name) or is_odd:
        return "", 0.0
    return name.lower(), min([*stated, 1.0][0], 1.0)


def _weight(parameter: str) -> float | None:
    """A weight from 0 to 1; None for another parameter, less than 0 for a malformed weight."""
    name, equals, value = parameter.partition("=")
    if not equals or name.strip(" \t").lower() != "q":
        return None
    digits, _, fraction = value.strip(" \t")[:LONGEST_WEIGHT].partition(".")
    is_number = digits in {"0", "1"} and (fraction + "0").isascii() and (fraction + "0").isdecimal()
    return float(f"{digits}.{fraction}0") if is_number else -1.0
