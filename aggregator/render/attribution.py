"""The authors, rights, source and links of an entry, for all formats."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache

from aggregator.model.document import FeedInfo, Link, Person
from aggregator.model.entry import Attribution, CleanEntry, Entry
from aggregator.render.media_types import language_tag, stated_type
from aggregator.text.urls import split

# An http or https address needs a host (RFC 9110 4.2.1).
_HOST = re.compile(r"https?://(?:[^/?#@:]|[^/?#@]*@[^/?#@:])", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_ABOUT = tuple(field.name for field in fields(FeedInfo))
MOST_TERMS = 20  # of a feed, in each of its entries
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def display_name(person: Person) -> str:
    """The name, else an address: Atom requires a name (RFC 4287 3.2.1)."""
    return person.name or person.email or person.uri


def named(people: Iterable[Person]) -> list[dict[str, str]]:
    """People as feedgen expects them; invalid addresses are left out."""
    return [_fields(person) for person in people if display_name(person)]


def authors(entry: Entry) -> tuple[Person, ...]:
    """The entry's own, else those of the source it came from (RFC 4287 4.2.1)."""
    upstream = entry.clean.source.authors if entry.clean.source else ()
    inherited = entry.attribution.authors if entry.attribution else ()
    return entry.clean.authors or upstream or inherited


def credited(entry: Entry) -> tuple[Person, ...]:
    """The authors, else the name of the source: otherwise the feed's author, the planet, would count as the author."""
    kept = kept_source(entry)
    name = (kept.title if kept else "") or (entry.attribution.title if entry.attribution else "")
    return authors(entry) or ((Person(name=name),) if name else ())


def rights(entry: Entry) -> str:
    """The entry's own, else those of its source, because formats without a source element would lose them."""
    upstream = entry.clean.source.rights if entry.clean.source else ""
    return entry.clean.rights or upstream or (entry.attribution.rights if entry.attribution else "")


def license_of(entry: Entry) -> str:
    """The address of its license (RFC 4946), "" without one."""
    return next((link.href for link in entry.clean.links if link.rel == "license"), "")


def kept_source(entry: Entry) -> FeedInfo | None:
    """The atom:source that the entry arrived with: a planet of planets keeps the first one (RFC 4287 4.2.11)."""
    source = entry.clean.source
    return source if source and (source.id or source.title or source.link) else None


def origin(entry: Entry) -> tuple[FeedInfo | None, datetime | None]:
    """The content of atom:source, and apart its date, which is often that of the entry: the upstream atom:source if it
    identifies a source, else ours, completed by it."""
    upstream, attribution = entry.clean.source, entry.attribution
    if upstream and (kept_source(entry) or not attribution):
        return replace(upstream, updated=None), upstream.updated
    if attribution is None:
        return None, None
    ours = _about(attribution, entry.clean)
    given = {name: value for name in _ABOUT if (value := getattr(upstream, name))} if upstream else {}
    date = given.pop("updated", attribution.updated)
    return replace(ours, **given) if given else ours, date


def _about(attribution: Attribution, clean: CleanEntry) -> FeedInfo:
    """All but the date. A source without authors counts as its own author: else the planet's author would apply
    (RFC 4287 4.2.1). Contributors and categories of the feed count for an entry without any (4.2.11).

    Its `self` is the address that it gives for itself; where that is another than we fetch, `via` is ours."""
    fetched = public_url(attribution)
    itself = _public(attribution.self_link) or fetched
    other = (Link(fetched, "via"),) if fetched and fetched != itself else ()
    return FeedInfo(
        id=attribution.id,
        title=attribution.title,
        link=attribution.link,
        authors=attribution.authors or (Person(name=attribution.title),),
        rights=attribution.rights,
        language=attribution.language,
        icon=attribution.icon,
        logo=attribution.logo,
        generator=attribution.generator,
        self_link=itself,
        links=(Link(attribution.link), Link(itself, "self"), *other) if other else (),
        subtitle=attribution.subtitle,
        contributors=() if clean.contributors else attribution.contributors,
        terms=() if clean.terms else attribution.terms[:MOST_TERMS],
        generator_uri=attribution.generator_uri,
        generator_version=attribution.generator_version,
    )


def public_url(attribution: Attribution) -> str:
    """The address of the source without user name and password; "" for a local file."""
    return _public(attribution.url)


@lru_cache(1000)
def _public(url: str) -> str:
    if not absolute(url) or url.startswith("file:"):
        return ""
    parts = split(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def absolute(href: str) -> bool:
    if not _ABSOLUTE.fullmatch(href):
        return False
    return not href[:6].lower().startswith(("http:", "https:")) or bool(_HOST.match(href))


def other_links(entry: Entry) -> Iterator[Link]:
    """Every link but the entry's own and its enclosures.

    Other alternates that are pages (such as translations) become related links: of two alternates, some readers open
    the first and some, like feedparser, the last. No two alternates have one type and language (RFC 4287 4.1.2).
    """
    own = page(entry)
    seen = {(stated_type(own), language_tag(own.hreflang))}
    for link in entry.clean.links + _replies(entry):
        if (link.rel or "alternate") != "alternate":
            yield link
        elif link.href != entry.link:
            key = (stated_type(link), language_tag(link.hreflang))
            yield replace(link, rel="related" if key in seen or _is_page(link) else "alternate")
            seen.add(key)


def page(entry: Entry) -> Link:
    """The entry's own link, with the type, language and title that its publisher gave."""
    own = entry.clean.page
    return own if own and own.href == entry.link else Link(entry.link)


def _is_page(link: Link) -> bool:
    return stated_type(link).partition(";")[0].strip().lower() in {"", "text/html", "application/xhtml+xml"}


def enclosures(entry: Entry) -> list[Link]:
    """The enclosures, each address once, in the order given."""
    first: dict[str, Link] = {}
    for link in entry.clean.enclosures:
        first.setdefault(link.href, link)
    return [link for href, link in first.items() if href]


def _replies(entry: Entry) -> tuple[Link, ...]:
    """The page of comments as a link rel=replies (RFC 4685), unless the entry has such a link."""
    if not entry.clean.comments or any(link.rel == "replies" for link in entry.clean.links):
        return ()
    return (Link(entry.clean.comments, rel="replies"),)


def _fields(person: Person) -> dict[str, str]:
    found = {"name": display_name(person)}
    if _EMAIL.fullmatch(person.email):
        found["email"] = person.email
    if absolute(person.uri):
        found["uri"] = person.uri
    return found
