"""Atom 1.0 (RFC 4287)."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache
from html import unescape

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model.document import FeedInfo, Link
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.rendered import RenderedDocument
from aggregator.render import archive_links, tombstones
from aggregator.render.added_lines import also_links, with_added_lines
from aggregator.render.attribution import (
    absolute,
    credited,
    enclosures,
    named,
    origin,
    other_links,
    page,
)
from aggregator.render.extension_rules import conforming
from aggregator.render.extensions import COMMON, addresses, is_timed, write_extras
from aggregator.render.feedgen_extension import (
    ITUNES,
    LANG,
    MEDIA,
    Element,
    EntrySerializer,
    child,
    completed,
    framed,
)
from aggregator.render.media_types import language_tag, media_type, stated_type
from aggregator.render.stylesheet import styled
from aggregator.text.date_formats import rfc3339, utc
from aggregator.text.entry_ids import is_iri, is_public_id
from aggregator.text.generator import GENERATOR
from aggregator.text.uris import as_uri
from aggregator.text.urls import WEB

TYPE = "application/atom+xml"
FILE = "atom.xml"
NAMESPACES = COMMON
END = b"</feed>"

# feedgen's Atom tree has no namespace: it writes xmlns as an attribute of the root, so tags here are bare.


class AtomFormat:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._serializer = EntrySerializer(NAMESPACES)

    def build(self, entry: Entry) -> Element:
        element: Element = _skeleton(conforming(with_added_lines(entry, self._site))).atom_entry()
        return element

    def write(self, built: Element) -> bytes:
        return self._serializer.serialize(built)

    def document(self, feed: Feed, address: str, entries: Sequence[bytes]) -> RenderedDocument:
        return framed(styled(self._head(feed, address), feed), END, entries)

    def _head(self, feed: Feed, address: str) -> bytes:
        head = FeedGenerator()
        head.id(feed.atom_id)
        head.title(feed.title)
        head.updated(utc(feed.updated))
        head.author(named([self._site.author]) or {"name": self._site.title})
        head.link(self._links(feed, address))
        head.category([{"term": name, "scheme": self._site.url} for name in feed.category or ()])
        head.generator(GENERATOR)
        head.language(language_tag(feed.language or self._site.language) or None)
        head.icon(feed.icon or None)
        head.logo(self._site.logo or None)
        head.rights(self._site.rights or None)
        head.subtitle(feed.description or None)
        completed(head, lambda root: _complete_head(root, feed), NAMESPACES | archive_links.namespaces(feed))
        data: bytes = head.atom_str(pretty=True)
        return data

    def _links(self, feed: Feed, address: str) -> list[dict[str, str]]:
        links = [
            {"href": archive_links.page_address(feed, self._site), "rel": "alternate", "type": "text/html"},
            {"href": address, "rel": "self", "type": TYPE},
            *archive_links.links(feed, FILE, TYPE),
        ]
        return [*links, {"href": self._site.hub, "rel": "hub"}] if self._site.hub else links


def _complete_head(root: Element, feed: Feed) -> None:
    updated = root.find("updated")
    if updated is not None:
        updated.text = rfc3339(feed.updated)
    archive_links.mark_sealed(root, feed)
    tombstones.bury(root, feed)


def _skeleton(entry: Entry) -> FeedEntry:
    clean = entry.clean
    skeleton = FeedEntry()
    skeleton.id(entry.id)
    skeleton.title(clean.title or entry.id)  # feedgen refuses an empty title; the completion restores it
    skeleton.updated(utc(entry.updated))
    skeleton.published(utc(entry.published))
    skeleton.author(named(credited(entry)))
    skeleton.contributor(named(clean.contributors))
    skeleton.category([_category(level.term, level.scheme, level.label) for level in entry.levels])
    if clean.summary:
        skeleton.summary(clean.summary, type="html")
    if clean.content or not entry.link:  # RFC 4287 4.1.2: without content there must be an alternate link
        skeleton.content(clean.content or clean.summary, type="html")  # readers that find content show nothing else
    else:
        skeleton.link(href=entry.link)  # the completion writes it, with its rel, type and length
    if clean.rights:
        skeleton.rights(clean.rights)
    return completed(skeleton, lambda element: _complete(element, entry), NAMESPACES)


def _category(term: str, scheme: str, label: str) -> dict[str, str]:
    """A scheme must be an IRI (RFC 4287 4.2.2.2); it may come from RSS's domain, which can be any text. An IRI stays,
    because schemes are compared by character."""
    fields = {"term": term, "scheme": _scheme(scheme), "label": label}
    return {name: value for name, value in fields.items() if value or name == "term"}


@lru_cache(1000)
def _scheme(scheme: str) -> str:
    return next(filter(is_public_id, (scheme, as_uri(scheme, WEB))), "")


def _complete(element: Element, entry: Entry) -> None:
    clean = entry.clean
    if language := language_tag(clean.language):
        element.set(LANG, language)
    parts = {str(part.tag): part for part in element}
    _title(parts["title"], entry)
    _mark_plain_texts(parts, entry)
    parts["updated"].text, parts["published"].text = rfc3339(entry.updated), rfc3339(entry.published)
    if "link" in parts:
        element.remove(parts["link"])
    for link in _links(entry):
        _link(element, link, stated_type(link))
    for link in enclosures(entry):
        _link(element, replace(link, rel="enclosure"), media_type(link))
    _media(element, entry)
    write_extras(element, clean.extras)
    _source(element, entry)


def _media(element: Element, entry: Entry) -> None:
    """Image and duration, for which Atom itself has no elements."""
    image = entry.clean.image
    if image and image not in addresses(entry, "media:thumbnail"):
        child(element, f"{{{MEDIA}}}thumbnail", url=image)
    duration = next((link.duration for link in enclosures(entry) if link.duration), None)
    if duration and not is_timed(entry):
        child(element, f"{{{ITUNES}}}duration", str(duration))


def _links(entry: Entry) -> list[Link]:
    own = [link for link in (page(entry), *other_links(entry)) if link.href]
    return [*own, *also_links(entry, own)]


def _title(title: Element, entry: Entry) -> None:
    title.text = entry.clean.title_html or entry.clean.title or None
    if entry.clean.title_html:
        title.set("type", "html")


def _mark_plain_texts(parts: Mapping[str, Element], entry: Entry) -> None:
    """Gives type=text to what came as plain text and contains no markup that we added."""
    for tag in entry.clean.texts:
        found = parts.get(tag)
        if found is not None and found.text and "<" not in found.text:
            found.text = unescape(found.text)
            found.set("type", "text")


def _link(parent: Element, link: Link, media: str) -> None:
    length = "" if link.length is None or link.length < 0 else str(link.length)
    child(
        parent,
        "link",
        rel=link.rel or "alternate",
        type=media,
        href=link.href,
        hreflang=language_tag(link.hreflang),
        title=link.title,
        length=length,
    )


def _source(parent: Element, entry: Entry) -> None:
    about, date = origin(entry)
    if about is None:
        return
    source = copy(_source_element(about, is_dated=date is not None))
    dated = source.find("updated")
    if date and dated is not None:
        dated.text = rfc3339(date)
    parent.append(source)


@lru_cache(500)  # the entries of a source share all but its date, which may be that of each
def _source_element(about: FeedInfo, *, is_dated: bool) -> Element:
    source = etree.Element("source")
    if language := language_tag(about.language):
        source.set(LANG, language)
    _texts(source, id=next(filter(_is_source_id, (about.id, about.self_link, about.link)), ""))
    child(source, "title", about.title)
    _texts(source, subtitle=about.subtitle, updated="when" if is_dated else "")
    for tag, people in (("author", about.authors), ("contributor", about.contributors)):
        for person in named(people):
            _texts(child(source, tag), **person)
    for term in about.terms:
        child(source, "category", "", **_category(term.term, term.scheme, term.label))
    for link in _source_links(about):
        _link(source, link, stated_type(link))
    if about.generator:
        child(source, "generator", about.generator, uri=about.generator_uri, version=about.generator_version)
    _texts(source, icon=about.icon, logo=about.logo, rights=about.rights)
    return source


def _is_source_id(id_: str) -> bool:
    """Whether it can be the id of a source: an absolute IRI, and a tag: URI only in the form of RFC 4151 2.1."""
    return absolute(id_) and is_iri(id_) and (is_public_id(id_) or not id_.lower().startswith("tag:"))


def _source_links(about: FeedInfo) -> Iterator[Link]:
    """Alternates after the first of one type and language become related links (RFC 4287 4.2.11, 4.1.1)."""
    seen = set()
    for link in about.links or (Link(about.link), Link(about.self_link, "self")):
        key = (stated_type(link), language_tag(link.hreflang))
        is_alternate = (link.rel or "alternate") == "alternate"
        if absolute(link.href):
            yield replace(link, rel="related") if is_alternate and key in seen else link
            seen |= {key} if is_alternate else set()


def _texts(parent: Element, **texts: str) -> None:
    for tag, text in texts.items():
        if text:
            child(parent, tag, text)
