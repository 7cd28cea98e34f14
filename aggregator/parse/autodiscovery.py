"""The feeds that a web page names (RSS Autodiscovery; HTML 4.6.7.1, `alternate`), and common feed addresses."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from aggregator.html.tokenizer import Start, Tokens
from aggregator.text.canonical_url import canonical_host, canonical_link
from aggregator.text.normalize import media_type, one_line, shorten
from aggregator.text.urls import absolute, split

MOST = 30  # of one page
TYPES = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
    "application/json": "JSON Feed",
    "application/rdf+xml": "RSS",
    "application/xml": "feed",
    "text/xml": "feed",
    "application/x.atom+xml": "Atom",
    "application/x-atom+xml": "Atom",
    "text/rss+xml": "RSS",
    "text/atom+xml": "Atom",
}
COMMON = ("feed", "atom.xml", "rss.xml", "index.xml", "feed.xml", "feed.json", "rss")

# Tags inside these elements are text, or not part of the visible page.
_NOT_READ = frozenset({"script", "style", "template", "noscript", "textarea", "title", "svg", "math", "xmp", "iframe"})

_HEAD = frozenset({"link", "base"})


@dataclass(frozen=True, slots=True)
class Found:
    """A feed, or a link to one on a page. `kind` is RSS, Atom, JSON Feed or feed."""

    url: str
    title: str = ""
    kind: str = "feed"


def feeds_named(page: str, url: str) -> tuple[Found, ...]:
    """The feeds that the page at `url` names, in its order, each once, at most MOST; only http(s) addresses."""
    base, seen = url, dict[str, Found]()
    for tag in tags(page, _HEAD):
        if tag.name == "base" and base is url and (href := tag.get("href").strip()):
            base = joined(url, href) or url
        elif tag.name == "link" and (found := _named(tag, base)):
            seen.setdefault(same(found.url), found)
        if len(seen) == MOST:
            break
    return tuple(seen.values())


def longest_named(page: str) -> int:
    """Length in characters of the longest feed address on the page."""
    return max((len(tag.get("href")) for tag in tags(page, _HEAD) if tag.name == "link" and _is_feed(tag)), default=0)


def common_places(url: str) -> tuple[str, ...]:
    """Common feed addresses: beside the page, then at the root of its host."""
    parts = split(url)
    beside = parts.path if parts.path.endswith("/") else parts.path.rpartition("/")[0] + "/"
    places = [urljoin(url, f"{folder}{name}") for folder in dict.fromkeys((beside, "/")) for name in COMMON]
    return tuple(dict.fromkeys(places))


def same(url: str) -> str:
    """A key that is equal for equivalent addresses of feeds: scheme, default port, trailing slash, tracking parameters
    and the fragment, which is never sent, do not count."""
    url = url.partition("#")[0]
    return canonical_link(url) or canonical_host(url) or url


def tags(page: str, names: Collection[str]) -> Iterator[Start]:
    """The start tags of these names, in order."""
    tokens = Tokens(page)
    for token in tokens:
        if isinstance(token, Start):
            if token.name in _NOT_READ and not token.closed:
                tokens.skip(token.name)
            elif token.name in names:
                yield token


def _is_feed(tag: Start) -> bool:
    """`rel` is a set of words; "alternate stylesheet" is a style."""
    words = set(tag.get("rel").lower().split())
    is_named = bool(words & {"alternate", "feed"}) and "stylesheet" not in words
    return is_named and (media_type(tag.get("type")) in TYPES or "feed" in words)


def _named(tag: Start, base: str) -> Found | None:
    """A JSON link counts as a feed only if its address or title says so."""
    if not _is_feed(tag):
        return None
    kind = media_type(tag.get("type"))
    href = tag.get("href").strip()
    if kind == "application/json" and not _may_be_feed(href, tag.get("title")):
        return None
    url = joined(base, href) if href else ""
    return Found(url, shorten(one_line(tag.get("title")), 200), TYPES.get(kind, "feed")) if url else None


def _may_be_feed(href: str, title: str) -> bool:
    """Whether address or title say "feed"; never WordPress's API, which every page links with this media type."""
    return "wp-json" not in href and ("feed" in href.lower() or "feed" in title.lower())


def joined(base: str, href: str) -> str:
    """An http(s) address without fragment, else ""."""
    url = absolute(href.removeprefix("feed:"), base).partition("#")[0]
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and "@" not in parts.netloc else ""
