"""Reads OPML, broken or not.

Files that feed readers export are often not XML: bare ampersands in addresses, quotes inside quotes, names in any case.
So a linear-time scanner reads outline elements and nothing else. It replaces no entity that a document declares and
loads nothing external. From well-formed XML it reads what an XML parser would.
"""

import html
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from aggregator.opml.outline import LONGEST, Outline, Path
from aggregator.text.normalize import legal, one_line, shorten

MOST = 20_000  # outlines; nobody can maintain a config with more
DEEPEST = 8  # folders in folders

# No pattern backtracks: repetitions are possessive (`*+`) or bounded.
_MARK = re.compile(r"<(?:!--|!\[CDATA\[|!DOCTYPE|\?|(/?)(?:\w{1,40}+:)?+outline(?=[\s/>]))", re.IGNORECASE)
_IS_OPML = re.compile(r"<(?:\w{1,40}+:)?+(?:opml|outline)[\s/>]", re.IGNORECASE)
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_SUBSET_END = re.compile(r"\]\s*+>")
_STEP = re.compile(r"\s*+(?:(/?>)|(<)|([^\s=<>/\"']++)\s*+=\s*+([\"']?)|[^\s=<>/\"']++|[^\s<>])")
_BARE = re.compile(r"[^\s<>\"']*+")
# A quote ends a value if the rest of a tag follows it. If a tag begins first, the closing quote is missing.
_FORGOTTEN = r"<(?=/?(?:outline|body|opml|head)[\s/>])"
_NO_VALUE = r"(?:[\w:.-]{1,80}+\s{1,8}+(?![\s=]))?+"  # an attribute without a value, as in HTML
_ENDS_VALUE = rf"(?=\s*+(?:/?>|{_NO_VALUE}[\w:.-]{{1,80}}+\s*+=))"
_QUOTE = {
    '"': re.compile(rf'"{_ENDS_VALUE}|{_FORGOTTEN}', re.IGNORECASE),
    "'": re.compile(rf"'{_ENDS_VALUE}|{_FORGOTTEN}", re.IGNORECASE),
}
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_XML = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
ANOTHER_LIST = "it is another list or a page, which is not followed"
NO_ADDRESS = "it has no xmlUrl, the address of a feed"
_FEEDS = frozenset({"rss", "rss1", "atom", "rdf", "feed", "pie"})
_GZIP = b"\x1f\x8b"
_LINE_ENDS = str.maketrans("", "", "\t\n\r")


def unzipped(body: bytes, most: int) -> bytes:
    """The body decompressed if it is gzip, at most `most` + 1 bytes; any other body unchanged."""
    if not body.startswith(_GZIP):
        return body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, most + 1)
    except zlib.error:
        return body


def is_opml(text: str) -> bool:
    return _IS_OPML.search(text) is not None


def read_outlines(text: str) -> list[Outline]:
    """Every outline that is not a folder, in document order; at most MOST, then one more that says so. Never raises."""
    found: list[Outline] = []
    for outline in _Scanner(text).outlines():
        if len(found) == MOST:
            found.append(Outline(outline.line, fault=f"there are more than {MOST:,}; what is from here on is not read"))
            break
        found.append(outline)
    return found


@dataclass(slots=True)
class _Folder:
    """An open outline: its path of names. `is_needed`: it has children, or is a feed itself."""

    path: Path
    line: int
    is_needed: bool
    name: str = ""


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0
    open: list[_Folder] = field(default_factory=list)
    lines: list[int] = field(init=False)
    last_end: int = field(init=False)
    ends_subset: bool = True

    def __post_init__(self) -> None:
        self.last_end = self.text.rfind(">")
        self.lines = list(accumulate(len(line) + 1 for line in self.text.split("\n")))

    def outlines(self) -> Iterator[Outline]:
        while mark := _MARK.search(self.text, self.at):
            self.at = mark.end()
            if mark[1] == "/":
                yield from self._close()
            elif mark[1] is None:
                self._skip(mark[0].upper())
            else:
                yield from self._outline(mark.start())
        while self.open:
            yield from self._close()

    def _skip(self, mark: str) -> None:
        """Skips a comment, CDATA, processing instruction or document type."""
        if mark == "<!DOCTYPE":
            self._skip_document_type()
            return
        end = self.text.find(_ENDS[mark], self.at)
        self.at = end if end >= 0 else len(self.text)

    def _skip_document_type(self) -> None:
        """Skips the internal subset in brackets, too. A missing end is searched for only once, to stay linear."""
        if self.at > self.last_end:
            return
        end = self.text.find(">", self.at)
        bracket = self.text.find("[", self.at, end)
        closing = _SUBSET_END.search(self.text, bracket) if bracket >= 0 and self.ends_subset else None
        self.ends_subset = self.ends_subset and (bracket < 0 or closing is not None)
        self.at = closing.end() if closing else end

    def _outline(self, begin: int) -> Iterator[Outline]:
        written, closed, whole = self._attributes()
        line = bisect_right(self.lines, begin) + 1
        text, url = _name(written.get("text", "")), _address(written)
        title = _name(written["title"]) if "title" in written else text
        folders = self.open[-1].path if self.open else ()
        if self.open:
            self.open[-1].is_needed = True
        name = "" if url else text or title
        path = (*folders, name) if name and len(folders) < DEEPEST else folders
        listed = written.get("frss:opmlurl", "").strip()
        fault = _fault(written, url, whole=whole)
        if listed:
            yield Outline(line, "", text, title, categories=_paths(path, {}), fault=ANOTHER_LIST, list_url=listed)
        elif url and not fault:
            paths = _paths(folders, written)
            yield Outline(
                line, url, text, title, written.get("htmlurl", "").strip(), paths, settings=_prefixed(written)
            )
        elif closed or url:
            yield Outline(line, text=text, title=title, fault=fault)
        if not closed:
            self.open.append(_Folder(path, line, is_needed=bool(url or listed), name=name))

    def _close(self) -> Iterator[Outline]:
        folder = self.open.pop() if self.open else None
        if folder and not folder.is_needed:
            yield Outline(folder.line, text=folder.name, fault=NO_ADDRESS)

    def _attributes(self) -> tuple[dict[str, str], bool, bool]:
        """(attributes by lower-case name, the first of each; whether the tag closes itself; whether it is complete)."""
        written: dict[str, str] = {}
        while step := _STEP.match(self.text, self.at):
            end, opening, key, quote = step.groups()
            if opening:
                return written, True, False  # the tag is incomplete, and another begins
            self.at = step.end()
            if end:
                return written, end == "/>", True
            if key:
                value, name = _decoded(self._value(quote)), key.lower()
                written.setdefault(name.rpartition(":")[2], value)
                written.setdefault(name, value)
        self.at = len(self.text)
        return written, True, False

    def _value(self, quote: str) -> str:
        begin = self.at
        if quote:
            end = _QUOTE[quote].search(self.text, begin)
            self.at = end.start() if end else len(self.text)
            value = self.text[begin : self.at]
            if end and end[0] == quote:
                self.at += 1
                return value
            return value.partition("\n")[0].rpartition(">")[0].rstrip("/ \"'") if ">" in value else ""
        bare = _BARE.match(self.text, begin)
        value = bare[0] if bare else ""
        if value.endswith("/") and self.text.startswith(">", begin + len(value)):
            value = value[:-1]
        self.at = begin + len(value)
        return value


def _fault(written: dict[str, str], url: str, *, whole: bool) -> str:
    """Why an outline is no subscription, "" if it is one. An included list has its address in `url` (OPML 2.0,
    "Inclusion"). FreshRSS writes types such as HTML+XPath for what it makes entries of by rules."""
    kind = written.get("type", "").strip()
    if "+" in kind:
        return f"its type {shorten(one_line(kind), 40)} is a page that another program reads by rules, not a feed"
    if url:
        return ""
    if kind.lower() in {"include", "link"} and written.get("url", "").strip():
        return ANOTHER_LIST
    return NO_ADDRESS if whole else "its tag is broken: a quote or > is missing"


def _prefixed(written: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in written.items() if ":" in name and not name.startswith("xmlns:"))


def _address(written: dict[str, str]) -> str:
    """`xmlUrl`, or `url` of a feed. Line ends are removed as in browsers (WHATWG URL 4.4), spaces are encoded."""
    is_feed = written.get("type", "").strip().lower() in _FEEDS
    given = written.get("xmlurl", "").strip() or (written.get("url", "") if is_feed else "")
    return given.translate(_LINE_ENDS).strip().replace(" ", "%20")


def _paths(folders: Path, written: dict[str, str]) -> tuple[Path, ...]:
    """`category` holds paths separated by commas, their levels by slashes (OPML 2.0, "Common attributes")."""
    named = [tuple(_level(level) for level in path.split("/")) for path in written.get("category", "").split(",")]
    paths = [folders, *(tuple(filter(None, path))[:DEEPEST] for path in named)]
    return tuple(dict.fromkeys(filter(None, paths)))


def _level(written: str) -> str:
    for char, escaped in (",", "%2C"), ("/", "%2F"), ("%", "%25"):
        written = written.replace(escaped, char)
    return _name(written)


def _name(written: str) -> str:
    return shorten(one_line(written), LONGEST)


def _decoded(value: str) -> str:
    return legal(_REFERENCE.sub(_character, value)) if "&" in value else legal(value)


def _character(match: re.Match[str]) -> str:
    """An entity that only the document declares stays as written."""
    return _XML.get(match[0]) or html.unescape(match[0])
