"""Cuts a document into its entries, so that those which were read before need not be read again.

A feed that brings one new entry repeats all others byte by byte, and reading them is most of the work. An entry is left
out if its markup is the same, and all else of the document that its meaning depends on. Only plain documents are cut:
where anything looks odd, the document is read whole.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise

import feedparser

from aggregator.model.document import ReadMarkup
from aggregator.parse.repair_xml import Page

# Raise it whenever reading gives another RawEntry for the same markup.
PARSING_VERSION = 1

_MOST_NAMESPACES = 100
_TAGS = {"rss": re.compile(r"<(/?)item(?:\s[^<>]*+)?>"), "feed": re.compile(r"<(/?)entry(?:\s[^<>]*+)?>")}
_BRACKETS = (("<![CDATA[", "]]>"), ("<!--", "-->"))
_NAMESPACE = re.compile(r"xmlns:([\w.-]{1,100}+)\s*+=\s*+(\"[^\"<]*+\"|'[^'<]*+')")
# What changes in the head of a feed with each new entry, and tells nothing of the others.
_NEWS = re.compile(
    r"<((?:[\w.-]{1,30}:)?(?:lastBuildDate|pubDate|updated|modified|date|totalResults))>[^<]*+</\1>", re.IGNORECASE
)


@dataclass(frozen=True)
class EntryMarkup:
    """The entries of a page: `spans` are where each stands in its text."""

    page: Page
    url: str
    spans: Sequence[tuple[int, int]]

    @cached_property
    def digests(self) -> tuple[str, ...]:
        return tuple(_digest(self.page.text[start:end]) for start, end in self.spans)

    @cached_property
    def context(self) -> str:
        """Digest of what the meaning of an entry depends on beside its own markup."""
        text, frame = self.page.text, (self.spans[0][0], self.spans[-1][1])
        around = _NEWS.sub("", f"{text[: frame[0]]}\0{text[frame[1] :]}")
        return _digest("\0".join((str(PARSING_VERSION), feedparser.__version__, self.url, around)))

    def read_before(self, known: ReadMarkup) -> dict[int, str]:
        """Place in the document → item, of the entries that were read as that item before."""
        if known.context != self.context:
            return {}
        items = known.items
        return {place: items[one] for place, one in enumerate(self.digests) if one in items}

    def without(self, places: Mapping[int, object]) -> Page:
        """The page without the entries at these places."""
        text, kept, at = self.page.text, [], 0
        for place in sorted(places):
            start, end = self.spans[place]
            kept.append(text[at:start])
            at = end
        return replace(self.page, text="".join((*kept, text[at:])))


def entry_markup(page: Page, url: str, limit: int) -> EntryMarkup | None:
    """None for a page that cannot be cut for certain: entries nest, something stands between them, a tag may be text,
    a prefix means two namespaces, or there are more than `limit` entries. `url`: that of the document."""
    if page.entities or page.root not in _TAGS:
        return None
    tags = [(match.start(), match.end(), match[1] == "/") for match in _TAGS[page.root].finditer(page.text)]
    starts, ends = tags[::2], tags[1::2]
    if not tags or len(starts) != len(ends) or len(starts) > limit or not _are_unambiguous(page.text):
        return None
    if any(is_end for _, _, is_end in starts) or not all(is_end for _, _, is_end in ends):
        return None
    spans = [(start[0], end[1]) for start, end in zip(starts, ends, strict=True)]
    between = (page.text[end:start] for (_, end), (start, _) in pairwise(spans))
    if any(text and not text.isspace() for text in between):
        return None
    whole = all(page.text.count(a, *span) == page.text.count(b, *span) for span in spans for a, b in _BRACKETS)
    return EntryMarkup(page, url, spans) if whole else None


def _are_unambiguous(text: str) -> bool:
    """Whether each prefix stands for one namespace and each namespace has one prefix, so that no entry needs to be read
    to know what another one declares."""
    pairs = {(prefix, quoted[1:-1]) for prefix, quoted in _NAMESPACE.findall(text)}
    distinct = (len({prefix for prefix, _ in pairs}), len({uri for _, uri in pairs}))
    return len(pairs) <= _MOST_NAMESPACES and distinct == (len(pairs), len(pairs))


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
