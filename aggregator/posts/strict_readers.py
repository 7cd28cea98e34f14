"""The strict readers of front matter: YAML, TOML and JSON, with python-frontmatter's handlers, and Pelican's lines.

Scalars stay text as written: a title `2.43`, `no` or `2022-07-09` does not become a number, flag or date. A scalar
without quotes is `Plain`, so that flags and null values can be recognized.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

import yaml
from frontmatter.default_handlers import JSONHandler, YAMLHandler

from aggregator.errors import PostError

Value = str | list["Value"] | dict[str, "Value"]

MAX_DEPTH = 20

_ParserLoader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_SURROGATES = re.compile("[\ud800-\udfff]")  # lone ones, which JSON can write, but UTF-8 cannot
_TOML_LINE = re.compile(r"line (\d+)")
# tomllib takes quadratic time for one long dotted key: 20 s for 60 kB.
_LONG_DOTTED_KEY = re.compile(rf"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')\s*+\.\s*+){{{MAX_DEPTH}}}")


class Plain(str):
    """A scalar without quotes."""

    __slots__ = ()

    @property
    def is_null(self) -> bool:
        return self in ("", "~", "null", "Null", "NULL")


class Pair(NamedTuple):
    """One key of the root; `line`: in the front matter, from 1, or 0 if the reader gives none."""

    key: str
    value: Value
    line: int


class MalformedError(PostError):
    """The front matter breaks its format's grammar; `tolerant_reader` may still read it."""


def _refusal(message: str, line: int = 0) -> PostError:
    return PostError("front-matter", message, line=line)


# ── YAML ────────────────────────────────────────────────────────────────────────────────────────────────────


class _PlainLoader(_ParserLoader):  # type: ignore[misc]
    """Builds pairs from parser events, so that aliases are never followed and tags never constructed."""

    def get_single_data(self) -> list[Pair]:
        self.anchors: set[str] = set()
        pairs: list[Pair] = []
        while not isinstance(event := self.get_event(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                if pairs:
                    raise MalformedError("front-matter", "a second document begins", line=_line(event))
                pairs = self._root(self.get_event())
        return pairs

    def _root(self, event: yaml.Event) -> list[Pair]:
        if isinstance(event, yaml.MappingStartEvent):
            return list(self._pairs(0))
        value = self._value(event, 0)
        if isinstance(value, Plain) and value.is_null:
            return []
        if isinstance(value, str):  # `title:x` without a space is plain text to YAML
            raise MalformedError("front-matter", "front matter is plain text, no `key: value`", line=_line(event))
        raise _refusal("front matter is a list, not a set of `key: value` lines", _line(event))

    def _pairs(self, depth: int) -> Iterator[Pair]:
        while not isinstance(event := self.get_event(), yaml.MappingEndEvent):
            key = self._value(event, depth + 1)
            if not isinstance(key, str):
                raise MalformedError("front-matter", "a key is a list or a mapping", line=_line(event))
            yield Pair(key, self._value(self.get_event(), depth + 1), _line(event))

    def _value(self, event: yaml.Event, depth: int) -> Value:
        self._inspect(event)
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style else Plain(event.value)
        if depth >= MAX_DEPTH:
            raise _refusal(f"front matter is nested more than {MAX_DEPTH} deep", _line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._items(depth))
        return {key: value for key, value, _ in self._pairs(depth)}

    def _items(self, depth: int) -> Iterator[Value]:
        while not isinstance(event := self.get_event(), yaml.SequenceEndEvent):
            yield self._value(event, depth + 1)

    def _inspect(self, event: Any) -> None:
        """Refuses aliases and Python tags.

        An unknown alias or tag is a slip, which the tolerant reader handles (`title: *bold*`, `title: !important`).
        """
        if isinstance(event, yaml.AliasEvent):
            raise self._alias(event)
        if event.anchor:
            self.anchors.add(event.anchor)
        tag = event.tag or "!"
        if tag.startswith("tag:yaml.org,2002:python/"):
            raise _refusal(f"the tag {tag} is not obeyed", _line(event))
        if tag != "!" and not tag.startswith("tag:yaml.org,2002:"):
            raise MalformedError("front-matter", f"unknown tag {tag}", line=_line(event))

    def _alias(self, event: Any) -> PostError:
        if event.anchor in self.anchors:
            return _refusal(f"the alias *{event.anchor} is not followed", _line(event))
        return MalformedError("front-matter", f"the alias *{event.anchor} names nothing", line=_line(event))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def read_yaml(front_matter: str) -> list[Pair]:
    """Raises MalformedError if the tolerant reader may help, else PostError."""
    try:
        return cast("list[Pair]", YAMLHandler().load(front_matter, Loader=_PlainLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise MalformedError("front-matter", f"not YAML: {message}", line=mark.line + 1 if mark else 0) from error


# ── TOML and JSON ───────────────────────────────────────────────────────────────────────────────────────────


class _Object(list[tuple[str, Any]]):
    """A JSON object as pairs, with its repeated keys."""


def read_toml(front_matter: str) -> list[Pair]:
    """By tomllib, because frontmatter's own handler needs the unmaintained `toml`. Raises PostError."""
    if _LONG_DOTTED_KEY.search(front_matter):
        raise _refusal(f"a dotted key has more than {MAX_DEPTH} parts")
    try:
        return _root_pairs(tomllib.loads(front_matter, parse_float=Plain).items())
    except (ValueError, RecursionError) as error:
        line = _TOML_LINE.search(str(error))
        raise _refusal(f"not TOML: {error}", int(line[1]) if line else 0) from error


def read_json(front_matter: str) -> list[Pair]:
    """Also Hexo's form without the outer braces. Raises PostError."""
    text = front_matter if front_matter.lstrip().startswith("{") else "{" + front_matter.rstrip().rstrip(",") + "}"
    keep: dict[str, Any] = {"parse_int": Plain, "parse_float": Plain, "parse_constant": Plain}
    try:
        root: Any = JSONHandler().load(text, object_pairs_hook=_Object, **keep)
    except (ValueError, RecursionError) as error:
        raise _refusal(f"not JSON: {error}", getattr(error, "lineno", 0)) from error
    return _root_pairs(root)


def _root_pairs(root: Iterable[tuple[str, Any]]) -> list[Pair]:
    return [Pair(_SURROGATES.sub("\ufffd", key), _plain(value, 1), 0) for key, value in root]


def _plain(value: Any, depth: int) -> Value:
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict | list) and depth >= MAX_DEPTH:
        raise _refusal(f"front matter is nested more than {MAX_DEPTH} deep")
    if isinstance(value, _Object | dict):
        return {_SURROGATES.sub("\ufffd", key): _plain(item, depth + 1) for key, item in dict(value).items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    return _written(value)


def _written(value: Any) -> Plain:
    """The text of a TOML integer, date or flag, or of a JSON flag or null."""
    if value is None or isinstance(value, bool):
        return Plain(json.dumps(value))
    return Plain(value)


# ── lines as in Pelican ─────────────────────────────────────────────────────────────────────────────────────


def read_pelican(front_matter: str) -> list[Pair]:
    """`Key: value` as Pelican reads it: a value is text, and goes on in lines indented by four; tags and authors are
    lists; `Status` hides what is not published."""
    pairs: list[Pair] = []
    for number, line in enumerate(front_matter.split("\n"), 1):
        if line.startswith("    ") and pairs:
            pairs[-1] = pairs[-1]._replace(value=f"{pairs[-1].value} {line.strip()}")
        else:
            key, _, value = line.partition(":")
            pairs.append(Pair(key.strip(), Plain(value.strip()), number))
    return [_pelican(pair, str(pair.value)) for pair in pairs]


def _pelican(pair: Pair, written: str) -> Pair:
    match pair.key.lower():
        case "tags" | "authors":
            parts = written.split(";" if ";" in written else ",")
            return pair._replace(value=[part.strip() for part in parts if part.strip()])
        case "status":
            return Pair("draft", Plain(json.dumps(written.lower() != "published")), pair.line)
    return pair


READERS: Mapping[str, Callable[[str], list[Pair]]] = {
    "yaml": read_yaml,
    "toml": read_toml,
    "json": read_json,
    "pelican": read_pelican,
}
