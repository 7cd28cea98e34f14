"""The part of a host that somebody registered: what stands before a public suffix (https://publicsuffix.org), and that.

The list is the one in the wheel of publicsuffixlist; nothing is downloaded.
"""

from functools import cache, lru_cache
from typing import Any


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str:
    """`bbc.co.uk` of `news.bbc.co.uk`, `one.blogspot.com` of itself. A host without one stands for itself: an IP
    address, a name of a local network, a public suffix."""
    name = host.lower().rstrip(".")
    if ":" in name or name.rpartition(".")[2].isdecimal():
        return name
    return _suffixes().privatesuffix(name) or name


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
