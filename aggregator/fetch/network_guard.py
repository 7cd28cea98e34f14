"""Which addresses feeds may be fetched from: the public Internet, and `fetch.allow_networks`.

Others control feed addresses, redirects and answers of name servers. Python's `is_global` is true for many addresses
that lead inside (NAT64 and 6to4 forms of private ones, site-local, multicast, relay anycast); hence the table here:
IANA's special-purpose registries (RFC 6890) and the metadata addresses of clouds.
"""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aggregator.errors import FetchError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host agent
        "169.254.0.0/16",  # link-local; metadata of most clouds at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relay anycast
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has assigned; ULA, link-local, multicast lie outside
_CLOSED_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: any IPv4 address inside
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; how an IPv6-only machine reaches all of IPv4
_LOOPBACK = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
_DIGITS, _HEXADECIMAL = frozenset("0123456789"), frozenset("0123456789abcdefABCDEF")


class Guard:
    """Refuses hosts and addresses by raising FetchError; `allow` is `fetch.allow_networks`."""

    def __init__(self, allow: Iterable[Network] = ()) -> None:
        self._allow = tuple(allow)

    def check_host(self, host: str) -> None:
        """Refuses a host that is an address, in any spelling, unless it is permitted; names pass."""
        address = as_address(host)
        if address is not None:
            self.check(host, [address])

    def check(self, host: str, addresses: Iterable[Address]) -> None:
        """Refuses a name with one forbidden address, because a public one beside it may be a disguise."""
        for address in addresses:
            if not self.permits(address):
                raise _forbidden(host, address)

    def permits(self, address: Address) -> bool:
        if self._allows(address):
            return True
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return self.permits(address.ipv4_mapped)
        if address in _NAT64:
            return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        return _is_public(address)

    def _allows(self, address: Address) -> bool:
        # The machine itself has two addresses: if 127.0.0.1 is allowed, `localhost` is allowed, too.
        forms = _LOOPBACK if address in _LOOPBACK else (address,)
        return any(form in network for form in forms for network in self._allow)

    def open_socket(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """A socket for one connection; the last check, on the very address that is connected to."""
        family, kind, protocol, _, where = info
        self.check_host(str(where[0]))
        return socket.socket(family=family, type=kind, proto=protocol)


def as_address(host: str) -> Address | None:
    """The address if the host is one, None for a name. Raises FetchError for other spellings of addresses, which Python
    takes for names and the C library for addresses.
    """
    if not _is_number(host):
        return None
    try:
        return ip_address(host)
    except ValueError:
        raise _misspelled(host) from None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _CLOSED_6)


def _is_number(host: str) -> bool:
    """Whether the C library would parse it as an address: `2130706433`, `0x7f.1`, `127.1` (URL Standard 3.5)."""
    last = host.rstrip(".").rpartition(".")[2]
    if last[:2] in {"0x", "0X"}:
        return ":" in host or _HEXADECIMAL.issuperset(last[2:])
    return ":" in host or (last != "" and _DIGITS.issuperset(last))


def _forbidden(host: str, address: Address) -> FetchError:
    subject = host if _is_number(host) else f"{host} leads to {address}, which"
    message = (
        f"{subject} is not on the public Internet; "
        f"to fetch it all the same add {_network(address)} to fetch.allow_networks"
    )
    return FetchError("forbidden-address", message, transient=False)


def _misspelled(host: str) -> FetchError:
    message = (
        f"{host} is a number that stands for some address; write that address itself, "
        "four decimal numbers or IPv6 without a zone (fetch.allow_networks does not open other spellings)"
    )
    return FetchError("forbidden-address", message, transient=False)


def _network(address: Address) -> Network:
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    return ip_network(plain)
