"""Adds aliases to config.yaml as a person would: new lines are inserted, and every other byte stays the same. Only if
the file has a shape that allows no insertion, ruamel.yaml writes it again.
"""

import copy
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from aggregator.config.yaml_lines import TextError, read_yaml
from aggregator.errors import AggregatorError

Additions = Mapping[str, Sequence[str]]  # category as in the config → patterns
Insertion = tuple[int, str]  # offset, text to insert there
Node = Any  # ruamel's node classes do not declare their common attributes

WIDEST = 110
_PLAIN = re.compile(r"[^\W\d_](?:[\w+.()&' -]*[\w+.)'])?")  # needs no quotes, not even in brackets
_MEANINGFUL = frozenset("null true false yes no on off y n".split())


class EditError(AggregatorError):
    """This program cannot change a file of this shape."""

    exit_status = 2


def with_aliases(text: str, additions: Additions) -> str:
    """`text` with these patterns added to categories.aliases, after the existing ones. Raises EditError."""
    if text.startswith("\ufeff"):  # a byte order mark
        return f"\ufeff{with_aliases(text[1:], additions)}"
    wanted = _added(read_yaml(text).data, additions)
    for apply in (_spliced, _rewritten):
        try:
            edited = apply(text, additions)
            if read_yaml(edited).data == wanted:
                return edited
        except (EditError, TextError):
            continue
    raise EditError("cannot add to categories.aliases as it is written; write it as a mapping of lists")


def _added(data: Any, additions: Additions) -> Any:
    data = copy.deepcopy(data)
    categories = data["categories"] = data.get("categories") or {}
    aliases = categories["aliases"] = categories.get("aliases") or {}
    for target, patterns in additions.items():
        aliases[target] = [*(aliases.get(target) or []), *patterns]
    return data


# by insertion


@dataclass(frozen=True, slots=True)
class _Part:
    """The text of the `categories` section, and its offset in the file."""

    text: str
    begin: int
    end: str  # line end


def _spliced(text: str, additions: Additions) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    part = _Part(*_section(text), end)
    if not part.text:
        before = "" if not text or text.endswith("\n") else end
        return f"{text}{before}{end}categories:{end}  aliases:{end}{_block(additions, '    ', end)}"
    root = _composed(part.text)
    insertions = list(_into_categories(part, root.value[0], additions))
    for at, new in sorted(insertions, key=lambda one: one[0], reverse=True):
        text = text[: part.begin + at] + new + text[part.begin + at :]
    return text


def _section(text: str) -> tuple[str, int]:
    starts = {keys[0]: line for keys, line in read_yaml(text).lines.items() if len(keys) == 1}
    if "categories" not in starts:
        return "", 0
    lines = text.splitlines(keepends=True) if not re.search("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text) else []
    first = starts["categories"] - 1
    last = min((line - 1 for line in starts.values() if line - 1 > first), default=len(lines))
    return "".join(lines[first:last]), sum(map(len, lines[:first]))


def _composed(text: str) -> MappingNode:
    try:
        root = YAML().compose(text)
    except YAMLError as error:
        raise EditError(str(error)) from error
    if not isinstance(root, MappingNode) or len(root.value) != 1:
        raise EditError("not a section of its own")
    return root


def _into_categories(part: _Part, pair: tuple[Node, Node], additions: Additions) -> Iterator[Insertion]:
    key, value = pair
    if isinstance(value, ScalarNode) and not value.value:
        indent = " " * (key.start_mark.column + 2)
        new = f"{indent}aliases:{part.end}{_block(additions, indent + '  ', part.end)}"
        yield _after_line(part, key.end_mark.index, new)
        return
    found = _pair(value, "aliases")
    if found:
        yield from _into_aliases(part, found, additions)
    elif value.flow_style:
        yield _into_flow(value, f"aliases: {_flow(additions)}")
    else:
        indent = " " * value.value[0][0].start_mark.column
        new = f"{indent}aliases:{part.end}{_block(additions, indent + '  ', part.end)}"
        yield _after_line(part, _end(value), new)


def _into_aliases(part: _Part, pair: tuple[Node, Node], additions: Additions) -> Iterator[Insertion]:
    key, value = pair
    if isinstance(value, ScalarNode) and not value.value:
        indent = " " * (key.start_mark.column + 2)
        yield _after_line(part, key.end_mark.index, _block(additions, indent, part.end))
        return
    new = {}
    for target, patterns in additions.items():
        if found := _pair(value, target):
            yield _into_patterns(part, found[1], patterns)
        else:
            new[target] = patterns
    if new and value.flow_style:
        yield _into_flow(value, _flow(new)[1:-1])
    elif new:
        indent = " " * value.value[0][0].start_mark.column
        lists = [one for _, one in value.value if isinstance(one, SequenceNode)]
        in_lines = bool(lists) and not lists[-1].flow_style
        yield _after_line(part, _end(value), _block(new, indent, part.end, in_lines=in_lines))


def _into_patterns(part: _Part, value: Node, patterns: Sequence[str]) -> Insertion:
    if not isinstance(value, SequenceNode):
        raise EditError("not a list")
    if value.flow_style:
        return _into_flow(value, ", ".join(map(scalar, patterns)))
    indent = " " * value.start_mark.column
    return _after_line(part, _end(value), "".join(f"{indent}- {scalar(one)}{part.end}" for one in patterns))


def _pair(value: Node, name: str) -> tuple[Node, Node] | None:
    """The key and its value. Raises EditError if the value stands elsewhere (`*name`, `<<`)."""
    if not isinstance(value, MappingNode):
        raise EditError("not a mapping")
    for key, one in value.value:
        if key.value == name:
            if one.start_mark.index < key.end_mark.index:
                raise EditError("stands elsewhere")
            return key, one
    return None


def _into_flow(value: Node, new: str) -> Insertion:
    """After the last item, or in the empty brackets."""
    if not value.value:
        return value.end_mark.index - 1, new
    last = value.value[-1]
    return (last[1] if isinstance(last, tuple) else last).end_mark.index, f", {new}"


def _after_line(part: _Part, at: int, new: str) -> Insertion:
    """Whole lines, after the line of `at` and its comment."""
    if at and part.text[at - 1] == "\n":
        return at, new
    end = part.text.find("\n", at)
    return (end + 1, new) if end >= 0 else (len(part.text), part.end + new)


def _end(node: Node) -> int:
    """The end of the last value: the end mark of a block lies after the comments that follow it."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _block(additions: Additions, indent: str, end: str, *, in_lines: bool = False) -> str:
    lines = []
    for target, patterns in additions.items():
        line = f"{indent}{scalar(target)}: [{', '.join(map(scalar, patterns))}]"
        if in_lines or len(line) > WIDEST:
            lines += [f"{indent}{scalar(target)}:", *(f"{indent}  - {scalar(one)}" for one in patterns)]
        else:
            lines.append(line)
    return "".join(f"{line}{end}" for line in lines)


def _flow(additions: Additions) -> str:
    pairs = (f"{scalar(target)}: [{', '.join(map(scalar, patterns))}]" for target, patterns in additions.items())
    return f"{{{', '.join(pairs)}}}"


def scalar(text: str) -> str:
    """The text as a YAML scalar on one line, in quotes if it needs them."""
    if _PLAIN.fullmatch(text.replace("/", "")) and "/" not in text[:1] and text.lower() not in _MEANINGFUL:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escaped(char) for char in quoted)


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


# by ruamel.yaml


def _rewritten(text: str, additions: Additions) -> str:
    return dumped(text, lambda data: _with_aliases(data, additions))


def dumped(text: str, change: Callable[[Any], object]) -> str:
    """The text after `change` of its data. Comments stay as far as ruamel.yaml keeps them. Raises EditError."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return _with_edit_errors(lambda: _dumped(yaml, text, change))


def _dumped(yaml: YAML, text: str, change: Callable[[Any], object]) -> str:
    data = yaml.load(text)
    change(data)
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _with_aliases(data: Any, additions: Additions) -> None:
    data["categories"] = data.get("categories") or {}
    aliases = data["categories"]["aliases"] = data["categories"].get("aliases") or {}
    for target, patterns in additions.items():
        aliases.setdefault(target, []).extend(patterns)


def _with_edit_errors(work: Callable[[], str]) -> str:
    try:
        return work()
    except (YAMLError, AttributeError, TypeError, KeyError, IndexError, ValueError) as error:
        raise EditError(f"ruamel.yaml cannot write it: {error}") from error
