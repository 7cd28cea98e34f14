"""Whether a request was meant for us: by its Host, which a page elsewhere cannot choose freely.

Whoever owns a name can let it lead to 127.0.0.1 after a browser has loaded a page from it, and that page may then read
what we answer (DNS rebinding). It cannot do so under a name that is not its own.
"""

from collections.abc import Collection
from contextlib import suppress
from ipaddress import ip_address

from aggregator.text.urls import ascii_host

LOCAL = (".localhost", ".local", ".lan", ".home.arpa", ".internal")  # RFC 6761, 6762, 8375: never anybody's in public


def is_own_host(header: str, own: Collection[str]) -> bool:
    """`header`: the value of Host, with or without a port. `own`: the names by which the config says we are found."""
    name = _name(header.strip())
    if not name:
        return False
    if _is_address(name) or "." not in name:
        return True
    return name in own or name.endswith(LOCAL)


def plain_name(host: str) -> str:
    """As names are compared: ASCII, lower case, no dot of the root at the end."""
    return (ascii_host(host) or host).lower().removesuffix(".")


def _name(header: str) -> str:
    """Of "[::1]:8080" the address, of "planet.example:80" the name; "" for what is neither."""
    if header.startswith("["):
        inner, closed, port = header[1:].partition("]")
        return inner if closed and _is_port(port) else ""
    name, colon, port = header.partition(":")
    return plain_name(name) if _is_port(colon + port) else ""


def _is_port(text: str) -> bool:
    return not text or (text[0] == ":" and (not text[1:] or (text[1:].isascii() and text[1:].isdecimal())))


def _is_address(name: str) -> bool:
    with suppress(ValueError):
        ip_address(name)
        return True
    return False
