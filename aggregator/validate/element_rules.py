"""Elements as both XML formats are told to have them: how often, with what in them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from aggregator.validate.finding import Faults, Finding, fault, warning
from aggregator.validate.values import is_language

Element = etree._Element  # noqa: SLF001 - the name that lxml gives its one element class
Parts = Mapping[str, Sequence[Element]]  # the children of an element, by tag
MANY = 10**9
_DISCOURAGED = re.compile("[\x7f-\x84\x86-\x9f\ufdd0-\ufdef]")
ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
BASE = "{http://www.w3.org/XML/1998/namespace}base"


@dataclass(frozen=True, slots=True)
class Child:
    """How often a child may stand, and what looks into each."""

    look: Callable[[Element], Faults]
    least: int = 0
    most: int = 1


def parts_of(parent: Element) -> Parts:
    """Elements all: comments and instructions are not read."""
    found: dict[str, list[Element]] = {}
    for element in parent:
        found.setdefault(str(element.tag), []).append(element)
    return found


class Shape:
    """What an element may hold: of `namespace` ("" = none) only what is `known`; of others whatever that says nothing
    of. `source`: the rule's."""

    def __init__(self, source: str, known: Mapping[str, Child], namespace: str = "") -> None:
        self._known = known
        self._source = source
        self._namespace = namespace
        self._needed = [(tag, child.least) for tag, child in known.items() if child.least]

    def faults(self, parent: Element, parts: Parts) -> Faults:
        """`parts`: of the parent."""
        faults: list[Finding] = []
        for tag, elements in parts.items():
            if child := self._known.get(tag):
                for element in elements:
                    faults += child.look(element)
                if len(elements) > child.most:
                    rule = f"{self._source}: {tag_name(parent)} has {_times(child.most)} {local(tag)}"
                    faults.append(fault(rule, f"{len(elements)} of them"))
            elif tag.startswith(self._namespace) if self._namespace else not tag.startswith("{"):
                unknown = fault(f"{self._source}: {tag_name(parent)} has no such element", local(tag))
                faults += [unknown] * len(elements)
        for tag, least in self._needed:
            if len(parts.get(tag, ())) < least:
                faults.append(fault(f"{self._source}: {tag_name(parent)} needs {local(tag)}"))
        return faults


def _times(most: int) -> str:
    return "one" if most == 1 else f"at most {most}"


def tag_name(element: Element) -> str:
    return local(str(element.tag))


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def text_of(element: Element) -> str:
    return element.text or ""


def only(rule: str, is_right: Callable[[str], bool]) -> Callable[[Element], Faults]:
    """Looks whether the element holds such a text, and no element."""

    def look(element: Element) -> Faults:
        if not len(element) and is_right(element.text or ""):
            return ()
        return (fault(rule, text_of(element) or f"<{tag_name(element)}>"),)

    return look


def rather(rule: str, is_right: Callable[[str], bool]) -> Callable[[Element], Faults]:
    """The same, where readers bear what is not right."""

    def look(element: Element) -> Faults:
        if len(element):
            return (fault(rule, f"<{tag_name(element[0])}>"),)
        return () if is_right(text_of(element)) else (warning(rule, text_of(element) or f"<{tag_name(element)}>"),)

    return look


def control_faults(text: str) -> Faults:
    """Of those that XML bears at all. In UTF-8 each has one of a few bytes, which are looked for far faster."""
    data = text.encode(errors="replace")
    if (b"\xc2" in data or b"\x7f" in data or (b"\xef" in data and b"\xef\xb7" in data)) and (
        found := _DISCOURAGED.search(text)
    ):
        rule = "XML 1.0 2.2: control characters and noncharacters should not stand in a text"
        return (warning(rule, repr(found[0])),)
    return ()


def anything(_: Element) -> Faults:
    return ()


def attributes(element: Element, source: str, known: frozenset[str] = frozenset()) -> Faults:
    """No attribute without a namespace but the known ones."""
    names = element.keys()
    if known.issuperset(names):
        return ()
    return [
        fault(f"{source}: {tag_name(element)} has no such attribute", str(name))
        for name in names
        if str(name) not in known and not str(name).startswith("{")
    ]


def everywhere(root: Element) -> Faults:
    """What holds for every element below `root`, itself among them."""
    for element in root.iter():
        for key in element.keys():  # noqa: SIM118 - an element is no mapping
            if str(key)[0] == "{":
                yield from _of_xml(element, str(key))


def _of_xml(element: Element, key: str) -> Faults:
    value = str(element.get(key, ""))
    if key == LANG and value and not is_language(value):
        yield fault("RFC 4287 2: xml:lang is a language tag", value)
    if key == BASE:
        yield fault("House: every address is absolute, none has a base", value)
