"""Rules of RSS 2.0 with the RSS Advisory Board's profile, and of the modules that our feeds use."""

from collections.abc import Callable

from aggregator.text.media_types import is_media_type
from aggregator.text.urls import is_public_http
from aggregator.validate.atom import LINK, link_faults
from aggregator.validate.element_rules import (
    ATOM,
    MANY,
    Child,
    Element,
    Parts,
    Shape,
    attributes,
    media_faults,
    no_check,
    parts_of,
    require,
    tag_name,
    text_of,
    warn_unless,
    xml_attribute_faults,
)
from aggregator.validate.finding import EntryCheck, Findings, check_result, fault
from aggregator.validate.values import (
    is_count,
    is_language,
    is_link,
    is_not_blank,
    is_rfc822,
    is_rfc3339,
    is_rss_person,
    is_web,
)

CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"

_plain_text = require("RSS 2.0: plain text", lambda _: True)
_not_blank = warn_unless("RSS 2.0: it is not empty", is_not_blank)
_address = require("RSS 2.0: an absolute URL", is_link)
_date = require("RSS 2.0: a date of RFC 822, the year in four digits", is_rfc822)
_person = require("RSS 2.0: an e-mail address, the name in parentheses", is_rss_person)
_language = require("RSS 2.0: a language tag", is_language)
_number = require("RSS 2.0: a number", is_count)

_OF_RSS = frozenset({"version"})
_OF_CATEGORY = frozenset({"domain"})
_OF_ENCLOSURE = frozenset({"url", "length", "type"})
_OF_GUID = frozenset({"isPermaLink"})
_OF_SOURCE = frozenset({"url"})


def _category(element: Element) -> Findings:
    yield from attributes(element, "RSS 2.0", _OF_CATEGORY)
    yield from _not_blank(element)


def _enclosure(element: Element) -> Findings:
    yield from attributes(element, "RSS 2.0", _OF_ENCLOSURE)
    url, length, media = (element.get(name, "") for name in ("url", "length", "type"))
    if not is_link(url):
        yield fault("RSS 2.0: enclosure needs an absolute url", url)
    elif not is_public_http(url):
        yield fault("RSS 2.0: enclosure is served over HTTP from a public host", url)
    if not is_count(length):
        yield fault("RSS 2.0: enclosure needs a length in bytes", length)
    if not is_media_type(media):
        yield fault("RSS 2.0: enclosure needs a media type", media)


def _guid(element: Element) -> Findings:
    yield from attributes(element, "RSS 2.0", _OF_GUID)
    permanent = element.get("isPermaLink", "true")
    if permanent not in {"true", "false"}:
        yield fault("RSS 2.0: guid isPermaLink is true or false", permanent)
    elif permanent == "true" and not is_web(text_of(element)):
        yield fault("RSS Advisory Board profile: a guid that is no URL says isPermaLink=false", text_of(element))
    if not is_not_blank(text_of(element)):
        yield fault("RSS 2.0: guid is not empty")


def _source(element: Element) -> Findings:
    yield from attributes(element, "RSS 2.0", _OF_SOURCE)
    if not is_link(element.get("url", "")):
        yield fault("RSS 2.0: source needs the absolute url of its feed", element.get("url", ""))


_IMAGE = Shape(
    "RSS 2.0",
    {
        "url": Child(warn_unless("RSS 2.0: an image has an absolute URL", is_web), 1),
        "title": Child(_plain_text, 1),
        "link": Child(_address, 1),
        "width": Child(_number),
        "height": Child(_number),
        "description": Child(_plain_text),
    },
)


def _image(element: Element) -> Findings:
    yield from _IMAGE.faults(element, parts_of(element))


_MODULES = {
    LINK: Child(link_faults, most=MANY),
    f"{ATOM}updated": Child(require("RFC 4287 3.3: a date of RFC 3339", is_rfc3339)),
    f"{ATOM}published": Child(require("RFC 4287 3.3: a date of RFC 3339", is_rfc3339)),
    f"{DUBLIN_CORE}creator": Child(_not_blank, most=MANY),
    f"{DUBLIN_CORE}contributor": Child(_not_blank, most=MANY),
    f"{DUBLIN_CORE}rights": Child(_plain_text),
    f"{DUBLIN_CORE}language": Child(_language),
}


class Rss:
    """`markup` checks HTML and its characters."""

    root = "rss"
    entry = "item"

    def __init__(self, markup: Callable[[str], Findings]) -> None:
        self._markup = markup
        channel = _MODULES | {
            "title": Child(_plain_text, 1),
            "link": Child(require("RSS 2.0: a channel's link is an absolute URL", is_web), 1),
            "description": Child(_plain_text, 1),
            "language": Child(_language),
            "copyright": Child(_plain_text),
            "managingEditor": Child(_person),
            "webMaster": Child(_person),
            "pubDate": Child(_date),
            "lastBuildDate": Child(_date),
            "category": Child(_category, most=MANY),
            "generator": Child(_plain_text),
            "docs": Child(_address),
            "ttl": Child(_number),
            "image": Child(_image),
            "rating": Child(_plain_text),
            "skipHours": Child(no_check),
            "skipDays": Child(no_check),
            self.entry: Child(no_check, most=MANY),
        }
        item = _MODULES | {
            "title": Child(_plain_text),
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
        """The parent of the items."""
        return root.find("channel")

    def head_faults(self, root: Element, address: str) -> Findings:
        yield from attributes(root, "RSS 2.0", _OF_RSS)
        yield from xml_attribute_faults(root)
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

    def check_entry(self, item: Element) -> EntryCheck:
        parts = parts_of(item)
        id_ = parts["guid"][0].text or "" if "guid" in parts else ""
        return check_result(id_, self._faults(item, parts))

    def _faults(self, item: Element, parts: Parts) -> Findings:
        yield from xml_attribute_faults(item)
        yield from attributes(item, "RSS 2.0")
        yield from self._item.faults(item, parts)
        yield from media_faults(item)
        if not any(is_not_blank(text_of(parts[tag][0])) for tag in ("title", "description") if tag in parts):
            yield fault("RSS 2.0: item needs title or description")

    def _html(self, element: Element) -> Findings:
        if len(element):
            yield fault("RSS 2.0: HTML is escaped", f"<{tag_name(element)}>")
        else:
            yield from self._markup(text_of(element))
