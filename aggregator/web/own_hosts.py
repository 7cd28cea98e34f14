"""Protects against DNS rebinding: checks that the Host header names this server.

The owner of a domain can point it at 127.0.0.1 after a browser has loaded a page from it; scripts of that page can then
read what this server answers. Their requests carry the owner's domain in Host, so other names are refused.
"""

from collections.abc import Collection
from contextlib import suppress
from ipaddress import ip_address

from aggregator.text.urls import ascii_host

LOCAL = (".localhost", ".local", ".lan", ".home.arpa", ".internal")  # RFC 6761, 6762, 8375: not in public DNS


def is_own_host(header: str, own: Collection[str]) -> bool:
    """`header`: the value of Host, with or without a port. `own`: the host names of the config's URLs."""
    name = _name(header.strip())
    if not name:
        return False
    if _is_address(name) or "." not in name:
        return True
    return name in own or name.endswith(LOCAL)


def plain_name(host: str) -> str:
    """The comparable form of a host name: ASCII, lower case, without a dot at the end."""
    return (ascii_host(host) or host).lower().removesuffix(".")


def _name(header: str) -> str:
    """The host without its port: "::1" for "[::1]:8080", "planet.example" for "planet.example:80"; "" if malformed."""
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
