"""Addresses: any text to an absolute URI with a harmless scheme, or to nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import idna

from aggregator.text.globs import glob_parts, matches
from aggregator.text.masking import MARK
from aggregator.text.normalize import legal

WEB = frozenset({"http", "https"})
READING = WEB | frozenset("mailto tel sms magnet xmpp sip geo irc ircs ftp gemini gopher matrix".split())
MEDIA = WEB | {"magnet"}
LONGEST = 8192  # the limit of browsers and servers; longer ones are data, not addresses

_LONGEST_AUTHORITY = 1000  # characters, with user name and password
_SAFE = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|%[0-9A-Fa-f]{2})"
# No pattern backtracks: repetitions are possessive (`*+`) or bounded.
_ORDINARY = re.compile(
    rf"(https?://[a-z0-9][a-z0-9.-]*+(?<![.-])(?::[0-9]{{1,4}})?)"
    rf"(?:/{_SAFE}*+(?:\?(?:{_SAFE}|\?)*+)?(?:\#(?:{_SAFE}|\?)*+)?)?"
)
# A reference from the root of a host that joining only puts behind it: no dot segment, no parameters of a path, and no
# query or fragment without a character.
_FROM_ROOT = re.compile(
    r"(?:/(?![/.])(?:[A-Za-z0-9._~!$&'()*+,=:@-]++|%[0-9A-Fa-f]{2})*+)++"
    rf"(?:\?(?:{_SAFE}|\?)++)?(?:\#(?:{_SAFE}|\?)++)?"
)
_PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]{1,253})(?:[/?#]|\Z)")
_PUBLIC_HTTP = re.compile(r"https?://(?:[a-z0-9-]++\.)++[a-z0-9][a-z0-9-]*(?::\d+)?(?:/|$)", re.IGNORECASE | re.ASCII)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*+):")
_BLANKS = str.maketrans("", "", "\t\n\r")
_HOST = re.compile(r"[a-z0-9_][a-z0-9._~-]*+")
_IPV6 = re.compile(r"\[[0-9a-f:.]++\]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_WEB_PREFIX = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_NO_ADDRESS = frozenset({"undefined", "null", "none", "nan"})
# What programs write where they have no link or id.
_NOTHING = _NO_ADDRESS | {"", "n/a", "nil", "#", "-", "http:", "http:/", "http://", "https:", "https:/", "https://"}


@dataclass(frozen=True, slots=True)
class ContentSettings:
    """`unwrap`: prefixes of proxies, each followed by the real address. `placeholders`: globs (only `*` is special) of
    placeholder pictures. `tracking`: names of tracking parameters in addition to the built-in list."""

    unwrap: tuple[str, ...] = ("https://cors.zfour.workers.dev/?",)
    placeholders: tuple[str, ...] = ("https://picsum.photos/*",)
    tracking: tuple[str, ...] = ()


def absolute(href: str, base: str = "", schemes: frozenset[str] = WEB) -> str:
    """`href` as an absolute URI (RFC 3986; IRIs mapped as RFC 3987 3.1, hosts by IDNA) of an allowed scheme.

    "" if there is no base to resolve against, the scheme is not allowed, or a browser would find no host. Tabs and
    line ends are removed as in browsers (WHATWG URL 4.4), so that `java\\nscript:` is recognized. Idempotent; never
    raises.

    A parameter of `href` with a hidden secret (MARK) is removed; a MARK elsewhere gives "", since the address would not
    work. With a MARK in `base` only references from the root of the host are resolved.
    """
    if len(href) <= LONGEST and _ORDINARY.fullmatch(href):
        return href
    if _FROM_ROOT.fullmatch(href) and (host := _ORDINARY.fullmatch(base)) and len(host[1] + href) <= LONGEST:
        return host[1] + href
    href = legal(href).translate(_BLANKS).strip()
    if MARK in href:
        href = _without_mark(href)
    if not href or len(href) > LONGEST:
        return ""
    scheme = _SCHEME.match(href)
    if scheme is None:
        return _resolved(href, base, schemes)
    if (name := scheme[1].lower()) not in schemes:
        return ""
    rest = href[scheme.end() :]
    return _web(name, rest) if name in WEB else _other(name, rest)


def _without_mark(href: str) -> str:
    """The address without parameters and fragment that hold a hidden secret; "" if its path does."""
    address, hash_, fragment = href.partition("#")
    place, question, query = address.partition("?")
    if MARK in place:
        return ""
    kept = "&".join(part for part in query.split("&") if MARK not in part)
    return place + (question + kept if kept else "") + (hash_ + fragment if MARK not in fragment else "")


def root_of(address: str) -> str:
    """`scheme://host/` of a web address; "" if its host holds a hidden secret."""
    scheme, mark, rest = address.partition("://")
    end = min((at for one in "/?#" if (at := rest.find(one)) >= 0), default=len(rest))
    return f"{scheme}://{rest[:end]}/" if mark and MARK not in rest[:end] else ""


def _resolved(href: str, base: str, schemes: frozenset[str]) -> str:
    href = href.replace("\\", "/") if href[:1] in "/\\" else href
    if MARK in base:
        base = root_of(base) if href.startswith("/") else ""
    if href.startswith("//"):
        scheme = "http" if base[:5].lower() == "http:" else "https"
        return _web(scheme, href)
    # RFC 3986 4.2 (path-noscheme): a colon in the first segment ends a scheme, here a misspelt one.
    first = href.partition("#")[0].partition("?")[0].partition("/")[0]
    if not base or ":" in first or not (base := absolute(base)):
        return ""
    if "." in first and first.lower().removeprefix("www.") == host_of(base).removeprefix("www."):
        return _web(base.partition(":")[0], href)  # the site's own address without its scheme
    try:
        joined = urljoin(base, href)
    except ValueError:
        return ""
    return absolute(joined, "", schemes) if _SCHEME.match(joined) else ""


def _web(scheme: str, rest: str) -> str:
    rest = rest.lstrip("/\\")
    end = min((at for mark in "/\\?#" if (at := rest.find(mark)) >= 0), default=len(rest))
    authority = _authority(rest[:end])
    if not authority:
        return ""
    path, mark, fragment = rest[end:].partition("#")
    path, question, query = path.partition("?")
    tail = quoted(path.replace("\\", "/")) + question + quoted(query, "?") + mark + quoted(fragment, "?")
    address = f"{scheme}://{authority}{tail}"
    return address if len(address) <= LONGEST else ""


def _authority(text: str) -> str:
    user, at, host = text.rpartition("@")
    host, port = _port(host)
    host = ascii_host(host)
    if not host or (port and (not port.isascii() or not port.isdigit() or int(port[:6]) > 65535)):
        return ""
    return (quoted(user) + at if user else "") + host + (f":{port}" if port else "")


def _port(host: str) -> tuple[str, str]:
    if host.endswith("]") or ":" not in host:
        return host, ""
    name, _, port = host.rpartition(":")
    return name, port


def ascii_host(host: str) -> str:
    """The host as DNS looks it up: lower case, IDNA (UTS 46, else IDNA 2003 for symbols); "" if invalid."""
    host = host.lower()
    if "%" in host:
        host = unquote(host).lower()
    if not host.isascii():
        host = _encoded(host)
    if len(host) <= 253 and (_HOST.fullmatch(host) or _is_ipv6(host)):
        return host
    return ""


def _is_ipv6(host: str) -> bool:
    try:
        return bool(_IPV6.fullmatch(host)) and IPv6Address(host[1:-1]) is not None
    except ValueError:
        return False


def _encoded(host: str) -> str:
    if len(host) > 253:  # both codecs take quadratic time
        return ""
    try:
        return idna.encode(host, uts46=True).decode()
    except UnicodeError:  # idna.IDNAError is one
        pass
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        return ""


def quoted(text: str, more: str = "") -> str:
    """Percent-encodes characters that RFC 3986 does not allow; existing escapes stay."""
    return quote(_STRAY_PERCENT.sub("%25", text), safe="%!$&'()*+,;=:@/~" + more)


def _other(scheme: str, rest: str) -> str:
    if not rest.strip("/"):
        return ""
    place, mark, fragment = rest.partition("#")
    address = f"{scheme}:{quoted(place, '?')}{mark}{quoted(fragment, '?')}"
    return address if len(address) <= LONGEST else ""


def unwrap(href: str, prefixes: tuple[str, ...]) -> str:
    """The address after a proxy's prefix, plain or percent-encoded once."""
    for _ in range(5):
        if (start := _WEB_PREFIX.match(href.lstrip())) is None:
            break
        address = href.strip()[start.end() :]
        rest = next((rest for prefix in prefixes if (rest := _after(address, _bare(prefix)))), "")
        if not rest:
            break
        href = rest
    return href


def _after(address: str, prefix: str) -> str:
    """What follows the prefix, if it is an address; both without a scheme."""
    if not prefix or not address.lower().startswith(prefix):
        return ""
    rest = address[len(prefix) :]
    if not _WEB_PREFIX.match(rest):
        rest = unquote(rest)
    return rest if _WEB_PREFIX.match(rest) else ""


@lru_cache(maxsize=256)
def _bare(prefix: str) -> str:
    return _WEB_PREFIX.sub("", prefix, count=1).lower()


def is_placeholder(address: str, patterns: tuple[str, ...]) -> bool:
    """Whether a picture's address is a placeholder: empty, `…/undefined`, or one of the patterns."""
    path = address.partition("#")[0].partition("?")[0]
    return not address or path.rpartition("/")[2].lower() in _NO_ADDRESS or any(map(_is_match(address), patterns))


def _is_match(address: str) -> Callable[[str], bool]:
    bare = _lower_host(_WEB_PREFIX.sub("", address, count=1))
    return lambda pattern: matches(_glob(pattern), bare)


@lru_cache(maxsize=256)
def _glob(pattern: str) -> tuple[str, ...]:
    """Only `*` is special, because `?` occurs in addresses."""
    return glob_parts(_lower_host(_WEB_PREFIX.sub("", pattern, count=1)))


def _lower_host(bare: str) -> str:
    host, slash, path = bare.partition("/")
    return host.lower() + slash + path


def is_nothing(text: str) -> bool:
    """Whether a link or id says only that there is none: `N/A`, `none`, `null`, `#`, `http://`."""
    return text.strip().lower() in _NOTHING


def without_user(address: str) -> str:
    """An absolute web address without user name and password: they are a secret of somebody, or feign another host."""
    if "@" not in address:
        return address
    scheme, mark, rest = address.partition("://")
    if "@" not in rest or scheme not in WEB:
        return address
    end = min((at for one in "/?#" if (at := rest.find(one)) >= 0), default=len(rest))
    return scheme + mark + rest[:end].rpartition("@")[2] + rest[end:]


def host_of(address: str) -> str:
    """The host of an absolute web address, without port; "" for others."""
    if plain := _PLAIN_HOST.match(address):
        return plain[1]
    if not address.lower().startswith(("http://", "https://")):
        return ""
    try:
        return split(address).hostname or ""
    except ValueError:
        return ""


def split(url: str) -> SplitResult:
    """`urlsplit`; raises ValueError. urllib normalizes hosts (NFKC) in time quadratic in their combining marks, so a
    host longer than any real one is refused first."""
    if not url.isascii():
        scheme, _, rest = url.translate(_BLANKS).partition("//")
        end = min((at for mark in "/?#" if (at := rest.find(mark)) >= 0), default=len(rest))
        if end > _LONGEST_AUTHORITY and not any(mark in scheme for mark in "/?#"):
            raise ValueError(f"its host has more than {_LONGEST_AUTHORITY} characters")
    return urlsplit(url)


def is_public_http(text: str) -> bool:
    """An HTTP address whose host is a domain name of several labels, not a name of a local network."""
    return bool(_PUBLIC_HTTP.match(text))
