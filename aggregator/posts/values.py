"""Values of front matter as texts, flags, lists, persons and links, whatever form they were written in."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from aggregator.model.document import Link, Person
from aggregator.posts.body import braces
from aggregator.posts.keys import LINK_OR_PATTERN
from aggregator.posts.strict_readers import Plain, Value
from aggregator.text.urls import is_nothing

_NO = frozenset(("false", "no", "off", "n", "0"))
_YES = frozenset(("true", "yes", "on", "y", "1"))
_NAME_AND_EMAIL = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>\s@]+@[^<>\s@]+)>")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_MAGNET = re.compile(r"magnet:\?\S+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")


def is_empty(value: Value) -> bool:
    """Whether there is no value, an empty text, or a bare `null` or `~`."""
    return not value or (isinstance(value, str) and not value.strip()) or (isinstance(value, Plain) and value.is_null)


def text(value: Value) -> str:
    """The text as written, with braces restored; "" for a list or a mapping."""
    return braces(value.strip()) if isinstance(value, str) else ""


def flag(value: Value) -> bool | None:
    """None if this is not a flag."""
    word = text(value).lower()
    return True if word in _YES else False if word in _NO else None


def is_switch(value: Value) -> bool:
    """Whether this is a bare `true` or `false`: some themes use the key of a text to switch its box on and off."""
    return isinstance(value, Plain) and value.lower() in ("true", "false")


def items(value: Value) -> list[Value]:
    """A list unchanged; an empty value as an empty list; anything else as a list of one."""
    if isinstance(value, list):
        return value
    return [] if is_empty(value) else [value]


def flat(value: list[Value]) -> Iterator[Value]:
    """The items of a list and of the lists within."""
    for item in value:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item


def name(value: Value) -> str:
    """A category as it was written, or "". `- Sci-Fi: New` is a name, although YAML reads it as a mapping."""
    if isinstance(value, dict) and len(value) == 1:
        key, rest = next(iter(value.items()))
        return f"{braces(key)}: {text(rest)}" if isinstance(rest, str) else ""
    return "" if is_empty(value) else text(value)


def holds_lists(value: Value) -> bool:
    return isinstance(value, list) and any(isinstance(item, list) for item in value)


def paths(value: Value) -> Iterator[tuple[str, ...]]:
    """The names of each item of a list: several of an item that is a list, of any depth; one of any other."""
    for item in items(value):
        names = tuple(filter(None, map(name, flat(item if isinstance(item, list) else [item]))))
        if names:
            yield names


def entry_of(value: Value, *keys: str) -> str:
    """The first non-empty text of a mapping under one of these keys, which are compared in lower case."""
    folded = {key.lower(): item for key, item in value.items()} if isinstance(value, dict) else {}
    return next((text(folded[key]) for key in keys if key in folded and not is_empty(folded[key])), "")


def address(value: str) -> str:
    """An absolute http(s) address, else ""."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and not _SPACE_OR_CONTROL.search(value)
    except ValueError:
        return ""
    return value if usable else ""


def is_meant_as_link(key: str, value: Value) -> bool:
    """Whether it should be an address: under some keys generators take paths and patterns, too."""
    written = text(value)
    is_none = is_nothing(written) or is_switch(value)
    return not is_none and (key not in LINK_OR_PATTERN or bool(_SCHEME.match(written)))


def person(value: Value) -> Person:
    """From a name, `name <email>`, or a mapping; an empty Person if there is no name, address or email."""
    if isinstance(value, dict):
        found = Person(entry_of(value, "name", "nickname"), entry_of(value, "url", "uri", "link"))
        return Person(found.name, found.uri, entry_of(value, "email", "mail"))
    written = "" if is_empty(value) else text(value)
    both = _NAME_AND_EMAIL.fullmatch(written)
    if both:
        return Person(both["name"].strip(), email=both["email"])
    return Person(_MARKDOWN_LINK.sub(r"\1", written))


def enclosure(value: Value) -> Link | None:
    """From an address or a mapping; None without an absolute http(s) address or a magnet link."""
    written = text(value) or entry_of(value, "url", "href", "src")
    href = address(written) or (written if _MAGNET.fullmatch(written) else "")
    if not href:
        return None
    return Link(
        href,
        rel="enclosure",
        type=entry_of(value, "type", "mime", "mime_type"),
        title=entry_of(value, "title"),
        length=_number(entry_of(value, "length", "size")),
        duration=_number(entry_of(value, "duration")),
    )


def _number(written: str) -> int | None:
    return int(written) if re.fullmatch(r"[0-9]{1,18}", written) else None
