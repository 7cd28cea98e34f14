"""Which shard of the sources a host belongs to. All hosts of a registered domain are in one shard, so that one worker
at a time deals with machines that probably stand in one place."""

import hashlib
from functools import lru_cache

from aggregator.text.registrable_domain import registrable_domain

SHARDS = 256


@lru_cache(maxsize=65536)
def shard_of(place: str) -> int:
    """0 … 255 for host:port, as `fetch.place_of` writes it; the same for ever, in every process. An IP address stands
    for itself."""
    domain = registrable_domain(_host(place), of_registry=True)
    return int.from_bytes(hashlib.sha256(domain.encode()).digest()[:8]) % SHARDS


def _host(place: str) -> str:
    """`::1` of `::1:80`."""
    return place.rpartition(":")[0] or place
