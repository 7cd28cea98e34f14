"""Regular expressions of the config, and some of ours, searched in linear time (RE2). Pure.

The syntax is that of Python's `re`, without look-around and back-references, which RE2 lacks because they need
backtracking. `\\w`, `\\d` and `\\s` cover all scripts, but `\\b` knows only a-z, 0-9 and _.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

from aggregator.errors import AggregatorError

MEMORY = 4 * 2**20  # bytes for one expression: its program and its search cache
MOST_MEMORY = 64 * 2**20  # for expressions that are searched together
FEW = 8  # so many need less memory: 10,000 sources may have some of their own
LARGEST = 300_000  # instructions of expressions that are searched together
LONGEST = 2000  # characters of one expression

_SURROGATE = re.compile("[\ud800-\udfff]")
_AROUND = re.compile(r"\(\?<?[=!]")
_BACK = re.compile(r"\(\?P=\w*\)?|\(\?\(\w*\)?")
_EDGE = re.compile(r"\\[bB](?:\((?:\?[:P<a-z>_]*)?)*[^\x00-\x7f]|[^\x00-\x7f][)?+*]*\\[bB]")
_AROUND_ADVICE = (
    "which is not supported; match the surrounding text, too, and exclude what must not be there by a rule that is"
    " tried first, or by `exclude`"
)
_BACK_ADVICE = "which is not supported; write out what may stand there"
_RUN = re.compile(r"[^\\\[({]+")
_COUNT = re.compile(r"\{,([0-9]+)\}")
_UNICODE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_NAMED_SET = re.compile(r"\[:\^?[a-z]+:\]")
_KNOWN = frozenset("AaBbDdfnPprSstvWwxz")

_WORD = r"\pL\pN_"
_SPACE = r"\s\x0b\x1c-\x1f\x{85}\p{Z}"
# Their translations outside and inside [ ]. RE2 has no set difference inside, so \W and \S are written out.
_OUTSIDE = {  # -i: they contain both cases already, and case folding of such large sets is slow in RE2
    "w": f"(?-i:[{_WORD}])",
    "W": f"(?-i:[^{_WORD}])",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "s": f"[{_SPACE}]",
    "S": f"[^{_SPACE}]",
    "Z": r"\z",
}
_INSIDE = {
    "w": _WORD,
    "W": r"\pM\pS\pZ\pC\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}"
    r"\x{203f}\x{2040}\x{2054}\x{fe33}\x{fe34}\x{fe4d}-\x{fe4f}\x{ff3f}",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "s": _SPACE,
    "S": r"\x00-\x08\x0e-\x1b!-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}"
    r"\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}",
    "b": r"\x08",
}


class ExpressionError(AggregatorError):
    """The pattern cannot be searched for."""


def check(pattern: str) -> None:
    """Raises ExpressionError, with a correction, if RE2 cannot search for `pattern`."""
    if _EDGE.search(pattern):
        raise ExpressionError(r"`\b` knows only a-z, 0-9 and _; next to other letters write (^|\W) and (\W|$)")
    _compile(pattern, ignore_case=True)


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether `pattern` matches anywhere in `text`, like `re.search`; raises ExpressionError."""
    return _compile(pattern, ignore_case=ignore_case).search(_bytes(text)) is not None


def literal(text: str) -> str:
    """An expression that matches `text` itself."""
    return "".join(char if char.isalnum() or ord(char) > 127 else f"\\x{{{ord(char):x}}}" for char in text)


class Linear:
    """An expression of our own, in Python's syntax. RE2 is loaded and compiles it on first use."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def findall(self, text: str) -> list[str]:
        """The text of its only group in each match, like `re.findall`."""
        return [found.decode(errors="surrogatepass") for found in self._searched.findall(_whole_bytes(text))]

    def is_in(self, data: bytes) -> bool:
        """Whether it matches anywhere in this UTF-8."""
        return self._searched.search(data) is not None

    def sub(self, template: str, text: str) -> str:
        r"""The text with `template`, in which \1 is the first group, for each match."""
        changed: bytes = self._searched.sub(template.encode(), _whole_bytes(text))
        return changed.decode(errors="surrogatepass")

    @cached_property
    def _searched(self) -> Any:
        import re2  # type: ignore[import-untyped]

        options = _options(ignore_case=False)
        options.never_capture = False
        return re2.compile(_translated(self._pattern).encode(), options)


class RegexSet:
    """Many expressions in Python's syntax, searched at once, ignoring case."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._sets = list(_sets([(n, _translated(pattern)) for n, pattern in enumerate(patterns)]))

    def matching(self, text: str) -> list[int]:
        """The numbers of those that match anywhere in `text`, in no particular order."""
        encoded = _bytes(text)
        return [numbers[n] for set_, numbers in self._sets for n in set_.Match(encoded) or ()]


class _Alone:
    """An expression too large for a set, with the interface of one."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    def Match(self, text: bytes) -> list[int]:  # noqa: N802 - the name in RE2
        return [0] if _compile_re2(self._expression, ignore_case=True).search(text) else []


_SENTINEL = "\x00set\x00"


def _sets(numbered: Sequence[tuple[int, str]]) -> Iterator[tuple[Any, list[int]]]:
    """As few sets as possible for all expressions."""
    if numbered and (together := _together([expression for _, expression in numbered])) is not None:
        yield together, [number for number, _ in numbered]
    elif len(numbered) == 1:
        yield _Alone(numbered[0][1]), [numbered[0][0]]
    elif numbered:
        for pack in _packs(numbered):
            yield from _sets(pack)


def _packs(numbered: Sequence[tuple[int, str]]) -> Iterator[Sequence[tuple[int, str]]]:
    """At least two packs, small enough to have a chance: a failed attempt costs as much as a successful one."""
    sizes = [_compile_re2(expression, ignore_case=True).programsize for _, expression in numbered]
    most, begin, size = min(LARGEST, sum(sizes) // 2), 0, 0
    for end, one in enumerate(sizes):
        if end > begin and size + one > most:
            yield numbered[begin:end]
            begin, size = end, 0
        size += one
    yield numbered[begin:]


def _together(expressions: Sequence[str]) -> Any:
    """A set, None if memory does not suffice. A set that runs out of memory while searching reports no matches from
    its first text on, so it is tested with a sentinel that must match."""
    import re2

    options = _options(ignore_case=True)
    options.max_mem = MOST_MEMORY if len(expressions) > FEW else 4 * MEMORY
    made = re2.Set.SearchSet(options)
    try:
        for expression in (*expressions, literal(_SENTINEL)):
            made.Add(expression.encode())
        made.Compile()
    except re2.error:
        return None
    return made if made.Match(_SENTINEL.encode()) else None


def _options(*, ignore_case: bool) -> Any:
    import re2

    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = not ignore_case
    return options


def _compile(pattern: str, *, ignore_case: bool) -> Any:
    return _compile_re2(_translated(pattern), ignore_case=ignore_case)


@lru_cache(maxsize=256)
def _compile_re2(expression: str, *, ignore_case: bool) -> Any:
    import re2

    try:
        return re2.compile(expression.encode(), _options(ignore_case=ignore_case))
    except re2.error as error:
        why = error.args[0] if error.args else error
        why = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        if "too large" in why:
            raise ExpressionError("needs too much memory; write smaller numbers of repetitions") from error
        raise ExpressionError(f"not a regular expression: {why}") from error


def _whole_bytes(text: str) -> bytes:
    """With halves of surrogate pairs, which nothing matches."""
    return text.encode(errors="surrogatepass")


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return _SURROGATE.sub("\ufffd", text).encode()


@lru_cache(maxsize=4096)
def _translated(pattern: str) -> str:
    """Translates Python's syntax to RE2's; raises ExpressionError."""
    if len(pattern) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST} characters; write several expressions")
    if _SURROGATE.search(pattern):
        raise ExpressionError("not a regular expression: it contains half a surrogate pair")
    return "".join(_pieces(pattern))


def _pieces(pattern: str) -> Iterator[str]:
    at, inside = 0, False
    while at < len(pattern):
        if pattern[at] == "\\":
            piece, length = _escape(pattern, at, inside=inside)
        elif inside:
            piece, length = _member(pattern, at)
            inside = piece != "]"
        else:
            piece, length = _plain(pattern, at)
            inside = piece[0] == "["
        yield piece
        at += length


def _escape(pattern: str, at: int, *, inside: bool) -> tuple[str, int]:
    sign = pattern[at + 1 : at + 2]
    if written := _UNICODE.match(pattern, at):
        return f"\\x{{{written[1] or written[2]}}}", len(written[0])
    if sign in "123456789" and sign and not inside:
        raise ExpressionError(f"`\\{sign}` refers back, {_BACK_ADVICE}")
    if sign in (table := _INSIDE if inside else _OUTSIDE):
        return table[sign], 2
    if sign.isalpha() and sign.isascii() and sign not in _KNOWN:
        raise ExpressionError(f"not a regular expression: `\\{sign}` means nothing")
    return (sign if sign > "\x7f" else f"\\{sign}"), 2


def _member(pattern: str, at: int) -> tuple[str, int]:
    if named := _NAMED_SET.match(pattern, at):
        return named[0], len(named[0])
    return ("\\[" if pattern[at] == "[" else pattern[at]), 1


def _plain(pattern: str, at: int) -> tuple[str, int]:
    """A set begins with `[` or `[^`, and a `]` right after that is a member."""
    if pattern[at] == "[":
        begin = "[^" if pattern.startswith("[^", at) else "["
        first = pattern[at + len(begin) : at + len(begin) + 1] == "]"
        return begin + ("\\]" if first else ""), len(begin) + first
    if around := _AROUND.match(pattern, at):
        raise ExpressionError(f"`{around[0]}…)` looks around, {_AROUND_ADVICE}")
    if back := _BACK.match(pattern, at):
        raise ExpressionError(f"`{back[0]}` refers back, {_BACK_ADVICE}")
    if count := _COUNT.match(pattern, at):
        return f"{{0,{count[1]}}}", len(count[0])
    run = _RUN.match(pattern, at)
    return (run[0], len(run[0])) if run else (pattern[at], 1)
