"""Extension elements, written as they came: in XML under their namespaces, in JSON by prefix."""

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from aggregator.clean.extensions import ENVELOPE, SPACES, clark
from aggregator.model.document import Extension
from aggregator.model.entry import Entry
from aggregator.render.feedgen_extension import Element
from aggregator.text.generator import GENERATOR

# Declared at the root of every feed. Validators warn of namespaces that they do not know, so those are declared only
# where they are used.
COMMON = {prefix: space for prefix, space in SPACES.items() if prefix not in {"podcast", "psc"}}
# Media RSS 1.5 defines it; the W3C feed validator knows an older version.
_ENVELOPED = "media:community"
_ENVELOPE, _OURS = f"{{{ENVELOPE[0]}}}{ENVELOPE[1]}", {GENERATOR: ENVELOPE[0]}


def write_extras(parent: Element, extras: Iterable[Extension]) -> None:
    for extra in extras:
        prefix = extra.name.partition(":")[0]
        around = etree.SubElement(parent, _ENVELOPE, {}, _OURS) if extra.name == _ENVELOPED else parent
        written = etree.SubElement(around, clark(extra.name), dict(extra.attributes), {prefix: SPACES[prefix]})
        written.text = extra.text or None
        write_extras(written, extra.children)


def extensions(extras: Iterable[Extension]) -> dict[str, list[dict[str, Any]]]:
    """The elements by prefix, in the order that they came in."""
    found: dict[str, list[dict[str, Any]]] = {}
    for extra in extras:
        found.setdefault(extra.name.partition(":")[0], []).append(_data(extra))
    return {prefix: found[prefix] for prefix in SPACES if prefix in found}


def _data(extra: Extension) -> dict[str, Any]:
    data: dict[str, Any] = {"name": extra.name}
    if extra.attributes:
        data["attributes"] = dict(extra.attributes)
    if extra.text:
        data["text"] = extra.text
    if extra.children:
        data["children"] = [_data(inner) for inner in extra.children]
    return data


def addresses(entry: Entry, name: str) -> frozenset[str]:
    """The `url` of every extension element of this name, nested ones included."""
    return frozenset(dict(extra.attributes).get("url", "") for extra in _all(entry.clean.extras) if extra.name == name)


def is_timed(entry: Entry) -> bool:
    """Whether an extension element gives the duration of the entry's recording."""
    return any(
        extra.name == "itunes:duration" or (extra.name == "media:content" and "duration" in dict(extra.attributes))
        for extra in _all(entry.clean.extras)
    )


def _all(extras: Iterable[Extension]) -> Iterator[Extension]:
    for extra in extras:
        yield extra
        yield from _all(extra.children)
