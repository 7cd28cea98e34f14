"""Cookies of one pull (RFC 6265), for servers that send one with a redirect and want it back.

They last as long as the pull. Each goes back only to the origin (scheme, host, port) that set it, whatever Domain it
names. They are written nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from aggregator.fetch.url import host, origin_of
from aggregator.text.http_dates import read_date

_MOST = 20
_MOST_BYTES = 4096  # names and values of all
_LONGEST = 16 * 1024  # bytes of one header with its attributes


@dataclass(frozen=True, slots=True)
class _Cookie:
    name: str
    value: str
    origin: str
    path: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.origin, self.path, self.name


class Cookies:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], _Cookie] = {}

    def take(self, url: httpx.URL, headers: Sequence[tuple[bytes, bytes]], now: datetime) -> bool:
        """Keeps the cookies of an answer from `url`; whether any is new, changed or gone."""
        before = dict(self._kept)
        for name, value in headers:
            if name.lower() == b"set-cookie" and len(value) <= _LONGEST:
                self._take(url, value.decode("latin-1"), now)
        return self._kept != before

    def for_request(self, url: httpx.URL) -> str:
        """The header Cookie for a request to `url`, or "". Longer paths come first (5.4)."""
        if not self._kept:
            return ""
        here, path = origin_of(url), url.raw_path.decode("ascii").partition("?")[0]
        sent = [one for one in self._kept.values() if one.origin == here and _covers(one.path, path)]
        sent.sort(key=lambda one: -len(one.path))
        return "; ".join(f"{one.name}={one.value}" for one in sent)

    def _take(self, url: httpx.URL, header: str, now: datetime) -> None:
        pair, *others = header.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        attributes = _attributes(others)
        if not (equals and name and _is_sendable(name + value) and _is_allowed(url, attributes)):
            return
        path = attributes.get("path", "")
        cookie = _Cookie(name, value, origin_of(url), path if path.startswith("/") else _directory(url))
        self._kept.pop(cookie.key, None)
        size = sum(len(one.name) + len(one.value) for one in self._kept.values())
        if not _has_expired(attributes, now) and len(self._kept) < _MOST and size + len(name + value) <= _MOST_BYTES:
            self._kept[cookie.key] = cookie


def _attributes(parts: Sequence[str]) -> dict[str, str]:
    """The last of each name counts (5.3)."""
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _is_sendable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _is_allowed(url: httpx.URL, attributes: dict[str, str]) -> bool:
    """A Domain must cover the host that names it; a cookie that is Secure comes by https."""
    name, domain = host(url), attributes.get("domain", "").lstrip(".").lower()
    covers = not domain or name == domain or name.endswith("." + domain)
    return covers and (url.scheme == "https" or "secure" not in attributes)


def _has_expired(attributes: dict[str, str], now: datetime) -> bool:
    """Max-Age overrules Expires (5.3, step 3)."""
    age = attributes.get("max-age", "")
    if age.lstrip("-").isdecimal() and age.isascii():
        return age.startswith("-") or not age.strip("0")
    date = read_date(attributes.get("expires", ""))
    return date is not None and date <= now


def _directory(url: httpx.URL) -> str:
    """The default path (5.1.4)."""
    return url.raw_path.decode("ascii").partition("?")[0].rpartition("/")[0] or "/"


def _covers(path: str, asked: str) -> bool:
    return asked == path or (asked.startswith(path) and (path.endswith("/") or asked[len(path)] == "/"))
