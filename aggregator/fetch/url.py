"""Web addresses: one normal form, and the part that may be shown.

The normal form is an `httpx.URL` with an ASCII host (IDNA), without fragment and user information. Percent-escapes
stay as written, because changing them breaks signed addresses.
"""

from urllib.parse import SplitResult, unquote

import httpx
import idna

from aggregator.errors import FetchError
from aggregator.fetch.network_guard import as_address
from aggregator.text.masking import cut, showable_text
from aggregator.text.urls import LONGEST, split

_PORTS = {"http": 80, "https": 443}
_HOST_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_LONGEST_HOST = 253  # characters (RFC 1035 2.3.4); IDNA takes time that grows with the square
_LONGEST_LABEL = 63  # characters between two dots of a host (RFC 1035 2.3.4)
_SHOWN = 200  # characters of an address in a message


def parse(url: str) -> httpx.URL:
    """The normal form. Raises FetchError: `config` if the address cannot be fetched, `forbidden-address` if its host is
    a number that is not written as an address.
    """
    try:
        return _parse(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise unusable(url, str(error)) from error


def origin(url: str) -> str:
    """Scheme, host and port (RFC 6454), without the scheme's default port. Raises as `parse`."""
    return origin_of(parse(url))


def origin_of(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def place_of(url: str) -> str:
    """host:port of an address, whatever the rest of it is. Raises FetchError (`config`) where it names no host."""
    try:
        parts = _web(url)
        return f"{_host_name(parts)}:{parts.port or _PORTS[parts.scheme]}"
    except ValueError as error:
        raise unusable(url, str(error)) from error


def place(url: httpx.URL) -> str:
    """host:port, by which limits are counted."""
    return f"{host(url)}:{url.port or _PORTS[url.scheme]}"


def host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def user_info(url: str) -> tuple[str, str] | None:
    """Name and password in an address, percent-decoded; None without them."""
    parts = split(url.strip())
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")


def shown(url: str) -> str:
    """The address as a message may show it: without secrets, and shortened."""
    return cut(showable_text(cut(url, LONGEST)), _SHOWN)


def unusable(url: str, why: str) -> FetchError:
    message = f"{shown(url)} is no address to fetch: {shown(why)}; right would be https://host/path"
    return FetchError("config", message, transient=False)


def check_length(url: str) -> None:
    """Raises FetchError (kind `config`) for an address that is too long."""
    if len(url) > LONGEST:
        raise unusable(url, f"it has {len(url):,} characters, more than {LONGEST:,}")


def _web(url: str) -> SplitResult:
    check_length(url)
    parts = split(url.strip())
    if parts.scheme not in _PORTS:
        raise ValueError(f"the scheme is {parts.scheme or 'missing'}, only http and https are fetched")
    if parts.port == 0:
        raise ValueError("port 0 cannot be reached")
    return parts


def _parse(url: str) -> httpx.URL:
    parts = _web(url)
    path = parts.path.replace("\\", "/") or "/"  # as browsers (WHATWG URL 4.4), and as feeds show the address
    if parts.hostname in _PORTS and path.startswith("//"):
        raise ValueError("the scheme stands there twice")
    plain = parts._replace(netloc=_netloc(parts), path=path, fragment="")
    parsed = httpx.URL(plain.geturl())
    check_length(str(parsed))
    return parsed


def _netloc(parts: SplitResult) -> str:
    name = _host_name(parts)
    name = f"[{name}]" if ":" in name else name
    return name if parts.port is None else f"{name}:{parts.port}"


def _host_name(parts: SplitResult) -> str:
    name = unquote(parts.hostname or "")
    if not name:
        raise ValueError("the host is missing")
    if len(name) > _LONGEST_HOST:
        raise ValueError(f"the host has {len(name):,} characters, more than {_LONGEST_HOST}")
    ascii_name = name if name.isascii() else _idna(name)
    if as_address(ascii_name) is None:
        _check_name(ascii_name)
    return ascii_name


def _check_name(name: str) -> None:
    if not _HOST_NAME.issuperset(name):
        raise ValueError("the host has characters that no host name has")
    if not all(0 < len(label) <= _LONGEST_LABEL for label in name.removesuffix(".").split(".")):
        raise ValueError(f"no name server knows a host with a part that is empty or over {_LONGEST_LABEL} characters")


def _idna(name: str) -> str:
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        # Registries still have names of the older standard (emoji), which IDNA 2008 does not allow.
        return name.encode("idna").decode("ascii").lower()
