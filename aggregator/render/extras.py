"""Elements of other vocabularies, written as they came: in XML under their namespaces, in JSON by prefix."""

from collections.abc import Iterable, Iterator
from typing import Any

from aggregator.extras import SPACES, clark
from aggregator.models import Entry, Extra
from aggregator.render.extension import Element, child


def write_extras(parent: Element, extras: Iterable[Extra]) -> None:
    for extra in extras:
        written = child(parent, clark(extra.name), extra.text, **dict(extra.attributes))
        write_extras(written, extra.children)


def extensions(extras: Iterable[Extra]) -> dict[str, list[dict[str, Any]]]:
    """By prefix, each with its elements in the order that they came in."""
    found: dict[str, list[dict[str, Any]]] = {}
    for extra in extras:
        found.setdefault(extra.name.partition(":")[0], []).append(_data(extra))
    return {prefix: found[prefix] for prefix in SPACES if prefix in found}


def _data(extra: Extra) -> dict[str, Any]:
    data: dict[str, Any] = {"name": extra.name}
    if extra.attributes:
        data["attributes"] = dict(extra.attributes)
    if extra.text:
        data["text"] = extra.text
    if extra.children:
        data["children"] = [_data(inner) for inner in extra.children]
    return data


def addresses(entry: Entry, name: str) -> frozenset[str]:
    """The `url` of each of these elements, wherever they are: what we need not say ourselves."""
    return frozenset(dict(extra.attributes).get("url", "") for extra in _all(entry.clean.extras) if extra.name == name)


def is_timed(entry: Entry) -> bool:
    """Whether it is said how long the entry's recording is."""
    return any(
        extra.name == "itunes:duration" or (extra.name == "media:content" and "duration" in dict(extra.attributes))
        for extra in _all(entry.clean.extras)
    )


def _all(extras: Iterable[Extra]) -> Iterator[Extra]:
    for extra in extras:
        yield extra
        yield from _all(extra.children)
