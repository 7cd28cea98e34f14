"""Hostile HTML as a stream of plain tokens, in linear time.

Reads tags nearly like HTML's tokenizer (HTML 13.2.5), but more tolerantly where a browser would swallow the rest of the
text. It makes no decision about safety: the output goes through the sanitizer.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from aggregator.text.normalize import legal

# Any other "<" is text. A whole tag without attributes, the most frequent kind, or the beginning of another one: the
# group is the name of a start tag.
_TAG = re.compile(r"<(?:/?[A-Za-z][A-Za-z0-9]{0,15}+>|([A-Za-z][^ \t\n/>]*+)|[/!?])")
_NOTHING: dict[str, str] = {}
_NAME = re.compile(r"[A-Za-z][^ \t\n/>]*")
_ATTRIBUTE = re.compile(
    r"[ \t\n/]*(?:(>)|([^ \t\n/>][^ \t\n/>=]*)"
    r"(?:[ \t\n]*=[ \t\n]*(?:\"([^\"]*)\"|'([^']*)'|([^ \t\n>]*)))?)"
)
_COMMENT_END = re.compile(r"--!?>")
_NOSCRIPT = re.compile(r"\s*+(?:</[a-z]++>\s*+)?<noscript\s*+>", re.IGNORECASE)
_NOSCRIPT_END = re.compile(r"</noscript[\s>]", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});?|[A-Za-z][A-Za-z0-9]{1,31}(?:;|(?![A-Za-z0-9=;])))")


class Start(NamedTuple):
    """A start tag, `closed` as in `<p/>`; attribute values as written. `raw`: the whole tag."""

    name: str
    written: dict[str, str]
    closed: bool
    raw: str

    def get(self, name: str) -> str:
        value = self.written.get(name, "")
        return _REFERENCE.sub(_decoded, value) if "&" in value else value


class End(NamedTuple):
    name: str


Token = str | Start | End


def _decoded(match: re.Match[str]) -> str:
    """In an attribute `&copy=1` is no reference (HTML 13.2.5.73); such parameters are frequent in addresses."""
    return legal(html.unescape(match[0]))


@lru_cache(maxsize=256)
def _plain_tag(raw: str) -> Start | End:
    """A tag without attributes."""
    return End(raw[2:-1].lower()) if raw[1] == "/" else Start(raw[1:-1].lower(), _NOTHING, closed=False, raw=raw)


class Tokens:
    """Iterates over tokens; the reader may `skip` an element's content on the way. Texts are as written: references are
    not decoded."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self._at = 0
        self._unclosed: set[str] = set()

    def __iter__(self) -> Iterator[Token]:
        markup, length = self.markup, len(self.markup)
        while (begin := self._at) < length:
            tag = _TAG.search(markup, begin)
            self._at = tag.start() if tag else length
            if self._at > begin:
                yield markup[begin : self._at]
            if tag is None:
                return
            if (raw := tag[0])[-1] == ">":
                self._at = tag.end()
                yield _plain_tag(raw)
            elif (token := self._start_tag(tag) if tag[1] else self._other_tag()) is not None:
                yield token

    def skip(self, name: str) -> bool:
        """Moves past the next end tag of `name`; returns False and does not move if there is none."""
        if name in self._unclosed:
            return False
        found = re.compile(rf"</{re.escape(name)}(?=[ \t\n/>])", re.IGNORECASE).search(self.markup, self._at)
        if found is None:
            self._unclosed.add(name)
            return False
        self._at = found.end()
        self._to(">")
        return True

    def stop(self) -> None:
        """Skips the rest of the markup."""
        self._at = len(self.markup)

    def following_noscript(self, most: int) -> str:
        """The content of a <noscript> that follows at once, or after one end tag; "" beyond `most` characters."""
        start = _NOSCRIPT.match(self.markup, self._at)
        end = _NOSCRIPT_END.search(self.markup, start.end(), start.end() + most) if start else None
        return self.markup[start.end() : end.start()] if start and end else ""

    def _other_tag(self) -> End | None:
        if self.markup.startswith("</", self._at):
            return self._end_tag()
        self._declaration()
        return None

    def _start_tag(self, tag: re.Match[str]) -> Start | None:
        written: dict[str, str] = {}
        at = tag.end()
        while (found := _ATTRIBUTE.match(self.markup, at)) is not None:
            closing, key, double, single, bare = found.groups("")
            if closing:
                raw = self.markup[self._at : found.end()]
                self._at = found.end()
                return Start(tag[1].lower(), written, raw[-2] == "/", raw)
            written.setdefault(key.lower(), double or single or bare)
            at = found.end()
        self._at = len(self.markup)  # a tag without an end is no tag
        return None

    def _end_tag(self) -> End | None:
        name = _NAME.match(self.markup, self._at + 2)
        self._to(">")
        return End(name[0].lower()) if name else None

    def _declaration(self) -> None:
        if self.markup.startswith("<![CDATA[", self._at):
            self._at += 9  # escaped twice: the content is markup anyway
        elif self.markup.startswith(("<!-->", "<!--->"), self._at):
            self._to(">")
        elif self.markup.startswith("<!--", self._at):
            end = _COMMENT_END.search(self.markup, self._at + 4)
            self._at = end.end() if end else len(self.markup)
        else:
            self._to(">")

    def _to(self, mark: str) -> None:
        end = self.markup.find(mark, self._at)
        self._at = end + 1 if end >= 0 else len(self.markup)
