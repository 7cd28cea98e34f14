"""Changes YAML at the positions of its nodes: every byte beside a change stays, with all comments.

The nodes come from the parser that reads the config (yaml_lines.py). Only a file of a shape that allows no splice is
written again as a whole, by ruamel.yaml.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from aggregator.config.yaml_lines import TextError, compose_yaml, read_yaml
from aggregator.errors import AggregatorError

Node = Any  # PyYAML's node classes do not declare their common attributes
Splice = tuple[int, int, str]  # begin, end, replacement


class EditError(AggregatorError):
    """This program cannot change a file of this shape."""

    exit_status = 2


@dataclass(frozen=True, slots=True)
class YamlText:
    """A text, its root node, and the end of its lines. Offsets are those of characters."""

    text: str
    root: Node
    end: str

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, max(at, 0)) + 1

    def next_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return end + 1 if end >= 0 else len(self.text)

    def past_line(self, at: int) -> int:
        """The end of the line that ends at `at` or contains it."""
        return at if at and self.text[at - 1] == "\n" else self.next_line(at)

    def after_line(self, at: int, lines: str) -> Splice:
        """Whole lines, after the line of `at` and its comment."""
        at = self.past_line(at)
        missing = "" if not at or self.text[at - 1] == "\n" else self.end
        return at, at, missing + lines

    def at_end(self, lines: str) -> Splice:
        """Whole lines, after a blank one."""
        before = "" if not self.text or self.text.endswith("\n") else self.end
        return len(self.text), len(self.text), f"{before}{self.end}{lines}"


def edited(text: str, change: Callable[[Any], object], splices: Callable[[YamlText], Iterable[Splice]]) -> str | None:
    """The text with the splices, if its data is then what `change` makes of it; else written again; None if neither is
    possible.

    `change` changes plain data in place. Where two splices insert at the same place, the later one comes first in the
    text. Raises TextError if `text` is no YAML.
    """
    if text.startswith("\ufeff"):  # a byte order mark
        return (after := edited(text[1:], change, splices)) and f"\ufeff{after}"
    wanted = read_yaml(text).data
    change(wanted)
    for write in (partial(_spliced, text, splices), partial(_rewritten, text, change)):
        try:
            after = write()
            if _without_empty(read_yaml(after).data) == _without_empty(wanted):
                return after
        except (EditError, TextError):
            continue
    return None


def _without_empty(data: Any) -> Any:
    """An empty list means the same as a missing key."""
    return {key: value for key, value in data.items() if value not in (None, [])}


def _spliced(text: str, splices: Callable[[YamlText], Iterable[Splice]]) -> str:
    file = YamlText(text, compose_yaml(text), "\r\n" if "\r\n" in text else "\n")
    for begin, end, new in sorted(splices(file), key=lambda one: one[:2], reverse=True):
        text = text[:begin] + new + text[end:]
    return text


def _rewritten(text: str, change: Callable[[Any], object]) -> str:
    """Comments stay as far as ruamel.yaml keeps them."""
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    try:
        data = writer.load(text)
        change(data)
        writer.dump(data, stream)
    except (YAMLError, AttributeError, TypeError, KeyError, IndexError, ValueError) as error:
        raise EditError(f"ruamel.yaml cannot write it: {error}") from error
    return stream.getvalue()


# nodes


def pair(node: Node, name: str) -> tuple[Node, Node] | None:
    """The key and its value. Raises EditError if the value stands elsewhere (`*name`, `<<`)."""
    if not isinstance(node, yaml.MappingNode):
        raise EditError("not a mapping")
    for key, value in node.value:
        if key.value == name:
            if value.start_mark.index < key.end_mark.index:
                raise EditError("stands elsewhere")
            return key, value
    return None


def is_empty(node: Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.value


def value_end(node: Node) -> int:
    """The end of the last value: the end mark of a block lies after the comments that follow it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        inner = _last(node)
        if inner.start_mark.index < node.start_mark.index:
            raise EditError("stands elsewhere")
        node = inner
    return int(node.end_mark.index)


def into_brackets(node: Node, new: str) -> Splice:
    """After the last item or pair, or in the empty brackets."""
    at = value_end(_last(node)) if node.value else node.end_mark.index - 1
    return at, at, f", {new}" if node.value else new


def _last(node: Node) -> Node:
    last = node.value[-1]
    return last[1] if isinstance(last, tuple) else last
