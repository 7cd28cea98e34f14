"""Groups terms by evidence, and tells which groups are sure. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from aggregator.categories.variants.abbreviations import short_forms
from aggregator.categories.variants.category_names import same_names, versions
from aggregator.categories.variants.plurals import plurals
from aggregator.categories.variants.spellings import letters, script, signs
from aggregator.categories.variants.tokens import LONGEST, form_of
from aggregator.categories.variants.typos import typos
from aggregator.categories.variants.usage import Evidence, Group, Usage

_FINDERS = (signs, plurals, script, letters, short_forms, typos, same_names, versions)


def group_variants(usages: Iterable[Usage]) -> list[Group]:
    """All groups of several terms, or of one that has the name of a deeper category, the most used first. No term is in
    two groups. The order of `usages` does not matter; their keys are unique.
    """
    known = {usage.key: usage for usage in sorted(usages, key=_rank) if len(usage.key) <= LONGEST}
    forms = [form_of(usage) for usage in known.values()]
    comparable = [form for form in forms if form.is_comparable]
    evidence = [one for find in _FINDERS for one in find(comparable)]
    sure, all_ = _Unions(), _Unions()
    for keys in _same_target(known.values()):
        for key in keys[1:]:
            sure.join(keys[0], key)
            all_.join(keys[0], key)
    for one in evidence:
        all_.join(one.one, one.other)
        if one.sure:
            sure.join(one.one, one.other)
    return sorted(_groups(known, evidence, sure, all_), key=lambda group: _rank(group.usages[0]))


def _rank(usage: Usage) -> tuple[int, str]:
    return -len(usage.entries), usage.key


def _same_target(usages: Iterable[Usage]) -> Iterable[list[str]]:
    """Keys that the config already sends to the same category."""
    by_target: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for usage in usages:
        if usage.target:
            by_target[usage.target].append(usage.key)
    return by_target.values()


def _groups(known: dict[str, Usage], evidence: Sequence[Evidence], sure: "_Unions", all_: "_Unions") -> Iterator[Group]:
    by_root: defaultdict[str, list[Evidence]] = defaultdict(list)
    for one in evidence:
        by_root[all_.root(one.one)].append(one)
    members: defaultdict[str, list[Usage]] = defaultdict(list)
    for key, usage in known.items():
        members[all_.root(key)].append(usage)
    for root, some in by_root.items():
        is_sure = len({sure.root(usage.key) for usage in members[root]}) == 1
        named = any(one.kind == "name" for one in some)
        yield Group(tuple(members[root]), tuple(some), is_sure and not named)


class _Unions:
    """Disjoint sets of keys (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def join(self, one: str, other: str) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        if low != high:
            self._above[high] = low

    def root(self, key: str) -> str:
        top = key
        while top in self._above:
            top = self._above[top]
        while key != top:
            self._above[key], key = top, self._above[key]
        return top
