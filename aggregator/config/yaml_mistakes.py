"""What is wrong with a text that is no YAML, and the line that would be right: parsers say where they stopped, not why.

The mistakes are those that people make in a config: a colon, a star or a quote in a value without quotes, a key without
a colon and a blank behind it, tabs, and lines that are indented otherwise than those above.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

SECRET = frozenset({"auth", "headers", "token", "state"})  # keys whose values, and all below them, are not shown
_FAR_END = {"while scanning a quoted scalar", "while scanning a simple key"}  # noticed only at the end of the file
_ENDS = ",]}"  # of a value in brackets
_COLONS = frozenset(":：=")  # what stands for a colon and a blank in `title:T`, `title：T`, `title = T`
LONGEST = 100  # characters of a line in a message


def explain_mistake(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """The line, from 1, and a message."""
    mark = (error.context_mark if error.context in _FAR_END else None) or error.problem_mark or error.context_mark
    if mark is None:
        return 1, f"not YAML: {error}"
    lines = text.split("\n")
    place = _Place(lines, min(mark.line, len(lines) - 1), mark.column)
    words = ", ".join(part for part in (error.context, error.problem) if part)
    message = _message(str(error.problem), str(error.context), place) or words
    begin = error.context_mark.line if error.context_mark else mark.line
    opened = f" (it opens in line {begin + 1})" if "bracket is missing" in message and begin != mark.line else ""
    return mark.line + 1, f"not YAML: {message}{opened}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the parser stopped: a line and a column, from 0."""

    lines: Sequence[str]
    at: int
    column: int

    @property
    def line(self) -> str:
        return self.lines[self.at].rstrip()

    @property
    def indent(self) -> int:
        return _indent(self.line)

    @property
    def above(self) -> str:
        """The last line above that says something."""
        return next((line for line in reversed(self.lines[: self.at]) if _says(line)), "")

    def shown(self, text: str) -> str:
        """The text, unless it belongs to a secret or is too long to be of use."""
        return "" if len(text) > LONGEST or not SECRET.isdisjoint(self._words(text)) else text

    def _words(self, text: str) -> Iterator[str]:
        """The words of the text, of the line, and of the lines around it, which are less indented."""
        yield from _words(text)
        deepest = self.indent + 1
        for line in reversed(self.lines[: self.at + 1]):
            if _says(line) and _indent(line) < deepest:
                deepest = _indent(line)
                yield from _words(line)


def _message(problem: str, context: str, place: _Place) -> str:
    if "\t" in place.line[: len(place.line) - len(place.line.lstrip())]:
        return "a tab; indent with spaces"
    if "mapping values are not allowed" in problem:
        return _colon(place)
    if "could not find expected ':'" in problem:
        return _almost_keyed(place, place.line)
    if "cannot start any token" in problem or "undefined alias" in problem:
        return _sign(place)
    if context in _FAR_END and "quoted" in context:
        return "the quote that begins here never ends"
    if "did not find expected ',' or '" in problem:
        return _colon_in_brackets(place) or "a comma or the closing bracket is missing"
    if "expected '-'" in problem or "expected key" in problem:
        return (
            f"indented otherwise than the lines above; give lines of one list or mapping the same depth{_hint(place)}"
        )
    return ""


def _colon(place: _Place) -> str:
    """A second colon in a line, or a first one in a line that is indented more than the one above."""
    parts = _parts(place.line)
    if len(parts) < 3:
        _, bare = _list_marks(place.above)
        if "://" in bare.partition(" ")[0] and (shown := place.shown(f"- url: {bare}")):
            return f"the line above is an address without a key; write `{shown}` there"
        if message := _almost_keyed(place, place.above):
            return f"the line above is {message}"
        return f"indented more than the line above, whose value stands behind its colon already{_hint(place)}"
    if parts[-1][:1] in {"[", "{", ""}:
        name = ": ".join(parts[:-1])
        begin, bare = _list_marks(name)
        right = f"{begin}{_quoted(bare)}: {parts[-1]}".rstrip()
    else:
        right = f"{parts[0].strip()}: {_quoted(': '.join(parts[1:]))}"
    return _quote_it(place, right, "a value with a colon and a blank needs quotes")


def _almost_keyed(place: _Place, line: str) -> str:
    """A key whose value YAML takes for a part of its name; "" if the line has none."""
    begin, bare = _list_marks(line)
    size = next((size for size, char in enumerate(bare) if not char.isalnum() and char not in "_-"), len(bare))
    key, rest = bare[:size], bare[size:].lstrip()
    if not key or rest[:1] not in _COLONS or rest.startswith("://") or ": " in bare or bare.endswith(":"):
        return ""
    shown = place.shown(f"{begin}{key}: {rest[1:].strip()}".rstrip())
    return f"no `key: value`, which has a colon and a blank{f'; write `{shown}`' if shown else ''}"


def _colon_in_brackets(place: _Place) -> str:
    """A value in braces with a colon in it."""
    for line in dict.fromkeys((place.line, place.above)):
        for item in line.replace("{", ",").replace("}", ",").split(","):
            key, *value = _parts(item.strip())
            if len(value) > 1:
                return _quote_it(place, f"{key}: {_quoted(': '.join(value))}", "a value with a colon needs quotes")
    return ""


def _sign(place: _Place) -> str:
    """A value that begins with a character that YAML keeps for itself."""
    rest = place.line[place.column :]
    end = min((at for mark in _ENDS if (at := rest.find(mark)) > 0), default=len(rest))
    value = rest[:end].partition(" #")[0].strip()
    meaning = f"a value that begins with {value[:1]} needs quotes" if value else "a value needs quotes"
    return _quote_it(place, _quoted(value), meaning)


def _quote_it(place: _Place, right: str, why: str) -> str:
    shown = place.shown(right)
    return f"{why}; quote it: {shown}" if shown else why


def _hint(place: _Place) -> str:
    shown = place.shown(place.above.strip())
    return f" (above: `{shown}`)" if shown else ""


def _parts(line: str) -> list[str]:
    """The line at its colons that end keys, without a comment; texts in quotes are not looked into."""
    line = line.partition(" #")[0].rstrip()
    return [part.strip() for part in (f"{line} " if line.endswith(":") else line).split(": ")]


def _list_marks(text: str) -> tuple[str, str]:
    """The `- ` before a value, and the value."""
    bare = text.strip()
    return ("- ", bare[2:].strip()) if bare.startswith("- ") else ("", bare)


def _quoted(text: str) -> str:
    return json.dumps(text.strip().strip("\"'"), ensure_ascii=False)


def _words(text: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in text).split()


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
