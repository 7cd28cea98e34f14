"""The part of a host that somebody registered: what stands before a public suffix (https://publicsuffix.org), and that.

The list is the one in the wheel of publicsuffixlist; nothing is downloaded.
"""

from functools import cache, lru_cache
from typing import Any


@lru_cache(maxsize=4096)
def registrable_domain(host: str, *, of_registry: bool = False) -> str:
    """`bbc.co.uk` of `news.bbc.co.uk`, `one.blogspot.com` of itself. A host without one stands for itself: an IP
    address, a name of a local network, a public suffix. `of_registry`: only suffixes of registries count (the section
    ICANN of the list), so that it is `blogspot.com` for every blog there: one family of machines."""
    name = host.lower().rstrip(".")
    if ":" in name or name.rpartition(".")[2].isdecimal():
        return name
    return _suffixes(of_registry).privatesuffix(name) or name


@cache
def _suffixes(of_registry: bool) -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=of_registry)
