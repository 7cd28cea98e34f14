"""The comparable form of a link: links to the same page are equal, and a link that proves nothing is empty."""

import re
from functools import lru_cache

from aggregator.text.globs import glob_parts, matches
from aggregator.text.urls import absolute

# Parameters that senders and advertisers add to see who follows a link. None of them selects a page.
TRACKING = (
    "utm_*", "utm-*", "at_medium", "at_campaign", "at_custom*", "pk_*", "mtm_*", "matomo_*", "piwik_*",
    "_ga", "_gl", "_gac", "ga_*", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "srsltid",
    "fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "igshid", "igsh", "mibextid",
    "msclkid", "cvid", "ocid", "twclid", "ref_src", "ref_url", "ttclid", "li_fat_id", "epik", "sc_cid",
    "rdt_cid", "yclid", "_openstat", "ysclid", "spm", "scm", "share_source", "share_medium", "spm_id_from",
    "vd_source", "mc_cid", "mc_eid", "mkt_tok", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id",
    "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", "ml_subscriber", "ml_subscriber_hash",
    "ck_subscriber_id", "dm_i", "elqtrackid", "elqtrack", "s_cid", "wt_mc", "wt_mc_o", "wt_zmc", "wickedid",
    "irclickid", "cmpid", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "xtor",
    "cndid", "ftag", "guccounter", "guce_referrer*", "amp_js_v",
)  # fmt: skip

_NO_SCHEME = re.compile(r"(?:\[[0-9A-Fa-f:.]++\]|[^/?#:@\\\s\[\]]++)(?::[0-9]{1,5}+)?+(?=[/?#]|$)")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = frozenset({"80", "443"})


def canonical_link(href: str, *, tracking: tuple[str, ...] = ()) -> str:
    """`host/path?query`: no scheme, no user, no default port, no dot at the end of the host, no fragment unless it is a
    route (`#!` or `#/`).

    Escapes are normalized and dot segments resolved (RFC 3986 6.2.2), tracking parameters taken out, the others
    sorted by name, trailing slashes of the path dropped: `/a` and `/a/` are nearly always one page. `www.` stays,
    because it is another host. "" if the link proves nothing: not http(s), no host, or a bare home page. Idempotent;
    never raises.
    """
    address = absolute(f"https://{href}" if _NO_SCHEME.match(href) else href)
    bare, _, fragment = address.partition("://")[2].partition("#")
    bare, _, query = bare.partition("?")
    authority, _, path = bare.partition("/")
    host = _plain_host(authority.rpartition("@")[2])
    path, query, route = _path(path), _query(query, tracking), _route(fragment)
    return f"{host}/{path}{query}{route}" if host and (path or query or route) else ""


def canonical_host(href: str) -> str:
    """Host and port of a web address in the same form, also of a bare home page; "" for others."""
    authority = absolute(href).partition("://")[2].partition("#")[0].partition("?")[0].partition("/")[0]
    return _plain_host(authority.rpartition("@")[2])


def _plain_host(host: str) -> str:
    """Host and port; the dot of the root (RFC 1034 3.1) makes no other host."""
    name, port = (host, "") if host.endswith("]") or ":" not in host else host.rsplit(":", 1)
    is_default = not port or port.lstrip("0") in _DEFAULT_PORTS
    return name.removesuffix(".") + ("" if is_default else f":{port}")


def _path(path: str) -> str:
    """The path decoded, then without dot segments, because `%2e%2e` is one."""
    kept: list[str] = []
    for segment in _escapes(path).split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept).rstrip("/")


def _query(query: str, tracking: tuple[str, ...]) -> str:
    parts = [part for part in _escapes(query).split("&") if part and not _tracks(part, tracking)]
    return "?" + "&".join(sorted(parts, key=_name)) if parts else ""


def _tracks(part: str, tracking: tuple[str, ...]) -> bool:
    plain, globs = _tracker_names(tracking)
    name = _name(part).lower()
    return name in plain or any(matches(glob, name) for glob in globs)


def _name(part: str) -> str:
    return part.partition("=")[0]


@lru_cache(maxsize=64)
def _tracker_names(more: tuple[str, ...]) -> tuple[frozenset[str], tuple[tuple[str, ...], ...]]:
    """The plain names, and the parts of the globs."""
    names = [name.lower() for name in (*TRACKING, *more)]
    return frozenset(name for name in names if "*" not in name), tuple(
        glob_parts(name) for name in names if "*" in name
    )


def _route(fragment: str) -> str:
    """A fragment that selects a page of a script-driven site, else ""."""
    route = _escapes(fragment).rstrip("/")
    return f"#{route}" if route.startswith(("!", "/")) and route.strip("!/") else ""


def _escapes(text: str) -> str:
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()
