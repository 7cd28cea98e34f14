"""Finds the first matching rule without trying the rules one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aggregator.categories.names import CategoryPath
from aggregator.categories.patterns import Patterns
from aggregator.categories.rule import Rule

Matching = tuple[int, ...]  # numbers of the patterns that match a level


@dataclass(slots=True)
class _Step:
    """A node of the tree of prefixes. `rank`: of the first rule that ends at this level."""

    next: dict[int, "_Step"] = field(default_factory=dict)
    rank: int | None = None


class RuleIndex:
    """Rules of each kind in the order of the config. A pattern that occurs several times is matched once."""

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

    def matching(self, path: CategoryPath) -> list[Matching]:
        """The patterns that match each level."""
        return [self._patterns.matching(name) for name in path]

    def alias(self, matching: Sequence[Matching]) -> tuple[int, int] | None:
        """(rank of the first alias that matches the path, number of levels it replaces); None if none matches."""
        if not any(matching):
            return None
        found: list[tuple[int, int]] = []
        for level, numbers in enumerate(matching, 1):
            found += ((self._singles[number], level) for number in numbers if number in self._singles)
        if self._prefixes.next:
            found += self._prefix_matches(matching)
        return min(found, default=None)

    def drop(self, matching: Matching) -> int | None:
        return min((self._drop[number] for number in matching if number in self._drop), default=None)

    def generic(self, matching: Matching) -> int | None:
        return min((self._generic[number] for number in matching if number in self._generic), default=None)

    def _prefix_matches(self, matching: Sequence[Matching]) -> Iterable[tuple[int, int]]:
        steps = [self._prefixes]
        for level, numbers in enumerate(matching, 1):
            steps = [step.next[number] for step in steps for number in numbers if number in step.next]
            yield from ((step.rank, level) for step in steps if step.rank is not None)

    def _add_prefix(self, rank: int, rule: Rule) -> None:
        """Equal neighbors are one level, as in received paths."""
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
