"""Checks a rendered document: its bytes in, findings out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from aggregator.model.rendered import RenderedDocument
from aggregator.validate.atom import Atom
from aggregator.validate.cache import ResultCache
from aggregator.validate.element_rules import Element, control_faults
from aggregator.validate.finding import EntryCheck, Finding, Findings, fault
from aggregator.validate.html import faults_of, page_faults
from aggregator.validate.jsonfeed import Json
from aggregator.validate.rss import Rss
from aggregator.validate.split_entries import EntryContext, entry_context, split_feed
from aggregator.validate.strict_parse import ReadError, json_value, xml
from aggregator.validate.tombstones import contradictions

CACHE_SIZE = 64 * 2**20  # per cache: bytes of entries, bytes of articles, characters of markup
WELL_FORMED = {"atom": "XML 1.0: well-formed", "rss": "XML 1.0: well-formed", "json": "RFC 8259: JSON"}
PROBES = {Atom.entry: b"<entry/>", Rss.entry: b"<item/>"}  # take the place of the entries while the head is checked
PROBE = b'"item"'
UNIQUE = {
    "atom": "RFC 4287 4.1.1: an atom:id stands once in a feed",
    "rss": "RSS 2.0: a guid is unique in a feed",
    "json": "JSON Feed 1.1: items.id is unique in a feed",
}


class XmlRules(Protocol):
    root: str
    entry: str

    def head_faults(self, root: Element, address: str) -> Findings: ...

    def check_entry(self, entry: Element) -> EntryCheck: ...

    def has_author(self, head: Element) -> bool: ...

    def parent(self, root: Element) -> Element | None: ...


class Checker:
    """Equal documents have equal findings; caches only save time. Not thread-safe."""

    def __init__(self) -> None:
        self._entries: ResultCache[EntryCheck] = ResultCache(CACHE_SIZE)
        self._markups: ResultCache[tuple[Finding, ...]] = ResultCache(CACHE_SIZE)
        self._articles: ResultCache[tuple[Finding, ...]] = ResultCache(CACHE_SIZE)
        self._xml: dict[str, XmlRules] = {"atom": Atom(self._in_xml), "rss": Rss(self._in_xml)}
        self._json = Json(self.markup)

    def check(self, data: bytes, format: str, address: str) -> list[Finding]:  # noqa: A002 - the word of the field
        """`format`: atom, rss, json or html; `address`: where it is published. Findings about the feed come first."""
        return self.check_parts(split_feed(data, format) or RenderedDocument(data), format, address)

    def check_parts(self, document: RenderedDocument, format: str, address: str) -> list[Finding]:  # noqa: A002
        """Like `check`, for a document in its parts; parts that were checked before come from the cache."""
        if format == "html":
            return self._check_page(document)
        try:
            if format == "json":
                return self._check_json(document, address)
            return self._check_xml(document, format, address)
        except ReadError as error:
            return [fault(WELL_FORMED[format], str(error))]

    def remember(self, document: RenderedDocument, format: str, ids: Mapping[int, str]) -> None:  # noqa: A002
        """Caches that the entries at these places, keys of `ids`, have no findings. The document was valid."""
        if format == "html":
            for place in ids:
                self._articles.get("page", document.checked[place], tuple)
            return
        kind = b"json" if format == "json" else _cache_kind(format, entry_context(document.before))
        for place, id_ in ids.items():
            self._entries.get(kind, document.entries[place], partial(EntryCheck, id_))

    def markup(self, text: str) -> tuple[Finding, ...]:
        """Findings in HTML that came from outside, in whatever element it stands."""
        return self._markups.get("html", text, lambda: tuple(faults_of(text)))

    def trust(self, text: str) -> None:
        """Caches that `markup` finds nothing in this HTML; another process checked it."""
        self._markups.get("html", text, tuple)

    def _in_xml(self, text: str) -> Findings:
        return self._markups.get("xml", text, lambda: (*control_faults(text), *self.markup(text)))

    # pages

    def _check_page(self, document: RenderedDocument) -> list[Finding]:
        """Checks article by article. No tag spans two articles, because attributes in a page contain no `<`."""
        frame = document.before + document.after
        faults = [*_bad_characters(frame, "HTML: UTF-8"), *page_faults(frame)]
        for article in document.checked:
            faults += self._articles.get("page", article, partial(_check_article, article))
        return faults

    # XML

    def _check_xml(self, document: RenderedDocument, format: str, address: str) -> list[Finding]:  # noqa: A002
        rules = self._xml[format]
        context = entry_context(document.before) if document.entries else None
        root = _frame(document, rules) if context else None
        if context and root is not None:
            kind = _cache_kind(format, context)
            checks = [
                self._entries.get(kind, entry, partial(_check_xml_entry, rules, context, entry))
                for entry in document.entries
            ]
            is_decoded = all(check.id for check in checks)  # each part was decoded as UTF-8
        else:
            root, is_decoded = xml(document.data), False
            checks = [rules.check_entry(element) for element in root.iter(rules.entry)]
        if root.tag != rules.root:
            return [fault(f"{format}: the root is {rules.root}", str(root.tag))]
        faults = [*(() if is_decoded else _utf8(document.data)), *rules.head_faults(root, address)]
        if not rules.has_author(root) and not all(check.is_authored for check in checks):
            faults.append(fault("RFC 4287 4.1.1: atom:feed needs an author where an entry has none"))
        faults += contradictions(root, {check.id for check in checks})
        return [*faults, *_located(checks, UNIQUE[format])]

    # JSON

    def _check_json(self, document: RenderedDocument, address: str) -> list[Finding]:
        head = _json_frame(document)
        if head is not None:
            entries = document.entries
            checks = [self._entries.get(b"json", item, partial(self._check_json_entry, item)) for item in entries]
        else:
            head = json_value(document.data)
            items = head.get("items", []) if isinstance(head, dict) else []
            checks = [self._json.check_entry(item) for item in items] if isinstance(items, list) else []
        return [*self._json.head_faults(head, address), *_located(checks, UNIQUE["json"])]

    def _check_json_entry(self, item: bytes) -> EntryCheck:
        try:
            return self._json.check_entry(json_value(item))
        except ReadError as error:
            return EntryCheck(faults=(fault(WELL_FORMED["json"], str(error)),))


def _cache_kind(format: str, context: EntryContext | None) -> bytes:  # noqa: A002
    return f"{format} ".encode() + (context.before if context else b"")


def _frame(document: RenderedDocument, rules: XmlRules) -> Element | None:
    """The root element without entries; None where entries at that place are not children of the feed."""
    root = xml(b"".join((document.before, PROBES[rules.entry], document.after)))
    found, parent = list(root.iter(rules.entry)), rules.parent(root)
    if parent is None or len(found) != 1 or found[0].getparent() is not parent:
        return None
    parent.remove(found[0])
    return root


def _check_xml_entry(rules: XmlRules, context: EntryContext, entry: bytes) -> EntryCheck:
    try:
        parent = rules.parent(xml(b"".join((context.before, entry, context.after))))
    except ReadError as error:
        return EntryCheck(faults=(fault(WELL_FORMED["atom"], str(error)),))
    if parent is None or [element.tag for element in parent] != [rules.entry]:
        return EntryCheck(faults=(fault("Namespaces in XML 6.2: an entry is one element of its feed's namespace"),))
    return rules.check_entry(parent[0])


def _json_frame(document: RenderedDocument) -> Any:
    """The document without items; None where items at that place are not the feed's."""
    if not document.entries:
        return None
    head = json_value(b"".join((document.before, PROBE, document.after)))
    if not isinstance(head, dict) or head.get("items") != [json_value(PROBE)]:
        return None
    return head | {"items": []}


def _located(checks: Sequence[EntryCheck], unique: str) -> Iterator[Finding]:
    """All findings, each with its entry's id and place. An id that an earlier entry has is a finding, too."""
    seen: set[str] = set()
    for place, check in enumerate(checks):
        for one in check.faults:
            yield replace(one, entry=check.id, place=place)
        if check.id in seen:
            yield replace(fault(unique, check.id), entry=check.id, place=place)
        if check.id:
            seen.add(check.id)


# whole documents


def _utf8(data: bytes) -> Findings:
    yield from _bad_characters(data, "RFC 3023 3: UTF-8")


def _check_article(data: bytes) -> tuple[Finding, ...]:
    return (*_bad_characters(data, "HTML: UTF-8"), *page_faults(b"<body>" + data))


def _bad_characters(data: bytes, rule: str) -> Findings:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield fault(rule, str(error))
