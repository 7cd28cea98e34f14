"""Adds aliases to config.yaml as a person would write them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from aggregator.config.yaml_edits import (
    EditError,
    Node,
    Splice,
    YamlText,
    edited,
    into_brackets,
    is_empty,
    pair,
    value_end,
)
from aggregator.config.yaml_scalars import in_line, scalar

__all__ = ["EditError", "scalar", "with_aliases"]

Additions = Mapping[str, Any]  # key → additions to its mapping, or new items of its list

WIDEST = 110


def with_aliases(text: str, patterns: Mapping[str, Sequence[str]]) -> str:
    """`text` with these patterns added to categories.aliases, after the existing ones. Raises EditError.

    `patterns`: by category, as in the config.
    """
    new = {"categories": {"aliases": patterns}}
    after = edited(text, lambda data: _add(data, new), lambda file: _splices(file, file.root, new))
    if after is None:
        raise EditError("cannot add to categories.aliases as it is written; write it as a mapping of lists")
    return after


def _add(data: Any, additions: Additions) -> None:
    for key, new in additions.items():
        if isinstance(new, Mapping):
            data[key] = data.get(key) or {}
            _add(data[key], new)
        else:
            data[key] = data.get(key) or []
            data[key].extend(new)


def _splices(file: YamlText, node: Node, additions: Additions) -> Iterator[Splice]:
    """Additions to the mapping `node`: missing keys, then what belongs below the others."""
    found = {key: pair(node, key) for key in additions}
    if missing := {key: new for key, new in additions.items() if not found[key]}:
        yield _into_mapping(file, node, missing)
    for key, there in found.items():
        if there and is_empty(there[1]):
            indent = " " * (there[0].start_mark.column + 2)
            yield file.after_line(there[0].end_mark.index, _lines(additions[key], indent, file.end))
        elif there and isinstance(additions[key], Mapping):
            yield from _splices(file, there[1], additions[key])
        elif there:
            yield _into_list(file, there[1], additions[key])


def _into_mapping(file: YamlText, node: Node, new: Additions) -> Splice:
    if node is file.root:
        return file.at_end(_lines(new, "", file.end))
    if node.flow_style:
        return into_brackets(node, in_line(new, scalar)[1:-1])
    indent = " " * node.value[0][0].start_mark.column
    lists = [one for _, one in node.value if isinstance(one, yaml.SequenceNode)]
    over_lines = bool(lists) and not lists[-1].flow_style
    return file.after_line(value_end(node), _lines(new, indent, file.end, over_lines=over_lines))


def _into_list(file: YamlText, node: Node, new: Sequence[str]) -> Splice:
    if not isinstance(node, yaml.SequenceNode):
        raise EditError("not a list")
    if node.flow_style:
        return into_brackets(node, in_line(new, scalar)[1:-1])
    return file.after_line(value_end(node), _lines(new, " " * node.start_mark.column, file.end))


def _lines(new: Additions | Sequence[str], indent: str, end: str, *, over_lines: bool = False) -> str:
    """A mapping or list as lines. A list in a mapping stands in brackets, unless it is `over_lines` or too wide."""
    if not isinstance(new, Mapping):
        return "".join(f"{indent}- {scalar(one)}{end}" for one in new)
    lines = []
    for key, inner in new.items():
        line = f"{indent}{scalar(key)}: {in_line(inner, scalar)}"
        if isinstance(inner, Mapping) or over_lines or len(line) > WIDEST:
            line = f"{indent}{scalar(key)}:{end}{_lines(inner, f'{indent}  ', end).removesuffix(end)}"
        lines.append(line)
    return "".join(f"{line}{end}" for line in lines)
