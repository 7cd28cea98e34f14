"""The checker: the bytes of a document in, what is wrong with it out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from aggregator.model.rendered import RenderedDocument
from aggregator.validate.atom import Atom
from aggregator.validate.cache import ResultCache
from aggregator.validate.element_rules import Element, control_faults
from aggregator.validate.finding import EntryCheck, Faults, Finding, fault
from aggregator.validate.html import faults_of, page_faults
from aggregator.validate.jsonfeed import Json
from aggregator.validate.rss import Rss
from aggregator.validate.split_entries import Surroundings, cut, surroundings
from aggregator.validate.strict_parse import ReadError, json_value, xml

REMEMBERED = 64 * 2**20  # bytes of entries, bytes of articles, and characters of markup
WELL_FORMED = {"atom": "XML 1.0: well-formed", "rss": "XML 1.0: well-formed", "json": "RFC 8259: JSON"}
PROBES = {Atom.entry: b"<entry/>", Rss.entry: b"<item/>"}  # stand where the entries do
PROBE = b'"item"'
UNIQUE = {
    "atom": "RFC 4287 4.1.1: an atom:id stands once in a feed",
    "rss": "RSS 2.0: a guid is one item's alone",
    "json": "JSON Feed 1.1: items.id is unique in a feed",
}


class XmlRules(Protocol):
    root: str
    entry: str

    def head_faults(self, root: Element, address: str) -> Faults: ...

    def look(self, entry: Element) -> EntryCheck: ...

    def has_author(self, head: Element) -> bool: ...

    def parent(self, root: Element) -> Element | None: ...


class Checker:
    """Equal documents have equal faults; what it remembers between calls only saves time. Not for several threads."""

    def __init__(self) -> None:
        self._verdicts: ResultCache[EntryCheck] = ResultCache(REMEMBERED)
        self._markups: ResultCache[tuple[Finding, ...]] = ResultCache(REMEMBERED)
        self._articles: ResultCache[tuple[Finding, ...]] = ResultCache(REMEMBERED)
        self._xml: dict[str, XmlRules] = {"atom": Atom(self._in_xml), "rss": Rss(self._in_xml)}
        self._json = Json(self.markup)

    def check(self, data: bytes, format: str, address: str) -> list[Finding]:  # noqa: A002 - the word of the field
        """`format`: atom, rss, json or html; `address`: where it is published. What belongs to the feed comes first."""
        return self.check_parts(cut(data, format) or RenderedDocument(data), format, address)

    def check_parts(self, document: RenderedDocument, format: str, address: str) -> list[Finding]:  # noqa: A002
        """The same of a document in its parts, of which those that were looked at before are known."""
        if format == "html":
            return self._check_page(document)
        try:
            if format == "json":
                return self._check_json(document, address)
            return self._check_xml(document, format, address)
        except ReadError as trouble:
            return [fault(WELL_FORMED[format], str(trouble))]

    def recall(self, document: RenderedDocument, format: str, ids: Mapping[int, str]) -> None:  # noqa: A002
        """A document without errors; of its entries at these places the verdict is known."""
        if format == "html":
            for place in ids:
                self._articles.of("page", document.entries[place], tuple)
            return
        kind = b"json" if format == "json" else _kind(format, surroundings(document.before))
        for place, id_ in ids.items():
            self._verdicts.of(kind, document.entries[place], partial(EntryCheck, id_))

    def markup(self, text: str) -> tuple[Finding, ...]:
        """Of HTML that came from outside, wherever it stands."""
        return self._markups.of("html", text, lambda: tuple(faults_of(text)))

    def trust(self, text: str) -> None:
        """Somebody looked at this HTML as `markup` does, and found nothing."""
        self._markups.of("html", text, tuple)

    def _in_xml(self, text: str) -> Faults:
        return self._markups.of("xml", text, lambda: (*control_faults(text), *self.markup(text)))

    # pages

    def _check_page(self, document: RenderedDocument) -> list[Finding]:
        """Article by article: a tag is whole in one of them, as a page has no `<` in its attributes."""
        frame = document.before + document.after
        faults = [*_bad_characters(frame, "HTML: UTF-8"), *page_faults(frame)]
        for article in document.entries:
            faults += self._articles.of("page", article, partial(_article, article))
        return faults

    # XML

    def _check_xml(self, document: RenderedDocument, format: str, address: str) -> list[Finding]:  # noqa: A002
        rules = self._xml[format]
        around = surroundings(document.before) if document.entries else None
        root = _frame(document, rules) if around else None
        if around and root is not None:
            kind = _kind(format, around)
            verdicts = [
                self._verdicts.of(kind, entry, partial(_xml_verdict, rules, around, entry))
                for entry in document.entries
            ]
            is_read = all(verdict.id for verdict in verdicts)  # as UTF-8, each part of it
        else:
            root, is_read = xml(document.data), False
            verdicts = [rules.look(element) for element in root.iter(rules.entry)]
        if root.tag != rules.root:
            return [fault(f"{format}: the root is {rules.root}", str(root.tag))]
        faults = [*(() if is_read else _utf8(document.data)), *rules.head_faults(root, address)]
        if not rules.has_author(root) and not all(verdict.is_authored for verdict in verdicts):
            faults.append(fault("RFC 4287 4.1.1: atom:feed needs an author where an entry has none"))
        return [*faults, *_placed(verdicts, UNIQUE[format])]

    # JSON

    def _check_json(self, document: RenderedDocument, address: str) -> list[Finding]:
        head = _json_frame(document)
        if head is not None:
            entries = document.entries
            verdicts = [self._verdicts.of(b"json", item, partial(self._json_verdict, item)) for item in entries]
        else:
            head = json_value(document.data)
            items = head.get("items", []) if isinstance(head, dict) else []
            verdicts = [self._json.look(item) for item in items] if isinstance(items, list) else []
        return [*self._json.head_faults(head, address), *_placed(verdicts, UNIQUE["json"])]

    def _json_verdict(self, item: bytes) -> EntryCheck:
        try:
            return self._json.look(json_value(item))
        except ReadError as trouble:
            return EntryCheck(faults=(fault(WELL_FORMED["json"], str(trouble)),))


def _kind(format: str, around: Surroundings | None) -> bytes:  # noqa: A002
    return f"{format} ".encode() + (around.before if around else b"")


def _frame(document: RenderedDocument, rules: XmlRules) -> Element | None:
    """The root of what stands around the entries, None where they would not be the feed's."""
    root = xml(b"".join((document.before, PROBES[rules.entry], document.after)))
    found, parent = list(root.iter(rules.entry)), rules.parent(root)
    if parent is None or len(found) != 1 or found[0].getparent() is not parent:
        return None
    parent.remove(found[0])
    return root


def _xml_verdict(rules: XmlRules, around: Surroundings, entry: bytes) -> EntryCheck:
    try:
        parent = rules.parent(xml(b"".join((around.before, entry, around.after))))
    except ReadError as trouble:
        return EntryCheck(faults=(fault(WELL_FORMED["atom"], str(trouble)),))
    if parent is None or [element.tag for element in parent] != [rules.entry]:
        return EntryCheck(faults=(fault("Namespaces in XML 6.2: an entry is one element of its feed's namespace"),))
    return rules.look(parent[0])


def _json_frame(document: RenderedDocument) -> Any:
    """What stands around the items, None where they would not be the feed's."""
    if not document.entries:
        return None
    head = json_value(b"".join((document.before, PROBE, document.after)))
    if not isinstance(head, dict) or head.get("items") != [json_value(PROBE)]:
        return None
    return head | {"items": []}


def _placed(verdicts: Sequence[EntryCheck], unique: str) -> Iterator[Finding]:
    """Each fault with the entry that it belongs to. Of two entries with one id the first stays."""
    seen: set[str] = set()
    for place, verdict in enumerate(verdicts):
        for one in verdict.faults:
            yield replace(one, entry=verdict.id, place=place)
        if verdict.id in seen:
            yield replace(fault(unique, verdict.id), entry=verdict.id, place=place)
        if verdict.id:
            seen.add(verdict.id)


# whole documents


def _utf8(data: bytes) -> Faults:
    yield from _bad_characters(data, "RFC 3023 3: UTF-8")


def _article(data: bytes) -> tuple[Finding, ...]:
    return (*_bad_characters(data, "HTML: UTF-8"), *page_faults(b"<body>" + data))


def _bad_characters(data: bytes, rule: str) -> Faults:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as trouble:
        yield fault(rule, str(trouble))
