"""Rules for HTML from outside: it must not run, send, restyle or cover the page, and has no relative addresses."""

import re
from collections.abc import Callable, Sequence

from lxml import etree

from aggregator.text.data_pictures import data_picture, is_data
from aggregator.text.regex import Linear
from aggregator.validate.finding import Findings, fault
from aggregator.validate.values import is_link

ACTIVE = frozenset(
    "animate applet audioworklet base bgsound button embed fencedframe form frame frameset iframe input isindex"
    " keygen layer link listing math meta noembed noframes noscript object param plaintext portal script select set"
    " style svg template textarea title xml xmp".split()
)
HARMLESS_TAGS = frozenset(
    "b blockquote body br code div em h1 h2 h3 h4 head html i li ol p pre span strong td tr ul".split()
)
# Attributes whose value is an address. READING excludes `data:`, which only the source of a picture may have.
ADDRESSES = frozenset("background cite classid codebase data dynsrc href icon longdesc lowsrc poster src".split())
RUNNING = frozenset("applet base embed frame frameset iframe meta object portal script".split())
DANGEROUS = frozenset("action formaction http-equiv manifest ping srcdoc style xlink:href xml:base".split())
RUNS = "Security: no element that runs, sends, embeds or restyles"
RUNS_ATTRIBUTE = "Security: no attribute that runs, sends or restyles"
HARMLESS = "HTML: addresses are absolute and of a harmless scheme"
_SCRIPT = re.compile(r"[\x00-\x20]*(?:j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.IGNORECASE)
_SRCSET = Linear(r"\s*([^\s,]\S*[^\s,])(?:\s+[\d.]+[wxh])*\s*(?:,|$)")
# How most publishers write srcset; matching this first is much faster.
_USUAL_SRCSET = re.compile(r"(?:[^\s,]{2,}+(?: [0-9.]++[wxh])?+(?:, (?=[^\s,])|\Z))++")
_MARKUP = re.compile("[<&]")
# What every article with a finding holds: a tag or an attribute that runs, or an address that may be no harmless one.
_SUSPECT = Linear(
    rf"(?i:<(?:{'|'.join(sorted(RUNNING))})|on[a-z]+[\x00-\x20]*=|srcdoc|formaction"
    rf"|(?:{'|'.join(sorted(ADDRESSES))})[\x00-\x20]*=[\x00\x02-\x20'\x22]*[jv&])"
)
Attributes = Sequence[tuple[str, str]]
Element = etree._Element  # noqa: SLF001 - the name that lxml gives its one element class
# libxml2 reads tags as HTML 5 defines them. It refuses trees that are too deep and texts that are too long.
PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
ElementCheck = Callable[[str, Attributes, Element], Findings]


def faults_of(markup: str) -> Findings:
    """Findings in an entry's HTML."""
    if _MARKUP.search(markup):
        yield from _check_all(markup.encode(errors="replace"), _entry_element)


def article_faults(data: bytes) -> Findings:
    """Findings in the part of a page that shows one entry. It is only parsed where its bytes may hold one: HTML has no
    other way to write the names of tags and attributes, and a script's address begins with its scheme or a reference.
    """
    return page_faults(b"<body>" + data) if _SUSPECT.is_in(data) else ()


def page_faults(data: bytes) -> Findings:
    """Findings in one of our pages, or a part of it: relative links are allowed, scripts are not."""
    yield from _check_all(data, _page_element)


def _check_all(data: bytes, check: ElementCheck) -> Findings:
    try:
        root: Element | None = etree.fromstring(data, PARSER)
    except etree.LxmlError as error:
        yield fault("HTML: it can be parsed", str(error))
        return
    for element in () if root is None else root.iter():
        tag = element.tag
        attributes: Attributes = element.items()  # type: ignore[assignment]  # the parser gives str
        if attributes or tag not in HARMLESS_TAGS:
            yield from check(tag, attributes, element)


def _page_element(tag: str, attributes: Attributes, element: Element) -> Findings:
    faults = []
    if tag in RUNNING and not (tag == "meta" and _is_in_head(element)):
        faults.append(fault(RUNS, f"<{tag}>"))
    for name, value in attributes:
        if name in ADDRESSES:
            if _SCRIPT.match(value):
                faults.append(fault(HARMLESS, f"{tag} {name}={value}"))
        elif name.startswith("on") or name in {"srcdoc", "formaction"}:
            faults.append(fault(RUNS_ATTRIBUTE, f"{tag} {name}"))
    return faults


def _is_in_head(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "head"


def _entry_element(tag: str, attributes: Attributes, _: Element) -> Findings:
    faults = []
    if tag in ACTIVE or ":" in tag:
        faults.append(fault(RUNS, f"<{tag}>"))
    for name, value in attributes:
        if name in ADDRESSES:
            if not (_is_data_picture(tag, name, value) if is_data(value) else is_link(value)):
                faults.append(fault(HARMLESS, f"{tag} {name}={value}"))
        elif name.startswith("on") or name in DANGEROUS:
            faults.append(fault(RUNS_ATTRIBUTE, f"{tag} {name}"))
        elif name == "srcset" and not all(map(is_link, _addresses(value))):
            faults.append(fault(HARMLESS, f"{tag} srcset={value}"))
    return faults


def _is_data_picture(tag: str, name: str, value: str) -> bool:
    return tag == "img" and name == "src" and data_picture(value) == value


def _addresses(srcset: str) -> list[str]:
    if _USUAL_SRCSET.fullmatch(srcset):
        return [candidate.partition(" ")[0] for candidate in srcset.split(", ")]
    return _SRCSET.findall(srcset)
