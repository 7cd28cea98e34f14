"""The addresses of an entry as every format writes them: URIs. One that cannot be a URI is left out, never its entry.

Cleaning made most of them URIs; the addresses of sources come from the config as they were written there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from aggregator.model.document import FeedInfo, Link, Person
from aggregator.model.entry import Attribution, CleanEntry, Entry
from aggregator.model.feed import Feed, Site
from aggregator.text.uris import as_uri, as_uri_id, left_out
from aggregator.text.urls import WEB

T = TypeVar("T", FeedInfo, Attribution, CleanEntry, Entry)


def with_uris(entry: Entry) -> tuple[Entry, list[str]]:
    """The entry with URIs for addresses, the same object where all are; and a message for each that is left out."""
    uris = _Uris()
    return uris.entry(entry), uris.left_out


def feed_with_uris(feed: Feed) -> Feed:
    """The feed with a URI for its icon, without one that is no address; its entries stay."""
    return replace(feed, icon=as_uri(feed.icon))


def site_with_uris(site: Site) -> Site:
    author = replace(site.author, uri=as_uri(site.author.uri))
    return replace(site, author=author, logo=as_uri(site.logo), hub=as_uri(site.hub))


@dataclass(frozen=True, slots=True)
class _Uris:
    """Converts the addresses of one entry, and collects a message for each that is left out."""

    left_out: list[str] = field(default_factory=list)

    def entry(self, entry: Entry) -> Entry:
        return _changed(
            entry,
            link=self._uri("link", entry.link),
            clean=self._clean(entry.clean),
            attribution=_attribution(entry.attribution) if entry.attribution else None,
            also=tuple(replace(one, href=self._uri("other link", one.href)) for one in entry.also),
        )

    def _clean(self, clean: CleanEntry) -> CleanEntry:
        return _changed(
            clean,
            link=self._uri("link", clean.link),
            page=next(self._links([clean.page]), None) if clean.page else None,
            links=tuple(self._links(clean.links)),
            enclosures=tuple(self._links(clean.enclosures)),
            authors=tuple(self._people(clean.authors)),
            contributors=tuple(self._people(clean.contributors)),
            image=self._uri("picture", clean.image),
            comments=self._uri("comments", clean.comments),
            source=self._about(clean.source) if clean.source else None,
        )

    def _about(self, about: FeedInfo) -> FeedInfo:
        return _changed(
            about,
            link=self._uri("source", about.link),
            self_link=self._uri("source", about.self_link),
            icon=self._uri("icon", about.icon),
            logo=self._uri("logo", about.logo),
            generator_uri=self._uri("generator", about.generator_uri),
            links=tuple(self._links(about.links)),
            authors=tuple(self._people(about.authors)),
            contributors=tuple(self._people(about.contributors)),
        )

    def _links(self, links: Iterable[Link]) -> Iterator[Link]:
        for link in links:
            href = self._uri("enclosure" if link.rel == "enclosure" else "link", link.href)
            if href or not link.href:
                yield link if href == link.href else replace(link, href=href)

    def _people(self, people: Iterable[Person]) -> Iterator[Person]:
        for person in people:
            uri = self._uri("person's page", person.uri)
            yield person if uri == person.uri else replace(person, uri=uri)

    def _uri(self, what: str, address: str) -> str:
        uri = as_uri(address) if address else ""
        if address and not uri:
            self.left_out.append(left_out(what, address))
        return uri


def _attribution(source: Attribution) -> Attribution:
    """The address of a local file is no URI, and is left out without a word: feeds never show it."""
    people = tuple(replace(person, uri=as_uri(person.uri)) for person in source.authors)
    return _changed(
        source,
        url=as_uri(source.url, WEB),
        id=as_uri_id(source.id),
        link=as_uri(source.link),
        icon=as_uri(source.icon),
        logo=as_uri(source.logo),
        authors=people,
    )


def _changed(record: T, **values: Any) -> T:
    is_same = all(getattr(record, name) == value for name, value in values.items())
    return record if is_same else replace(record, **values)
