"""Changes lists of config.yaml item by item. A new item is formatted like its neighbors, a removed one takes its
comments with it, and every other byte stays the same. If the shape allows no splicing, ruamel.yaml rewrites the file.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from aggregator.config.edit_aliases import EditError, dumped, scalar
from aggregator.config.yaml_lines import Keys, TextError, compose_yaml, read_yaml

Item = Mapping[str, str | Sequence[str]]
Splice = tuple[int, int, str]  # begin, end, replacement
Node = Any  # PyYAML's node classes do not declare their common attributes

_COMMENT = re.compile(r"([ \t]*)#(.*)")
_SWITCHED_OFF = re.compile(r"\s*- ")  # a commented-out item belongs to no other item
_PLAIN = re.compile(  # needs no quotes, not even in brackets: an address, an interval, an id, a boolean
    r"https?://[A-Za-z0-9._~:/?@!$&()*+;=%-]*[A-Za-z0-9._~/?@!$&()*+;=%-]|[0-9]{1,6}[smhdw]"
    r"|[0-9](?:[0-9a-z]|-(?![a-z]))*+-[a-z][0-9a-z-]*|true|false"
)


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
    if text.startswith("\ufeff"):  # a byte order mark
        return f"\ufeff{edited(text[1:], edits)}"
    wanted = _without_empty(_with_all(copy.deepcopy(read_yaml(text).data), edits))
    for apply in (_spliced, _rewritten):
        try:
            result = apply(text, edits)
            if _without_empty(read_yaml(result).data) == wanted:
                return result
        except (EditError, TextError):
            continue
    raise EditError("this program cannot change the file as it is written; change it by hand")


def _without_empty(data: Any) -> Any:
    """An empty list means the same as a missing key."""
    return {key: value for key, value in data.items() if value not in (None, [])}


def _with_all(data: Any, edits: Sequence[Edit]) -> Any:
    """The edits applied to the data. Removals come last, from the end, because they shift later items."""
    for edit in sorted(edits, key=lambda one: (isinstance(one, Remove), -one.index if isinstance(one, Remove) else 0)):
        if isinstance(edit, Append):
            data[edit.key] = data.get(edit.key) or []
            data[edit.key].extend({key: _plain(value) for key, value in item.items()} for item in edit.items)
        elif isinstance(edit, Remove):
            del data[edit.key][edit.index]
        else:
            _put(data, edit)
    return data


def _plain(value: str | Sequence[str]) -> Any:
    return value if isinstance(value, str) else list(value)


def _put(data: Any, edit: Put) -> None:
    for key in edit.keys[:-1]:
        data = data[key]
    if edit.value is None:
        data.pop(edit.keys[-1], None)
    else:
        data[edit.keys[-1]] = edit.value


def _rewritten(text: str, edits: Sequence[Edit]) -> str:
    return dumped(text, lambda data: _with_all(data, edits))


def _spliced(text: str, edits: Sequence[Edit]) -> str:
    root = compose_yaml(text)
    if not isinstance(root, yaml.MappingNode):
        raise EditError("not a mapping")
    splicer = _Splicer(text, root, "\r\n" if "\r\n" in text else "\n")
    splices = [splice for edit in edits for splice in splicer.splices(edit)]
    for begin, end, new in sorted(splices, key=lambda one: one[:2], reverse=True):
        text = text[:begin] + new + text[end:]
    return text


@dataclass(frozen=True, slots=True)
class _Style:
    """How the items of a list are formatted. `dash`, `keys`: columns; `apart`: with a blank line between items."""

    dash: int = 2
    keys: int = 4
    in_line: bool = False
    first: str = "url"
    apart: bool = False


@dataclass(frozen=True, slots=True)
class _Splicer:
    text: str
    root: Node
    end: str  # line end

    def splices(self, edit: Edit) -> Iterator[Splice]:
        if isinstance(edit, Append):
            yield self._append(edit)
        elif isinstance(edit, Remove):
            yield self._remove(self._at((edit.key,)), edit.index)
        else:
            yield self._put(edit)

    # items

    def _append(self, edit: Append) -> Splice:
        pair = _pair(self.root, edit.key)
        if pair is None:
            before = "" if not self.text or self.text.endswith("\n") else self.end
            new = f"{before}{self.end}{edit.key}:{self.end}{self._lines(edit.items, _Style())}"
            return len(self.text), len(self.text), new
        key, value = pair
        if isinstance(value, yaml.ScalarNode) and not value.value:
            return self._after_line(key.end_mark.index, self._lines(edit.items, _Style()))
        if not isinstance(value, yaml.SequenceNode):
            raise EditError("not a list")
        if value.flow_style:
            return self._into_brackets(key, value, edit.items)
        style = self._style(value)
        at = self._item_end(value.value[-1], style.dash)
        return self._after_line(at, self._lines(edit.items, style))

    def _into_brackets(self, key: Node, value: Node, items: Sequence[Item]) -> Splice:
        if value.value:
            at = value.value[-1].end_mark.index
            return at, at, "".join(f", {_in_line(item)}" for item in items)
        line_end = self._line_end(value.end_mark.index, past=True)
        rest = self.text[value.end_mark.index : line_end]
        return key.end_mark.index + 1, line_end, f"{rest.rstrip()}{self.end}{self._lines(items, _Style())}"

    def _lines(self, items: Sequence[Item], style: _Style) -> str:
        blank = self.end if style.apart else ""
        return "".join(f"{blank}{self._item(item, style)}" for item in items)

    def _item(self, item: Item, style: _Style) -> str:
        start = " " * style.dash + "-" + " " * (style.keys - style.dash - 1)
        if style.in_line:
            return f"{start}{_in_line(item)}{self.end}"
        names = sorted(item, key=lambda name: name != style.first)
        lines = [f"{name}: {_value(item[name])}{self.end}" for name in names]
        return start + (" " * style.keys).join(lines)

    def _style(self, value: Node) -> _Style:
        last = value.value[-1]
        dash = self._dash(value, last)
        column = dash - self._line_start(dash)
        if not isinstance(last, yaml.MappingNode) or not last.value:
            return _Style(column, column + 2)
        begin = self._above(dash)
        apart = len(value.value) > 1 and not self.text[self._line_start(begin - 1) : begin].strip()
        in_line = bool(last.flow_style)
        keys = column + 2 if in_line else last.value[0][0].start_mark.column
        return _Style(column, keys, in_line, str(last.value[0][0].value), apart)

    def _remove(self, value: Node, index: int) -> Splice:
        item = value.value[index]
        if not value.flow_style:
            dash = self._dash(value, item)
            return self._above(dash), self._item_end(item, dash - self._line_start(dash)), ""
        if index + 1 < len(value.value):
            return item.start_mark.index, value.value[index + 1].start_mark.index, ""
        begin = value.value[index - 1].end_mark.index if index else item.start_mark.index
        return begin, item.end_mark.index, ""

    def _dash(self, value: Node, item: Node) -> int:
        """The offset of an item's dash. Raises EditError if the item stands elsewhere (`*name`)."""
        at = item.start_mark.index
        dash = self.text.rfind("-", value.start_mark.index, at)
        first_on_line = not self.text[self._line_start(dash) : dash].strip()
        if dash < 0 or self.text[dash + 1 : at].strip() or not first_on_line:
            raise EditError("the item does not begin a line")
        return dash

    def _above(self, dash: int) -> int:
        """The start of the comments right above an item; none belong to it if they hold a commented-out item."""
        begin = first = self._line_start(dash)
        while begin > 0:
            start = self._line_start(begin - 1)
            comment = _COMMENT.fullmatch(self.text[start : begin - 1].rstrip())
            if not comment or _SWITCHED_OFF.match(comment[2]):
                return first if comment else begin
            begin = start
        return begin

    def _item_end(self, item: Node, dash: int) -> int:
        """The end of the item's last line and of the following comments that are indented like its keys."""
        at = _value_end(item)
        at = at if at and self.text[at - 1] == "\n" else self._line_end(at, past=True)
        while comment := _COMMENT.match(self.text, at):
            if len(comment[1]) <= dash:
                break
            at = self._line_end(comment.end(), past=True)
        return at

    # values

    def _put(self, edit: Put) -> Splice:
        holder, key = self._at(edit.keys[:-1]), edit.keys[-1]
        if isinstance(key, int):
            return self._replaced(holder.value[key], edit.value or "")
        pair = _pair(holder, key)
        if edit.value is None:
            return self._without(holder, pair)
        if pair:
            return self._replaced(pair[1], edit.value)
        new = f"{key}: {_value(edit.value)}"
        if holder.flow_style:
            at = _value_end(holder.value[-1][1])
            return at, at, f", {new}"
        return self._after_line(_value_end(holder), f"{' ' * holder.value[0][0].start_mark.column}{new}{self.end}")

    def _replaced(self, node: Node, value: str) -> Splice:
        if not isinstance(node, yaml.ScalarNode):
            raise EditError("not a value")
        begin, end = node.start_mark.index, node.end_mark.index
        if node.style in {"|", ">"} or self.text[begin : begin + 1] in {"&", "!"}:
            raise EditError("not a value on one line")
        if node.style == "'":
            return begin, end, "'" + value.replace("'", "''") + "'"
        if node.style == '"':
            quoted = scalar(value)
            return begin, end, quoted if quoted.startswith('"') else f'"{value}"'
        return begin, end, _value(value) if begin < end else f" {_value(value)}"

    def _without(self, holder: Node, pair: tuple[Node, Node] | None) -> Splice:
        """Removes a whole line with its comment; in brackets, up to the next key or back to the previous value."""
        if pair is None:
            raise EditError("stands elsewhere")
        key, value = pair
        index = next(i for i, one in enumerate(holder.value) if one[0] is key)
        if index == 0 and len(holder.value) > 1:
            return key.start_mark.index, holder.value[1][0].start_mark.index, ""
        if holder.flow_style:
            begin = _value_end(holder.value[index - 1][1]) if index else key.start_mark.index
            return begin, value.end_mark.index, ""
        begin = self._line_start(key.start_mark.index)
        return begin, self._line_end(_value_end(value), past=True), ""

    # places

    def _at(self, keys: Keys) -> Node:
        node = self.root
        for key in keys:
            if isinstance(key, int) and isinstance(node, yaml.SequenceNode):
                inner = node.value[key]
                if not node.start_mark.index <= inner.start_mark.index < node.end_mark.index:
                    raise EditError("stands elsewhere")
                node = inner
            else:
                pair = _pair(node, str(key))
                if pair is None:
                    raise EditError("is not there")
                node = pair[1]
        return node

    def _line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, max(at, 0)) + 1

    def _line_end(self, at: int, *, past: bool = False) -> int:
        """The offset of the line end, or with `past` of the next line."""
        end = self.text.find("\n", at)
        if end < 0:
            return len(self.text)
        return end + 1 if past else end - (self.text[end - 1 : end] == "\r")

    def _after_line(self, at: int, new: str) -> Splice:
        """Whole lines, after the line of `at` and its comment."""
        at = at if at and self.text[at - 1] == "\n" else self._line_end(at, past=True)
        missing = "" if not at or self.text[at - 1] == "\n" else self.end
        return at, at, missing + new


def _pair(node: Node, name: str) -> tuple[Node, Node] | None:
    """The key and its value. Raises EditError if the value stands elsewhere (`*name`, `<<`)."""
    if not isinstance(node, yaml.MappingNode):
        raise EditError("not a mapping")
    for key, value in node.value:
        if key.value == name:
            if value.start_mark.index < key.end_mark.index:
                raise EditError("stands elsewhere")
            return key, value
    return None


def _value_end(node: Node) -> int:
    """The end of the last value: the end mark of a block lies after the comments that follow it."""
    while isinstance(node, yaml.MappingNode | yaml.SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        inner = last[1] if isinstance(last, tuple) else last
        if inner.start_mark.index < node.start_mark.index:
            raise EditError("stands elsewhere")
        node = inner
    return int(node.end_mark.index)


def _in_line(item: Item) -> str:
    return f"{{{', '.join(f'{name}: {_value(value)}' for name, value in item.items())}}}"


def _value(value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    return value if _PLAIN.fullmatch(value) else scalar(value)
