"""Listening sockets, and clear errors where an address cannot be used."""

import errno
import socket

from aggregator.errors import AggregatorError, UsageError

BACKLOG = 2048


WHICH = "127.0.0.1 serves this machine alone, 0.0.0.0 everybody"


class ListenError(AggregatorError):
    """The port is in use: the options are right, and it may be free later."""


def listen(host: str, port: int) -> list[socket.socket]:
    """One socket for each address of the host. Port 0 means any free port, the same for all of them.

    Raises ListenError where the port is in use, UsageError where the address can never be used.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            at = (address, sockets[0].getsockname()[1] if sockets else port)
            # "::" means every address, of IPv4, too
            sockets.append(socket.create_server(at, family=family, backlog=BACKLOG, dualstack_ipv6=address == "::"))
    except OSError as error:
        for one in sockets:
            one.close()
        raise _refusal(error, host, port) from error
    return sockets


def address_to_open(sockets: list[socket.socket]) -> str:
    """The URL by which a browser on this machine reaches the server."""
    host, port = sockets[0].getsockname()[:2]
    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{near}:{port}/"


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    bare = host.removeprefix("[").removesuffix("]")
    try:
        found = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise UsageError(f"{host} is no name or address of this machine; {WHICH}") from error
    usable = [(family, str(at[0])) for family, _, _, _, at in found if family != socket.AF_INET6 or socket.has_ipv6]
    return list(dict.fromkeys(usable))


def _refusal(error: OSError, host: str, port: int) -> AggregatorError:
    if error.errno == errno.EADDRINUSE:
        return ListenError(f"another program listens on port {port} of {host}; end it, or choose another port")
    if error.errno == errno.EACCES:
        return UsageError(f"port {port} of {host} needs privileges; choose one from 1024 on, behind a proxy")
    if error.errno == errno.EADDRNOTAVAIL:
        return UsageError(f"{host} is no address of this machine; {WHICH}")
    return UsageError(f"port {port} of {host} cannot be listened on: {error.strerror or error}")
