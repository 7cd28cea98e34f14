"""Where the front matter of a file begins and ends: `---` YAML, `+++` TOML, `;;;` or `{` JSON, or none.

A fence inside a quoted scalar is text: titles taken from toots span lines, and one of those may be `---`.
"""

import json
import re
from dataclasses import dataclass

from aggregator.errors import PostError
from aggregator.posts.keys import KNOWN

LIMIT = 64 * 1024

_LEADING_BLANKS = re.compile(r"(?:[ \t]*\n)*")
_FENCE = re.compile(r"(-{3,}|\+{3,}|;{3,})[ \t]*(?:\n|\Z)")
_YAML_END = re.compile(r"(?:-{3,}|\.\.\.)[ \t]*(?:\n|\Z)")
_YAML_END_INSIDE = re.compile(r"^(?:-{3,}|\.\.\.)[ \t]*$", re.MULTILINE)
_PLAIN_ENDS = {
    "+": re.compile(r"^\+{3,}[ \t]*(?:\n|\Z)", re.MULTILINE),
    ";": re.compile(r"^;{3,}[ \t]*(?:\n|\Z)", re.MULTILINE),
}
_FORMATS = {"-": "yaml", "+": "toml", ";": "json"}
_JSON_OBJECT = re.compile(r"\{\s*[\"}]")
_KEY_LINE = re.compile(r"([A-Za-z_][\w.-]*)[ \t]*:(?:[ \t]|\n|\Z)")
_QUOTE_OPENS = re.compile(r"""[ \t]*+(?:-[ \t]++)*+(?:[^\s'"\[{#:][^:\n]*+:[ \t]++)?(['"])""")
_QUOTED = {"'": re.compile(r"'(?:[^']|'')*+'"), '"': re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)}
_ITEM = re.compile(r"[ \t]*-[ \t]")
_HEADLESS_LINE = re.compile(r"[A-Za-z_][\w.-]*[ \t]*:(?:[ \t]|\Z)|[ \t]+\S|-[ \t]|#")
_REST_IS_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Fenced:
    """A file in two: `format` is yaml, toml, json, or "" without front matter; lines count from 1."""

    format: str
    matter: str
    body: str
    line: int = 1


def decode(data: bytes) -> str:
    """The text of a file with `\\n` line ends and no byte order mark.

    Raises PostError naming the line where it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _lines(data[: error.start].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n"))
        raise PostError("front-matter", f"not UTF-8 text: byte 0x{data[error.start]:02x}", line=line) from error
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def split(text: str) -> Fenced:
    """Front matter and body. Raises PostError where front matter begins and does not end within 64 KiB."""
    blanks = _LEADING_BLANKS.match(text)
    start = blanks.end() if blanks else 0
    fence = _FENCE.match(text, start)
    if fence:
        return _between_fences(text, fence)
    if _JSON_OBJECT.match(text, start):
        return _json_object(text, start)
    return _headless(text, start) or Fenced("", "", text)


def quoted_end(text: str, start: int) -> int:
    """Where the quoted scalar that opens at `start` ends, or -1 if what follows says that it is none.

    After a real one its line is over and a key, a list item or a fence comes next.
    """
    quoted = _QUOTED[text[start]].match(text, start)
    if not quoted:
        return -1
    rest = _REST_IS_BLANK.match(text, quoted.end())
    return quoted.end() if rest and _begins_something(text, rest.end()) else -1


def _begins_something(text: str, start: int) -> bool:
    blanks = _LEADING_BLANKS.match(text, start)
    start = blanks.end() if blanks else start
    return start >= len(text) or any(starts.match(text, start) for starts in (_KEY_LINE, _YAML_END, _ITEM))


def _between_fences(text: str, fence: re.Match[str]) -> Fenced:
    kind = fence[1][0]
    head = text[: fence.end() + LIMIT + 80]
    end = _yaml_end(head, fence.end()) if kind == "-" else _PLAIN_ENDS[kind].search(head, fence.end())
    line = _lines(text[: fence.start()])
    if end is None or len(text[fence.end() : end.start()].encode()) > LIMIT:
        raise PostError("front-matter", f"no closing `{kind * 3}` line within 64 KiB", line=line)
    return Fenced(_FORMATS[kind], text[fence.end() : end.start()], text[end.end() :], line + 1)


def _yaml_end(text: str, pos: int) -> re.Match[str] | None:
    while pos < len(text):
        end = _YAML_END.match(text, pos)
        if end and not (end[0][0] == "." and _known_key(text, end.end())):
            return end
        pos = text.find("\n", _after_quoted(text, pos)) + 1 or len(text)
    return None


def _known_key(text: str, pos: int) -> bool:
    """Keys go on here: a line `...` above was the ellipsis of a toot, not YAML's end of document."""
    key = _KEY_LINE.match(text, pos)
    return bool(key and key[1].lower() in KNOWN)


def _after_quoted(text: str, pos: int) -> int:
    """`pos`, or the end of the quoted scalar that this line opens."""
    opens = _QUOTE_OPENS.match(text, pos)
    quoted = _QUOTED[opens[1]].match(text, opens.start(1)) if opens else None
    if not quoted:
        return pos
    if not _YAML_END_INSIDE.search(quoted[0]):
        return quoted.end()
    return max(pos, quoted_end(text, quoted.start()))


def _json_object(text: str, start: int) -> Fenced:
    line = _lines(text[:start])
    try:
        _, end = json.JSONDecoder(parse_int=str).raw_decode(text[: start + LIMIT + 1], start)
    except (ValueError, RecursionError) as error:
        raise PostError("front-matter", f"not JSON: {error}", line=getattr(error, "lineno", line)) from error
    return Fenced("json", text[start:end], text[end:], line)


def _headless(text: str, start: int) -> Fenced | None:
    """Hexo's form without an opening fence: `title: …` up to `---`, or `"title": …` up to `;;;`."""
    if _known_key(text, start):
        end = _yaml_end(text[: start + LIMIT], start)
        if end and all(map(_HEADLESS_LINE.match, text[start : end.start()].splitlines())):
            return Fenced("yaml", text[start : end.start()], text[end.end() :], _lines(text[:start]))
    elif text.startswith('"', start) and (end := _PLAIN_ENDS[";"].search(text, start, start + LIMIT)):
        return Fenced("json", text[start : end.start()], text[end.end() :], _lines(text[:start]))
    return None


def _lines(text: str) -> int:
    return text.count("\n") + 1
