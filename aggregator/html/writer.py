"""Writes well-nested HTML of bounded depth and length from tags in any order.

The sanitizer's parser takes time quadratic in the number of open elements, of formatting elements to reopen, and of
misplaced content in tables. This writer avoids them: it closes elements by HTML's own rules (13.2.6.4.7, in short), and
its output parses back to the same tree, so sanitizing it again changes nothing.
"""

from collections import defaultdict

DEEPEST = 128  # levels; the deepest real bodies have about 40
LONGEST = 512 * 1024  # characters of one field
MOST = 30_000  # elements of one field; the longest real bodies have a third as many
_RESERVE = 4096  # characters for the end tags of all open elements

VOID = frozenset({"br", "col", "hr", "img", "source", "track", "wbr"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BLOCKS = HEADINGS | {
    "address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer",
    "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "ul",
}  # fmt: skip
TABLE_PARTS = frozenset({"caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"})
_CELLS = frozenset({"caption", "td", "th"})
_SECTIONS = frozenset({"tbody", "tfoot", "thead"})
_TABLE = frozenset({"table"})
_TABLE_TAGS = TABLE_PARTS | _TABLE
_PARENTS = {
    "caption": _TABLE, "colgroup": _TABLE, "tbody": _TABLE, "tfoot": _TABLE, "thead": _TABLE,
    "col": _TABLE | {"colgroup"},
    "tr": _TABLE | _SECTIONS,
    "td": _TABLE | _SECTIONS | {"tr"}, "th": _TABLE | _SECTIONS | {"tr"},
}  # fmt: skip
# A new element closes an open one of the same kind, unless one of _WALLS is open between them.
_SIBLINGS = {"li": frozenset({"li"}), "dt": frozenset({"dt", "dd"}), "dd": frozenset({"dt", "dd"})}
_WALLS = BLOCKS - {"address", "div", "p", "li", "dt", "dd"} | _CELLS
_NOTES = frozenset({"rp", "rt"})
# Elements that may close others where they begin; all others only need a cell.
_CLOSING = BLOCKS | HEADINGS | _NOTES | frozenset({"a", *_SIBLINGS})


class Writer:
    """Takes start tags, text and end tags; `finish` returns the markup.

    `open` is the stack of open names. A frame counts the open names that an end tag may close: those of the text, of a
    table or of a cell, one frame inside the other; `_in_table`: the innermost one is that of a table. When `full`, it
    ignores further input.
    """

    def __init__(self) -> None:
        self.open: list[str] = []
        self._out: list[str] = []
        self._length = 0
        self._elements = 0
        self.full = False
        self._after_pre = False
        self._frames: list[defaultdict[str, int]] = [defaultdict(int)]
        self._in_table = False
        self._flattened: defaultdict[str, int] = defaultdict(int)

    def text(self, escaped: str) -> None:
        if self._after_pre:
            escaped = escaped.lstrip("\n")  # each parse drops one line end there
        if self._in_table and escaped.strip():
            self._open_cell()
        if self.full or not escaped:
            return
        if self._length + len(escaped) > LONGEST - _RESERVE:
            self._cut(escaped)
            return
        self._out.append(escaped)
        self._length += len(escaped)
        self._after_pre = False

    def void(self, name: str, attributes: str = "") -> None:
        if name == "col":
            self._column(attributes)
            return
        if self._in_table:
            self._open_cell()
        if name == "hr":
            self._close_paragraph()
        self._emit(f"<{name}{attributes}>")

    def start(self, name: str, attributes: str = "") -> bool:
        """Opens the element; False beyond the limits, or for a table part outside a table."""
        if self.full or (name in TABLE_PARTS and not self._reach_parent_of(name)):
            return False
        if self._in_table and name not in TABLE_PARTS:
            self._open_cell()
        if name in _CLOSING:
            self._close_before(name)
        if len(self.open) >= DEEPEST - 3 and name not in TABLE_PARTS:  # table parts nest three levels deep
            self._flatten(name)
            return False
        return self._push(name, attributes)

    def end(self, name: str) -> None:
        if self._flattened.get(name):
            self._flattened[name] -= 1
        elif name in _TABLE_TAGS:
            self._end_table_part(name)
        elif self._frames[-1].get(name):
            self._close_to(name)

    def finish(self) -> str:
        while self.open:
            self._pop()
        return "".join(self._out)

    def _flatten(self, name: str) -> None:
        self._flattened[name] += 1
        self._elements += 1
        if self._elements >= MOST:
            self._cut("")

    def _close_before(self, name: str) -> None:
        """Closes what the start of this element ends."""
        if name in _SIBLINGS:
            self._close_sibling(name)
        if name in BLOCKS:
            self._close_paragraph()
        if name == "a" and self._frames[-1]["a"]:
            self._close_to("a")
        group = HEADINGS if name in HEADINGS else _NOTES if name in _NOTES else None
        if group and self.open and self.open[-1] in group:
            self._pop()

    def _close_paragraph(self) -> None:
        if self._frames[-1]["p"]:
            self._close_to("p")

    def _close_sibling(self, name: str) -> None:
        if not any(self._frames[-1][sibling] for sibling in _SIBLINGS[name]):
            return
        for other in self.open[:-32:-1]:  # bounded, so that hostile markup cannot make it slow
            if other in _SIBLINGS[name]:
                self._close_to(other)
                return
            if other in _WALLS:
                return

    # ── tables: content is put into cells, so that no parser moves it out ──

    def _open_cell(self) -> None:
        if self._reach_parent_of("td"):
            self._push("td")

    def _reach_parent_of(self, part: str) -> bool:
        """Closes and opens the elements that HTML implies between the table and this part; False outside a table."""
        if len(self._frames) == 1:
            return False
        self._leave_cell()
        parents = _PARENTS[part]
        while self.open[-1] not in parents:
            self._pop()
        if part in {"tr", "td", "th"} and self.open[-1] == "table":
            self._push("tbody")
        if part in {"td", "th"} and self.open[-1] != "tr":
            self._push("tr")
        return not self.full

    def _leave_cell(self) -> None:
        while not self._in_table:
            self._pop()

    def _column(self, attributes: str) -> None:
        if not self._reach_parent_of("col"):
            return
        if self.open[-1] == "colgroup" or self._push("colgroup"):
            self._emit(f"<col{attributes}>")

    def _end_table_part(self, name: str) -> None:
        if len(self._frames) == 1:
            return
        table = self._frames[-1] if self._in_table else self._frames[-2]
        if name in _CELLS:
            if self._frames[-1][name]:
                self._close_to(name)
        elif table[name]:
            self._leave_cell()
            self._close_to(name)

    # ── the stack and the output ──

    def _push(self, name: str, attributes: str = "") -> bool:
        if not self._emit(f"<{name}{attributes}>"):
            return False
        self.open.append(name)
        if name == "table" or name in _CELLS:
            self._frames.append(defaultdict(int))
            self._in_table = name == "table"
        self._frames[-1][name] += 1
        self._after_pre = name == "pre"
        return True

    def _pop(self) -> str:
        name = self.open.pop()
        self._frames[-1][name] -= 1
        if name == "table" or name in _CELLS:
            self._frames.pop()
            self._in_table = name != "table"
        self._out.append(f"</{name}>")
        self._length += len(name) + 3
        self._after_pre = False
        return name

    def _close_to(self, name: str) -> None:
        while self._pop() != name:
            pass

    def _emit(self, markup: str) -> bool:
        if self.full:
            return False
        if self._length + len(markup) > LONGEST - _RESERVE or self._elements >= MOST:
            self._cut("")
            return False
        self._elements += 1
        self._out.append(markup)
        self._length += len(markup)
        self._after_pre = False
        return True

    def _cut(self, escaped: str) -> None:
        """Writes as much as fits, then "…"; never cuts a character reference."""
        room = LONGEST - _RESERVE - self._length - 1
        piece = escaped[: max(room, 0)]
        reference = piece.rfind("&", len(piece) - 10 if len(piece) > 10 else 0)
        if reference >= 0 and ";" not in piece[reference:]:
            piece = piece[:reference]
        if room >= 0:
            self._out.append(piece + "…")
            self._length += len(piece) + 1
        self.full = True
