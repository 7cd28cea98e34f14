"""Aliases that contradict each other: what one line sends to a category, another must not send elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.categories import Rule, Rules, key_of
from aggregator.categories.patterns import same
from aggregator.config.category_rules import RuleBook, alias_rules
from aggregator.config.model import Config
from aggregator.config.yaml_lines import Keys
from aggregator.model.entry import CategoryTerm

Complaint = tuple[Keys, str]
Table = Sequence[tuple[Keys, Rule]]
Key = tuple[str, ...]


def contradictions(config: Config) -> Iterator[Complaint]:
    """Of the aliases of all, and of each source's own, which are tried before these."""
    aliases = config.categories.aliases
    table = list(alias_rules(config, aliases, ("categories", "aliases")))
    rules = _as_written(config)
    yield from _twice(table)
    yield from _Catching(rules, table).complaints(table)
    for i, source in enumerate(config.sources):
        if source.aliases:
            own = list(alias_rules(config, source.aliases, ("sources", i, "aliases")))
            its = rules.of_source(tuple(rule for _, rule in own), (), ours=True, separator="")
            yield from _twice(own)
            yield from _Catching(its, [*own, *table]).complaints(own)


def _as_written(config: Config) -> Rules:
    """What cuts by default does not forbid a category that is named so."""
    shared, written = RuleBook(config).shared, config.categories.model_fields_set
    return Rules(
        shared.aliases,
        shared.drop if "drop" in written else (),
        shared.generic if "generic" in written else (),
        ours=True,
    )


def _twice(table: Table) -> Iterator[Complaint]:
    """A pattern that stands under two categories: the second never decides."""
    seen: dict[tuple[bool, Key], Rule] = {}
    for keys, rule in table:
        first = seen.setdefault((rule.prefix, tuple(map(same, rule.patterns))), rule)
        if key_of(first.target) != key_of(rule.target):
            yield keys, f"{_pattern(rule)} goes to {_path(first)} by the one in {_line(first)}; keep one of the two"


@dataclass(frozen=True, slots=True)
class _Caught:
    """`target` is the first rule that leads to a category, which `keys` and `rule` send elsewhere."""

    target: Rule
    keys: Keys
    rule: Rule


@dataclass(frozen=True, slots=True)
class _Catching:
    """`rules`, and the aliases among them in the order in which they are tried."""

    rules: Rules
    aliases: Table

    def complaints(self, table: Table) -> Iterator[Complaint]:
        """About the categories that `table` leads to."""
        targets: dict[Key, Rule] = {}
        for _, rule in table:
            targets.setdefault(key_of(rule.target), rule)
        caught = {key: found for key, rule in targets.items() if (found := self._caught(rule))}
        told: set[Key] = set()
        for key, one in caught.items():
            circle = _circle(key, caught)
            if not told.intersection(circle):
                yield one.keys, _around(circle, caught) if circle else _elsewhere(one)
            told.update(circle)

    def _caught(self, target: Rule) -> _Caught | None:
        path = tuple(map(CategoryTerm, target.target))
        rank, placement = self.rules.place(path)
        if placement.decider == "alias" and key_of(placement.path) != key_of(target.target):
            return _Caught(target, *self.aliases[rank])
        if placement.decider not in {"drop", "generic"}:
            return None
        cutting = self.rules.drop if placement.decider == "drop" else self.rules.generic
        return next(
            _Caught(target, ("categories", rule.decider, n), rule)
            for n, rule in enumerate(cutting)
            if Rules((rule,)).place(path)[1].decider == "alias"
        )


def _circle(start: Key, caught: Mapping[Key, _Caught]) -> list[Key]:
    """The categories from `start` until it comes round to itself; none where it does not."""
    circle = [start]
    while (key := key_of(caught[circle[-1]].rule.target)) in caught and key not in circle:
        circle.append(key)
    return circle if key == start else []


def _around(circle: Sequence[Key], caught: Mapping[Key, _Caught]) -> str:
    steps = [caught[key] for key in circle]
    ways = [f"{_path(step.target)} goes to {_path(step.rule)} by {_pattern(step.rule)}" for step in steps]
    lines = ["", *(f" in {_line(step.rule)}" for step in steps[1:])]
    told = ", and ".join(f"{way}{line}" for way, line in zip(ways, lines, strict=True))
    return f"a circle: {told}; keep one of them as the category"


def _elsewhere(one: _Caught) -> str:
    category, line = _path(one.target), _line(one.target)
    if one.rule.decider == "alias":
        way = f"takes {category}, too, the category of {line}, and sends it to {_path(one.rule)}"
        return f"{_pattern(one.rule)} {way}; leave it out, or let {line} lead to {_path(one.rule)}"
    return f"{_pattern(one.rule)} cuts {category}, the category of {line}; leave it out, or give that another name"


def _pattern(rule: Rule) -> str:
    written = ", ".join(rule.patterns)
    return f"`[{written}]`" if rule.prefix else f"`{written}`"


def _path(rule: Rule) -> str:
    return "/".join(rule.target)


def _line(rule: Rule) -> str:
    return f"line {rule.where.rpartition(':')[2]}"
