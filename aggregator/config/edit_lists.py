"""Changes lists of config.yaml item by item. A new item is formatted like its neighbors, a removed one takes its
comments with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from aggregator.config.yaml_edits import EditError, Node, Splice, YamlText, into_brackets, is_empty, pair, value_end
from aggregator.config.yaml_edits import edited as edited_text
from aggregator.config.yaml_lines import Keys
from aggregator.config.yaml_scalars import in_line, scalar, value

Value = str | Sequence[str] | Sequence[Mapping[str, str]]
Item = Mapping[str, Value]

_COMMENT = re.compile(r"([ \t]*)#(.*)")
_SWITCHED_OFF = re.compile(r"\s*- ")  # a commented-out item belongs to no other item


@dataclass(frozen=True, slots=True)
class Append:
    """Items after the last one of the list `key`, which is created if missing."""

    key: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Remove:
    """The item `index` of the list `key`, with its comments."""

    key: str
    index: int


@dataclass(frozen=True, slots=True)
class Put:
    """Sets the scalar at `keys` to `value`, adding the key if needed; None removes it."""

    keys: Keys
    value: str | None


Edit = Append | Remove | Put


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text after all edits; indexes count before any of them. Raises EditError."""
    after = edited_text(text, lambda data: _change(data, edits), lambda file: (_splice(file, edit) for edit in edits))
    if after is None:
        raise EditError("this program cannot change the file as it is written; change it by hand")
    return after


def _change(data: Any, edits: Sequence[Edit]) -> None:
    """Removals come last, from the end, because they shift later items."""
    for edit in sorted(edits, key=lambda one: (isinstance(one, Remove), -one.index if isinstance(one, Remove) else 0)):
        if isinstance(edit, Append):
            data[edit.key] = data.get(edit.key) or []
            data[edit.key].extend({key: _plain(value) for key, value in item.items()} for item in edit.items)
        elif isinstance(edit, Remove):
            del data[edit.key][edit.index]
        else:
            _put(data, edit)


def _plain(value: Value) -> Any:
    return value if isinstance(value, str) else list(value)


def _put(data: Any, edit: Put) -> None:
    for key in edit.keys[:-1]:
        data = data[key]
    if edit.value is None:
        data.pop(edit.keys[-1], None)
    else:
        data[edit.keys[-1]] = edit.value


def _splice(file: YamlText, edit: Edit) -> Splice:
    if isinstance(edit, Append):
        return _appended(file, edit)
    if isinstance(edit, Remove):
        return _removed(file, _at(file.root, (edit.key,)), edit.index)
    return _set(file, _at(file.root, edit.keys[:-1]), edit)


def _at(node: Node, keys: Keys) -> Node:
    for key in keys:
        if isinstance(key, int) and isinstance(node, yaml.SequenceNode):
            inner = node.value[key]
            if not node.start_mark.index <= inner.start_mark.index < node.end_mark.index:
                raise EditError("stands elsewhere")
        else:
            found = pair(node, str(key))
            if found is None:
                raise EditError("is not there")
            inner = found[1]
        node = inner
    return node


# items


@dataclass(frozen=True, slots=True)
class _Style:
    """How the items of a list are formatted. `dash`, `keys`: columns; `apart`: with a blank line between items."""

    dash: int = 2
    keys: int = 4
    in_line: bool = False
    first: str = "url"
    apart: bool = False


def _appended(file: YamlText, edit: Append) -> Splice:
    found = pair(file.root, edit.key)
    if found is None:
        return file.at_end(f"{edit.key}:{file.end}{_lines(file, edit.items, _Style())}")
    key, node = found
    if is_empty(node):
        return file.after_line(key.end_mark.index, _lines(file, edit.items, _Style()))
    if not isinstance(node, yaml.SequenceNode):
        raise EditError("not a list")
    if not node.flow_style:
        style = _style(file, node)
        return file.after_line(_item_end(file, node.value[-1], style.dash), _lines(file, edit.items, style))
    if node.value:
        return into_brackets(node, in_line(edit.items, value)[1:-1])
    line_end = file.next_line(node.end_mark.index)
    comment = file.text[node.end_mark.index : line_end].rstrip()
    return key.end_mark.index + 1, line_end, f"{comment}{file.end}{_lines(file, edit.items, _Style())}"


def _lines(file: YamlText, items: Sequence[Item], style: _Style) -> str:
    blank = file.end if style.apart else ""
    return "".join(f"{blank}{_item(item, style, file.end)}" for item in items)


def _item(item: Item, style: _Style, end: str) -> str:
    start = " " * style.dash + "-" + " " * (style.keys - style.dash - 1)
    if style.in_line:
        return f"{start}{in_line(item, value)}{end}"
    names = sorted(item, key=lambda name: name != style.first)
    return start + (" " * style.keys).join(f"{name}: {in_line(item[name], value)}{end}" for name in names)


def _style(file: YamlText, node: Node) -> _Style:
    last = node.value[-1]
    dash = _dash(file, node, last)
    column = dash - file.line_start(dash)
    if not isinstance(last, yaml.MappingNode) or not last.value:
        return _Style(column, column + 2)
    begin = _above(file, dash)
    apart = len(node.value) > 1 and not file.text[file.line_start(begin - 1) : begin].strip()
    in_braces = bool(last.flow_style)
    keys = column + 2 if in_braces else last.value[0][0].start_mark.column
    return _Style(column, keys, in_braces, str(last.value[0][0].value), apart)


def _removed(file: YamlText, node: Node, index: int) -> Splice:
    item = node.value[index]
    if not node.flow_style:
        dash = _dash(file, node, item)
        return _above(file, dash), _item_end(file, item, dash - file.line_start(dash)), ""
    if index + 1 < len(node.value):
        return item.start_mark.index, node.value[index + 1].start_mark.index, ""
    begin = node.value[index - 1].end_mark.index if index else item.start_mark.index
    return begin, item.end_mark.index, ""


def _dash(file: YamlText, node: Node, item: Node) -> int:
    """The offset of an item's dash. Raises EditError if the item stands elsewhere (`*name`)."""
    at = item.start_mark.index
    dash = file.text.rfind("-", node.start_mark.index, at)
    is_first_on_line = not file.text[file.line_start(dash) : dash].strip()
    if dash < 0 or file.text[dash + 1 : at].strip() or not is_first_on_line:
        raise EditError("the item does not begin a line")
    return dash


def _above(file: YamlText, dash: int) -> int:
    """The start of the comments right above an item; none belong to it if they hold a commented-out item."""
    begin = first = file.line_start(dash)
    while begin > 0:
        start = file.line_start(begin - 1)
        comment = _COMMENT.fullmatch(file.text[start : begin - 1].rstrip())
        if not comment or _SWITCHED_OFF.match(comment[2]):
            return first if comment else begin
        begin = start
    return begin


def _item_end(file: YamlText, item: Node, dash: int) -> int:
    """The end of the item's last line and of the following comments that are indented like its keys."""
    at = file.past_line(value_end(item))
    while comment := _COMMENT.match(file.text, at):
        if len(comment[1]) <= dash:
            break
        at = file.next_line(comment.end())
    return at


# values


def _set(file: YamlText, holder: Node, edit: Put) -> Splice:
    key = edit.keys[-1]
    if isinstance(key, int):
        return _replaced(file.text, holder.value[key], edit.value or "")
    found = pair(holder, key)
    if edit.value is None:
        return _without(file, holder, found)
    if found:
        return _replaced(file.text, found[1], edit.value)
    new = f"{key}: {value(edit.value)}"
    if holder.flow_style:
        return into_brackets(holder, new)
    return file.after_line(value_end(holder), f"{' ' * holder.value[0][0].start_mark.column}{new}{file.end}")


def _replaced(text: str, node: Node, new: str) -> Splice:
    """A scalar in place of another, in the same quotes."""
    if not isinstance(node, yaml.ScalarNode):
        raise EditError("not a value")
    begin, end = node.start_mark.index, node.end_mark.index
    if node.style in {"|", ">"} or text[begin : begin + 1] in {"&", "!"}:
        raise EditError("not a value on one line")
    if node.style == "'":
        return begin, end, "'" + new.replace("'", "''") + "'"
    if node.style == '"':
        quoted = scalar(new)
        return begin, end, quoted if quoted.startswith('"') else f'"{new}"'
    return begin, end, value(new) if begin < end else f" {value(new)}"


def _without(file: YamlText, holder: Node, found: tuple[Node, Node] | None) -> Splice:
    """Removes a whole line with its comment; in brackets, up to the next key or back to the previous value."""
    if found is None:
        raise EditError("stands elsewhere")
    key, node = found
    index = next(i for i, one in enumerate(holder.value) if one[0] is key)
    if index == 0 and len(holder.value) > 1:
        return key.start_mark.index, holder.value[1][0].start_mark.index, ""
    if holder.flow_style:
        begin = value_end(holder.value[index - 1][1]) if index else key.start_mark.index
        return begin, node.end_mark.index, ""
    return file.line_start(key.start_mark.index), file.next_line(value_end(node)), ""
