"""What relative references resolve against.

Atom has xml:base, else the document's address (RFC 4287 2). RSS and JSON Feed say nothing: there a reference is written
for the page that shows it, so that it resolves against the entry's own link; the link itself against the channel's.
"""

import re
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urljoin

from feedparser import mixin
from feedparser.mixin import _FeedParserMixin

from aggregator.model.document import Link, RawEntry
from aggregator.text.urls import absolute, is_nothing

ATOM_ROOTS = frozenset({"entry", "feed"})

# The parser joins the base of each element with that of its parent, and nearly all of a document have the same.
mixin.make_safe_absolute_uri = lru_cache(maxsize=64)(mixin.make_safe_absolute_uri)

_SCHEME = re.compile(r"\s*+[A-Za-z][A-Za-z0-9+.-]*+:")


class BaseReader(_FeedParserMixin):  # type: ignore[misc]
    """`document_base`: the address of an RSS document, whose references without xml:base are kept as they are written;
    "" for Atom, where the parser resolves all. An xml:base of the outer div is that of its text construct."""

    document_base = ""
    inner: list[str]

    def resolve_uri(self, uri: str) -> str:
        if is_nothing(uri) and uri.strip():
            return uri
        is_kept = self.baseuri == self.document_base and not _SCHEME.match(uri)
        return uri if is_kept else str(super().resolve_uri(uri)) or uri  # a bad one stays, so that cleaning reports it

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        super().unknown_starttag(tag, attrs)
        if self.incontent and self.inner == [tag] and tag.rpartition(":")[2] == "div":
            self.contentparams["base"] = self.baseuri


def home_of(link: str, url: str) -> str:
    """The address that the links of an RSS or JSON document resolve against: the channel's link, else its own; "" where
    neither is known."""
    return ("" if is_nothing(link) else absolute(link, url)) or absolute(url)


def with_page_base(draft: RawEntry, home: str, url: str) -> RawEntry:
    """The draft of an RSS item or JSON item with its link resolved against `home` (`home_of`), and its page as the base
    of all else, unless xml:base gave one. The base is "" where it is the document's address, `url`."""
    links = tuple(_resolved(link, home) for link in draft.links)
    pages = (absolute(link.href) for link in links if link.rel == "alternate" and _SCHEME.match(link.href))
    base = draft.base or next(filter(None, pages), "") or home
    return replace(draft, links=links, base="" if base == absolute(url) else base)


def _resolved(link: Link, home: str) -> Link:
    if link.rel != "alternate" or not home or is_nothing(link.href) or _SCHEME.match(link.href):
        return link
    try:
        return replace(link, href=urljoin(home, link.href))
    except ValueError:  # left to cleaning, which refuses it
        return link
