"""All rules of a source, and where they place a path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, partial

from aggregator.categories.names import CategoryPath, Name, fold_term, name_of
from aggregator.categories.rule import KEPT, Placement, Ranked, Rule
from aggregator.categories.rule_index import Matching, RuleIndex
from aggregator.model.document import CategoryTerm

MOST_KNOWN = 20_000

# Schemes whose terms give the kind of an entry (a post, a document), not its topic.
KINDS = frozenset({"http://schemas.google.com/g/2005#kind"})

KEEP = Rule("keep", ())
LONG = Rule("long", ())


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one source, in the order in which they are tried: its `own` aliases, then the shared ones."""

    aliases: tuple[Rule, ...] = ()
    drop: tuple[Rule, ...] = ()
    generic: tuple[Rule, ...] = ()
    unmapped: Rule = KEEP
    added: tuple[Rule, ...] = ()
    most: int = 20
    ours: bool = False  # the terms belong to our own vocabulary (local posts)
    own: tuple[Rule, ...] = ()
    separator: str = ""  # splits a received term into several terms or levels; "" = no split
    _shared: Callable[[], RuleIndex] = field(init=False, repr=False, compare=False)  # built with the first term
    _front: Callable[[], RuleIndex] = field(init=False, repr=False, compare=False)
    _placed: Callable[[tuple[CategoryTerm, ...]], Ranked] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_shared", cache(partial(RuleIndex, self.aliases, self.drop, self.generic)))
        object.__setattr__(self, "_front", cache(partial(RuleIndex, self.own)))
        object.__setattr__(self, "_placed", lru_cache(MOST_KNOWN)(self._place))

    def of_source(self, own: tuple[Rule, ...], added: tuple[Rule, ...], *, ours: bool, separator: str) -> "Rules":
        """The rules with those of one source added. All sources share one index of the shared rules, and the cache of
        placements if they have no own aliases."""
        made = replace(self, own=own, added=added, ours=ours, separator=separator)
        object.__setattr__(made, "_shared", self._shared)
        if not own and ours == self.ours:
            object.__setattr__(made, "_placed", self._placed)
        return made

    def place(self, path: tuple[CategoryTerm, ...]) -> Ranked:
        """Cached, because thousands of entries have the same terms."""
        return self._placed(path)

    def _place(self, terms: tuple[CategoryTerm, ...]) -> Ranked:
        came = tuple(term.term or term.label for term in terms)
        names = tuple(name_of(term, ours=self.ours) for term in terms)
        is_long = any(name.is_long for name in names)
        path = _collapse(_legible(names))
        last = len(self.own) + len(self.aliases)
        if not path:
            return last, Placement(came, (), "long" if is_long else "empty")
        matching = self._shared().matching(path)
        if found := self._alias(path, matching):
            rank, taken = found
            rule = self.own[rank] if rank < len(self.own) else self.aliases[rank - len(self.own)]
            kept, _ = self._cut(path[taken:], matching[taken:])
            return rank, Placement(came, _collapse(_target(rule) + kept), "alias", rule.where)
        return last, self._unmapped(came, path, matching, is_long)

    def _alias(self, path: CategoryPath, matching: Sequence[Matching]) -> tuple[int, int] | None:
        """(rank of the first matching alias, number of levels it replaces)."""
        if self.own:
            index = self._front()
            if found := index.alias(index.matching(path)):
                return found
        found = self._shared().alias(matching)
        return (len(self.own) + found[0], found[1]) if found else None

    def _unmapped(
        self, came: tuple[str, ...], path: CategoryPath, matching: Sequence[Matching], is_long: bool
    ) -> Placement:
        kept, cutter = self._cut(path, matching)
        if cutter is None and is_long:
            cutter = LONG
        if not kept and cutter:
            return Placement(came, (), cutter.decider, cutter.where)
        if len(path) == 1 and path[0].scheme in KINDS:
            return Placement(came, (), "kind")
        if self.unmapped.decider in KEPT:
            decided_by = cutter or self.unmapped
            return Placement(came, kept, decided_by.decider, decided_by.where)
        return Placement(came, _target(self.unmapped), "unmapped", self.unmapped.where)

    def _cut(self, path: CategoryPath, matching: Sequence[Matching]) -> tuple[CategoryPath, Rule | None]:
        """`path` without dropped levels and without generic names at its end, and the last rule that cut it."""
        if not any(matching):
            return path, None
        index, end, cutter = self._shared(), len(path), None
        for level, numbers in enumerate(matching):
            if (rank := index.drop(numbers)) is not None:
                end, cutter = level, self.drop[rank]
                break
        while end and (rank := index.generic(matching[end - 1])) is not None:
            end, cutter = end - 1, self.generic[rank]
        return path[:end], cutter


def _legible(names: CategoryPath) -> CategoryPath:
    """The names before the first one that is too long, without names that fold to nothing."""
    end = len(names)
    if end == 1 and not names[0].is_long and fold_term(names[0].shown):
        return names
    end = next((level for level, name in enumerate(names) if name.is_long), end)
    return tuple(name for name in names[:end] if fold_term(name.shown))


def _target(rule: Rule) -> CategoryPath:
    return tuple(Name(level) for level in rule.target)


def _collapse(path: CategoryPath) -> CategoryPath:
    """Merges neighbors with the same name."""
    if len(path) < 2:
        return path
    return tuple(name for i, name in enumerate(path) if i == 0 or fold_term(name.shown) != fold_term(path[i - 1].shown))
