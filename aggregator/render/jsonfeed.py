"""JSON Feed 1.1. What it has no key for is in the extension object `_aggregator`."""

from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from typing import Any, Literal

import msgspec

from aggregator.model.document import Link, Person
from aggregator.model.entry import Also, Attribution, CleanEntry, Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.rendered import RenderedDocument
from aggregator.render.added_lines import with_added_lines
from aggregator.render.archive_links import is_sealed, page_address
from aggregator.render.attribution import (
    absolute,
    credited,
    display_name,
    enclosures,
    other_links,
    public_url,
    rights,
)
from aggregator.render.extensions import extensions
from aggregator.render.media_types import language_tag, media_type, stated_type
from aggregator.render.plain_text import plain
from aggregator.text.date_formats import rfc3339
from aggregator.text.generator import GENERATOR

TYPE = "application/feed+json"
FILE = "feed.json"
VERSION = "https://jsonfeed.org/version/1.1"


class JsonFormat:
    def __init__(self, site: Site) -> None:
        self._site = site

    def build(self, entry: Entry) -> dict[str, Any]:
        return _item(with_added_lines(entry, self._site))

    def write(self, built: dict[str, Any]) -> bytes:
        return msgspec.json.encode(built)

    def document(self, feed: Feed, address: str, entries: Sequence[bytes]) -> RenderedDocument:
        head = msgspec.json.format(msgspec.json.encode(self._head(feed, address)), indent=1).removesuffix(b"\n}")
        if not entries:
            return RenderedDocument(head + b',\n "items": []\n}\n')
        return RenderedDocument(head + b',\n "items": [\n', entries, b",\n", b"\n]\n}\n")

    def _head(self, feed: Feed, address: str) -> dict[str, Any]:
        hub = self._site.hub
        return present(
            version=VERSION,
            title=feed.title,
            home_page_url=page_address(feed, self._site),
            feed_url=address,
            next_url=_next(feed),
            description=feed.description,
            icon=feed.icon or self._site.logo,
            authors=_people([self._site.author]) or [{"name": self._site.title}],
            language=language_tag(feed.language or self._site.language),
            hubs=[{"type": "WebSub", "url": hub}] if hub else [],
            _aggregator=present(
                generator=GENERATOR,
                id=feed.atom_id,
                updated=rfc3339(feed.updated),
                category=list(feed.category or ()),
                rights=self._site.rights,
                archive=_archive(feed),
            ),
        )


def _next(feed: Feed) -> str:
    """The document with the next older entries."""
    return feed.history.older + FILE if feed.history and feed.history.older else ""


def _archive(feed: Feed) -> dict[str, Any]:
    """The RFC 5005 links of a sealed page."""
    if feed.history is None or not is_sealed(feed):
        return {}
    newer = feed.history.newer
    return present(page=feed.history.page, current=feed.history.current + FILE, next=newer + FILE if newer else "")


def present(**fields: Any) -> dict[str, Any]:
    """The fields that are not empty, in the order given."""
    return {name: value for name, value in fields.items() if value not in ("", None, [], {})}


def _item(entry: Entry) -> dict[str, Any]:
    clean = entry.clean
    return (
        present(id=entry.id, url=entry.link, title=clean.title)
        | _content(clean)
        | present(
            summary=plain(clean.summary) if clean.content else "",
            image=clean.image,
            date_published=rfc3339(entry.published),
            date_modified=rfc3339(entry.updated),
            authors=_people(credited(entry)),
            tags=[level.label or level.term for level in entry.levels],
            language=language_tag(clean.language),
            attachments=[_attachment(link) for link in enclosures(entry)],
            _aggregator=_extension(entry),
            _extensions=extensions(clean.extras),
        )
    )


def _content(clean: CleanEntry) -> dict[str, str]:
    """JSON Feed requires content_html or content_text."""
    name: Literal["content", "summary"] = "content" if clean.content else "summary"
    content = clean.content or clean.summary
    if not content or (name in clean.texts and "<" not in content):
        return {"content_text": unescape(content)}
    return {"content_html": content}


def _people(people: Iterable[Person]) -> list[dict[str, Any]]:
    """JSON Feed has one address for an author; an e-mail address besides it is in our extension."""
    return [
        present(
            name=display_name(person),
            url=_url(person),
            _aggregator=present(email=person.email if absolute(person.uri) else ""),
        )
        for person in people
        if display_name(person)
    ]


def _url(person: Person) -> str:
    if absolute(person.uri):
        return person.uri
    return f"mailto:{person.email}" if "@" in person.email else ""


def _attachment(link: Link) -> dict[str, Any]:
    return present(
        url=link.href,
        mime_type=media_type(link),
        title=link.title,
        size_in_bytes=link.length,
        duration_in_seconds=link.duration,
    )


def _extension(entry: Entry) -> Mapping[str, Any]:
    clean = entry.clean
    return present(
        source=_source(entry.attribution) if entry.attribution else {},
        also_published_by=[_also(link) for link in entry.also],
        rights=rights(entry),
        comments=clean.comments,
        contributors=_people(clean.contributors),
        links=[_link(link) for link in other_links(entry) if link.href not in {"", entry.link, clean.comments}],
    )


def _source(attribution: Attribution) -> dict[str, Any]:
    return present(
        id=attribution.id,
        title=attribution.title,
        url=public_url(attribution),
        link=attribution.link,
        feed=attribution.source_id,
    )


def _also(link: Also) -> dict[str, Any]:
    return present(title=link.title, url=link.href, source=link.source_id)


def _link(link: Link) -> dict[str, Any]:
    return present(
        rel=link.rel or "alternate",
        href=link.href,
        type=stated_type(link),
        hreflang=language_tag(link.hreflang),
        title=link.title,
        length=link.length,
    )
