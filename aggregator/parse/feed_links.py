"""Feeds that a page leads to without naming them in its head: `Link` header fields (RFC 8288) and plain links."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from aggregator.html.tokenizer import Start
from aggregator.parse.autodiscovery import MOST, TYPES, Found, joined, same, tags
from aggregator.text.normalize import media_type, one_line, shorten

LONGEST = 16_384  # characters of a header field that are read
TITLE = 200  # characters

# How addresses of feeds end, and what of kind such a feed is.
_NAMES = {
    "feed": "feed", "feeds": "feed", "feed.xml": "feed", "index.xml": "feed", "rss": "RSS", "rss2": "RSS",
    "rss.xml": "RSS", "index.rdf": "RSS", "atom": "Atom", "atom.xml": "Atom", "feed.json": "JSON Feed",
}  # fmt: skip
_EXTENSIONS = {".rss": "RSS", ".rdf": "RSS", ".atom": "Atom"}
_QUERIES = {"feed": "feed", "format": "feed"}  # ?feed=rss2, ?format=atom


def feeds_in_header(field: str, url: str) -> tuple[Found, ...]:
    """The alternates of the document at `url` that a `Link` field names as feeds, in its order, at most MOST."""
    found: dict[str, Found] = {}
    for target, parameters in _links(field[:LONGEST]):
        kind = media_type(parameters.get("type", ""))
        if "alternate" in parameters.get("rel", "").lower().split() and kind in TYPES:
            address = joined(url, target)
            if address and len(found) < MOST:
                title = shorten(one_line(parameters.get("title", "")), TITLE)
                found.setdefault(same(address), Found(address, title, TYPES[kind]))
    return tuple(found.values())


def feeds_linked(page: str, url: str) -> tuple[Found, ...]:
    """Where the links (`<a>`) of the page at `url` lead to what looks like a feed, in its order, each once, at most
    MOST."""
    base, found = url, dict[str, Found]()
    for tag in tags(page, {"a", "base"}):
        if tag.name == "base" and base is url and (href := tag.get("href").strip()):
            base = joined(url, href) or url
        elif tag.name == "a" and (kind := _kind(tag)) and (address := joined(base, tag.get("href").strip())):
            title = shorten(one_line(tag.get("title") or tag.get("aria-label")), TITLE)
            found.setdefault(same(address), Found(address, title, kind))
        if len(found) == MOST:
            break
    return tuple(found.values())


def _kind(tag: Start) -> str:
    """The kind of feed that the link promises by its type or address, "" for none."""
    if kind := TYPES.get(media_type(tag.get("type"))):
        return kind
    href = tag.get("href").strip()
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme.lower() == "feed":
        return "feed"
    last = unquote(parts.path).rstrip("/").rpartition("/")[2].lower()
    kinds = (kind for end, kind in _EXTENSIONS.items() if last.endswith(end) and last != end)
    return _NAMES.get(last) or next(kinds, "") or _of_query(parts.query.lower())


def _of_query(query: str) -> str:
    """WordPress's `?feed=rss2`, MediaWiki's `?feed=atom` and their kind."""
    pairs = (part.partition("=") for part in query.split("&"))
    known = ("rss", "rss2", "atom", "rdf", "json")
    return next((_QUERIES[name] for name, _, value in pairs if name in _QUERIES and value in known), "")


def _links(field: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each target with its parameters, names in lower case, the first of each (RFC 8288 3)."""
    at = 0
    while (begin := field.find("<", at)) >= 0 and (end := field.find(">", begin)) >= 0:
        parameters, at = _parameters(field, end + 1)
        yield field[begin + 1 : end].strip(), parameters


def _parameters(field: str, at: int) -> tuple[dict[str, str], int]:
    """The parameters from `at`, and where they end: at the comma before the next link."""
    found: dict[str, str] = {}
    part, quoted = "", False
    while at < len(field):
        char = field[at]
        if quoted and char == "\\" and at + 1 < len(field):
            part, at = part + field[at + 1], at + 2
            continue
        if char == '"':
            quoted = not quoted
        elif char in ";," and not quoted:
            _add(found, part)
            part = ""
            if char == ",":
                break
        else:
            part += char
        at += 1
    _add(found, part)
    return found, at


def _add(found: dict[str, str], part: str) -> None:
    name, _, value = part.partition("=")
    if name.strip():
        found.setdefault(name.strip().lower(), value.strip())
