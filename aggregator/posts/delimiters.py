"""Where the front matter of a file begins and ends: `---` YAML, `+++` TOML, `;;;` or `{` JSON, Pelican's lines up to a
blank one, or none.

A delimiter inside a quoted scalar is text: titles taken from toots span lines, and one of those may be `---`.
"""

import json
import re
from dataclasses import dataclass

from aggregator.errors import PostError
from aggregator.posts.keys import KNOWN
from aggregator.text.encoding import decoded

LIMIT = 64 * 1024

_NO_TEXT = "\ufffd"
_LEADING_BLANKS = re.compile(r"(?:[ \t]*\n)*")
_OPENING = re.compile(r"(-{3,}|\+{3,}|;{3,})[ \t]*(?:\n|\Z)")
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
_PELICAN_LINE = re.compile(r" {0,3}(?P<key>[A-Za-z0-9_-]+):(?:[ \t]|\Z)| {4,}\S")
_BLANK_LINE = re.compile(r"\n[ \t]*(?:\n|\Z)|\Z")
_REST_IS_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class SplitFile:
    """A file split in two. `format`: yaml, toml, json, pelican, or "" for none; `line`: of the front matter, from 1."""

    format: str
    front_matter: str
    body: str
    line: int = 1


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file with `\\n` line ends and no byte order mark, and what was repaired ("" for UTF-8).

    Raises PostError, with the line, if it is a file that is no text.
    """
    read = decoded(data)
    text = read.text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if read.codec == "utf-8" and not read.is_damaged:
        return text, ""
    if "\0" in text:
        raise PostError("front-matter", "not text but another kind of file", line=_lines(text.partition("\0")[0]))
    how = "not UTF-8" if read.codec == "utf-8" else f"not UTF-8, read as {read.codec}"
    if not read.is_damaged:
        return text, how
    return text, f"{how}; U+FFFD stands for what is no text, first in line {_lines(text.partition(_NO_TEXT)[0])}"


def split(text: str) -> SplitFile:
    """Front matter and body. Raises PostError if front matter does not end within 64 KiB."""
    blanks = _LEADING_BLANKS.match(text)
    start = blanks.end() if blanks else 0
    opening = _OPENING.match(text, start)
    if opening:
        return _between_delimiters(text, opening)
    if _JSON_OBJECT.match(text, start):
        return _json_object(text, start)
    return _headless(text, start) or SplitFile("", "", text)


def quoted_end(text: str, start: int) -> int:
    """Where the quoted scalar that opens at `start` ends, or -1 if this is no quoted scalar.

    After one, the line ends, and a key, a list item, a delimiter or the end of the text follows.
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


def _between_delimiters(text: str, opening: re.Match[str]) -> SplitFile:
    kind = opening[1][0]
    head = text[: opening.end() + LIMIT + 80]
    end = _yaml_end(head, opening.end()) if kind == "-" else _PLAIN_ENDS[kind].search(head, opening.end())
    line = _lines(text[: opening.start()])
    if end is None or len(text[opening.end() : end.start()].encode()) > LIMIT:
        raise PostError("front-matter", f"no closing `{kind * 3}` line within 64 KiB", line=line)
    return SplitFile(_FORMATS[kind], text[opening.end() : end.start()], text[end.end() :], line + 1)


def _yaml_end(text: str, pos: int) -> re.Match[str] | None:
    while pos < len(text):
        end = _YAML_END.match(text, pos)
        if end and not (end[0][0] == "." and _known_key(text, end.end())):
            return end
        pos = text.find("\n", _after_quoted(text, pos)) + 1 or len(text)
    return None


def _known_key(text: str, pos: int) -> bool:
    """Whether a known key follows: then the line `...` above was the ellipsis of a toot, not YAML's end of document."""
    key = _KEY_LINE.match(text, pos)
    return bool(key and key[1].lower() in KNOWN)


def _after_quoted(text: str, pos: int) -> int:
    """The end of the quoted scalar that this line opens, else `pos`."""
    opens = _QUOTE_OPENS.match(text, pos)
    quoted = _QUOTED[opens[1]].match(text, opens.start(1)) if opens else None
    if not quoted:
        return pos
    if not _YAML_END_INSIDE.search(quoted[0]):
        return quoted.end()
    return max(pos, quoted_end(text, quoted.start()))


def _json_object(text: str, start: int) -> SplitFile:
    line = _lines(text[:start])
    try:
        _, end = json.JSONDecoder(parse_int=str).raw_decode(text[: start + LIMIT + 1], start)
    except (ValueError, RecursionError) as error:
        raise PostError("front-matter", f"not JSON: {error}", line=getattr(error, "lineno", line)) from error
    return SplitFile("json", text[start:end], text[end:], line)


def _headless(text: str, start: int) -> SplitFile | None:
    """Hexo's form without an opening delimiter: `title: …` up to `---`, or `"title": …` up to `;;;`."""
    if _known_key(text, start):
        end = _yaml_end(text[: start + LIMIT], start)
        if end and all(map(_HEADLESS_LINE.match, text[start : end.start()].splitlines())):
            return SplitFile("yaml", text[start : end.start()], text[end.end() :], _lines(text[:start]))
        return _pelican(text, start)
    if text.startswith('"', start) and (end := _PLAIN_ENDS[";"].search(text, start, start + LIMIT)):
        return SplitFile("json", text[start : end.start()], text[end.end() :], _lines(text[:start]))
    return None


def _pelican(text: str, start: int) -> SplitFile | None:
    """`Title: …` and more such lines up to a blank one (Pelican, MultiMarkdown). One such line may be text."""
    end = _BLANK_LINE.search(text, start)
    if end is None or end.start() - start > LIMIT:
        return None
    lines = [_PELICAN_LINE.match(line) for line in text[start : end.start()].split("\n")]
    known = KNOWN.intersection(line["key"].lower() for line in lines if line and line["key"])
    if not all(lines) or "title" not in known or len(known) == 1:
        return None
    return SplitFile("pelican", text[start : end.start()], text[end.end() :], _lines(text[:start]))


def _lines(text: str) -> int:
    return text.count("\n") + 1
