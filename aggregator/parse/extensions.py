"""Elements of other vocabularies in an entry, recorded here because feedparser keeps only the last of each name."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aggregator.clean.extensions import (
    DEEPEST,
    ENVELOPE,
    LONGEST_TEXT,
    MOST,
    MOST_ATTRIBUTES,
    MOST_CHARACTERS,
    known,
)
from aggregator.model.document import Extension
from aggregator.parse.untrusted_dict import Raw, mapping, mappings, string
from aggregator.text.urls import LONGEST

Name = tuple[str | None, str]
Attributes = Iterable[tuple[Name, str]]


@dataclass(slots=True)
class _Open:
    name: str
    attributes: tuple[tuple[str, str], ...]
    texts: list[str] = field(default_factory=list)
    children: list[Extension] = field(default_factory=list)


class ExtensionRecorder:
    """Call `start` and `end` for every element; the entry itself is at depth 1.

    `_open` is the branch of carried elements from depth 2 down. If an element is not carried, none inside it is; our
    envelope counts as if its content stood in its place.
    """

    def __init__(self) -> None:
        self._entry: list[Extension] = []
        self._open: list[_Open] = []
        self._depth = self._elements = self._characters = 0

    def begin(self) -> list[Extension]:
        """Begins an entry, and returns the list that its elements will be added to."""
        self._entry, self._open = [], []
        self._depth = self._elements = self._characters = 0
        return self._entry

    def start(self, name: Name, attributes: Attributes) -> None:
        if name == ENVELOPE:
            return
        self._depth += 1
        if len(self._open) == self._depth - 2 and 2 <= self._depth <= DEEPEST + 1:
            carried = known(*name)
            if carried and self._elements < MOST and self._characters < MOST_CHARACTERS:
                self._elements += 1
                self._open.append(_Open(carried, self._kept(attributes)))

    def text(self, text: str) -> None:
        if self._open and len(self._open) == self._depth - 1 and self._characters < MOST_CHARACTERS:
            self._characters += len(text)
            self._open[-1].texts.append(text)

    def end(self, name: Name) -> None:
        if name == ENVELOPE:
            return
        if self._open and len(self._open) == self._depth - 1:
            done = self._open.pop()
            siblings = self._open[-1].children if self._open else self._entry
            text = "".join(done.texts).strip()[: 4 * LONGEST_TEXT]
            siblings.append(Extension(done.name, done.attributes, text, tuple(done.children)))
        self._depth -= 1

    def _kept(self, attributes: Attributes) -> tuple[tuple[str, str], ...]:
        short = ((name, value) for name, value in attributes if len(value) <= LONGEST)
        plain = [(name, value) for (namespace, name), value in short if not namespace][:MOST_ATTRIBUTES]
        self._characters += sum(len(name) + len(value) for name, value in plain)
        return tuple(plain)


def from_json(item: Raw) -> tuple[Extension, ...]:
    """Elements as this program writes them to JSON Feed: lists by prefix, under `_extensions`."""
    by_prefix = mapping(item, "_extensions")
    return tuple(_extra(data, 1) for prefix in by_prefix for data in mappings(by_prefix, prefix)[:MOST])


def _extra(data: Raw, depth: int) -> Extension:
    attributes = mapping(data, "attributes")
    inner = mappings(data, "children")[:MOST] if depth < DEEPEST else []
    return Extension(
        string(data, "name"),
        tuple((name, string(attributes, name)) for name in attributes if string(attributes, name))[:MOST_ATTRIBUTES],
        string(data, "text"),
        tuple(_extra(child, depth + 1) for child in inner),
    )
