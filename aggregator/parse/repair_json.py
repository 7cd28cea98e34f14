"""Reads what is nearly JSON: strictly if that is possible, else after a repair that names what it changed.

The repair goes through the tokens once. It changes nothing in valid JSON, so that this reads the same either way.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

DEEPEST = 100  # brackets in brackets that are repaired

_BLANKS = "\ufeff\0 \t\r\n"
_HEAD = 2000  # characters in which the object begins, if other text stands before it
_OBJECT = re.compile(r"\{\s*+(?:\"|[A-Za-z_]\w*+\s*+:)")  # not PHP's `{closure}`
# A quote ends a string only if JSON or a comment goes on behind it; other quotes belong to the text.
_TOKEN = re.compile(
    r"""
    (?P<string>"(?P<text>(?:[^"\\]++|\\(?:.|\Z)|"(?!\s*+(?:[,:}\]]|/[/*]|\Z)))*+)(?P<end>"|\Z))
    | (?P<comma>,[\s,]*+)
    | (?P<mark>[{}\[\]:])
    | (?P<comment>//[^\n]*+|/\*.*?(?:\*/|\Z))
    | (?P<word>(?:[^\s"{}\[\]:,/]|/(?![/*]))++)
    """,
    re.VERBOSE | re.DOTALL,
)
_CONTROL = re.compile("[\x00-\x1f]")
_ESCAPE = re.compile(
    r"(?P<valid>\\(?:u[0-9a-fA-F]{4}|[\"\\/bfnrt]))|\\x(?P<code>[0-9a-fA-F]{2})|\\(?P<other>.?)|\"", re.DOTALL
)
_VALUE = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+")
_NO_VALUE = frozenset({"NaN", "Infinity", "+Infinity", "-Infinity", "undefined"})
_PAIRS = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class LoadedJson:
    """`repairs`: what was changed, in plain words. `cut_off`: the end is missing, with what it broke off in."""

    value: Any
    repairs: tuple[str, ...] = ()
    cut_off: bool = False


def load(text: str) -> LoadedJson:
    """Raises ValueError if the text is no JSON and cannot be repaired."""
    text = text.strip(_BLANKS)
    found = None if text.startswith(("{", "[")) else _OBJECT.search(text, 0, _HEAD)
    before = ("text before the object",) if found else ()
    body = text[found.start() :] if found else text
    try:
        value, end = _decoder().raw_decode(body)
    except (ValueError, RecursionError) as error:
        try:
            repaired = _repaired(body)
        except ValueError:
            raise ValueError(str(error)) from error
        return LoadedJson(repaired.value, before + repaired.repairs, repaired.cut_off)
    return LoadedJson(value, before + _behind(body[end:]))


def is_wrapped(text: str) -> bool:
    """Whether a JSON Feed stands in other text: a callback, a guard against scripts, messages of a server."""
    return "jsonfeed.org" in text[:_HEAD] and bool(_OBJECT.search(text, 0, _HEAD))


def _decoder(*, strict: bool = True) -> json.JSONDecoder:
    """`strict`: control characters in strings are errors."""
    return json.JSONDecoder(strict=strict, parse_constant=_refuse, parse_int=_integer)


def _integer(digits: str) -> int | str:
    """An integer too long for `int` stays text: it can only be an id."""
    return int(digits) if len(digits) <= 4000 else digits


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON (RFC 8259 section 6)")


def _behind(rest: str) -> tuple[str, ...]:
    return ("text behind the object",) if rest.strip(_BLANKS) else ()


def _repaired(text: str) -> LoadedJson:
    """Raises ValueError if brackets do not match or are too deep, or values do not follow each other as in JSON."""
    repair, end = _Repair(), 0
    for token in _TOKEN.finditer(text):
        repair.take(token)
        end = token.end()
        if not repair.open:
            break
    cut_off = bool(repair.open)
    pieces = repair.complete_pieces() if cut_off else repair.pieces
    value = _decoder(strict=False).decode(" ".join(pieces))
    return LoadedJson(value, (*repair.repairs, *_behind(text[end:])), cut_off)


@dataclass(slots=True)
class _Repair:
    """Collects `pieces` of valid JSON, and `repairs`, in the order in which they were first needed.

    `open`: the brackets that are not closed yet. `has_comma`: the last token was a comma. `complete`: how many pieces
    there were when a pair of the root or an item of its lists ended, and the brackets that were open then.
    """

    pieces: list[str] = field(default_factory=list)
    repairs: dict[str, None] = field(default_factory=dict)
    open: str = ""
    has_comma: bool = False
    complete: tuple[int, str] = (0, "")

    def take(self, token: re.Match[str]) -> None:
        match token.lastgroup:
            case "comma":
                self._comma(token[0])
            case "mark":
                self._mark(token[0])
            case "comment":
                self._note("comments")
            case "word":
                self._value(self._word(token[0]))
            case _ if token["end"]:  # a string that does not end is left out
                self._value(f'"{self._string(token["text"])}"')

    def complete_pieces(self) -> list[str]:
        """The pieces of a document that is cut off, without what it broke off in."""
        count, brackets = self.complete
        return self.pieces[:count] + [_PAIRS[bracket] for bracket in reversed(brackets)]

    def _note(self, repair: str) -> None:
        self.repairs[repair] = None

    def _comma(self, commas: str) -> None:
        self._completed()
        if self.has_comma or self.pieces[-1:] in (["{"], ["["]) or commas.count(",") > 1:
            self._note("too many commas")
        self.has_comma = self.pieces[-1:] not in (["{"], ["["])

    def _mark(self, mark: str) -> None:
        if mark == ":":
            self.pieces.append(mark)
        elif mark in _PAIRS:
            self._value(mark)
            self.open += mark
            if len(self.open) > DEEPEST:
                raise ValueError(f"more than {DEEPEST} brackets in brackets")
            self._completed()
        elif self.open and _PAIRS[self.open[-1]] == mark:
            self._close(mark)
        else:
            raise ValueError(f"{mark} closes nothing")

    def _close(self, mark: str) -> None:
        if self.has_comma:
            self._note("too many commas")
            self.has_comma = False
        self.pieces.append(mark)
        self.open = self.open[:-1]
        self._completed()

    def _completed(self) -> None:
        if len(self.open) <= 2:
            self.complete = (len(self.pieces), self.open)

    def _value(self, value: str) -> None:
        self.pieces += [","] * self.has_comma
        self.pieces.append(value)
        self.has_comma = False

    def _word(self, word: str) -> str:
        if _VALUE.fullmatch(word):
            return word
        if word in _NO_VALUE:
            self._note("NaN, Infinity and undefined, which count as null")
            return "null"
        self._note("text without quotes")
        return json.dumps(word)

    def _string(self, text: str) -> str:
        if _CONTROL.search(text):
            self._note("control characters in strings")
        return _ESCAPE.sub(self._character, text) if "\\" in text or '"' in text else text

    def _character(self, escape: re.Match[str]) -> str:
        if escape["valid"]:
            return escape[0]
        if escape[0] == '"':
            self._note("quotes in strings")
            return '\\"'
        self._note("unknown escapes")
        if escape["code"]:
            return f"\\u00{escape['code']}"
        return escape["other"].strip("\n")
