"""RSS 2.0, with the RSS Advisory Board's profile."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape, unescape
from string import ascii_letters

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from aggregator.model.document import Link, Person
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.rendered import RenderedDocument
from aggregator.model.withdrawal import Stub
from aggregator.render import archive_links
from aggregator.render.added_lines import also_links, with_added_lines
from aggregator.render.attribution import (
    authors,
    credited,
    display_name,
    enclosures,
    named,
    other_links,
    public_url,
    rights,
)
from aggregator.render.extension_rules import conforming
from aggregator.render.extensions import COMMON, addresses, write_extras
from aggregator.render.feedgen_extension import (
    ATOM,
    CONTENT,
    CREATIVE_COMMONS,
    DUBLIN_CORE,
    MEDIA,
    Element,
    EntrySerializer,
    child,
    completed,
    framed,
)
from aggregator.render.media_types import is_enclosure, language_tag, media_type, stated_type
from aggregator.render.stylesheet import styled
from aggregator.text.date_formats import rfc822, rfc3339, utc
from aggregator.text.generator import GENERATOR

TYPE = "application/rss+xml"
FILE = "rss.xml"
NAMESPACES = {"atom": ATOM, "content": CONTENT, "creativeCommons": CREATIVE_COMMONS} | COMMON
END = b"</channel>\n</rss>"

_TAGS = tuple(f"<{sign}" for sign in f"{ascii_letters}/!?")  # how tags and comments begin in HTML
_TITLE = re.compile(rb"<title>[^<]*</title>")


class RssFormat:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._serializer = EntrySerializer(NAMESPACES)

    def build(self, entry: Entry) -> Element:
        item: Element = _skeleton(conforming(with_added_lines(entry, self._site))).rss_entry()
        return item

    def write(self, built: Element) -> bytes:
        return _readable_titles(self._serializer.serialize(built), 1)

    def document(self, feed: Feed, address: str, entries: Sequence[bytes]) -> RenderedDocument:
        head = _readable_titles(self._head(feed, address))
        return framed(styled(head.replace(b"  </channel>", b"</channel>"), feed), END, entries)

    def _head(self, feed: Feed, address: str) -> bytes:
        head = FeedGenerator()
        title = characters(feed.title)
        head.title(title)
        head.description(characters(feed.description or feed.title))
        head.link(href=address, rel="self", type=TYPE)
        page = archive_links.page_address(feed, self._site)
        head.link(href=page, rel="alternate")  # last: feedgen takes the last link as the channel's
        head.category([{"term": name, "scheme": self._site.url} for name in feed.category or ()])
        head.rights(self._site.rights or None)
        head.generator(GENERATOR)
        head.image(feed.icon or self._site.logo or None, title=title, link=page)
        head.language(language_tag(feed.language or self._site.language) or None)
        head.lastBuildDate(utc(feed.updated))
        head.managingEditor(_editor(self._site.author))
        completed(head, lambda root: self._complete(root, feed), NAMESPACES | archive_links.namespaces(feed))
        data: bytes = head.rss_str(pretty=True)
        return data

    def _complete(self, root: Element, feed: Feed) -> None:
        channel = root[0]
        built = channel.find("lastBuildDate")
        if built is not None:
            built.text = rfc822(feed.updated)
        if self._site.hub:
            child(channel, f"{{{ATOM}}}link", href=self._site.hub, rel="hub")
        for link in archive_links.links(feed, FILE, TYPE):
            child(channel, f"{{{ATOM}}}link", **link)
        archive_links.mark_sealed(channel, feed)


def characters(text: str) -> str:
    """Escapes text in which HTML would find a tag or a reference, because most readers parse a channel's title and
    description as HTML. Other text is not escaped, for readers that do not."""
    return escape(text, quote=False) if unescape(text) != text or any(map(text.__contains__, _TAGS)) else text


def _editor(person: Person) -> str | None:
    """RSS identifies people by e-mail address, with the name in parentheses."""
    fields = next(iter(named([person])), {})
    if "email" not in fields:
        return None
    return f"{person.email} ({person.name})" if person.name else person.email


def _readable_titles(data: bytes, most: int = 0) -> bytes:
    """Writes & and < in titles as hexadecimal references, which most readers decode correctly (profile, "title").
    `most`: how many titles there are, 0 for any number."""
    return _TITLE.sub(lambda title: title[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;"), data, most)


def _skeleton(entry: Entry) -> FeedEntry:
    clean = entry.clean
    item = FeedEntry()
    item.guid(entry.id, permalink=_is_permalink(entry))
    if clean.title:
        item.title(clean.title)
    if entry.link:
        item.link(href=entry.link)
    item.summary(_description(entry))  # feedgen writes it as description
    if clean.content and clean.summary:
        item.content(clean.content)
    item.category([_category(level.term, level.scheme, level.label) for level in entry.levels])
    if clean.comments:
        item.comments(clean.comments)
    if (attribution := entry.attribution) and (url := public_url(attribution)):
        item.source(url, attribution.title)
    return completed(item, lambda element: _complete(element, entry), NAMESPACES)


def _is_permalink(entry: Entry) -> bool:
    """A stub has the guid of the entry that it overwrites, to the attribute, and no link."""
    is_link = entry.is_permalink if isinstance(entry, Stub) else entry.id == entry.link
    return is_link and entry.id.startswith(("http://", "https://"))


def _description(entry: Entry) -> str:
    """The summary, else the content, which then stands nowhere else: readers without content:encoded show the
    description. For an item with neither title nor text its link or id."""
    text = entry.clean.summary or entry.clean.content
    return text or ("" if entry.clean.title else escape(entry.link or entry.id))


def _category(term: str, scheme: str, label: str) -> dict[str, str]:
    return {"term": term, "label": label or term, "scheme": scheme}


def _complete(item: Element, entry: Entry) -> None:
    clean = entry.clean
    child(item, "pubDate", rfc822(entry.published))
    if utc(entry.updated) != utc(entry.published):
        child(item, f"{{{ATOM}}}updated", rfc3339(entry.updated))
    _dublin_core(item, "creator", map(display_name, credited(entry)))
    _dublin_core(item, "contributor", map(display_name, clean.contributors))
    _dublin_core(item, "language", [language_tag(clean.language)])
    _dublin_core(item, "rights", [rights(entry)])
    _people(item, "author", authors(entry))
    _people(item, "contributor", clean.contributors)
    _links(item, entry)
    _media(item, entry)
    write_extras(item, clean.extras)
    source = item.find("source")
    if source is not None:
        item.append(source)  # last: feedparser would take a media:title after it as the item's title


def _dublin_core(item: Element, tag: str, texts: Iterable[str]) -> None:
    for text in texts:
        if text:
            child(item, f"{{{DUBLIN_CORE}}}{tag}", text)


def _people(item: Element, tag: str, people: Iterable[Person]) -> None:
    """Adds the first person with more than a name: Dublin Core has names only, and validators accept one person."""
    for person in named(people):
        if {*person.values()} != {person["name"]}:
            written = child(item, f"{{{ATOM}}}{tag}")
            for field, text in person.items():
                child(written, f"{{{ATOM}}}{field}", text)
            return


def _links(item: Element, entry: Entry) -> None:
    """Adds links that RSS has no element for as atom:link; the entry's own link and its comments have elements."""
    written = {"", entry.link, entry.clean.comments}
    own = [link for link in other_links(entry) if link.href not in written]
    for link in (*own, *also_links(entry, own)):
        if link.rel == "license":
            child(item, f"{{{CREATIVE_COMMONS}}}license", link.href)
            continue
        _atom_link(item, link, stated_type(link))


def _atom_link(item: Element, link: Link, media: str) -> None:
    child(
        item,
        f"{{{ATOM}}}link",
        rel=link.rel or "alternate",
        type=media,
        href=link.href,
        hreflang=language_tag(link.hreflang),
        title=link.title,
        length=_number(link.length),
    )


def _media(item: Element, entry: Entry) -> None:
    """Adds one enclosure, because readers disagree about a second one (profile, "enclosure"), and all as Media RSS."""
    present, links = addresses(entry, "media:content"), enclosures(entry)
    if link := next(filter(is_enclosure, links), None):
        child(item, "enclosure", url=link.href, length=_number(link.length) or "0", type=media_type(link))
    for link in links:
        if not is_enclosure(link):
            _atom_link(item, replace(link, rel="enclosure"), media_type(link))
        if link.href not in present:
            _media_content(item, link)
    if entry.clean.image and entry.clean.image not in addresses(entry, "media:thumbnail"):
        child(item, f"{{{MEDIA}}}thumbnail", url=entry.clean.image)


def _media_content(item: Element, link: Link) -> None:
    child(
        item,
        f"{{{MEDIA}}}content",
        url=link.href,
        fileSize=_number(link.length or None),  # an empty file cannot be fetched
        type=media_type(link),
        duration=_number(link.duration),
    )


def _number(value: int | None) -> str:
    return "" if value is None or value < 0 else str(value)
