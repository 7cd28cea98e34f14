"""Tracking pictures, recognized by their address or size."""

import re
from collections.abc import Iterable

# Trackers in feeds: a host, or a host and the beginning of a path; "." before a host includes its subdomains.
_TRACKERS = (
    "feeds.feedburner.com/~", "feedproxy.google.com/~", ".feedsportal.com/", "feeds.feedblitz.com/~",
    "assets.feedblitz.com/i/", "feeds.feedblitz.com/_/", "feedads.g.doubleclick.net/", ".doubleclick.net/",
    ".googlesyndication.com/", ".2mdn.net/", ".google-analytics.com/", ".googletagmanager.com/",
    ".googleadservices.com/", "blogger.googleusercontent.com/tracker/", "feeds.wordpress.com/1.0/",
    "pixel.wp.com/", "stats.wp.com/", "stats.wordpress.com/", ".scorecardresearch.com/", ".quantserve.com/",
    "rss.buysellads.com/", "stats.buysellads.com/", ".pheedo.com/", ".pheedcontent.com/",
    ".imrworldwide.com/", "medium.com/_/stat", ".facebook.com/tr", "track.hubspot.com/",
    ".hubspot.com/__ptq.gif", ".list-manage.com/track/", "eotrx.substackcdn.com/", "counter.yadro.ru/",
    "mc.yandex.ru/", "hm.baidu.com/", ".statcounter.com/", ".cnzz.com/", "analytics.twitter.com/",
    "t.co/i/adsct", "bat.bing.com/", "px.ads.linkedin.com/", "ct.pinterest.com/", ".chartbeat.net/",
    ".adsymptotic.com/", ".outbrain.com/", ".taboola.com/", ".zergnet.com/", "hits.dwyl.com/",
    "countertool.de/", ".met.vgwort.de/", ".ioam.de/", ".xiti.com/", ".webtrends.com/", "piwik.php",
    "matomo.php", "republication-tracker-tool", ".adsafeprotected.com/", "pixel.*/",
)  # fmt: skip


def _any(trackers: Iterable[str]) -> str:
    """A pattern of all of them, so that what stands before is searched once."""
    return "(?:" + "|".join(re.escape(one.removeprefix(".")).replace(r"\*", "[^/]*") for one in trackers) + ")"


_FILES = [one for one in _TRACKERS if "/" not in one]
_BELOW = [one for one in _TRACKERS if one.startswith(".")]
_HOSTS = [one for one in _TRACKERS if one not in _FILES + _BELOW]
_TRACKER = re.compile(
    rf"https?://(?:{_any(_HOSTS)}|(?:[^/]*\.)?{_any(_BELOW)}|[^/]+/(?:[^?\#]*[/?&])?{_any(_FILES)})", re.IGNORECASE
)
_PIXELS = re.compile(r"\s*0*([0-9]{1,6})(?:\.[0-9]*)?\s*(?:px)?\s*", re.IGNORECASE)
_TINY_STYLE = re.compile(r"(?:^|[;\s])(?:width|height)\s*:\s*0*[0-2](?:\.\d+)?\s*(?:px)?\s*(?:!|;|$)", re.IGNORECASE)


def is_tracker(address: str) -> bool:
    """Whether this absolute address is a known tracker or ad server."""
    return _TRACKER.match(address) is not None


def is_invisible(width: str, height: str, style: str = "") -> bool:
    """Whether a picture has a declared width or height of 2 pixels or less."""
    return _tiny(width) or _tiny(height) or bool(style and _TINY_STYLE.search(style[:500]))


def _tiny(size: str) -> bool:
    pixels = _PIXELS.fullmatch(size[:20])
    return pixels is not None and int(pixels[1]) <= 2
