"""Checks what is published: entries as they were built, documents as they are put together, and whole files."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

from aggregator.model.entry import Entry
from aggregator.model.rendered import RenderedDocument
from aggregator.validate.atom import Atom
from aggregator.validate.element_rules import Element, control_faults
from aggregator.validate.finding import EntryCheck, Finding, Findings, fault
from aggregator.validate.html import article_faults, faults_of, page_faults
from aggregator.validate.jsonfeed import Json
from aggregator.validate.rss import Rss
from aggregator.validate.strict_parse import ReadError, json_value, xml
from aggregator.validate.tombstones import contradictions

LONGEST = 10_000_000  # bytes of a text; libxml2 reads none that is longer
WELL_FORMED = {"atom": "XML 1.0: well-formed", "rss": "XML 1.0: well-formed", "json": "RFC 8259: JSON"}
UNIQUE = {
    "atom": "RFC 4287 4.1.1: an atom:id stands once in a feed",
    "rss": "RSS 2.0: a guid is unique in a feed",
    "json": "JSON Feed 1.1: items.id is unique in a feed",
}
AUTHOR = "RFC 4287 4.1.1: atom:feed needs an author where an entry has none"


class XmlRules(Protocol):
    root: str
    entry: str

    def head_faults(self, root: Element, address: str) -> Findings: ...

    def check_entry(self, entry: Element) -> EntryCheck: ...

    def has_author(self, head: Element) -> bool: ...

    def parent(self, root: Element) -> Element | None: ...


class Checker:
    """Equal documents have equal findings. `own_pages`: the user's own templates make the pages, which may then embed
    anything."""

    def __init__(self, *, own_pages: bool = False) -> None:
        self._own_pages = own_pages
        self._xml: dict[str, XmlRules] = {"atom": Atom(_in_xml), "rss": Rss(_in_xml)}
        self._json = Json(markup_faults)
        built: dict[str, XmlRules] = {"atom": Atom(_in_xml, ""), "rss": Rss(_in_xml)}
        self._entries = {name: rules.check_entry for name, rules in built.items()} | {"json": self._json.check_entry}

    # an entry

    def why_left_out(self, entry: Entry, built: Any, format: str) -> str:  # noqa: A002 - the word of the field
        """The first error of an entry, "" where it is valid. `built`: what will be written of it, the element, the item
        or the article, before it becomes bytes."""
        if format in self._entries:
            found: Findings = self._entries[format](built).faults
        else:
            texts = filter(None, (entry.clean.content, entry.clean.summary))
            found = [one for text in texts for one in markup_faults(text)]
            found += [] if self._own_pages or found else _article_faults(built)
        return next((str(one) for one in found if one.severity == "error"), "")

    # a document of entries that were checked

    def document_faults(
        self,
        document: RenderedDocument,
        format: str,  # noqa: A002
        address: str,
        ids: Sequence[str],
    ) -> list[Finding]:
        """The errors of a document's head, and of how it holds its entries, of which the first stands for all. `ids`:
        of all entries."""
        first = replace(document, entries=document.entries[:1])
        try:
            if format == "html":
                found: Findings = () if self._own_pages else _frame_faults(document.before + document.after)
            elif format == "json":
                found = self._json_frame_faults(json_value(first.data), address, len(first.entries))
            else:
                found = _xml_frame_faults(self._xml[format], xml(first.data), address, ids)
            return [one for one in found if one.severity == "error"]
        except ReadError as error:
            return [fault(WELL_FORMED[format], str(error))]

    def _json_frame_faults(self, head: Any, address: str, count: int) -> Findings:
        yield from self._json.head_faults(head, address)
        if isinstance(head, dict) and len(head.get("items", ())) != count:
            yield fault("JSON Feed 1.1: the items stand in items")

    # a whole file

    def check(self, data: bytes, format: str, address: str) -> list[Finding]:  # noqa: A002
        """`format`: atom, rss, json or html; `address`: where it is published. Findings about the feed come first."""
        try:
            if format == "html":
                return [] if self._own_pages else _frame_faults(data)
            if format == "json":
                return self._check_json(json_value(data), address)
            return self._check_xml(xml(data), data, format, address)
        except ReadError as error:
            return [fault(WELL_FORMED[format], str(error))]

    def _check_xml(self, root: Element, data: bytes, format: str, address: str) -> list[Finding]:  # noqa: A002
        rules = self._xml[format]
        if root.tag != rules.root:
            return [fault(f"{format}: the root is {rules.root}", str(root.tag))]
        entries, parent = list(root.iter(rules.entry)), rules.parent(root)
        checks = [rules.check_entry(element) for element in entries]
        for element in entries:
            if parent is not None and element.getparent() is parent:
                parent.remove(element)
        faults = [*_bad_characters(data, "RFC 3023 3: UTF-8"), *rules.head_faults(root, address)]
        if not rules.has_author(root) and not all(check.is_authored for check in checks):
            faults.append(fault(AUTHOR))
        faults += contradictions(root, {check.id for check in checks})
        return [*faults, *_located(checks, UNIQUE[format])]

    def _check_json(self, head: Any, address: str) -> list[Finding]:
        items = head.get("items", []) if isinstance(head, dict) else []
        checks = [self._json.check_entry(item) for item in items] if isinstance(items, list) else []
        return [*self._json.head_faults(head, address), *_located(checks, UNIQUE["json"])]


@lru_cache(16)  # an entry's content and summary, in each of its formats
def markup_faults(text: str) -> tuple[Finding, ...]:
    """Findings in HTML that came from outside, in whatever element it stands."""
    return tuple(faults_of(text))


def _in_xml(text: str) -> Findings:
    yield from control_faults(text)
    if len(text) * 4 > LONGEST and len(text.encode(errors="replace")) > LONGEST:
        yield fault(WELL_FORMED["atom"], "a text larger than readers accept")
    yield from markup_faults(text)


def _xml_frame_faults(rules: XmlRules, root: Element, address: str, ids: Sequence[str]) -> Findings:
    parent = rules.parent(root)
    entries = [element.getparent() for element in root.iter(rules.entry)]
    if entries != ([parent] if ids else []):
        yield fault("Namespaces in XML 6.2: an entry is one element of its feed's namespace")
    yield from rules.head_faults(root, address)
    if not rules.has_author(root):
        yield fault(AUTHOR)
    yield from contradictions(root, set(ids))


def _located(checks: Sequence[EntryCheck], unique: str) -> Iterator[Finding]:
    """All findings, each with its entry's id. An id that an earlier entry has is a finding, too."""
    seen: set[str] = set()
    for check in checks:
        for one in check.faults:
            yield replace(one, entry=check.id)
        if check.id in seen:
            yield replace(fault(unique, check.id), entry=check.id)
        if check.id:
            seen.add(check.id)


def _frame_faults(data: bytes) -> list[Finding]:
    """Of a page, or of one without its articles. No tag spans two articles, because attributes contain no `<`."""
    return [*_bad_characters(data, "HTML: UTF-8"), *page_faults(data)]


def _article_faults(data: bytes) -> list[Finding]:
    return [*_bad_characters(data, "HTML: UTF-8"), *article_faults(data)]


def _bad_characters(data: bytes, rule: str) -> Findings:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield fault(rule, str(error))
