"""HTML that comes from others: nothing in it may run, send, cover the page or lead somewhere relative."""

import re
from collections.abc import Callable, Sequence

from lxml import etree

from aggregator.text.regex import Linear
from aggregator.validate.finding import Faults, fault
from aggregator.validate.values import is_link

ACTIVE = frozenset(
    "animate applet audioworklet base bgsound button embed fencedframe form frame frameset iframe input isindex"
    " keygen layer link listing math meta noembed noframes noscript object param plaintext portal script select set"
    " style svg template textarea title xml xmp".split()
)
QUIET = frozenset("b blockquote body br code div em h1 h2 h3 h4 head html i li ol p pre span strong td tr ul".split())
# `data:` is no address of READING, so that an image that is written out is refused with the rest of it.
ADDRESSES = frozenset("background cite classid codebase data dynsrc href icon longdesc lowsrc poster src".split())
RUNNING = frozenset("applet base embed frame frameset iframe meta object portal script".split())
DANGEROUS = frozenset("action formaction http-equiv manifest ping srcdoc style xlink:href xml:base".split())
RUNS = "Security: no element that runs, sends, embeds or restyles"
RUNS_ATTRIBUTE = "Security: no attribute that runs, sends or restyles"
HARMLESS = "HTML: addresses are absolute and of a harmless scheme"
_SCRIPT = re.compile(r"[\x00-\x20]*(?:j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.IGNORECASE)
_ADDRESS_SET = Linear(r"\s*([^\s,]\S*[^\s,])(?:\s+[\d.]+[wxh])*\s*(?:,|$)")
# As publishers mostly write it, told a good deal faster.
_USUAL_SET = re.compile(r"(?:[^\s,]{2,}+(?: [0-9.]++[wxh])?+(?:, (?=[^\s,])|\Z))++")
_MARKED = re.compile("[<&]")
Attributes = Sequence[tuple[str, str]]
Element = etree._Element  # noqa: SLF001 - the name that lxml gives its one element class
Look = Callable[[str, Attributes, Element], Faults]


class _Reader:
    """libxml2 reads tags as HTML 5 has it. Trees deeper, or texts longer, than it takes are refused."""

    def __init__(self) -> None:
        self._parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)

    def root(self, data: bytes) -> Element | None:
        return etree.fromstring(data, self._parser)


READER = _Reader()


def faults_of(markup: str) -> Faults:
    """Of an entry's HTML, given as characters."""
    if _MARKED.search(markup):
        yield from _each(markup.encode(errors="replace"), _element)


def page_faults(data: bytes) -> Faults:
    """Of a page of ours or a part of it, which may lead to its neighbors but runs nothing."""
    yield from _each(data, _shown)


def _each(data: bytes, look: Look) -> Faults:
    try:
        root = READER.root(data)
    except etree.LxmlError as trouble:
        yield fault("HTML: it can be read", str(trouble))
        return
    for element in () if root is None else root.iter():
        tag = element.tag
        attributes: Attributes = element.items()  # type: ignore[assignment]  # of what was parsed they are str
        if attributes or tag not in QUIET:
            yield from look(tag, attributes, element)


def _shown(tag: str, attributes: Attributes, element: Element) -> Faults:
    faults = []
    if tag in RUNNING and not (tag == "meta" and _is_in_head(element)):
        faults.append(fault(RUNS, f"<{tag}>"))
    for name, said in attributes:
        if name in ADDRESSES:
            if _SCRIPT.match(said):
                faults.append(fault(HARMLESS, f"{tag} {name}={said}"))
        elif name.startswith("on") or name in {"srcdoc", "formaction"}:
            faults.append(fault(RUNS_ATTRIBUTE, f"{tag} {name}"))
    return faults


def _is_in_head(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "head"


def _element(tag: str, attributes: Attributes, _: Element) -> Faults:
    faults = []
    if tag in ACTIVE or ":" in tag:
        faults.append(fault(RUNS, f"<{tag}>"))
    for name, said in attributes:
        if name in ADDRESSES:
            if not is_link(said):
                faults.append(fault(HARMLESS, f"{tag} {name}={said}"))
        elif name.startswith("on") or name in DANGEROUS:
            faults.append(fault(RUNS_ATTRIBUTE, f"{tag} {name}"))
        elif name == "srcset" and not all(map(is_link, _addresses(said))):
            faults.append(fault(HARMLESS, f"{tag} srcset={said}"))
    return faults


def _addresses(srcset: str) -> list[str]:
    if _USUAL_SET.fullmatch(srcset):
        return [candidate.partition(" ")[0] for candidate in srcset.split(", ")]
    return _ADDRESS_SET.findall(srcset)
