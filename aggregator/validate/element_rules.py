"""Rules that both XML formats share: children and attributes of elements, how many, and those of Media RSS."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from aggregator.text.media_types import is_media_type
from aggregator.validate.finding import Finding, Findings, fault, warning
from aggregator.validate.values import is_count, is_language, is_link

Element = etree._Element  # noqa: SLF001 - the name that lxml gives its one element class
Parts = Mapping[str, Sequence[Element]]  # the children of an element, by tag
MANY = 10**9
_DISCOURAGED = re.compile("[\x7f-\x84\x86-\x9f\ufdd0-\ufdef]")
ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
BASE = "{http://www.w3.org/XML/1998/namespace}base"


@dataclass(frozen=True, slots=True)
class Child:
    """How many of a child element there may be, and the check of each."""

    check: Callable[[Element], Findings]
    least: int = 0
    most: int = 1


def parts_of(parent: Element) -> Parts:
    """Comments and processing instructions were dropped by the parser."""
    found: dict[str, list[Element]] = {}
    for element in parent:
        found.setdefault(str(element.tag), []).append(element)
    return found


class Shape:
    """The children of an element. Those in `namespace` ("" = none) must be `known`; others are allowed unless `known`
    limits them. `source`: where the rule is from."""

    def __init__(self, source: str, known: Mapping[str, Child], namespace: str = "") -> None:
        self._known = known
        self._source = source
        self._namespace = namespace
        self._needed = [(tag, child.least) for tag, child in known.items() if child.least]

    def faults(self, parent: Element, parts: Parts) -> Findings:
        """`parts`: `parts_of(parent)`."""
        faults: list[Finding] = []
        for tag, elements in parts.items():
            if child := self._known.get(tag):
                for element in elements:
                    faults += child.check(element)
                if len(elements) > child.most:
                    rule = f"{self._source}: {tag_name(parent)} has {_count(child.most)} {local(tag)}"
                    faults.append(fault(rule, f"{len(elements)} of them"))
            elif tag.startswith(self._namespace) if self._namespace else not tag.startswith("{"):
                unknown = fault(f"{self._source}: {tag_name(parent)} has no such element", local(tag))
                faults += [unknown] * len(elements)
        for tag, least in self._needed:
            if len(parts.get(tag, ())) < least:
                faults.append(fault(f"{self._source}: {tag_name(parent)} needs {local(tag)}"))
        return faults


def _count(most: int) -> str:
    return "one" if most == 1 else f"at most {most}"


def tag_name(element: Element) -> str:
    return local(str(element.tag))


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def text_of(element: Element) -> str:
    return element.text or ""


def require(rule: str, is_right: Callable[[str], bool]) -> Callable[[Element], Findings]:
    """A check that the element contains only text, for which `is_right` holds; anything else is an error."""

    def check(element: Element) -> Findings:
        if not len(element) and is_right(element.text or ""):
            return ()
        return (fault(rule, text_of(element) or f"<{tag_name(element)}>"),)

    return check


def warn_unless(rule: str, is_right: Callable[[str], bool]) -> Callable[[Element], Findings]:
    """Like `require`, but wrong text is only a warning: readers tolerate it."""

    def check(element: Element) -> Findings:
        if len(element):
            return (fault(rule, f"<{tag_name(element[0])}>"),)
        return () if is_right(text_of(element)) else (warning(rule, text_of(element) or f"<{tag_name(element)}>"),)

    return check


def control_faults(text: str) -> Findings:
    """Warns of control characters that XML allows. Their UTF-8 forms share a few bytes, which are searched for first
    because that is much faster."""
    data = text.encode(errors="replace")
    if (b"\xc2" in data or b"\x7f" in data or (b"\xef" in data and b"\xef\xb7" in data)) and (
        found := _DISCOURAGED.search(text)
    ):
        rule = "XML 1.0 2.2: control characters and noncharacters should not stand in a text"
        return (warning(rule, repr(found[0])),)
    return ()


def no_check(_: Element) -> Findings:
    return ()


def attributes(element: Element, source: str, known: frozenset[str] = frozenset()) -> Findings:
    """Attributes without a namespace must be `known`."""
    names = element.keys()
    if known.issuperset(names):
        return ()
    return [
        fault(f"{source}: {tag_name(element)} has no such attribute", str(name))
        for name in names
        if str(name) not in known and not str(name).startswith("{")
    ]


def xml_attribute_faults(root: Element) -> Findings:
    """Checks xml:lang and xml:base of `root` and everything below it."""
    for element in root.iter():
        for key in element.keys():  # noqa: SIM118 - an element is no mapping
            if str(key)[0] == "{":
                yield from _xml_attribute(element, str(key))


def _xml_attribute(element: Element, key: str) -> Findings:
    value = str(element.get(key, ""))
    if key == LANG and value and not is_language(value):
        yield fault("RFC 4287 2: xml:lang is a language tag", value)
    if key == BASE:
        yield fault("Aggregator: every address is absolute, no element has xml:base", value)


def media_faults(entry: Element) -> Findings:
    """Media RSS (https://www.rssboard.org/media-rss)."""
    for element in entry.iterdescendants(f"{MEDIA}content", f"{MEDIA}thumbnail"):
        url = element.get("url")
        if url is None or not is_link(url):
            yield fault("Media RSS: the url of media:content or media:thumbnail is absolute", url or "")
        if element.get("fileSize") == "0":
            yield fault("Media RSS: fileSize is a number of bytes above 0", "0")
        for name in ("fileSize", "duration", "width", "height"):
            if (value := element.get(name)) is not None and not is_count(value):
                yield fault(f"Media RSS: {name} is a number", value)
        if (media := element.get("type")) is not None and not is_media_type(media):
            yield fault("Media RSS: a media type", media)
