"""Extensions as Atom and RSS take them: by the rules of their vocabularies, which validators and readers check.

Elements that a vocabulary does not define are left out, and so are invalid values. Of an element that may occur once,
the first stays. JSON Feed has no such rules and contains every element.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from aggregator.model.document import Extension
from aggregator.model.entry import Entry
from aggregator.render.extension_values import COUNTRIES, URI, any_text, one_of, positions
from aggregator.render.extension_vocabularies import ALSO_IN_DC, FREE, KNOWN, RATINGS, ROLES, SHAPES, ElementRule


def conforming(entry: Entry) -> Entry:
    """The entry with only those extensions that their vocabularies allow."""
    extras = entry.clean.extras
    return replace(entry, clean=replace(entry.clean, extras=tuple(_conforming(extras)))) if extras else entry


def _conforming(extras: Iterable[Extension]) -> Iterator[Extension]:
    known = _allowed((one for extra in extras for one in _translated(extra)), KNOWN)
    yield from _once(_ungrouped(known), KNOWN)


def _allowed(extras: Iterable[Extension], known: Mapping[str, ElementRule]) -> Iterator[Extension]:
    """The elements that are `known`, each with its allowed attributes and children."""
    for extra in extras:
        if extra.name.partition(":")[0] in FREE:
            yield extra
        elif (rule := known.get(extra.name.lower())) and (found := _conforming_element(extra, rule)):
            yield found


def _conforming_element(extra: Extension, rule: ElementRule) -> Extension | None:
    attributes = tuple(_with_valid_role(rule.name, tuple(_attributes(extra, rule))))
    text = rule.text(extra.text) if extra.text else ""
    children = tuple(_once(_allowed(extra.children, rule.inner or {}), rule.inner or {}))
    is_complete = {name for name, _ in attributes}.issuperset(rule.needed)
    has_content = bool(text or children or (attributes and not extra.text.strip() and not extra.children))
    element = _with_valid_rating(Extension(rule.name, attributes, text, children))
    return element if is_complete and (has_content or rule.needed) and _is_consistent(element) else None


def _attributes(extra: Extension, rule: ElementRule) -> Iterator[tuple[str, str]]:
    for name, value in extra.attributes:
        if rule.attributes is None:
            yield name, value
        elif (normalize := rule.attributes.get(name)) and (normalized := normalize(value)):
            yield name, normalized


def _with_valid_role(name: str, attributes: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    """Drops a role that its scheme does not have; the default scheme is the European Broadcasting Union's."""
    is_ebu = name == "media:credit" and dict(attributes).get("scheme", "urn:ebu") == "urn:ebu"
    yield from ((key, value) for key, value in attributes if not (is_ebu and key == "role" and value not in ROLES))


def _with_valid_rating(extra: Extension) -> Extension:
    """A rating must be one of its scheme, in lowercase; otherwise its text is dropped."""
    if extra.name != "media:rating":
        return extra
    scheme = dict(extra.attributes).get("scheme", "urn:simple")
    return replace(extra, text=RATINGS.get(scheme, any_text)(extra.text))


def _is_consistent(extra: Extension) -> bool:
    """Checks rules that depend on more than one value of an element."""
    attributes = dict(extra.attributes)
    match extra.name:
        case "media:rating":
            return bool(extra.text)
        case "media:hash":
            return len(extra.text) == (40 if attributes.get("algo") == "sha-1" else 32)
        case "media:restriction":
            kind = attributes.get("type")
            return bool((one_of("all", "none") if kind is None else URI if kind == "uri" else COUNTRIES)(extra.text))
        case "geo:Point":
            return {"geo:lat", "geo:long"} <= {child.name for child in extra.children}
    return True


def _translated(extra: Extension) -> Iterator[Extension]:
    """The element in a form that more readers understand."""
    low = extra.name.lower()
    prefix, _, name = low.partition(":")
    if prefix == "dcterms" and name in ALSO_IN_DC:
        yield replace(extra, name=f"dc:{name}")
    elif low == "georss:box" and (corners := positions(extra.text)).count(" ") == 3:
        yield _where(_envelope(corners.split()))
    elif low == "itunes:image" and "href" not in dict(extra.attributes):
        yield replace(extra, attributes=tuple(("href", value) for name, value in extra.attributes if name == "url"))
    elif low in SHAPES:
        yield _where(extra)
    else:
        yield extra


def _where(shape: Extension) -> Extension:
    return Extension("georss:where", children=(shape,))


def _envelope(corners: list[str]) -> Extension:
    lower, upper = " ".join(corners[:2]), " ".join(corners[2:])
    return Extension(
        "gml:Envelope", children=(Extension("gml:lowerCorner", text=lower), Extension("gml:upperCorner", text=upper))
    )


def _ungrouped(extras: Iterable[Extension]) -> Iterator[Extension]:
    """Replaces a media:group with fewer than two media:content by its children."""
    for extra in extras:
        media = sum(child.name == "media:content" for child in extra.children)
        if extra.name == "media:group" and media < 2:
            yield from extra.children
        else:
            yield extra


def _once(extras: Iterable[Extension], known: Mapping[str, ElementRule]) -> Iterator[Extension]:
    seen: set[str] = set()
    for extra in extras:
        rule = known.get(extra.name.lower())
        if rule is None or not rule.once or extra.name not in seen:
            yield extra
        seen.add(extra.name)
