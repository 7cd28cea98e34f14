"""Cleans extension elements (other vocabularies): decides which are republished, and what of them is safe to show.

An element keeps text and addresses, never markup. Elements that a field of a draft covers are not among them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from aggregator.html.sanitize import plain, sanitize
from aggregator.model.document import Extension
from aggregator.text.normalize import legal, media_type, one_line, shorten
from aggregator.text.urls import ContentSettings

# The prefixes that we write. Documents that we read may use any.
SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "georss": "http://www.georss.org/georss",
    "gml": "http://www.opengis.net/gml",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
# Namespace and name of our element around an element that its vocabulary defines and the W3C feed validator does not
# know: the validator does not look into elements of a namespace that it does not know.
ENVELOPE = ("urn:uuid:c103863f-7e2f-477e-8e93-769d7d9f504f", "statistics")
_OLDER = {
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
}
_PREFIXES = {uri.lower().rstrip("/#"): prefix for prefix, uri in SPACES.items()} | {
    uri.rstrip("/"): prefix for uri, prefix in _OLDER.items()
}

# Parsed into fields of a draft.
_OURS = {
    "dc": {"contributor", "creator", "date", "description", "language", "rights", "subject", "title"},
    "dcterms": {
        "contributor", "creator", "description", "issued", "language", "modified", "rights", "subject", "title",
    },
    "itunes": {"author", "keywords"},
    "media": {"category", "keywords"},
}  # fmt: skip
# These concern the whole feed, and are wrong in another one: ownership, payment, its new address.
_OF_THE_FEED = {
    "itunes": {"category", "complete", "name", "email", "new-feed-url", "owner", "type"},
    "podcast": {
        "funding", "guid", "locked", "medium", "podping", "podroll", "publisher", "remoteitem", "trailer", "txt",
        "updatefrequency",
    },
}  # fmt: skip
_LEFT_OUT = {f"{prefix}:{name}" for table in (_OURS, _OF_THE_FEED) for prefix, names in table.items() for name in names}

MOST = 200  # elements of an entry, nested ones among them
DEEPEST = 6
LONGEST_TEXT = 10_000
LONGEST_VALUE = 1000
MOST_ATTRIBUTES = 20
MOST_CHARACTERS = 100_000  # of an entry

# Attributes that hold an address, in lower case, and elements whose text is one.
_ADDRESSES = frozenset({"accounturl", "href", "image", "img", "src", "uri", "url"})
_ADDRESS_TEXT = frozenset({"wfw:comment", "wfw:commentrss"})
# Texts that may repeat title, summary or content.
_TEXTS = frozenset({"itunes:summary", "itunes:title", "media:description", "media:title"})
_NUMBERS = frozenset({"duration", "fileSize", "height", "width"})
_PICTURES = frozenset({"itunes:image", "media:thumbnail"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,60}")
_SCRIPT = re.compile(r"(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!?]")


@lru_cache(maxsize=2048)
def known(namespace: str | None, local: str) -> str:
    """The name under which an element is republished (`media:content`), "" where it is not."""
    prefix = _PREFIXES.get(namespace.lower().rstrip("/#"), "") if namespace else ""
    return _carried(f"{prefix}:{local}") if prefix else ""


def _carried(name: str) -> str:
    prefix, _, local = name.partition(":")
    return name if prefix in SPACES and _NAME.fullmatch(local) and name.lower() not in _LEFT_OUT else ""


def clark(name: str) -> str:
    """`{namespace}local` (Clark notation) for a name that is republished."""
    prefix, _, local = name.partition(":")
    return f"{{{SPACES[prefix]}}}{local}"


def texts(extras: Iterable[Extension]) -> bool:
    """Whether any of them has a text that may repeat title, summary or content."""
    return any(extra.name in _TEXTS or texts(extra.children) for extra in extras)


@dataclass(frozen=True, slots=True)
class Cleaner:
    """`address`: makes an absolute web address, or "". `shows`: whether the address is of a real picture, not a
    placeholder or counter. `shown_texts`: title, summary and content as plain lines."""

    address: Callable[[str], str]
    shows: Callable[[str], bool]
    shown_texts: frozenset[str]

    def clean(self, extras: Iterable[Extension]) -> tuple[Extension, ...]:
        """The elements that are republished, in order, within the limits."""
        return tuple(_bounded(found for extra in extras if (found := self._one(extra, 1))))

    def _one(self, extra: Extension, depth: int) -> Extension | None:
        attributes = self._attributes(extra)
        if attributes is None or depth > DEEPEST or not _carried(extra.name):
            return None
        text = self._text(extra)
        children = tuple(found for child in extra.children if (found := self._one(child, depth + 1)))
        if not (text or children) and (extra.text.strip() or not attributes):
            return None  # its text is a repetition, unsafe or empty
        return _complete(Extension(extra.name, attributes, text, children))

    def _attributes(self, extra: Extension) -> tuple[tuple[str, str], ...] | None:
        """None where an address is not valid: the element would mean something else without it."""
        found = []
        for name, written in extra.attributes[:MOST_ATTRIBUTES]:
            value = (
                self._address(extra.name, written) if name.lower() in _ADDRESSES else _value(extra.name, name, written)
            )
            if value is None:
                return None
            if value and _NAME.fullmatch(name):
                found.append((name, value))
        return tuple(found)

    def _address(self, element: str, written: str) -> str | None:
        address = self.address(written)
        return address if address and (element not in _PICTURES or self.shows(address)) else None

    def _text(self, extra: Extension) -> str:
        if extra.name.lower() in _ADDRESS_TEXT:
            return self.address(extra.text)
        text = _characters(extra.text)
        return "" if extra.name in _TEXTS and one_line(text) in self.shown_texts else text


def _value(element: str, name: str, written: str) -> str:
    """A value on one line; "" where it is a script, or not of the type that Media RSS demands."""
    value = shorten(one_line(written), LONGEST_VALUE)
    if _SCRIPT.match(value):
        return ""
    if not element.startswith("media:"):
        return value
    if name in _NUMBERS:
        number = value.partition(".")[0]
        return number if number.isascii() and number.isdigit() and number.strip("0") else ""
    if name == "type" and element == "media:content":
        return media_type(value)
    return "plain" if name == "type" and value.lower() == "html" else value  # cleaning leaves no markup


def _complete(extra: Extension) -> Extension | None:
    """Media RSS: `content` and `thumbnail` need an address; one without becomes a group of its children."""
    if extra.name not in ("media:content", "media:thumbnail") or "url" in dict(extra.attributes):
        return extra
    return Extension("media:group", children=extra.children) if extra.children else None


def _characters(text: str) -> str:
    """Plain text without anything like a tag, because many readers take these elements for HTML."""
    text = legal(text[: 4 * LONGEST_TEXT]).strip()
    for _ in range(3):
        if not _TAG.search(text):
            return shorten(text, LONGEST_TEXT)
        text = plain(sanitize(text, base="", settings=ContentSettings())).strip()
    return "" if _TAG.search(text) else shorten(text, LONGEST_TEXT)


def _bounded(extras: Iterable[Extension]) -> Iterator[Extension]:
    elements = characters = 0
    for extra in extras:
        count, size = _measured(extra)
        elements, characters = elements + count, characters + size
        if elements > MOST or characters > MOST_CHARACTERS:
            return
        yield extra


def _measured(extra: Extension) -> tuple[int, int]:
    inner = [_measured(child) for child in extra.children]
    own = len(extra.text) + sum(len(name) + len(value) for name, value in extra.attributes)
    return 1 + sum(count for count, _ in inner), own + sum(size for _, size in inner)
