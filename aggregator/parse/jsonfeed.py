"""JSON Feed 1.0 and 1.1 (jsonfeed.org) to a FeedDocument. Every field may be missing or of any type."""

import json
import math
from typing import Any, NoReturn

from aggregator.errors import ParseError
from aggregator.model.document import CategoryTerm, FeedDocument, FeedInfo, Link, Person, RawEntry, Text
from aggregator.model.problems import Problem
from aggregator.parse.extensions import from_json
from aggregator.parse.untrusted_dict import Raw, count, mapping, mappings, string, strings
from aggregator.text.feed_dates import read_date


def parse_json(text: str, *, url: str, limit: int) -> FeedDocument:
    """Raises ParseError: `not-a-feed` for other JSON, `parse` for a JSON Feed that cannot be read."""
    feed = _loaded(text)
    items = feed.get("items")
    if not _is_feed(feed):
        raise ParseError("not-a-feed", "JSON, but not a JSON Feed")
    if not isinstance(items, list):
        raise ParseError("parse", "a JSON Feed without a list of items")
    drafts = [_draft(item) for item in items[:limit] if isinstance(item, dict)]
    problems = [
        Problem(url, "parse", f"item {place} is no object")
        for place, item in enumerate(items[:limit], 1)
        if not isinstance(item, dict)
    ]
    if len(items) > limit:
        problems.append(Problem(url, "parse", f"{len(items)} items; only the first {limit} were read"))
    version = string(feed, "version")
    return FeedDocument(
        about=_about(feed),
        drafts=tuple(drafts),
        format="json11" if version.endswith("1.1") else "json1",
        complete=not problems,
        problems=tuple(problems),
    )


def _loaded(text: str) -> Raw:
    try:
        value = json.loads(text.strip("\ufeff\0 \t\r\n"), parse_constant=_refuse, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        kind = "parse" if "jsonfeed.org" in text[:2000] else "not-a-feed"
        raise ParseError(kind, f"JSON that cannot be read: {error}") from error
    return value if isinstance(value, dict) else {}


def _integer(digits: str) -> int | str:
    """An integer too long for `int` stays text: it can only be an id."""
    return int(digits) if len(digits) <= 4000 else digits


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON (RFC 8259 section 6)")


def _is_feed(feed: Raw) -> bool:
    if "jsonfeed.org" in string(feed, "version"):
        return True
    named = any(string(feed, key) for key in ("title", "home_page_url", "feed_url"))
    return not feed.get("version") and named and isinstance(feed.get("items"), list)


def _about(feed: Raw) -> FeedInfo:
    return FeedInfo(
        id=string(feed, "feed_url"),
        title=" ".join(string(feed, "title").split()),
        subtitle=" ".join(string(feed, "description").split()),
        link=string(feed, "home_page_url"),
        authors=_authors(feed),
        language=string(feed, "language"),
        icon=string(feed, "favicon"),
        logo=string(feed, "icon"),
        hubs=tuple(string(hub, "url") for hub in mappings(feed, "hubs") if string(hub, "type").lower() == "websub"),
        self_link=string(feed, "feed_url"),
    )


def _authors(data: Raw) -> tuple[Person, ...]:
    """The list of 1.1, else the single author of 1.0."""
    return _persons(mappings(data, "authors")) or _persons([mapping(data, "author")])


def _persons(found: list[Raw]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(person for person in map(_person, found) if person != Person()))


def _person(data: Raw) -> Person:
    """`url` may be a mailto: address (1.1, "authors")."""
    url = string(data, "url")
    is_email = url.lower().startswith("mailto:")
    email = url[len("mailto:") :] if is_email else string(mapping(data, "_aggregator"), "email")
    return Person(string(data, "name"), "" if is_email else url, email)


def _draft(item: Raw) -> RawEntry:
    """`_aggregator` is this program's own extension: fields that JSON Feed does not have."""
    own = mapping(item, "_aggregator")
    return RawEntry(
        id=_id(item.get("id")),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_html(item) or _text(item, "content_text"),
        links=_links(item) + tuple(_link(data) for data in mappings(own, "links") if string(data, "href")),
        authors=_authors(item),
        contributors=_persons(mappings(own, "contributors")),
        terms=tuple(dict.fromkeys(map(CategoryTerm, strings(item, "tags")))),
        published=read_date(string(item, "date_published")),
        updated=read_date(string(item, "date_modified")),
        rights=string(own, "rights"),
        language=string(item, "language"),
        image=string(item, "image") or string(item, "banner_image"),
        comments=string(own, "comments"),
        source=_source(mapping(own, "source")),
        extras=from_json(item),
    )


def _source(data: Raw) -> FeedInfo | None:
    """The source of a republished item, like atom:source."""
    about = FeedInfo(
        id=string(data, "id"),
        title=" ".join(string(data, "title").split()),
        link=string(data, "link"),
        self_link=string(data, "url"),
    )
    return about if about != FeedInfo() else None


def _id(value: Any) -> str:
    """The id as a string; numbers are converted, as the specification requires."""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)
    return string({"id": value if isinstance(value, str) else str(value)}, "id") if _scalar(value) else ""


def _scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _text(item: Raw, key: str) -> Text | None:
    value = string(item, key)
    return Text(value) if value else None


def _html(item: Raw) -> Text | None:
    value = string(item, "content_html")
    return Text(value, "html") if value else None


def _links(item: Raw) -> tuple[Link, ...]:
    url, external = string(item, "url"), string(item, "external_url")
    found = [Link(url or external)] if url or external else []
    if url and external:
        found.append(Link(external, "related"))
    return tuple(found + [_attachment(data) for data in mappings(item, "attachments") if string(data, "url")])


def _link(data: Raw) -> Link:
    return Link(
        href=string(data, "href"),
        rel=string(data, "rel") or "related",
        type=string(data, "type"),
        hreflang=string(data, "hreflang"),
        title=string(data, "title"),
        length=count(data.get("length")),
    )


def _attachment(data: Raw) -> Link:
    return Link(
        href=string(data, "url"),
        rel="enclosure",
        type=string(data, "mime_type"),
        title=string(data, "title"),
        length=count(data.get("size_in_bytes")),
        duration=count(data.get("duration_in_seconds")),
    )
