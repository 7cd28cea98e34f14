"""Rules of tombstones (at:deleted-entry, RFC 6721) in an Atom document."""

from collections.abc import Callable, Container

from aggregator.validate.element_rules import ATOM, MANY, Child, Element, Shape, attributes, parts_of, text_of
from aggregator.validate.finding import Findings, fault
from aggregator.validate.values import is_iri, is_rfc3339

SPACE = "{http://purl.org/atompub/tombstones/1.0}"
DELETED = f"{SPACE}deleted-entry"
_ATTRIBUTES = frozenset({"ref", "when"})
Check = Callable[[Element], Findings]


class Tombstones:
    """The arguments check the children, which are constructs of Atom."""

    def __init__(self, *, by: Check, comment: Check, link: Check, source: Check) -> None:
        self._shape = Shape(
            "RFC 6721 3",
            {
                f"{SPACE}by": Child(by),
                f"{SPACE}comment": Child(comment),
                f"{ATOM}link": Child(link, most=MANY),
                f"{ATOM}source": Child(source),
            },
            SPACE,
        )

    def faults(self, element: Element) -> Findings:
        yield from attributes(element, "RFC 6721 3", _ATTRIBUTES)
        yield from self._shape.faults(element, parts_of(element))
        for name, is_right in (("ref", is_iri), ("when", is_rfc3339)):
            if not is_right(value := element.get(name, "")):
                rule = "the atom:id of an entry" if name == "ref" else "a date of RFC 3339"
                yield fault(f"RFC 6721 3: at:deleted-entry needs {name}, {rule}", value)
        if text := text_of(element).strip():
            yield fault("RFC 6721 3: at:deleted-entry holds elements only", text)


def contradictions(root: Element, ids: Container[str]) -> Findings:
    """Tombstones of entries that the document shows all the same, or withdraws twice. `ids`: of its entries."""
    seen: set[str] = set()
    for element in root.iterchildren(DELETED):
        ref = element.get("ref", "")
        if ref in ids:
            yield fault("RFC 6721 3: a document does not show an entry that it withdraws", ref)
        if ref in seen:
            yield fault("RFC 6721 3: a document withdraws an entry once", ref)
        seen.add(ref)
