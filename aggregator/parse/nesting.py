"""The tags of a document so that every element ends, and none ends twice."""

from collections import Counter
from dataclasses import dataclass

from aggregator.parse.feed_elements import (
    ENTRIES,
    FEEDS,
    HOLDERS,
    INLINE,
    STRUCTURE,
    TOMBSTONE,
    VOID,
    WELL_KNOWN,
    is_feed_namespace,
    is_vocabulary,
)
from aggregator.parse.markup_tokens import Fault, Token


@dataclass(slots=True)
class _Open:
    """`place`: of its start tag. `local`: its name in lower case, "" for one of another vocabulary. `last`: the place
    before which it ends if nothing closes it, -1 for none."""

    place: int
    name: str
    local: str
    last: int = -1


def nest(found: list[Token], prefixes: dict[str, str]) -> tuple[list[Token], list[Fault]]:
    """`prefixes`: prefix → namespace, anywhere in the document. Elements that stand open at its end stay open."""
    nesting = _Nesting(found, prefixes)
    nesting.read()
    return nesting.result(), nesting.faults


class _Nesting:
    """An element that is never closed ends with its parent, or before that where an element begins that cannot be a
    part of it. Entries and tombstones end where the next one begins. An end tag without an open element is left out;
    inside an entry it closes nothing outside.

    `_counts`: open elements by name, outside the open entry and inside it. `_ends`: place → end tags before it.
    """

    def __init__(self, tokens: list[Token], prefixes: dict[str, str]) -> None:
        self.faults: list[Fault] = []
        self._tokens = tokens
        self._prefixes = prefixes
        self._open: list[_Open] = []
        self._entry = -1  # how deep the open entry stands
        self._counts = (Counter[str](), Counter[str]())
        self._ends: dict[int, list[Token]] = {}
        self._removed: set[int] = set()

    def read(self) -> None:
        root = next((token.name.lower() for token in self._tokens if token.kind == "start"), "")
        ends = {token.name.lower(): place for place, token in enumerate(self._tokens) if token.kind == "end"}
        last = ends.get(root, len(self._tokens))
        for place, token in enumerate(self._tokens[: last + 1]):
            if token.kind == "start":
                self._start(place, token)
            elif token.kind == "end":
                self._end(place, token, is_last=ends[token.name.lower()] == place)
        self._cut(last + 1)

    def result(self) -> list[Token]:
        tokens: list[Token] = []
        for place, token in enumerate(self._tokens):
            tokens += self._ends.get(place, ())
            if place not in self._removed:
                tokens.append(token)
        return tokens

    def _start(self, place: int, token: Token) -> None:
        local = self._local(token.name)
        if self._open and (local in ENTRIES or (self._entry < 0 and self._is_tombstone(token))):
            while self._entry >= 0 or (len(self._open) > 1 and self._open[-1].local not in FEEDS):
                self._close_unclosed(place)
        elif self._open and self._open[-1].last < 0 and self._ends_text(token, local, self._open[-1]):
            self._open[-1].last = place
        if token.is_empty:
            return
        if local in ENTRIES and self._open:
            self._entry = len(self._open)
        self._open.append(_Open(place, token.name, local))
        self._count(token.name, 1)

    def _is_tombstone(self, token: Token) -> bool:
        return token.name.lower().rpartition(":")[2] == TOMBSTONE

    def _ends_text(self, token: Token, local: str, text: _Open) -> bool:
        """Whether the element cannot be a part of the open one."""
        if text.local in HOLDERS and not (text.local == "source" and self._is_of_rss(text)):
            return False
        if not local:
            return is_vocabulary(self._namespace(token.name))
        return local not in INLINE if text.local in INLINE else local in STRUCTURE

    def _is_of_rss(self, source: _Open) -> bool:
        return any(name == "url" for name, _ in self._tokens[source.place].attributes)

    def _end(self, place: int, token: Token, *, is_last: bool) -> None:
        name = token.name.lower()
        if not self._closes(name, is_last=is_last):
            self.faults.append(Fault(token.at, f"</{token.name[:40]}> closes nothing"))
            self._removed.add(place)
            return
        is_end = is_last and name == self._open[0].name.lower()
        while self._open[-1].name.lower() != name or (is_end and len(self._open) > 1):
            self._close_unclosed(place)
        if self._open[-1].name != token.name:
            self.faults.append(Fault(token.at, f"</{token.name[:40]}> ends <{self._open[-1].name[:40]}>"))
            token.name, token.raw = self._open[-1].name, ""
        self._pop()

    def _closes(self, name: str, *, is_last: bool) -> bool:
        """Whether an end tag closes an open element. The root ends with the last of its end tags alone, and an entry
        with its feed's only if that is the last."""
        if self._entry >= 0 and self._counts[1][name]:
            return True
        local = name.rpartition(":")[2]
        if self._entry >= 0 and not (local in ENTRIES or (is_last and local in FEEDS)):
            return False
        is_root = bool(self._open) and name == self._open[0].name.lower()
        return self._counts[0][name] > (is_root and not is_last)

    def _close_unclosed(self, place: int) -> None:
        """Ends the innermost element, at the latest before the place."""
        element = self._open[-1]
        start = self._tokens[element.place]
        is_in_text = len(self._open) > 1 and self._open[-2].local not in HOLDERS
        self._pop()
        if element.last >= 0 and self._open and self._open[-1].last < 0:
            self._open[-1].last = element.last  # if it is not closed either
        if is_in_text and element.local and not start.attributes and element.local not in INLINE | STRUCTURE:
            self.faults.append(Fault(start.at, f"<{element.name[:40]}> is no element"))
            self._tokens[element.place] = Token("text", start.at, f"&lt;{element.name}>")
            return
        self.faults.append(Fault(start.at, f"<{element.name[:40]}> is not closed"))
        before = element.last if element.last >= 0 else place
        if element.local in VOID:
            before = element.place + 1
        self._ends.setdefault(before, []).append(Token("end", start.at, "", element.name))

    def _pop(self) -> None:
        element = self._open.pop()
        self._count(element.name, -1)
        if len(self._open) == self._entry:
            self._entry = -1

    def _count(self, name: str, change: int) -> None:
        is_inside = 0 <= self._entry < len(self._open) - (change > 0)
        self._counts[is_inside][name.lower()] += change

    def _cut(self, place: int) -> None:
        """Leaves out what stands behind the document."""
        rest = self._tokens[place:]
        if any(token.kind != "text" or token.raw.strip() for token in rest):
            self.faults.append(Fault(rest[0].at, "the document goes on behind its end"))
        del self._tokens[place:]

    def _local(self, name: str) -> str:
        prefix, _, local = name.lower().rpartition(":")
        return local if not prefix or is_feed_namespace(self._namespace(name)) or local == "rdf" else ""

    def _namespace(self, name: str) -> str:
        prefix = name.rpartition(":")[0]
        return self._prefixes.get(prefix) or WELL_KNOWN.get(prefix, "")
