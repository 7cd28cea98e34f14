"""Which patterns of `re` take time that grows with the text alone. What is not proved is refused.

`re` tries one way through a pattern after the other. Its time stays linear where the next character always decides
which way is the right one (Brüggemann-Klein and Wood 1998: a one-unambiguous expression), since each other way then
fails at once; where what was taken is never given back (`*+`); and where only one part can go back, over what costs a
bounded number of steps each time. A search adds that attempts begin everywhere: none may read again, character by
character, what the one before it has read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from operator import or_
from re import _compiler, _parser  # type: ignore[attr-defined]
from typing import Any

ANCHORED = frozenset({"match", "fullmatch"})
BOUND = 256  # repetitions that count as a fixed number of steps
MOST_WAYS = 1000  # that bounded choices may lead to, all together
END = 1  # the bit of a mask that stands for the end of the text


class UnprovedError(Exception):
    """Why the pattern may go back over a length that nobody bounds."""


# A pattern as a tree. Masks hold one bit for each character of the alphabet.


@dataclass(frozen=True)
class Char:
    mask: int


@dataclass(frozen=True)
class Test:
    """Takes nothing and may fail. `first`: what may stand there, where the test itself says so; `bars`: what must not
    stand before; `look`: what it reads."""

    first: int = 0
    bars: int = 0
    is_start: bool = False
    look: "Node | None" = None


@dataclass(frozen=True)
class Series:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Choice:
    ways: tuple["Node", ...]


@dataclass(frozen=True)
class Repeat:
    body: "Node"
    least: int
    most: int
    keeps: bool  # possessive: what it has taken is never given back

    @property
    def is_bounded(self) -> bool:
        return self.most <= BOUND


Node = Char | Test | Series | Choice | Repeat


@dataclass(frozen=True)
class Rest:
    """What comes behind: the characters that it may begin with, whether it holds whatever comes, and whether it fails
    after a bounded number of characters."""

    first: int
    is_sure: bool
    is_short: bool


def prove(pattern: str | bytes, flags: int = 0, uses: Iterable[str] = ("search",)) -> None:
    """Raises UnprovedError. `uses`: the methods of the compiled pattern that are called."""
    reader = _Reader(pattern, flags)
    uses = set(uses)
    ends = Rest(END, is_sure=False, is_short=True)
    anywhere = Rest(reader.everything | END, is_sure=True, is_short=True)
    _Attempt(reader.show).check(reader.tree, ends if uses == {"fullmatch"} else anywhere)
    if "fullmatch" in uses:
        _Attempt(reader.show).check(reader.tree, ends)
    if uses - ANCHORED:
        _check_starts(reader)


class _Reader:
    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        parsed = _parser.parse(pattern, flags)
        self._state = parsed.state
        self._alphabet = _alphabet(parsed, parsed.state.flags) if isinstance(pattern, str) else _BYTES
        self.everything = ((1 << len(self._alphabet)) - 1) << 1
        self._places = {char: place for place, char in enumerate(self._alphabet, 1)}
        self.tree = self._sequence(parsed, parsed.state.flags)

    def show(self, mask: int) -> str:
        named = [char for char, place in self._places.items() if mask >> place & 1][:3]
        return ", ".join([*map(repr, named), *(["the end"] if mask & END else [])])

    def _sequence(self, nodes: Any, flags: int) -> Node:
        return Series(tuple(self._node(node, flags) for node in nodes))

    def _node(self, node: Any, flags: int) -> Node:
        kind, value = node
        match str(kind):
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return Char(self._mask(node, flags))
            case "SUBPATTERN":
                return self._sequence(value[3], (flags | value[1]) & ~value[2])
            case "ATOMIC_GROUP":
                return self._sequence(value, flags)
            case "BRANCH":
                return Choice(tuple(self._sequence(way, flags) for way in value[1]))
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, body = value
                return Repeat(self._sequence(body, flags), least, int(most), str(kind).startswith("POSS"))
            case "AT":
                return self._place(str(value), flags)
            case "ASSERT" | "ASSERT_NOT":
                return self._look(*value, flags=flags, is_negated=str(kind) == "ASSERT_NOT")
        raise UnprovedError(f"{kind} is not known to be linear")

    def _place(self, place: str, flags: int) -> Test:
        newline = self._bits(["\n" if isinstance(self.pattern, str) else b"\n"])
        if place in {"AT_END", "AT_END_LINE"}:
            return Test(END | newline)
        if place == "AT_END_STRING":
            return Test(END)
        if place == "AT_BEGINNING" and flags & re.MULTILINE:
            return Test(bars=self.everything & ~newline)
        return Test(is_start=place in {"AT_BEGINNING", "AT_BEGINNING_STRING"})

    def _look(self, direction: int, body: Any, *, flags: int, is_negated: bool) -> Test:
        inner = self._sequence(body, flags)
        parts = _flat(inner)
        is_one = len(parts) == 1 and isinstance(parts[0], Char)
        barred = parts[0].mask if is_one and is_negated and direction < 0 else 0  # type: ignore[union-attr]
        return Test(bars=barred, look=inner)

    def _mask(self, node: Any, flags: int) -> int:
        single = _parser.SubPattern(self._state, [node])
        return self._bits(found[0] for found in _compiler.compile(single, flags).finditer(_joined(self._alphabet)))

    def _bits(self, chars: Iterable[str | bytes]) -> int:
        return reduce(or_, (1 << self._places[char] for char in chars), 0)


_BYTES = tuple(bytes([n]) for n in range(256))


def _joined(alphabet: tuple[Any, ...]) -> Any:
    return alphabet[0][:0].join(alphabet)


def _alphabet(parsed: Any, flags: int) -> tuple[str, ...]:
    """Characters of which every other one is like one of them, for this pattern: it stands in the same classes."""
    points = {point for edge in _edges(parsed) for point in (edge, edge + 1) if point < 0x110000}
    cased = _cased() if flags & re.IGNORECASE or re.search(r"\(\?[a-z]*i", str(parsed.state.str)) else frozenset()
    return tuple(map(chr, sorted(points | _changes() | cased | set(range(256)))))


def _edges(nodes: Any) -> Iterator[int]:
    """Where the classes of a pattern begin and end."""
    if isinstance(nodes, tuple) and len(nodes) == 2 and str(nodes[0]) in {"LITERAL", "NOT_LITERAL"}:
        yield nodes[1]
    elif isinstance(nodes, tuple) and len(nodes) == 2 and str(nodes[0]) == "RANGE":
        yield from (nodes[1][0], nodes[1][1])
    elif isinstance(nodes, tuple | list | _parser.SubPattern):
        for node in nodes:
            yield from _edges(node)


@cache
def _changes() -> frozenset[int]:
    """Where letters, digits and blanks begin and end in Unicode."""
    kinds = [(c.isalnum(), c.isdecimal(), c.isspace()) for c in map(chr, range(0x110000))]
    return frozenset(n for n in range(1, len(kinds)) if kinds[n] != kinds[n - 1])


@cache
def _cased() -> frozenset[int]:
    return frozenset(n for n in range(0x110000) if not chr(n).lower() == chr(n).upper() == chr(n))


# What a part begins with, how long it may be, whether it may take nothing


def _flat(node: Node) -> list[Node]:
    return [flat for part in node.parts for flat in _flat(part)] if isinstance(node, Series) else [node]


def _first(node: Node, after: int) -> int:
    """What may stand first, `after` being what may follow."""
    match node:
        case Char(mask):
            return mask
        case Test(first):
            return first or after
        case Series(parts):
            return reduce(lambda later, part: _first(part, later), reversed(parts), after)
        case Choice(ways):
            return reduce(or_, (_first(way, after) for way in ways))
        case Repeat(body, least):
            return _first(body, after) | (0 if least else after)


def _may_be_empty(node: Node) -> bool:
    match node:
        case Char():
            return False
        case Test():
            return True
        case Series(parts):
            return all(map(_may_be_empty, parts))
        case Choice(ways):
            return any(map(_may_be_empty, ways))
        case Repeat(body, least):
            return not least or _may_be_empty(body)


def _is_sure(node: Node) -> bool:
    """Holds everywhere, if by taking nothing."""
    match node:
        case Char() | Test():
            return False
        case Series(parts):
            return all(map(_is_sure, parts))
        case Choice(ways):
            return any(map(_is_sure, ways))
        case Repeat(body, least):
            return not least or _is_sure(body)


def _longest(node: Node) -> int:
    """How many characters it may read."""
    match node:
        case Char():
            return 1
        case Test(look=look):
            return _longest(look) if look else 0
        case Series(parts):
            return sum(map(_longest, parts))
        case Choice(ways):
            return max(map(_longest, ways))
        case Repeat(body, _, most):
            return _longest(body) * most


def _taken(node: Node) -> int:
    """Every character that it can read anywhere."""
    match node:
        case Char(mask):
            return mask
        case Test(look=look):
            return _taken(look) if look else 0
        case Series(parts) | Choice(parts):
            return reduce(or_, map(_taken, parts), 0)
        case Repeat(body):
            return _taken(body)


class _Attempt:
    """One attempt, from one place: the number of ways that bounded choices lead to is multiplied up."""

    def __init__(self, show: Any) -> None:
        self._ways = 1
        self._show = show

    def check(self, node: Node, rest: Rest, *, is_repeated: bool = False) -> None:
        match node:
            case Series(parts):
                for part in reversed(parts):
                    self.check(part, rest, is_repeated=is_repeated)
                    rest = _before(part, rest)
            case Choice(ways):
                self._choice(ways, rest, is_repeated=is_repeated)
            case Repeat():
                self._repeat(node, rest, is_repeated=is_repeated)
            case Test(look=look) if look:
                if is_repeated and _longest(look) > BOUND:
                    raise UnprovedError("it looks again and again at what nobody bounds")
                self.check(look, Rest(rest.first, is_sure=True, is_short=True), is_repeated=is_repeated)

    def _choice(self, ways: Sequence[Node], rest: Rest, *, is_repeated: bool) -> None:
        layers: list[int] = []  # what begins one way at least, two at least, …
        for way in ways:
            first = _first(way, rest.first)
            for depth, seen in enumerate(layers):
                layers[depth], first = seen | first, seen & first
            layers += [first] if first else []
            self.check(way, rest, is_repeated=is_repeated)
        if is_repeated and len(layers) > 1:
            raise UnprovedError(f"{self._show(layers[1])} begins two ways of a choice that is repeated")
        self._count(max(len(layers), 1))

    def _repeat(self, node: Repeat, rest: Rest, *, is_repeated: bool) -> None:
        many = node.most > 1
        if many and _may_be_empty(node.body):
            raise UnprovedError("what may be empty is repeated")
        first = _first(node.body, 0)
        inner = Rest(first | rest.first, is_sure=False, is_short=rest.is_short and node.is_bounded) if many else rest
        self.check(node.body, inner, is_repeated=is_repeated or many)
        both = first & rest.first
        if node.least == node.most or not both:
            return
        is_short = _longest(node.body) <= BOUND
        if (node.keeps or (rest.is_sure and not is_repeated)) and (is_short or not is_repeated):
            return
        if node.is_bounded and is_short and not is_repeated:
            self._count(node.most - node.least + 1)
        elif is_repeated or not is_short or not rest.is_short:
            raise UnprovedError(f"after {self._show(both)} it may go on or end, and what follows may fail late")

    def _count(self, ways: int) -> None:
        self._ways *= ways
        if self._ways > MOST_WAYS:
            raise UnprovedError(f"more than {MOST_WAYS} ways through one text")


def _before(part: Node, rest: Rest) -> Rest:
    return Rest(
        _first(part, rest.first),
        is_sure=rest.is_sure and _is_sure(part),
        is_short=rest.is_short and _longest(part) <= BOUND,
    )


# Searching


def _check_starts(reader: _Reader) -> None:
    starts = _first(reader.tree, reader.everything | END)
    for way in _ways(_flat(reader.tree)):
        _check_way(way, starts, reader)


def _ways(parts: list[Node]) -> Iterator[list[Node]]:
    """With each way of the choices that may read far."""
    far = (place for place, part in enumerate(parts) if isinstance(part, Choice) and _longest(part) > BOUND)
    place = next(far, None)
    if place is None:
        yield parts
    else:
        for way in parts[place].ways:  # type: ignore[union-attr]
            yield from _ways([*parts[:place], *_flat(way), *parts[place + 1 :]])


def _check_way(parts: list[Node], starts: int, reader: _Reader) -> None:
    """An attempt reads far in its long repetitions alone. No other attempt may read the same again: none begins in
    there, or none gets as far as to read on, or all that was read is found."""
    if any(isinstance(part, Test) and part.is_start for part in parts[:1]):
        return
    long = [place for place, part in enumerate(parts) if any(_long_repeats(part))]
    if not long or _is_fenced(parts, long) or _is_whole(parts[long[0] :]):
        return
    barred = parts[0].bars if isinstance(parts[0], Test) else 0
    for repeat in (repeat for place in long for repeat in _long_repeats(parts[place])):
        if (again := _taken(repeat.body) & starts) and _taken(repeat.body) & ~barred:
            raise UnprovedError(f"a search begins again at {reader.show(again)}, which the attempt before has read")


def _is_fenced(parts: list[Node], long: list[int]) -> bool:
    """Before the first long repetition every attempt takes a character that stands nowhere in what is read then."""
    for place, part in enumerate(parts[: long[0]]):
        read = reduce(or_, map(_taken, parts[place + 1 : long[-1] + 1]), 0)
        if isinstance(part, Char) and not part.mask & read:
            return True
    return False


def _is_whole(parts: list[Node]) -> bool:
    """Once something is read it belongs to what is found."""
    first, *rest = parts
    return _fails_soon(first) and all(map(_is_run, rest))


def _is_run(node: Node) -> bool:
    """Never fails, and reads but few characters more than it takes."""
    return isinstance(node, Repeat) and not node.least and _fails_soon(node.body)


def _fails_soon(node: Node) -> bool:
    """Fails after few characters, or not at all."""
    match node:
        case Series():
            parts = _flat(node)
            long = next((place for place, part in enumerate(parts) if _longest(part) > BOUND), len(parts))
            return all(map(_fails_soon, parts[long : long + 1])) and all(map(_is_run, parts[long + 1 :]))
        case Choice(ways):
            return all(map(_fails_soon, ways))
        case Repeat(body, least):
            return _longest(node) <= BOUND or (_fails_soon(body) and (least <= 1 or _longest(body) * least <= BOUND))
        case _:
            return _longest(node) <= BOUND


def _long_repeats(node: Node) -> Iterator[Repeat]:
    match node:
        case Test(look=look) if look:
            yield from _long_repeats(look)
        case Series(parts) | Choice(parts):
            for part in parts:
                yield from _long_repeats(part)
        case Repeat(body):
            if _longest(replace(node)) > BOUND:
                yield node
            yield from _long_repeats(body)
