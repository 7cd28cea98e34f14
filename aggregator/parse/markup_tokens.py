"""A document as tags and text, however badly it is written. What no XML parser would take is repaired or left out."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from aggregator.parse.feed_elements import HOLDERS, STRUCTURE
from aggregator.parse.tag_attributes import QNAME, TagEnd, read_attributes

_ATTRIBUTE = rf"""\s++({QNAME})\s*+=\s*+(?:"([^"<]*+)"|'([^'<]*+)')"""
_UNNAMED = re.sub(r"\((?!\?)", "(?:", _ATTRIBUTE)
_TAG = rf"(?!xmlns:){QNAME}"
_START = re.compile(rf"<({_TAG})((?:{_UNNAMED})*+)\s*+(/?+)>")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_END = re.compile(rf"</({QNAME})\s*+>")
_BROKEN_END = re.compile(rf"</\s*+({QNAME})[^<>]*+(>?+)")
_BROKEN_START = re.compile(rf"<({_TAG})(?=[\s/><]|\Z)")
_INSTRUCTION = re.compile(r"<\?(?!xml[\s?])[A-Za-z_][A-Za-z0-9_.-]*+[\s?]", re.IGNORECASE)
_DECLARATION = re.compile(r"<![A-Za-z][^<>]*+>")
_ENTRY_END = re.compile(r"</(?:[\w.-]{1,30}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CDATA, _CDATA_END = "<![CDATA[", "]]>"


class Fault(NamedTuple):
    """`at`: where it stands in the document."""

    at: int
    message: str


@dataclass(slots=True)
class Token:
    """`raw`: as it is written; of a tag that must be written anew, "". Values of attributes keep their references.

    Comments, instructions and CDATA sections count as text.
    """

    kind: Literal["start", "end", "text"]
    at: int
    raw: str
    name: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    is_empty: bool = False


def tokens(text: str) -> tuple[list[Token], list[Fault]]:
    """In time that is linear in the text. An incomplete tag at the end is left out."""
    reader = _Reader(text)
    reader.read()
    return reader.tokens, reader.faults


class _Reader:
    """`_places`: what was searched for → where it stands next, so that nothing is searched twice."""

    def __init__(self, text: str) -> None:
        self.tokens: list[Token] = []
        self.faults: list[Fault] = []
        self._text = text
        self._open = ""  # the name of the element that has just begun, "" if other elements may stand in it
        self._places: dict[str, int] = {}

    def read(self) -> None:
        at = 0
        while (start := self._text.find("<", at)) >= 0:
            self._add_text(at, start)
            at = self._markup(start)
        self._add_text(at, len(self._text))

    def _markup(self, at: int) -> int:
        """Reads what begins with `<`; returns the position behind it."""
        if tag := _START.match(self._text, at):
            found = _ATTRIBUTES.findall(tag[2]) if tag[2] else ()
            attributes = tuple((name, double or single) for name, double, single in found)
            self.tokens.append(Token("start", at, tag[0], tag[1], attributes, bool(tag[3])))
            self._set_open("" if tag[3] else tag[1])
            return tag.end()
        if tag := _END.match(self._text, at):
            self._set_open("")
            self.tokens.append(Token("end", at, tag[0], tag[1]))
            return tag.end()
        for beginning, read in (
            (_CDATA, self._cdata), ("<!--", self._comment), ("<!", self._declaration), ("<?", self._instruction),
            ("</", self._broken_end),
        ):  # fmt: skip
            if self._text.startswith(beginning, at):
                return read(at)
        return self._broken_start(at)

    def _broken_start(self, at: int) -> int:
        tag = _BROKEN_START.match(self._text, at)
        if not tag:
            return self._stray(at)
        found = read_attributes(self._text, tag.end())
        if not found.has_end:
            if found.end == len(self._text):
                return self._left_out(at, found.end, f"the document ends in <{tag[1][:40]}")
            if tag[1].rpartition(":")[2].lower() not in STRUCTURE:
                return self._stray(at)
            if not any(value for _, value in found.attributes):  # its text, then
                found = TagEnd([], tag.end(), is_empty=False, has_end=False)
        self.faults.append(Fault(at, f"the tag <{tag[1][:40]}> is not well-formed"))
        self.tokens.append(Token("start", at, "", tag[1], tuple(found.attributes), found.is_empty))
        self._set_open("" if found.is_empty else tag[1])
        return found.end

    def _broken_end(self, at: int) -> int:
        tag = _BROKEN_END.match(self._text, at)
        if not tag:
            return self._stray(at)
        if not tag[2] and tag.end() == len(self._text):
            return self._left_out(at, tag.end(), f"the document ends in </{tag[1][:40]}")
        self.faults.append(Fault(at, f"the tag </{tag[1][:40]}> is not well-formed"))
        self.tokens.append(Token("end", at, "", tag[1]))
        self._set_open("")
        return tag.end()

    def _cdata(self, at: int) -> int:
        """A section that is never closed, or by the end of another section, ends with its element, at the latest with
        its entry. If it does not begin its element, what follows is no section."""
        begin = at + len(_CDATA)
        end = self._next(_CDATA_END, begin)
        if end == len(self._text) or self._next(_CDATA, begin) < end:
            last = min(end, self._entry_end(at))
            if not self._open and last < end:
                return self._left_out(at, begin, "a CDATA section is not closed")
            if last == len(self._text):
                last = self._next("</", begin)
            elif self._open and (element_end := self._text.find(f"</{self._open}", begin, last)) >= 0:
                last = element_end
        else:
            last = end
        if last == end < len(self._text):
            self.tokens.append(Token("text", at, self._text[at : end + 3]))
            return end + 3
        self.tokens.append(Token("text", at, f"{_CDATA}{self._text[begin:last]}{_CDATA_END}"))
        self.faults.append(Fault(at, "a CDATA section is not closed"))
        return last

    def _comment(self, at: int) -> int:
        """A comment that is never closed, or by the next one past the end of an entry, comments nothing out."""
        begin = at + 4
        end = self._next("-->", begin)
        if end == len(self._text) or (self._next("<!--", begin) < end and self._entry_end(at) < end):
            return self._left_out(at, begin, "a comment is not closed")
        inner = self._text[begin:end]
        if "--" in inner or inner.endswith("-"):
            return self._left_out(at, end + 3, "a comment holds --")
        self.tokens.append(Token("text", at, self._text[at : end + 3]))
        return end + 3

    def _instruction(self, at: int) -> int:
        end = self._next("?>", at + 2)
        if end == len(self._text) or self._entry_end(at) < end:
            return self._stray(at)
        if not _INSTRUCTION.match(self._text, at):
            return self._left_out(at, end + 2, "an instruction that cannot stand here")
        self.tokens.append(Token("text", at, self._text[at : end + 2]))
        return end + 2

    def _declaration(self, at: int) -> int:
        declaration = _DECLARATION.match(self._text, at)
        if not declaration:
            return self._stray(at)
        return self._left_out(at, declaration.end(), "a declaration that cannot stand here")

    def _set_open(self, name: str) -> None:
        self._open = "" if name.rpartition(":")[2].lower() in HOLDERS else name

    def _stray(self, at: int) -> int:
        self.faults.append(Fault(at, "a < begins no tag"))
        self.tokens.append(Token("text", at, "&lt;"))
        return at + 1

    def _left_out(self, at: int, end: int, message: str) -> int:
        self.faults.append(Fault(at, message))
        return end

    def _add_text(self, at: int, end: int) -> None:
        if at == end:
            return
        text = self._text[at:end]
        if _CDATA_END in text:
            self.faults.append(Fault(at + text.index(_CDATA_END), "]]> stands in a text"))
            text = text.replace(_CDATA_END, "]]&gt;")
        self.tokens.append(Token("text", at, text))

    def _next(self, wanted: str, at: int) -> int:
        """Where it stands next, the length of the text for nowhere."""
        if self._places.get(wanted, -1) < at:
            place = self._text.find(wanted, at)
            self._places[wanted] = len(self._text) if place < 0 else place
        return self._places[wanted]

    def _entry_end(self, at: int) -> int:
        if self._places.get("entry", -1) < at:
            found = _ENTRY_END.search(self._text, at)
            self._places["entry"] = found.start() if found else len(self._text)
        return self._places["entry"]
