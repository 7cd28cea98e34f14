"""Follows redirects by hand, because libraries would send secrets along and follow to any address."""

from urllib.parse import urljoin

import httpx

from aggregator.errors import FetchError
from aggregator.fetch.cookies import Cookies
from aggregator.fetch.url import origin_of, parse, shown, user_info
from aggregator.text.urls import LONGEST, split

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_MOST = 5


class Trail:
    """The redirects of one pull: `here` is the current address.

    `moved_to`: the last address reached by permanent redirects alone, or "". `at_home`: the trail has not left its
    first origin; only then may the source's own headers be sent. `cookies`: those that its redirects set; they are sent
    once a redirect led back to an address that was asked before (`has_returned`): only then they are what it wants.
    """

    def __init__(self, url: str) -> None:
        self.start = self.here = parse(url)
        self.moved_to = ""
        self.cookies = Cookies()
        self.at_home = True
        self.has_returned = False
        self._home = origin_of(self.here)
        self._only_permanent = True
        self._seen = {str(self.here)}
        self._followed = 0

    def follow(self, status: int, location: str, *, may_return: bool = False) -> None:
        """Moves to a Location (RFC 9110 10.2.2). `may_return`: to an address that was asked before, since the redirect
        set a cookie, with which that address may answer. Raises FetchError (kind `redirect`) if it must not be
        followed.
        """
        target = _target(self.here, location)
        returns = str(target) in self._seen
        if returns and not may_return:
            raise _bad(f"{shown(str(target))} again, round in a circle")
        if self._followed == _MOST:
            raise _bad(f"{shown(str(target))} after {_MOST} other redirects; more are not followed")
        self.has_returned = self.has_returned or returns
        self._seen.add(str(target))
        self._followed += 1
        self._only_permanent = self._only_permanent and status in _PERMANENT
        if self._only_permanent:
            self.moved_to = str(target) if target != self.start else ""
        self.at_home = self.at_home and origin_of(target) == self._home
        self.here = target


def _target(here: httpx.URL, location: str) -> httpx.URL:
    if not location.strip():
        raise _bad("nowhere: its Location is missing")
    if len(location) > LONGEST:
        length = f"{len(location):,} characters, where {LONGEST:,} are the most"
        raise _bad(f"an address of {length}: {shown(location.strip())}")
    try:
        split(location)
        absolute = urljoin(str(here), location.strip())
        target, login = parse(absolute), user_info(absolute)
    except FetchError as error:
        raise (_bad(f"a place that is none: {error}") if error.kind == "config" else error) from error
    except ValueError as error:
        raise _bad("a place that is none") from error
    if login is not None:
        raise _bad(f"{shown(absolute)} with a user name in it, which is refused")
    if here.scheme == "https" and target.scheme == "http":
        raise _bad(f"{shown(absolute)}, from https down to http, which is refused")
    return target


def _bad(where: str) -> FetchError:
    return FetchError("redirect", f"the address redirects to {where}", transient=False)
