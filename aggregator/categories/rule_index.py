"""The first rule that holds, found without trying them one after the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aggregator.categories.names import CategoryPath
from aggregator.categories.patterns import Patterns
from aggregator.categories.rule import Rule

Held = tuple[int, ...]  # numbers of patterns


@dataclass(slots=True)
class _Step:
    """One level of the prefixes that begin alike. `rank`: of the first rule whose last level this is."""

    next: dict[int, "_Step"] = field(default_factory=dict)
    rank: int | None = None


class RuleIndex:
    """Rules of one kind after the other, each in the order in which they are written; patterns that are written several
    times are asked once."""

    def __init__(self, aliases: Sequence[Rule], drop: Sequence[Rule] = (), generic: Sequence[Rule] = ()) -> None:
        self._numbers: dict[str, int] = {}
        self._singles: dict[int, int] = {}
        self._prefixes = _Step()
        for rank, rule in enumerate(aliases):
            if rule.prefix:
                self._add_prefix(rank, rule)
            else:
                self._singles.setdefault(self._number(rule.patterns[0]), rank)
        self._drop = self._ranks(drop)
        self._generic = self._ranks(generic)
        self._patterns = Patterns(list(self._numbers))

    def held(self, path: CategoryPath) -> list[Held]:
        """The patterns that hold for each level."""
        return [self._patterns.holding(name) for name in path]

    def alias(self, held: Sequence[Held]) -> tuple[int, int] | None:
        """The rank of the first alias that takes the path, and how many levels it takes away; None where none does."""
        if not any(held):
            return None
        found: list[tuple[int, int]] = []
        for level, numbers in enumerate(held, 1):
            found += ((self._singles[number], level) for number in numbers if number in self._singles)
        if self._prefixes.next:
            found += self._begun(held)
        return min(found, default=None)

    def drop(self, held: Held) -> int | None:
        return min((self._drop[number] for number in held if number in self._drop), default=None)

    def generic(self, held: Held) -> int | None:
        return min((self._generic[number] for number in held if number in self._generic), default=None)

    def _begun(self, held: Sequence[Held]) -> Iterable[tuple[int, int]]:
        steps = [self._prefixes]
        for level, numbers in enumerate(held, 1):
            steps = [step.next[number] for step in steps for number in numbers if number in step.next]
            yield from ((step.rank, level) for step in steps if step.rank is not None)

    def _add_prefix(self, rank: int, rule: Rule) -> None:
        """Neighbors that are the same are one level, as in the paths that come."""
        step = self._prefixes
        for level, pattern in enumerate(rule.patterns):
            if level == 0 or pattern != rule.patterns[level - 1]:
                step = step.next.setdefault(self._number(pattern), _Step())
        if step.rank is None:
            step.rank = rank

    def _ranks(self, rules: Iterable[Rule]) -> dict[int, int]:
        ranks: dict[int, int] = {}
        for rank, rule in enumerate(rules):
            ranks.setdefault(self._number(rule.patterns[0]), rank)
        return ranks

    def _number(self, pattern: str) -> int:
        return self._numbers.setdefault(pattern, len(self._numbers))
