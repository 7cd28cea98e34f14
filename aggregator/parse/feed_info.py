"""FeedInfo of a feed or of an entry's `source`; persons, links and plain text, which entries share."""

import html
import re
from dataclasses import replace

from aggregator.model.document import CategoryTerm, FeedInfo, Link, Person
from aggregator.parse.feed_dates import FeedDates
from aggregator.parse.untrusted_dict import Raw, count, mapping, mappings, string
from aggregator.text.normalize import one_line, shorten

_TAG = re.compile(r"<[^<>]*>")
_EMAIL = r"[^\s<>()\[\]:;,]+@[^\s<>()\[\]:;,]+"
_EMAIL_NAME = re.compile(rf"(?:mailto:)?({_EMAIL})(?:\s+\((.*)\)|\s+(.+))?")
_NAME_EMAIL = re.compile(rf"([^<>()\[\]]*?)\s?[<(\[](?:mailto:)?({_EMAIL})[>)\]]")
LONGEST_CLOUD = 300  # characters
_RELATION = "http://www.iana.org/assignments/relation/"


def about(data: Raw, dates: FeedDates) -> FeedInfo:
    """Reads `links`, because feedparser's `link` may be the id."""
    links = [(relation(link), string(link, "href")) for link in mappings(data, "links")]
    generator = mapping(data, "generator_detail")
    return FeedInfo(
        id=string(data, "id"),
        title=plain(data, "title"),
        subtitle=plain(data, "subtitle") or plain(data, "dc_description") or plain(data, "itunes_summary"),
        link=_first(links, "alternate"),
        updated=dates.of(data, "updated", "published"),
        authors=persons(data, "authors"),
        rights=plain(data, "rights"),
        language=string(data, "language"),
        icon=string(data, "icon"),
        logo=string(data, "logo") or string(mapping(data, "image"), "href"),
        generator=string(data, "generator"),
        hubs=tuple(dict.fromkeys(href for rel, href in links if rel == "hub" and href)),
        self_link=_first(links, "self") or _address(data),
        contributors=persons(data, "contributors"),
        terms=terms(data),
        generator_uri=string(generator, "href"),
        generator_version=string(generator, "version"),
    )


def cloud(data: Raw) -> str:
    """RSS's `cloud` in one line, such as `http-post rpc.example:80/notify`; "" for none."""
    said = mapping(data, "cloud")
    domain, port, path, protocol = (one_line(string(said, key)) for key in ("domain", "port", "path", "protocol"))
    if not domain:
        return ""
    place = domain + (f":{port}" if port else "") + (path if path.startswith("/") else f"/{path}")
    return shorten(f"{protocol} {place}".strip(), LONGEST_CLOUD)


def _address(data: Raw) -> str:
    """The feed address in RSS's `source`; feedparser may also leave a person's address at this key."""
    href = string(data, "href")
    people = (*persons(data, "authors"), *persons(data, "contributors"))
    return "" if any(person.uri == href for person in people) else href


def origin(data: Raw, dates: FeedDates) -> FeedInfo:
    """An entry's `source`, complete, because it is republished as it came (RFC 4287 4.2.11)."""
    links = (written(raw) for raw in mappings(data, "links"))
    return replace(about(data, dates), links=tuple(link for link in links if link.href))


def terms(data: Raw) -> tuple[CategoryTerm, ...]:
    found = (
        CategoryTerm(string(tag, "term") or string(tag, "label"), string(tag, "label"), string(tag, "scheme"))
        for tag in mappings(data, "tags")
    )
    return tuple(dict.fromkeys(term for term in found if term.term))


def written(link: Raw) -> Link:
    """A link as it came."""
    return Link(
        href=string(link, "href"),
        rel=relation(link),
        type=string(link, "claimed type" if "claimed type" in link else "type"),
        hreflang=string(link, "hreflang"),
        title=string(link, "title"),
        length=count(link.get("length")),
    )


def _first(links: list[tuple[str, str]], wanted: str) -> str:
    return next((href for rel, href in links if rel == wanted and href), "")


def relation(link: Raw) -> str:
    """A link's rel; registered ones may be written as URIs (RFC 4287 4.2.7.2)."""
    return string(link, "rel").removeprefix(_RELATION) or "alternate"


def plain(data: Raw, key: str) -> str:
    """An element's text on one line, without tags."""
    text = string(data, key)
    if "html" in string(mapping(data, f"{key}_detail"), "type"):
        text = html.unescape(_TAG.sub("", text))
    return " ".join(text.split())


def persons(data: Raw, key: str) -> tuple[Person, ...]:
    """All persons in order; one that is named twice (author and dc:creator) once, with both's details."""
    found: dict[str, Person] = {}
    for person in map(_person, mappings(data, key)):
        name = person.name or person.email or person.uri
        known = found.get(name, person)
        if name:
            found[name] = Person(known.name, known.uri or person.uri, known.email or person.email)
    return tuple(found.values())


def _person(data: Raw) -> Person:
    line = string(data, "line")
    return person_in(line) if line else Person(string(data, "name"), string(data, "href"), string(data, "email"))


def person_in(line: str) -> Person:
    """Reads `email (name)`, as in RSS, and `name <email>`; any other text is a name."""
    if "@" not in line or len(line) > 300:
        return Person(line)
    match = _EMAIL_NAME.fullmatch(line)
    if match:
        return Person((match[2] or match[3] or "").strip(), "", match[1])
    match = _NAME_EMAIL.fullmatch(line)
    return Person(match[1].strip(), "", match[2]) if match else Person(line)
