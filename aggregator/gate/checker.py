"""The checker: the bytes of a document in, what is wrong with it out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from aggregator.gate.atom import Atom
from aggregator.gate.cutting import Cut, cut_json, cut_xml
from aggregator.gate.elements import Element, control_faults
from aggregator.gate.fault import Fault, Faults, fault
from aggregator.gate.jsonfeed import Json
from aggregator.gate.markup import faults_of, page_faults
from aggregator.gate.reading import ReadError, json_value, xml
from aggregator.gate.remembering import Remembered
from aggregator.gate.rss import Rss

REMEMBERED = 50_000  # entries in a format, and markups
WELL_FORMED = {"atom": "XML 1.0: well-formed", "rss": "XML 1.0: well-formed", "json": "RFC 8259: JSON"}
ARTICLE = b"</article>"
UNIQUE = {
    "atom": "RFC 4287 4.1.1: an atom:id stands once in a feed",
    "rss": "RSS 2.0: a guid is one item's alone",
    "json": "JSON Feed 1.1: items.id is unique in a feed",
}


class XmlRules(Protocol):
    root: str
    entry: str

    def head_faults(self, root: Element, address: str) -> Faults: ...

    def entry_faults(self, entry: Element) -> Faults: ...

    def id_of(self, entry: Element) -> str: ...

    def has_author(self, head: Element) -> bool: ...

    def is_authored(self, entry: Element) -> bool: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one entry. `is_authored`: it says itself who wrote it."""

    id: str = ""
    faults: tuple[Fault, ...] = ()
    is_authored: bool = True


class Checker:
    """Equal bytes give equal faults; what it remembers between calls only saves time. Not for several threads."""

    def __init__(self) -> None:
        self._verdicts: Remembered[Verdict] = Remembered(REMEMBERED)
        self._markups: Remembered[tuple[Fault, ...]] = Remembered(REMEMBERED)
        self._fits: Remembered[bool] = Remembered(100)
        self._xml: dict[str, XmlRules] = {"atom": Atom(self._in_xml), "rss": Rss(self._in_xml)}
        self._json = Json(self.markup)

    def check(self, data: bytes, format: str, address: str) -> list[Fault]:  # noqa: A002 - the word of the field
        """`format`: atom, rss, json or html; `address`: where it is published. What belongs to the feed comes first."""
        if format == "html":
            return self._check_page(data)
        try:
            return self._check_json(data, address) if format == "json" else self._check_xml(data, format, address)
        except ReadError as trouble:
            return [fault(WELL_FORMED[format], str(trouble))]

    def recall(self, data: bytes, format: str, ids: Mapping[int, str]) -> Sequence[bytes]:  # noqa: A002
        """The entries of a document without errors, none where it cannot be cut; of those at these places the verdict
        is known."""
        cut = cut_json(data) if format == "json" else self._fitting(cut_xml(data, format))
        if cut is None:
            return ()
        kind = b"json" if format == "json" else f"{format} ".encode() + cut.before
        for place, id_ in ids.items():
            if place < len(cut.entries):
                self._verdicts.of(kind, cut.entries[place], partial(Verdict, id_))
        return cut.entries

    def markup(self, text: str) -> Faults:
        """Of HTML that came from outside, wherever it stands."""
        data = text.encode(errors="replace")
        yield from self._markups.of(b"html", data, lambda: tuple(faults_of(text)))

    def _in_xml(self, text: str) -> Faults:
        data = text.encode(errors="replace")
        return self._markups.of(b"xml", data, lambda: (*control_faults(text), *faults_of(text)))

    # pages

    def _check_page(self, data: bytes) -> list[Fault]:
        """Article by article: a tag is whole in one of them, as a page has no `<` in its attributes."""
        head, *articles = data.split(ARTICLE)
        faults = [*_bad_characters(data, "HTML: UTF-8"), *page_faults(head)]
        for article in articles:
            faults += self._markups.of(b"page", article, partial(_article, article))
        return faults

    # XML

    def _check_xml(self, data: bytes, format: str, address: str) -> list[Fault]:  # noqa: A002
        rules = self._xml[format]
        cut = self._fitting(cut_xml(data, format))
        if cut:
            root = xml(cut.head)
            kind = f"{format} ".encode() + cut.before
            verdicts = [
                self._verdicts.of(kind, entry, partial(_xml_verdict, rules, cut, entry)) for entry in cut.entries
            ]
        else:
            root = xml(data)
            verdicts = [_verdict(rules, element) for element in root.iter(rules.entry)]
        if root.tag != rules.root:
            return [fault(f"{format}: the root is {rules.root}", str(root.tag))]
        is_read = cut and all(verdict.id for verdict in verdicts)  # as UTF-8, each part of it
        faults = [*(() if is_read else _utf8(data)), *rules.head_faults(root, address)]
        if not rules.has_author(root) and not all(verdict.is_authored for verdict in verdicts):
            faults.append(fault("RFC 4287 4.1.1: atom:feed needs an author where an entry has none"))
        return [*faults, *_placed(verdicts, UNIQUE[format])]

    def _fitting(self, cut: Cut | None) -> Cut | None:
        """None where what stands around the entries is not what it seems to be."""
        if cut and self._fits.of(b"xml", around := cut.before + cut.after, partial(_fits, around)):
            return cut
        return None

    # JSON

    def _check_json(self, data: bytes, address: str) -> list[Fault]:
        cut = cut_json(data)
        if cut:
            head = json_value(cut.head)
            verdicts = [self._verdicts.of(b"json", item, partial(self._json_verdict, item)) for item in cut.entries]
        else:
            head = json_value(data)
            items = head.get("items", []) if isinstance(head, dict) else []
            verdicts = [self._item_verdict(item) for item in items] if isinstance(items, list) else []
        return [*self._json.head_faults(head, address), *_placed(verdicts, UNIQUE["json"])]

    def _json_verdict(self, item: bytes) -> Verdict:
        try:
            return self._item_verdict(json_value(item))
        except ReadError as trouble:
            return Verdict(faults=(fault(WELL_FORMED["json"], str(trouble)),))

    def _item_verdict(self, item: Any) -> Verdict:
        return Verdict(self._json.id_of(item), _each_once(self._json.entry_faults(item)))


def _fits(around: bytes) -> bool:
    try:
        return xml(around) is not None
    except ReadError:
        return False


def _xml_verdict(rules: XmlRules, cut: Cut, entry: bytes) -> Verdict:
    try:
        element = next(xml(cut.before + entry + cut.after).iter(rules.entry), None)
    except ReadError as trouble:
        return Verdict(faults=(fault(WELL_FORMED["atom"], str(trouble)),))
    if element is None:
        return Verdict(faults=(fault("Namespaces in XML 6.2: an entry is of its feed's namespace"),))
    return _verdict(rules, element)


def _verdict(rules: XmlRules, element: Element) -> Verdict:
    return Verdict(rules.id_of(element), _each_once(rules.entry_faults(element)), rules.is_authored(element))


def _each_once(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(dict.fromkeys(faults))


def _placed(verdicts: Sequence[Verdict], unique: str) -> Iterator[Fault]:
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


def _article(data: bytes) -> tuple[Fault, ...]:
    return tuple(page_faults(b"<body>" + data))


def _bad_characters(data: bytes, rule: str) -> Faults:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as trouble:
        yield fault(rule, str(trouble))
