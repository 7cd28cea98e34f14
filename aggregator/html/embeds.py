"""Embedded players → the page with the same content: feed readers get a link, not a frame."""

import re
from urllib.parse import parse_qs, urlsplit

from aggregator.text.urls import absolute

_ID = r"(?P<id>[A-Za-z0-9_-]{1,64})"

# (host and path of the player, page). `{id}` and the like come from the path, `{?name}` from the query.
_PLAYERS = (
    (r"(?:www\.)?youtube(?:-nocookie)?\.com/embed/videoseries", "https://www.youtube.com/playlist?list={?list}"),
    (rf"(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v)/{_ID}", "https://www.youtube.com/watch?v={id}"),
    (r"player\.vimeo\.com/video/(?P<id>[0-9]+)", "https://vimeo.com/{id}"),
    (rf"(?:www\.)?dailymotion\.com/embed/video/{_ID}", "https://www.dailymotion.com/video/{id}"),
    (r"geo\.dailymotion\.com/player(?:/[^/]*)?\.html", "https://www.dailymotion.com/video/{?video}"),
    (r"player\.bilibili\.com/player\.html", "https://www.bilibili.com/video/{?bvid}"),
    (r"player\.bilibili\.com/player\.html", "https://www.bilibili.com/video/av{?aid}"),
    (rf"open\.spotify\.com/embed(?:-podcast)?/(?P<kind>[a-z]+)/{_ID}", "https://open.spotify.com/{kind}/{id}"),
    (r"player\.twitch\.tv/?", "https://www.twitch.tv/videos/{?video}"),
    (r"player\.twitch\.tv/?", "https://www.twitch.tv/{?channel}"),
    (r"platform\.twitter\.com/embed/Tweet\.html", "https://twitter.com/i/status/{?id}"),
    (rf"codepen\.io/(?P<user>[A-Za-z0-9_-]+)/embed/(?:preview/)?{_ID}", "https://codepen.io/{user}/pen/{id}"),
    (rf"(?:www\.)?instagram\.com/(?P<kind>p|reel)/{_ID}/embed(?:/captioned)?", "https://www.instagram.com/{kind}/{id}/"),
    (rf"embed\.ted\.com/talks/{_ID}", "https://www.ted.com/talks/{id}"),
)  # fmt: skip
_PAGES = tuple((re.compile(host + "/?"), page) for host, page in _PLAYERS)
_FIELD = re.compile(r"\{(\??)([a-z]+)\}")
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ADDRESS_INSIDE = {"w.soundcloud.com": "url", "www.facebook.com": "href", "docs.google.com": "url"}


def page_url(address: str) -> str:
    """The page for an embedded player's absolute address; the address itself if no page is known."""
    parts = urlsplit(address)
    query = parse_qs(parts.query[:4000])
    host = parts.netloc.lower()
    for pattern, page in _PAGES:
        found = pattern.fullmatch(host + parts.path)
        if found and (filled := _filled(page, found.groupdict(), query)):
            return filled
    inside = query.get(_ADDRESS_INSIDE.get(host, ""), [""])[0]
    return absolute(inside) or address


def _filled(page: str, path: dict[str, str], query: dict[str, list[str]]) -> str:
    values: dict[str, str] = {}
    for from_query, name in _FIELD.findall(page):
        value = query.get(name, [""])[0] if from_query else path[name]
        if not _PLAIN.fullmatch(value):
            return ""
        values[from_query + name] = value
    return _FIELD.sub(lambda field: values[field[1] + field[2]], page)
