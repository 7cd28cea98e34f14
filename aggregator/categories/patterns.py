"""Patterns of rules (a name, a glob, or `re:` and a regular expression), many of them matched at once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from aggregator.categories.names import Name, fold_term
from aggregator.text.normalize import fold
from aggregator.text.regex import RegexSet, literal

MOST_REMEMBERED = 20_000

_OPEN_BEGIN = re.compile(r"\A((?:\(\?[a-zA-Z]+\))?)\^?\.\*\??(?![*+?{])")
_OPEN_END = re.compile(r"(?<!\\)((?:\\\\)*)\.\*\??\$?\Z")


class Patterns:
    """Numbered patterns. Plain names are looked up in a dict; all globs and expressions are searched at once."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._open: list[tuple[int, str]] = []
        self._raw: set[int] = set()  # patterns that are matched against decoration, too
        for number, pattern in enumerate(patterns):
            self._add(number, pattern)
        self._set: RegexSet | None = None
        self._remembered = lru_cache(MOST_REMEMBERED)(self._match)

    def matching(self, name: Name) -> tuple[int, ...]:
        """The numbers of the patterns that match its term or label, in no particular order."""
        return self._remembered(name.term, name.label)

    def _match(self, term: str, label: str) -> tuple[int, ...]:
        if not label or label == term:
            return tuple(self._of(term))
        return tuple({*self._of(term), *self._of(label)})

    def _of(self, text: str) -> Iterable[int]:
        folded = fold_term(text)
        matching: Sequence[int] = self._exact.get(folded, ())
        if not self._open:
            return matching
        found = {*matching, *self._found(folded)}
        if self._raw and not (text.isascii() and len(folded) == len(text)) and (whole := fold(text)) != folded:
            found |= self._raw.intersection(self._found(whole))
        return found

    def _found(self, text: str) -> Iterable[int]:
        if self._set is None:
            self._set = RegexSet([expression for _, expression in self._open])
        return [self._open[n][0] for n in self._set.matching(text)]

    def _add(self, number: int, pattern: str) -> None:
        if pattern.startswith("re:"):
            self._open.append((number, _bare(pattern[3:])))
            self._raw.add(number)
            return
        folded = fold_term(pattern)
        self._exact.setdefault(folded, []).append(number)
        if is_glob(pattern):
            self._open.append((number, expression_of(folded)))


def is_glob(pattern: str) -> bool:
    return not pattern.startswith("re:") and any(sign in pattern for sign in "*?[")


def pattern_key(pattern: str) -> str:
    """The common form of all spellings of a pattern."""
    return pattern if pattern.startswith("re:") else fold_term(pattern)


def expression_of(glob: str) -> str:
    """A glob like `fnmatch`'s as an expression to search for, without anchors where the glob has `*`."""
    begin = "" if glob.startswith("*") else r"\A"
    end = "" if glob.endswith("*") else r"\z"
    return f"(?s-i:{begin}{''.join(_pieces(glob.strip('*')))}{end})"


def _pieces(glob: str) -> Iterator[str]:
    at = 0
    while at < len(glob):
        sign, end = glob[at], at + 1
        if sign == "*":
            yield ".*"
        elif sign == "?":
            yield "."
        elif sign == "[" and (end := _end_of_set(glob, at)) > 0:
            yield _set(glob[at + 1 : end - 1])
        else:
            end = at + 1
            yield literal(sign)
        at = end


def _end_of_set(glob: str, at: int) -> int:
    """The offset after the closing `]`, 0 if there is none. A `]` in first place is a member."""
    first = at + 1 + glob.startswith("!", at + 1)
    return glob.find("]", first + 1) + 1


def _set(members: str) -> str:
    is_negated = members.startswith("!")
    members = members[is_negated:]
    pieces, at = [], 0
    while at < len(members):
        low = high = members[at]
        if members[at + 1 : at + 2] == "-" and at + 2 < len(members):
            high = members[at + 2]
            at += 2
        at += 1
        if low <= high:
            pieces.append(f"\\x{{{ord(low):x}}}-\\x{{{ord(high):x}}}")
    if pieces:
        return f"[{'^' * is_negated}{''.join(pieces)}]"
    return "." if is_negated else r"[^\x00-\x{10ffff}]"  # an empty set, such as [z-a]


def _bare(expression: str) -> str:
    """Without `.*` at the ends: it changes no result of a search, and is slow in a set."""
    return _OPEN_END.sub(r"\1", _OPEN_BEGIN.sub(r"\1", expression))
