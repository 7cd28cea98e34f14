"""JSON Feed 1.0 and 1.1 (jsonfeed.org) to a FeedDocument. Every field may be missing or of any type.

Publishers write one object in place of a list, and texts in place of objects: `"authors": {…}`, `"author": "Jane"`,
`"tags": "a, b"`.
"""

import math

from aggregator.errors import ParseError
from aggregator.model.document import CategoryTerm, FeedDocument, FeedInfo, Link, Person, RawEntry, Text
from aggregator.model.problems import Problem
from aggregator.parse.bases import home_of, with_page_base
from aggregator.parse.extensions import from_json
from aggregator.parse.feed_dates import JSON_FEED, FeedDates
from aggregator.parse.repair_json import LoadedJson, load
from aggregator.parse.untrusted_dict import Raw, count, mapping, mappings, string, strings
from aggregator.text.dates import DateContext
from aggregator.text.urls import is_nothing


def parse_json(text: str, *, url: str, limit: int, context: DateContext) -> FeedDocument:
    """Raises ParseError: `not-a-feed` for other JSON, `parse` for a JSON Feed that cannot be read."""
    loaded = _loaded(text)
    feed: Raw = loaded.value if isinstance(loaded.value, dict) else {}
    if not _is_feed(feed):
        raise ParseError("not-a-feed", "JSON, but not a JSON Feed")
    if "items" not in feed:
        raise ParseError("not-a-feed", "JSON, but not a JSON Feed: it has no items")
    items = feed["items"]
    if not isinstance(items, list):
        raise ParseError("parse", "a JSON Feed without a list of items")
    objects = [item for item in items[:limit] if isinstance(item, dict)]
    dates = FeedDates(feed, objects, context, JSON_FEED)
    problems = [Problem(url, "parse", fault) for fault in _faults(loaded)]
    problems += [
        Problem(url, "parse", f"item {place} is no object")
        for place, item in enumerate(items[:limit], 1)
        if not isinstance(item, dict)
    ]
    if len(items) > limit:
        problems.append(Problem(url, "parse", f"{len(items)} items; only the first {limit} were read"))
    version, about = string(feed, "version"), _about(feed)
    home = home_of(about.link, url)
    return FeedDocument(
        about=about,
        drafts=tuple(with_page_base(_draft(item, dates), home, url) for item in objects),
        format="json11" if version.endswith("1.1") else "json1",
        complete=not problems,
        problems=tuple(problems),
        cut_off=loaded.cut_off,
        date_faults=tuple(map(dates.faults, objects)),
        date_order=dates.order,
    )


def _loaded(text: str) -> LoadedJson:
    try:
        return load(text)
    except ValueError as error:
        kind = "parse" if "jsonfeed.org" in text[:2000] else "not-a-feed"
        raise ParseError(kind, f"JSON that cannot be read: {error}") from error


def _faults(loaded: LoadedJson) -> list[str]:
    """At most one: a person mends a document as a whole."""
    cut = ["the document is cut off"] if loaded.cut_off else []
    repaired = [f"not valid JSON, but repaired: {', '.join(loaded.repairs)}"] if loaded.repairs else []
    return ["; ".join(cut + repaired)] if cut or repaired else []


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
    return _persons(_named(data, "authors")) or _persons(_named(data, "author"))


def _named(data: Raw, key: str) -> list[Raw]:
    """The objects of a list, or the only one; a text is a name."""
    value = data.get(key)
    found = value if isinstance(value, list) else [value]
    return mappings({key: [{"name": one} if isinstance(one, str) else one for one in found]}, key)


def _persons(found: list[Raw]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(person for person in map(_person, found) if person != Person()))


def _person(data: Raw) -> Person:
    """`url` may be a mailto: address (1.1, "authors")."""
    url = string(data, "url")
    is_email = url.lower().startswith("mailto:")
    email = url[len("mailto:") :] if is_email else string(mapping(data, "_aggregator"), "email")
    return Person(string(data, "name"), "" if is_email else url, email)


def _draft(item: Raw, dates: FeedDates) -> RawEntry:
    """`_aggregator` is this program's own extension: fields that JSON Feed does not have."""
    own = mapping(item, "_aggregator")
    return RawEntry(
        id=_scalar(item, "id"),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_html(item) or _text(item, "content_text"),
        links=_links(item) + tuple(_link(data) for data in mappings(own, "links") if string(data, "href")),
        authors=_authors(item),
        contributors=_persons(mappings(own, "contributors")),
        terms=tuple(dict.fromkeys(map(CategoryTerm, _tags(item)))),
        published=dates.of(item, "date_published"),
        updated=dates.of(item, "date_modified"),
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


def _scalar(data: Raw, key: str) -> str:
    """A text, or a number as text: the specification requires it of ids ("id"), and titles may be a year."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)
    return string({key: value if isinstance(value, str) else str(value)}, key)


def _tags(item: Raw) -> list[str]:
    """A text is one tag, or several that commas part."""
    value = item.get("tags")
    return strings({"tags": value.replace("，", ",").split(",") if isinstance(value, str) else value}, "tags")


def _text(item: Raw, key: str) -> Text | None:
    value = _scalar(item, key)
    return Text(value) if value else None


def _html(item: Raw) -> Text | None:
    value = string(item, "content_html")
    return Text(value, "html") if value else None


def _links(item: Raw) -> tuple[Link, ...]:
    url, external = string(item, "url"), string(item, "external_url")
    url, external = ("" if is_nothing(one) else one for one in (url, external))
    found = [Link(url or external)] if url or external else []
    if url and external:
        found.append(Link(external, "related"))
    attachments = mappings(item, "attachments") or [mapping(item, "attachments")]
    return tuple(found + [_attachment(data) for data in attachments if string(data, "url")])


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
