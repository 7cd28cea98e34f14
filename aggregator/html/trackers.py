"""Pictures that watch the reader instead of showing anything, known by size or by address."""

import re

# host, or host and the beginning of the path, of counters in feeds; "." before a host covers those below it.
_COUNTERS = (
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


def _pattern(counter: str) -> str:
    if "/" not in counter:
        return rf"[^/]+/(?:[^?\#]*[/?&])?{re.escape(counter)}"
    below = r"(?:[^/]*\.)?" if counter.startswith(".") else ""
    return below + re.escape(counter.removeprefix(".")).replace(r"\*", "[^/]*")


_COUNTER = re.compile(rf"https?://(?:{'|'.join(map(_pattern, _COUNTERS))})", re.IGNORECASE)
_PIXELS = re.compile(r"\s*0*([0-9]{1,6})(?:\.[0-9]*)?\s*(?:px)?\s*", re.IGNORECASE)
_TINY_STYLE = re.compile(r"(?:^|[;\s])(?:width|height)\s*:\s*0*[0-2](?:\.\d+)?\s*(?:px)?\s*(?:!|;|$)", re.IGNORECASE)


def counts(address: str) -> bool:
    """Whether this absolute address is one of the known counters or ad servers."""
    return _COUNTER.match(address) is not None


def invisible(width: str, height: str, style: str = "") -> bool:
    """Whether a picture is declared so small (2 pixels or less) that it is there to be loaded, not seen."""
    return _tiny(width) or _tiny(height) or bool(style and _TINY_STYLE.search(style[:500]))


def _tiny(size: str) -> bool:
    pixels = _PIXELS.fullmatch(size[:20])
    return pixels is not None and int(pixels[1]) <= 2
