"""What a feed without a title is called."""

from urllib.parse import unquote

from aggregator.text.normalize import one_line
from aggregator.text.urls import host_of, split


def site_name(link: str, address: str, id_: str) -> str:
    """The site of a feed, else its public `address`, as people say them; `id_` where there is no public address."""
    return (_spoken(link) or _spoken(address) if address else "") or id_


def _spoken(address: str) -> str:
    """A web address without scheme, www, query and fragment; "" for others."""
    if not host_of(address):
        return ""
    parts = split(address)
    host = parts.netloc.rpartition("@")[2].removeprefix("www.")
    return one_line(host + unquote(parts.path).rstrip("/"))
