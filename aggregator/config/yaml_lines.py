"""config.yaml as plain data (mappings, lists and text) with the line of each.

Every scalar stays text, and an empty one becomes None: the model decides what it means. So a category `no`, an id `010`
and a version `1.10` stay as written, and do not become false, 8 and 1.1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from aggregator.config.yaml_mistakes import explain_mistake
from aggregator.errors import AggregatorError

Keys = tuple[str | int, ...]
VARIABLE = re.compile(r"\$\{(\w+)\}")  # an environment variable
# One as others write it: `${TOKEN:-x}` of Compose, `${{ secrets.TOKEN }}` of GitHub, `$TOKEN` of a shell.
NO_VARIABLE = re.compile(r"\$\{(?!\w+\})|(?<![^\s:])\$[A-Z][A-Z0-9_]+\Z")

DEEPEST = 30
MOST = 500_000  # nodes with aliases followed; 10,000 sources with all their keys need less than half

# libyaml composes by unlimited recursion, so the depth of its events is checked first.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS = "tag:yaml.org,2002:"
_MERGE = _TAGS + "merge"
_NULL = _TAGS + "null"


class TextError(AggregatorError):
    """The text is not usable YAML; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class Written:
    """The data of a file. `lines`: of each key and list item; `faults`: keys, line and what is wrong there."""

    data: Any = None
    lines: dict[Keys, int] = field(default_factory=dict)
    faults: list[tuple[Keys, int, str]] = field(default_factory=list)


def read_yaml(text: str) -> Written:
    """The only document of `text`; raises TextError."""
    node = compose_yaml(text)
    builder = _Builder()
    if node is not None:
        builder.written.data = builder.build(node, ())
    return builder.written


def compose_yaml(text: str) -> yaml.Node | None:
    """The document as nodes, whose marks give their offsets; raises TextError."""
    try:
        _check_depth(text)
        node: yaml.Node | None = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise TextError(*explain_mistake(error, text)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise TextError(line, f"not YAML: a control character, U+{int(error.character):04X}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise TextError(1, f"not YAML: {error}") from error
    return node


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise TextError(_line(event), "nested too deeply")


class _Builder:
    def __init__(self) -> None:
        self.written = Written()
        self._nodes = 0

    def build(self, node: yaml.Node, keys: Keys) -> Any:
        self._count(node, len(keys))
        if not node.tag.startswith(_TAGS) or "/" in node.tag:
            self._fault(keys, node, f"the YAML tag {node.tag} is not allowed; write plain text")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*keys, i)) for i, item in enumerate(node.value)]
        return None if node.tag == _NULL else node.value

    def _item(self, node: yaml.Node, keys: Keys) -> Any:
        self.written.lines[keys] = _line(node)
        return self.build(node, keys)

    def _mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        own: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag != _MERGE and self._is_free(key, own, keys):
                self._take(own, key, value, keys)
        for key, value in self._merged(node, keys):
            if key.value not in own:
                self._take(own, key, value, keys)
        return own

    def _take(self, own: dict[str, Any], key: yaml.Node, value: yaml.Node, keys: Keys) -> None:
        at = (*keys, key.value)
        self.written.lines[at] = _line(key)
        own[key.value] = self.build(value, at)

    def _is_free(self, key: yaml.Node, own: dict[str, Any], keys: Keys) -> bool:
        if not isinstance(key, yaml.ScalarNode):
            self._fault(keys, key, "a key must be text")
        elif key.value in own:
            first = self.written.lines[*keys, key.value]
            self._fault((*keys, key.value), key, f"appears twice, first in line {first}; remove one")
        else:
            return True
        return False

    def _merged(self, node: yaml.MappingNode, keys: Keys, depth: int = 0) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """The pairs that `<<` merges in (https://yaml.org/type/merge.html), the nearest first."""
        for one in (one for key, value in node.value if key.tag == _MERGE for one in _several(value)):
            self._count(one, depth)
            if not isinstance(one, yaml.MappingNode):
                self._fault(keys, one, "<< must name a mapping or a list of mappings")
                continue
            yield from ((key, value) for key, value in one.value if _is_plain_key(key))
            yield from self._merged(one, keys, depth + 1)

    def _fault(self, keys: Keys, node: yaml.Node, message: str) -> None:
        self.written.faults.append((keys, _line(node), message))

    def _count(self, node: yaml.Node, depth: int) -> None:
        """Limits size and depth: short aliases can expand without bound, or contain themselves."""
        self._nodes += 1
        if self._nodes > MOST:
            raise TextError(_line(node), "aliases make this too large to read")
        if depth > DEEPEST:
            raise TextError(_line(node), "nested too deeply, perhaps by an alias that contains itself")


def _several(value: yaml.Node) -> list[yaml.Node]:
    return value.value if isinstance(value, yaml.SequenceNode) else [value]


def _is_plain_key(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.tag != _MERGE


def _line(at: yaml.Node | yaml.Event) -> int:
    return at.start_mark.line + 1 if at.start_mark else 1
