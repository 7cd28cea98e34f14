"""Whether this program wrote a published file, by its generator element or field.

The word alone proves nothing: other pages mention aggregators, and a planet's feed names the generator of each source
inside its entries. Pure, and linear in the length of the file.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers import expat

GENERATOR = "aggregator"

INDEX = "index.json"
REMOVED = "removed.json"
NOT_FOUND = "404.html"
FEEDS = frozenset({"atom.xml", "rss.xml", "feed.json"})

_COMMENT = f"generator: {GENERATOR}"  # OPML has no element for it
_ATOM = "http://www.w3.org/2005/Atom"
_PLACES = ((f"{_ATOM} feed", f"{_ATOM} generator"), ("rss", "channel", "generator"))
_DEEPEST = max(map(len, _PLACES))


class _StopError(Exception):
    """The answer is known: stop parsing."""


def is_marked(path: str, data: bytes) -> bool:
    """Whether this program wrote the file, even if its end is missing. `path` gives the kind of file."""
    return _MARKED.get(_ending(path), _has_word)(data)


def is_whole(path: str, data: bytes) -> bool:
    """Whether the document is complete: well-formed XML or JSON; other kinds must not be empty."""
    ending = _ending(path)
    if ending == "json":
        return _json(data) is not None
    return _is_well_formed(data) if ending in {"xml", "opml"} else bool(data.strip())


def _ending(path: str) -> str:
    return path.rpartition(".")[2]


# JSON


def _json(data: bytes) -> tuple[Any] | None:
    """The value in a tuple, None if it is not JSON."""
    try:
        return (json.loads(data),)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


def _is_marked_json(data: bytes) -> bool:
    """The mark is in `site` of index.json, in the extension of a JSON Feed, or at the top of our other files."""
    read = _json(data)
    document = read[0] if read else None
    if not isinstance(document, Mapping):
        return False
    sections = (document, document.get("site"), document.get("_aggregator"))
    return any(isinstance(one, Mapping) and one.get("generator") == GENERATOR for one in sections)


# XML


class _Marks:
    """Looks for the mark while expat parses."""

    def __init__(self) -> None:
        self.found = False
        self._open: list[str] = []
        self._depth = 0
        self._text = ""

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth <= _DEEPEST:
            self._open.append(name)
        self._text = ""

    def end(self, _name: str) -> None:
        if self._depth == len(self._open):
            self.found |= tuple(self._open) in _PLACES and self._text.strip() == GENERATOR
            self._open.pop()
        self._depth -= 1

    def text(self, text: str) -> None:
        if self._depth == len(self._open) and len(self._text) < 100:
            self._text += text

    def comment(self, text: str) -> None:
        self.found |= self._depth <= 1 and text.strip() == _COMMENT


def _stop(*_: object) -> None:
    """For a document type: our files have none, and its entities could expand without bound."""
    raise _StopError


def _is_marked_xml(data: bytes) -> bool:
    marks = _Marks()
    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler = marks.start, marks.end
    parser.CharacterDataHandler, parser.CommentHandler = marks.text, marks.comment
    for at in range(0, len(data), 65536):
        try:
            parser.Parse(data[at : at + 65536], False)
        except (expat.ExpatError, _StopError, ValueError, LookupError):
            break
        if marks.found:
            break
    return marks.found


def _is_well_formed(data: bytes) -> bool:
    try:
        _parser().Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        return False
    except _StopError:
        return True  # a file with a document type is not ours to judge
    return True


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _stop
    return parser


# pages, style sheets, posts


def _is_marked_html(data: bytes) -> bool:
    """A `<meta name="generator" content="…">` in any notation, or the front matter of a post. The text below is not
    searched, because it may be foreign."""
    if data.startswith(_DELIMITER):
        return _FRONT_MATTER in data.partition(b"\n" + _DELIMITER)[0] + b"\n"
    head = data.partition(b"<body")[0]
    return any(_words(tag.partition(b">")[0]) >= _META for tag in head.split(b"<meta")[1:])


_META = {b"name", b"generator", b"content", GENERATOR.encode()}
_DELIMITER = b"---\n"
_FRONT_MATTER = f"\ngenerator: '{GENERATOR}'\n".encode()


def _words(tag: bytes) -> set[bytes]:
    return set(tag.translate(bytes.maketrans(b"\"'=/", b"    ")).split())


def _has_word(data: bytes) -> bool:
    return GENERATOR.encode() in data


_MARKED: Mapping[str, Callable[[bytes], bool]] = {
    "json": _is_marked_json,
    "xml": _is_marked_xml,
    "opml": _is_marked_xml,
    "html": _is_marked_html,
}
