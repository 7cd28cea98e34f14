"""Atom 1.0 (RFC 4287)."""

from collections.abc import Sequence
from dataclasses import replace

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from aggregator.identity import is_public_id
from aggregator.models import About, Attribution, Entry, Feed, Link, Person, Site
from aggregator.render.also import also_links, footed
from aggregator.render.credit import (
    absolute,
    authors,
    enclosures,
    kept_source,
    named,
    other_links,
    public_url,
)
from aggregator.render.dates import rfc3339, utc
from aggregator.render.extension import (
    GENERATOR,
    LANG,
    MEDIA,
    Cutter,
    Element,
    child,
    completed,
    joined,
)
from aggregator.render.media import language_tag, media_type, stated_type

TYPE = "application/atom+xml"
NAMESPACES = {"media": MEDIA}
END = b"</feed>"

# feedgen's Atom tree has no namespace: it writes xmlns as an attribute of the root, so tags here are bare.


class AtomFormat:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._cutter = Cutter(NAMESPACES)

    def entry(self, entry: Entry) -> bytes:
        return self._cutter.cut(_skeleton(footed(entry, self._site)).atom_entry())

    def document(self, feed: Feed, address: str, entries: Sequence[bytes]) -> bytes:
        return joined(self._head(feed, address), END, entries)

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
        completed(head, lambda root: _stamp(root, updated=rfc3339(feed.updated)), NAMESPACES)
        data: bytes = head.atom_str(pretty=True)
        return data

    def _links(self, feed: Feed, address: str) -> list[dict[str, str]]:
        links = [
            {"href": feed.home, "rel": "alternate", "type": "text/html"},
            {"href": address, "rel": "self", "type": TYPE},
        ]
        return [*links, {"href": self._site.hub, "rel": "hub"}] if self._site.hub else links


def _skeleton(entry: Entry) -> FeedEntry:
    clean = entry.clean
    skeleton = FeedEntry()
    skeleton.id(entry.id)
    skeleton.title(clean.title or entry.id)  # feedgen refuses an empty title; the completion restores it
    skeleton.updated(utc(entry.updated))
    skeleton.published(utc(entry.published))
    skeleton.author(named(_own_authors(entry)))
    skeleton.contributor(named(clean.contributors))
    skeleton.category([_category(level.term, level.scheme, level.label) for level in entry.levels])
    if clean.summary:
        skeleton.summary(clean.summary, type="html")
    if clean.content or not entry.link:  # RFC 4287 4.1.2: without content there must be an alternate link
        skeleton.content(clean.content, type="html")
    if entry.link:
        skeleton.link(href=entry.link)
    if clean.rights:
        skeleton.rights(clean.rights)
    return completed(skeleton, lambda element: _complete(element, entry), NAMESPACES)


def _own_authors(entry: Entry) -> tuple[Person, ...]:
    """An inherited author is said in atom:source; an arriving atom:source that names none is not ours to change."""
    kept = kept_source(entry)
    return authors(entry) if kept and not kept.authors else entry.clean.authors


def _category(term: str, scheme: str, label: str) -> dict[str, str]:
    """A scheme is an IRI (RFC 4287 4.2.2.2); RSS's domain, from which it may come, can be any words."""
    fields = {"term": term, "scheme": scheme if is_public_id(scheme) else "", "label": label}
    return {name: value for name, value in fields.items() if value or name == "term"}


def _complete(element: Element, entry: Entry) -> None:
    clean = entry.clean
    if language := language_tag(clean.language):
        element.set(LANG, language)
    _title(element, entry)
    _stamp(element, updated=rfc3339(entry.updated), published=rfc3339(entry.published))
    for bare in element.findall("link"):  # feedgen loses rel, type and length of an entry's links
        element.remove(bare)
    for link in _links(entry):
        _link(element, link, stated_type(link))
    for link in enclosures(entry):
        _link(element, replace(link, rel="enclosure"), media_type(link))
    if clean.image:
        child(element, f"{{{MEDIA}}}thumbnail", url=clean.image)
    _source(element, entry)


def _links(entry: Entry) -> list[Link]:
    own = [link for link in (Link(entry.link), *other_links(entry)) if link.href]
    return [*own, *also_links(entry, own)]


def _title(element: Element, entry: Entry) -> None:
    title = element.find("title")
    if title is None:
        return
    title.text = entry.clean.title_html or entry.clean.title or None
    if entry.clean.title_html:
        title.set("type", "html")


def _stamp(element: Element, **dates: str) -> None:
    for tag, date in dates.items():
        found = element.find(tag)
        if found is not None:
            found.text = date


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
    kept = kept_source(entry)
    if kept:
        _source_element(parent, kept)
    elif entry.attribution:
        _source_element(parent, _about(entry.attribution))


def _about(attribution: Attribution) -> About:
    """Without an author of its own the source stands as author: else the *planet's* would be it (RFC 4287 4.2.1)."""
    return About(
        id=attribution.id,
        title=attribution.title,
        link=attribution.link,
        updated=attribution.updated,
        authors=attribution.authors or (Person(name=attribution.title),),
        rights=attribution.rights,
        language=attribution.language,
        icon=attribution.icon,
        logo=attribution.logo,
        generator=attribution.generator,
        self_link=public_url(attribution),
    )


def _source_element(parent: Element, about: About) -> None:
    source = child(parent, "source")
    if language := language_tag(about.language):
        source.set(LANG, language)
    _texts(source, id=next((id_ for id_ in (about.id, about.self_link, about.link) if absolute(id_)), ""))
    child(source, "title", about.title)
    _texts(source, subtitle=about.subtitle, updated=rfc3339(about.updated) if about.updated else "")
    for person in named(about.authors):
        _texts(child(source, "author"), **person)
    for rel, href in (("alternate", about.link), ("self", about.self_link)):
        if absolute(href):
            child(source, "link", rel=rel, href=href)
    _texts(source, generator=about.generator, icon=about.icon, logo=about.logo, rights=about.rights)


def _texts(parent: Element, **texts: str) -> None:
    for tag, text in texts.items():
        if text:
            child(parent, tag, text)
