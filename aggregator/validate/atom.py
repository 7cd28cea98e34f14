"""Rules of Atom 1.0 (RFC 4287) and of the extensions that our feeds use."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from aggregator.text.media_types import is_media_type
from aggregator.validate.element_rules import (
    ATOM,
    MANY,
    Child,
    Element,
    Parts,
    Shape,
    attributes,
    control_faults,
    media_faults,
    no_check,
    parts_of,
    require,
    tag_name,
    text_of,
    warn_unless,
    xml_attribute_faults,
)
from aggregator.validate.finding import EntryCheck, Findings, advice, check_result, fault, warning
from aggregator.validate.source_findings import SourceFindings
from aggregator.validate.tombstones import DELETED, Tombstones
from aggregator.validate.values import (
    is_count,
    is_email,
    is_harmless,
    is_iri,
    is_language,
    is_link,
    is_not_blank,
    is_rfc3339,
    is_web,
)

_UUID_WANTED = re.compile("urn:uuid:", re.IGNORECASE)
_UUID = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
MarkupCheck = Callable[[str], Findings]
LINK = f"{ATOM}link"
_OF_TEXT, _OF_CONTENT = frozenset({"type"}), frozenset({"type", "src"})
XHTML_DIV = "{http://www.w3.org/1999/xhtml}div"
_RELATION = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")
_TAG_URI = re.compile(r"tag:[A-Za-z0-9._~@-]+,\d{4}(?:-\d\d(?:-\d\d)?)?:.*", re.ASCII | re.IGNORECASE)


def _is_id(text: str) -> bool:
    return is_iri(text) and (text[:4].lower() != "tag:" or bool(_TAG_URI.fullmatch(text)))


def _id(element: Element) -> Findings:
    yield from _require_iri(element)
    if _UUID_WANTED.match(text := text_of(element)) and not _UUID.fullmatch(text[9:]):
        yield warning("RFC 9562 4: a name of urn:uuid is a UUID", text)


_require_iri = require("RFC 4287 4.2.6: atom:id is an absolute IRI", _is_id)


def _person_uri(element: Element) -> Findings:
    yield from _harmless(element)
    yield from _absolute(element) if is_harmless(text_of(element)) else ()


_harmless = require("RFC 4287 3.2.2: an absolute IRI, of a harmless scheme", is_harmless)
_absolute = warn_unless("RFC 4287 3.2.2: an absolute IRI", is_link)
_image_url = warn_unless("RFC 4287 4.2.5, 4.2.8: a picture has an absolute URL", is_web)
_name = warn_unless("RFC 4287 3.2.1: atom:name is not empty", is_not_blank)
_PERSON = {
    "name": Child(_name, 1),
    "uri": Child(_person_uri),
    "email": Child(require("RFC 4287 3.2.3: an e-mail address", is_email)),
}
_OF_CATEGORY = frozenset({"term", "scheme", "label"})


def _category(element: Element) -> Findings:
    yield from attributes(element, "RFC 4287 4.2.2", _OF_CATEGORY)
    if not element.get("term"):
        yield fault("RFC 4287 4.2.2.1: atom:category needs a term")
    if (scheme := element.get("scheme")) is not None and not is_iri(scheme):
        yield fault("RFC 4287 4.2.2.2: a scheme is an absolute IRI", scheme)


_LINK: dict[str, tuple[str, Callable[[str], bool]]] = {
    "rel": (
        "RFC 4287 4.2.7.2: a relation is a name or an IRI",
        lambda rel: bool(_RELATION.fullmatch(rel)) or is_iri(rel),
    ),
    "type": ("RFC 4287 4.2.7.3: a media type", is_media_type),
    "hreflang": ("RFC 4287 4.2.7.4: a language tag", is_language),
    "length": ("RFC 4287 4.2.7.6: a length in bytes", is_count),
}


_OF_LINK = frozenset({"href", "title", *_LINK})


def link_faults(element: Element) -> Findings:
    yield from attributes(element, "RFC 4287 4.2.7", _OF_LINK)
    href = element.get("href")
    if href is None or not is_link(href):
        yield fault("RFC 4287 4.2.7.1: atom:link needs an href, absolute here", href or "")
    for name, value in element.items():
        if (rule := _LINK.get(str(name))) and not rule[1](str(value)):
            yield fault(rule[0], str(value))


class Atom:
    """`markup` checks HTML and its characters. `space`: what stands before the names of Atom's elements; "" in a tree
    that gets its namespace when it is written."""

    def __init__(self, markup: MarkupCheck, space: str = ATOM) -> None:
        self._markup = markup
        self._space = space
        self.root, self.entry = f"{space}feed", f"{space}entry"
        self._author, self._link, self._from = f"{space}author", f"{space}link", f"{space}source"
        source_findings = SourceFindings(self._source_faults, f"{space}updated")
        self._person_shape = self._shape("RFC 4287 3.2", _PERSON)
        date = require("RFC 4287 3.3: a date of RFC 3339", is_rfc3339)
        once = {
            "id": Child(_id, 1),
            "title": Child(self._text, 1),
            "updated": Child(date, 1),
            "author": Child(self._person, most=MANY),
            "contributor": Child(self._person, most=MANY),
            "category": Child(_category, most=MANY),
            "link": Child(link_faults, most=MANY),
            "rights": Child(self._text),
        }
        head = once | {
            "subtitle": Child(self._text),
            "generator": Child(warn_unless("RFC 4287 4.2.4: atom:generator is not empty", is_not_blank)),
            "icon": Child(_image_url),
            "logo": Child(_image_url),
        }
        source = {tag: Child(child.check, 0, child.most) for tag, child in head.items()}
        self._source = self._shape("RFC 4287 4.2.11", source)
        entry = once | {
            "published": Child(date),
            "summary": Child(self._text),
            "content": Child(self._content),
            "source": Child(source_findings),
        }
        self._entry = self._shape("RFC 4287 4.1.2", entry)
        tombstones = Tombstones(by=self._person, comment=self._text, link=link_faults, source=source_findings)
        stones = {DELETED: Child(tombstones.faults, most=MANY)}
        self._head = self._shape("RFC 4287 4.1.1", head | {"entry": Child(no_check, most=MANY)}, stones)

    def _shape(self, rule: str, children: Mapping[str, Child], others: Mapping[str, Child] | None = None) -> Shape:
        known = {f"{self._space}{name}": child for name, child in children.items()}
        return Shape(rule, known | dict(others or {}), self._space)

    def _person(self, element: Element) -> Findings:
        return self._person_shape.faults(element, parts_of(element))

    # the feed

    def parent(self, root: Element) -> Element | None:
        """The parent of the entries."""
        return root

    def head_faults(self, root: Element, address: str) -> Findings:
        parts = parts_of(root)
        yield from attributes(root, "RFC 4287 4.1.1")
        yield from xml_attribute_faults(root)
        yield from self._head.faults(root, parts)
        yield from _alternates(parts.get(self._link, ()))
        selves = [link.get("href") for link in parts.get(self._link, ()) if link.get("rel") == "self"]
        if selves != [address]:
            yield fault("RFC 4287 4.1.1: a link rel=self to where the feed is published", " ".join(map(str, selves)))

    def has_author(self, head: Element) -> bool:
        return next(head.iterchildren(self._author), None) is not None

    # an entry

    def check_entry(self, entry: Element) -> EntryCheck:
        """The author may be the entry's own or its source's; without either the feed needs one."""
        parts = parts_of(entry)
        id_ = self._first(parts, "id")
        is_authored = self._author in parts or any(map(self.has_author, parts.get(self._from, ())))
        return check_result("" if id_ is None else text_of(id_), self._faults(entry, parts), is_authored=is_authored)

    def _first(self, parts: Parts, name: str) -> Element | None:
        return next(iter(parts.get(f"{self._space}{name}", ())), None)

    def _faults(self, entry: Element, parts: Parts) -> Findings:
        yield from xml_attribute_faults(entry)
        yield from self._entry.faults(entry, parts)
        yield from _alternates(parts.get(self._link, ()))
        yield from media_faults(entry)
        content, summary = self._first(parts, "content"), self._first(parts, "summary")
        if content is None and not any(map(_is_alternate, parts.get(self._link, ()))):
            yield fault("RFC 4287 4.1.2: atom:entry needs atom:content or a link rel=alternate")
        if content is not None and summary is None and _needs_summary(content):
            yield fault("RFC 4287 4.1.2: atom:entry needs atom:summary where its content is elsewhere or Base64")
        if content is None and summary is None:
            yield advice("RFC 4287 4.1.1.1: it is advisable that an entry has a text, in atom:summary or atom:content")

    def _source_faults(self, source: Element) -> Findings:
        parts = parts_of(source)
        yield from self._source.faults(source, parts)
        yield from _alternates(parts.get(self._link, ()))
        for name in ("id", "title", "updated"):
            if self._first(parts, name) is None:
                rule = "RFC 4287 4.2.11: who adds an atom:source should say id, title and updated"
                yield advice(rule, f"no {name}")

    # text

    def _text(self, element: Element) -> Findings:
        yield from attributes(element, "RFC 4287 3.1", _OF_TEXT)
        yield from self._text_construct(element, element.get("type", "text"), "RFC 4287 3.1.1")

    def _text_construct(self, element: Element, kind: str, source: str) -> Findings:
        if kind == "xhtml":
            yield from self._xhtml(element)
        elif kind not in {"text", "html"}:
            yield fault(f"{source}: a text's type is text, html or xhtml", kind)
        elif len(element):
            yield fault(f"{source}: type={kind} holds no elements", f"<{tag_name(element)}>")
        elif kind == "html":
            yield from self._markup(text_of(element))
        else:
            yield from control_faults(text_of(element))

    def _xhtml(self, element: Element) -> Findings:
        if [child.tag for child in element] != [XHTML_DIV] or text_of(element).strip():
            yield fault("RFC 4287 3.1.1.3: type=xhtml holds one XHTML div", f"<{tag_name(element)}>")
        else:
            yield from self._markup(etree.tostring(element[0], encoding="unicode", with_tail=False, method="html"))

    def _content(self, element: Element) -> Findings:
        yield from attributes(element, "RFC 4287 4.1.3", _OF_CONTENT)
        kind, src = element.get("type", "text"), element.get("src")
        if src is not None:
            yield from _out_of_line(element, src)
        elif kind in {"text", "html", "xhtml"}:
            yield from self._text_construct(element, kind, "RFC 4287 4.1.3.3")
        elif not is_media_type(kind) or kind.lower().startswith(("multipart/", "message/")):
            yield fault("RFC 4287 4.1.3.1: a content's type is text, html, xhtml or a media type", kind)
        elif not _is_xml(kind) and len(element):
            yield fault("RFC 4287 4.1.3.3: only content of an XML type holds elements", kind)


def _out_of_line(content: Element, src: str) -> Findings:
    if not is_link(src):
        yield fault("RFC 4287 4.1.3.2: a content's src is an absolute IRI", src)
    if len(content) or text_of(content).strip():
        yield fault("RFC 4287 4.1.3.2: content with src is empty")
    if content.get("type") in {"text", "html", "xhtml"}:
        yield fault("RFC 4287 4.1.3.2: a content's type beside src is a media type", content.get("type") or "")


def _is_xml(kind: str) -> bool:
    return kind.lower().partition(";")[0].strip().endswith(("+xml", "/xml", "/xml-external-parsed-entity", "/xml-dtd"))


def _needs_summary(content: Element) -> bool:
    kind = content.get("type", "text").lower()
    is_text = kind in {"text", "html", "xhtml"} or kind.startswith("text/") or _is_xml(kind)
    return content.get("src") is not None or not is_text


def _is_alternate(link: Element) -> bool:
    return str(link.get("rel", "alternate")) == "alternate"


def _alternates(links: Sequence[Element]) -> Findings:
    links = [link for link in links if _is_alternate(link)]
    if len(links) < 2:
        return
    found = Counter((link.get("type", "").lower(), link.get("hreflang", "").lower()) for link in links)
    for (media, language), times in found.items():
        if times > 1:
            rule = "RFC 4287 4.1.1, 4.1.2: no two links rel=alternate have one type and hreflang"
            yield fault(rule, f"{times} of type={media!r} hreflang={language!r}")
