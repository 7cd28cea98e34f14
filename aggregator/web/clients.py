"""Clients by their addresses: who has too much at once, or asks too often."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import Scope

MOST_REMEMBERED = 10_000


def client_of(scope: Scope) -> str:
    """The client's address; for IPv6 its /64 network, which belongs to one client (RFC 6177)."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((int(address), 64), strict=False))
    return host


@dataclass(slots=True)
class _Allowance:
    left: float
    at: float


class RateLimit:
    """Each client may ask `burst` times at once, and `rate` times a second from then on."""

    def __init__(self, burst: int, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._rate = rate
        self._clock = clock
        self._clients: dict[str, _Allowance] = {}

    def allows(self, client: str) -> bool:
        now = self._clock()
        one = self._clients.get(client)
        if one is None:
            self._forget_rested(now)
            one = self._clients[client] = _Allowance(self._burst, now)
        one.left, one.at = min(one.left + (now - one.at) * self._rate, self._burst), now
        if one.left < 1:
            return False
        one.left -= 1
        return True

    def _forget_rested(self, now: float) -> None:
        """Once many are remembered, forgets those that may ask `burst` times again; where there are none, the first."""
        if len(self._clients) < MOST_REMEMBERED:
            return
        rest = self._burst / self._rate
        self._clients = {name: one for name, one in self._clients.items() if now - one.at < rest}
        if len(self._clients) >= MOST_REMEMBERED:
            del self._clients[next(iter(self._clients))]
