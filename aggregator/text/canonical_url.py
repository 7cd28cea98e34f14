"""The comparable form of a link: links to the same page are equal, and a link that proves nothing is empty."""

import re
from functools import lru_cache
from typing import NamedTuple

from aggregator.text.globs import glob_parts, matches
from aggregator.text.tracking_parameters import FOR_IDS, TRACKING
from aggregator.text.urls import absolute

_NO_SCHEME = re.compile(r"(?:\[[0-9A-Fa-f:.]++\]|[^/?#:@\\\s\[\]]++)(?::[0-9]{1,5}+)?+(?=[/?#]|$)")
_BEHIND_HOST = re.compile(r"[/\\?#]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = frozenset({"80", "443"})
# A host, and no file or branch, which a `ref` may name, too.
_HOST_NAME = re.compile(r"[a-z0-9-]++(?:\.[a-z0-9-]++)++", re.IGNORECASE)
_DOMAINS = frozenset(
    "ai app at au be biz blog br ca ch cn co com cz de dev dk email es eu fi fm fr in info io it jp kr me net news nl"
    " no nz org pl pt pub ru se tech tv uk us xyz".split()
)
_OTHERWISE = ("?", ";", "%", "./", ".:", ".#", "\\")  # a query, a session, an escape, or a dot that may end a host
_SESSION = ";jsessionid="
_ACCELERATED = frozenset({"amp", "amp=", "amp=1", "amp=true", "outputtype=amp"})


@lru_cache(maxsize=2000)  # an entry's pictures are compared twice, and entries of a feed link to the same pages
def canonical_link(href: str, *, tracking: tuple[str, ...] = ()) -> str:
    """`host/path?query`: no scheme, no user, no default port, no dot at the end of the host, no fragment unless it is a
    route (`#!` or `#/`).

    Escapes are normalized and dot segments resolved (RFC 3986 6.2.2), tracking parameters taken out, the others
    sorted by name, trailing slashes of the path dropped: `/a` and `/a/` are nearly always one page. `www.` stays,
    because it is another host. A page's AMP form is the page, and so is one with a session (`;jsessionid=` in the path,
    Jakarta Servlet 7.1.3); a `ref` that names a host says where the link stood (as
    Ghost adds it). "" if the link proves nothing: not http(s), no host, or a bare home page. Idempotent; never raises.
    """
    return _canonical(href, _trackers(TRACKING, tracking), is_for_ids=False)


def minting_link(href: str, *, tracking: tuple[str, ...] = ()) -> str:
    """The form that ids are minted from: as `canonical_link`, by the rules of the first version, which never change."""
    return _canonical(href, _trackers(FOR_IDS, tracking), is_for_ids=True)


def may_mint_otherwise(href: str) -> bool:
    """Whether `minting_link` may differ from `canonical_link`. It answers in a fraction of the time that both take."""
    is_plain = href.isascii() and not any(mark in href for mark in _OTHERWISE)
    return not is_plain or href.rstrip().endswith(".") or "/amp" in href.lower()


def _canonical(href: str, trackers: "_Trackers", *, is_for_ids: bool) -> str:
    if not _BEHIND_HOST.search(href):  # as alternative texts of pictures, which are compared, too
        return ""
    address = absolute(f"https://{href}" if _NO_SCHEME.match(href) else href)
    bare, _, fragment = address.partition("://")[2].partition("#")
    bare, _, query = bare.partition("?")
    authority, _, path = bare.partition("/")
    host = _plain_host(authority.rpartition("@")[2], dot="" if is_for_ids else ".")
    path, parts, route = _path(path), _parts(query, trackers), _route(fragment)
    if not is_for_ids:
        path = _without_amp(_without_session(path))
        parts = [part for part in parts if not _is_added(part, path)]
    query = "?" + "&".join(sorted(parts, key=_name)) if parts else ""
    return f"{host}/{path}{query}{route}" if host and (path or query or route) else ""


def canonical_host(href: str) -> str:
    """Host and port of a web address in the same form, also of a bare home page; "" for others."""
    authority = absolute(href).partition("://")[2].partition("#")[0].partition("?")[0].partition("/")[0]
    return _plain_host(authority.rpartition("@")[2])


def _plain_host(host: str, dot: str = ".") -> str:
    """Host and port; the dot of the root (RFC 1034 3.1) makes no other host. `dot`: what is cut from its end."""
    name, port = (host, "") if host.endswith("]") or ":" not in host else host.rsplit(":", 1)
    is_default = not port or port.lstrip("0") in _DEFAULT_PORTS
    return name.removesuffix(dot) + ("" if is_default else f":{port}")


def _path(path: str) -> str:
    """The path decoded, then without dot segments, because `%2e%2e` is one."""
    path = _escapes(path)
    if "/." not in f"/{path}":
        return path.rstrip("/")
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept).rstrip("/")


def _without_session(path: str) -> str:
    at = path.lower().find(_SESSION)
    return path[:at].rstrip("/") if at >= 0 else path


def _without_amp(path: str) -> str:
    """The path of an article without `/amp`. Its own segment has a digit or two hyphens: `guitars/amp` is a page."""
    if path[-4:].lower() != "/amp":
        return path
    before = path[:-4]
    article = before.rpartition("/")[2]
    is_article = article.count("-") > 1 or any(map(str.isdigit, article))
    return before if is_article else path


def _is_added(part: str, path: str) -> bool:
    """Whether a parameter names the AMP form, or the site that the link stood on."""
    name, _, value = part.lower().partition("=")
    if name != "ref":
        return part.lower() in _ACCELERATED
    return bool(path and _HOST_NAME.fullmatch(value)) and value.rpartition(".")[2] in _DOMAINS


def _parts(query: str, trackers: "_Trackers") -> list[str]:
    return [part for part in _escapes(query).split("&") if part and not trackers.have(_name(part).lower())]


def _name(part: str) -> str:
    return part.partition("=")[0]


class _Trackers(NamedTuple):
    """Names of parameters in lower case: plain ones, the beginnings of those with one `*` at the end, other globs."""

    plain: frozenset[str]
    beginnings: tuple[str, ...]
    globs: tuple[tuple[str, ...], ...]

    def have(self, name: str) -> bool:
        return name in self.plain or name.startswith(self.beginnings) or any(matches(one, name) for one in self.globs)


@lru_cache(maxsize=64)
def _trackers(listed: tuple[str, ...], tracking: tuple[str, ...]) -> _Trackers:
    plain, beginnings, globs = [], [], []
    for name in map(str.lower, (*listed, *tracking)):
        if "*" not in name:
            plain.append(name)
        elif name.index("*") == len(name) - 1:
            beginnings.append(name[:-1])
        else:
            globs.append(glob_parts(name))
    return _Trackers(frozenset(plain), tuple(beginnings), tuple(globs))


def _route(fragment: str) -> str:
    """A fragment that selects a page of a script-driven site, else ""."""
    route = _escapes(fragment).rstrip("/")
    return f"#{route}" if route.startswith(("!", "/")) and route.strip("!/") else ""


def _escapes(text: str) -> str:
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()
