"""RSS 2.0 with the RSS Advisory Board's profile, and the modules that our feeds use."""

from collections.abc import Callable

from aggregator.validate.atom import LINK, link_faults
from aggregator.validate.element_rules import (
    ATOM,
    MANY,
    Child,
    Element,
    Parts,
    Shape,
    anything,
    attributes,
    everywhere,
    only,
    parts_of,
    rather,
    tag_name,
    text_of,
)
from aggregator.validate.finding import EntryCheck, Faults, fault, verdict
from aggregator.validate.media_rss import media_faults
from aggregator.validate.values import (
    is_count,
    is_language,
    is_link,
    is_media_type,
    is_of_the_world,
    is_rfc822,
    is_rfc3339,
    is_rss_person,
    is_said,
    is_web,
)

CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"

_words = only("RSS 2.0: plain text", lambda _: True)
_said = rather("RSS 2.0: it says something", is_said)
_address = only("RSS 2.0: an absolute URL", is_link)
_date = only("RSS 2.0: a date of RFC 822, the year in four digits", is_rfc822)
_person = only("RSS 2.0: an e-mail address, the name in parentheses", is_rss_person)
_language = only("RSS 2.0: a language tag", is_language)
_number = only("RSS 2.0: a number", is_count)

_OF_RSS = frozenset({"version"})
_OF_CATEGORY = frozenset({"domain"})
_OF_ENCLOSURE = frozenset({"url", "length", "type"})
_OF_GUID = frozenset({"isPermaLink"})
_OF_SOURCE = frozenset({"url"})


def _category(element: Element) -> Faults:
    yield from attributes(element, "RSS 2.0", _OF_CATEGORY)
    yield from _said(element)


def _enclosure(element: Element) -> Faults:
    yield from attributes(element, "RSS 2.0", _OF_ENCLOSURE)
    url, length, media = (element.get(name, "") for name in ("url", "length", "type"))
    if not is_link(url):
        yield fault("RSS 2.0: enclosure needs an absolute url", url)
    elif not is_of_the_world(url):
        yield fault("RSS 2.0: enclosure is to be had over HTTP, from a host of the world", url)
    if not is_count(length):
        yield fault("RSS 2.0: enclosure needs a length in bytes", length)
    if not is_media_type(media):
        yield fault("RSS 2.0: enclosure needs a media type", media)


def _guid(element: Element) -> Faults:
    yield from attributes(element, "RSS 2.0", _OF_GUID)
    permanent = element.get("isPermaLink", "true")
    if permanent not in {"true", "false"}:
        yield fault("RSS 2.0: guid isPermaLink is true or false", permanent)
    elif permanent == "true" and not is_web(text_of(element)):
        yield fault("RSS Advisory Board profile: a guid that is no URL says isPermaLink=false", text_of(element))
    if not is_said(text_of(element)):
        yield fault("RSS 2.0: guid says something")


def _source(element: Element) -> Faults:
    yield from attributes(element, "RSS 2.0", _OF_SOURCE)
    if not is_link(element.get("url", "")):
        yield fault("RSS 2.0: source needs the absolute url of its feed", element.get("url", ""))


_IMAGE = Shape(
    "RSS 2.0",
    {
        "url": Child(rather("RSS 2.0: an image has an absolute URL", is_web), 1),
        "title": Child(_words, 1),
        "link": Child(_address, 1),
        "width": Child(_number),
        "height": Child(_number),
        "description": Child(_words),
    },
)


def _image(element: Element) -> Faults:
    yield from _IMAGE.faults(element, parts_of(element))


_MODULES = {
    LINK: Child(link_faults, most=MANY),
    f"{ATOM}updated": Child(only("RFC 4287 3.3: a date of RFC 3339", is_rfc3339)),
    f"{ATOM}published": Child(only("RFC 4287 3.3: a date of RFC 3339", is_rfc3339)),
    f"{DUBLIN_CORE}creator": Child(_said, most=MANY),
    f"{DUBLIN_CORE}contributor": Child(_said, most=MANY),
    f"{DUBLIN_CORE}rights": Child(_words),
    f"{DUBLIN_CORE}language": Child(_language),
}


class Rss:
    """`markup` looks into HTML and at its characters."""

    root = "rss"
    entry = "item"

    def __init__(self, markup: Callable[[str], Faults]) -> None:
        self._markup = markup
        channel = _MODULES | {
            "title": Child(_words, 1),
            "link": Child(only("RSS 2.0: a channel's link is an absolute URL", is_web), 1),
            "description": Child(_words, 1),
            "language": Child(_language),
            "copyright": Child(_words),
            "managingEditor": Child(_person),
            "webMaster": Child(_person),
            "pubDate": Child(_date),
            "lastBuildDate": Child(_date),
            "category": Child(_category, most=MANY),
            "generator": Child(_words),
            "docs": Child(_address),
            "ttl": Child(_number),
            "image": Child(_image),
            "rating": Child(_words),
            "skipHours": Child(anything),
            "skipDays": Child(anything),
            self.entry: Child(anything, most=MANY),
        }
        item = _MODULES | {
            "title": Child(_words),
            "link": Child(_address),
            "description": Child(self._html),
            "author": Child(_person),
            "category": Child(_category, most=MANY),
            "comments": Child(_address),
            "enclosure": Child(_enclosure),
            "guid": Child(_guid),
            "pubDate": Child(_date),
            "source": Child(_source),
            f"{CONTENT}encoded": Child(self._html),
        }
        self._channel, self._item = Shape("RSS 2.0", channel), Shape("RSS 2.0", item)

    # the feed

    def parent(self, root: Element) -> Element | None:
        """What its items stand in."""
        return root.find("channel")

    def head_faults(self, root: Element, address: str) -> Faults:
        yield from attributes(root, "RSS 2.0", _OF_RSS)
        yield from everywhere(root)
        if root.get("version") != "2.0":
            yield fault("RSS 2.0: rss says version 2.0", root.get("version") or "")
        if [tag_name(channel) for channel in root] != ["channel"]:
            yield fault("RSS 2.0: rss holds one channel")
            return
        parts = parts_of(root[0])
        yield from self._channel.faults(root[0], parts)
        selves = [link.get("href") for link in parts.get(LINK, ()) if link.get("rel") == "self"]
        if selves != [address]:
            rule = "RSS Advisory Board profile: an atom:link rel=self to where the feed is published"
            yield fault(rule, " ".join(map(str, selves)))

    def has_author(self, _: Element) -> bool:
        return True

    # an item

    def look(self, item: Element) -> EntryCheck:
        parts = parts_of(item)
        id_ = parts["guid"][0].text or "" if "guid" in parts else ""
        return verdict(id_, self._faults(item, parts))

    def _faults(self, item: Element, parts: Parts) -> Faults:
        yield from everywhere(item)
        yield from attributes(item, "RSS 2.0")
        yield from self._item.faults(item, parts)
        yield from media_faults(item)
        if not any(is_said(text_of(parts[tag][0])) for tag in ("title", "description") if tag in parts):
            yield fault("RSS 2.0: item needs title or description")

    def _html(self, element: Element) -> Faults:
        if len(element):
            yield fault("RSS 2.0: HTML is escaped", f"<{tag_name(element)}>")
        else:
            yield from self._markup(text_of(element))
