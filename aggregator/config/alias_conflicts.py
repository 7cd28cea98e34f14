"""Conflicting aliases: two lines that send the same term, or a category itself, to different categories."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.categories import Rule, Rules, key_of
from aggregator.categories.patterns import pattern_key
from aggregator.config.category_rules import RuleBook, alias_rules
from aggregator.config.model import Config
from aggregator.config.yaml_lines import Keys
from aggregator.model.document import CategoryTerm

Issue = tuple[Keys, str]  # where, and what is wrong
Table = Sequence[tuple[Keys, Rule]]
Key = tuple[str, ...]


def alias_conflicts(config: Config) -> Iterator[Issue]:
    """Conflicts among the shared aliases, then among each source's own, which are tried before the shared ones."""
    aliases = config.categories.aliases
    table = list(alias_rules(config, aliases, ("categories", "aliases")))
    rules = _as_written(config)
    yield from _duplicates(table)
    yield from _Redirections(rules, table).issues(table)
    for i, source in enumerate(config.sources):
        if source.aliases:
            own = list(alias_rules(config, source.aliases, ("sources", i, "aliases")))
            own_rules = rules.of_source(tuple(rule for _, rule in own), (), ours=True, separator="")
            yield from _duplicates(own)
            yield from _Redirections(own_rules, [*own, *table]).issues(own)


def _as_written(config: Config) -> Rules:
    """The rules without the defaults of `drop` and `generic`: a category may have a name that they cut."""
    shared, written = RuleBook(config).shared, config.categories.model_fields_set
    return Rules(
        shared.aliases,
        shared.drop if "drop" in written else (),
        shared.generic if "generic" in written else (),
        ours=True,
    )


def _duplicates(table: Table) -> Iterator[Issue]:
    """Patterns that stand under two categories: the second one never applies."""
    seen: dict[tuple[bool, Key], Rule] = {}
    for keys, rule in table:
        first = seen.setdefault((rule.prefix, tuple(map(pattern_key, rule.patterns))), rule)
        if key_of(first.target) != key_of(rule.target):
            yield keys, f"{_pattern(rule)} already goes to {_path(first)} in {_line(first)}; remove one of the two"


@dataclass(frozen=True, slots=True)
class _Redirected:
    """`target` is the first rule that leads to a category; `rule` at `keys` sends that category elsewhere."""

    target: Rule
    keys: Keys
    rule: Rule


@dataclass(frozen=True, slots=True)
class _Redirections:
    """`rules`, and their aliases in the order in which they are tried."""

    rules: Rules
    aliases: Table

    def issues(self, table: Table) -> Iterator[Issue]:
        """Those of the categories that `table` leads to."""
        targets: dict[Key, Rule] = {}
        for _, rule in table:
            targets.setdefault(key_of(rule.target), rule)
        redirected = {key: found for key, rule in targets.items() if (found := self._redirected(rule))}
        reported: set[Key] = set()
        for key, one in redirected.items():
            cycle = _cycle(key, redirected)
            if not reported.intersection(cycle):
                yield one.keys, _cycle_message(cycle, redirected) if cycle else _message(one)
            reported.update(cycle)

    def _redirected(self, target: Rule) -> _Redirected | None:
        path = tuple(map(CategoryTerm, target.target))
        rank, placement = self.rules.place(path)
        if placement.decider == "alias" and key_of(placement.path) != key_of(target.target):
            return _Redirected(target, *self.aliases[rank])
        if placement.decider not in {"drop", "generic"}:
            return None
        cutting = self.rules.drop if placement.decider == "drop" else self.rules.generic
        return next(
            _Redirected(target, ("categories", rule.decider, n), rule)
            for n, rule in enumerate(cutting)
            if Rules((rule,)).place(path)[1].decider == "alias"
        )


def _cycle(start: Key, redirected: Mapping[Key, _Redirected]) -> list[Key]:
    """The categories of the cycle through `start`; empty if there is none."""
    cycle = [start]
    while (key := key_of(redirected[cycle[-1]].rule.target)) in redirected and key not in cycle:
        cycle.append(key)
    return cycle if key == start else []


def _cycle_message(cycle: Sequence[Key], redirected: Mapping[Key, _Redirected]) -> str:
    steps = [redirected[key] for key in cycle]
    ways = [f"{_path(step.target)} goes to {_path(step.rule)} by {_pattern(step.rule)}" for step in steps]
    lines = ["", *(f" in {_line(step.rule)}" for step in steps[1:])]
    links = ", and ".join(f"{way}{line}" for way, line in zip(ways, lines, strict=True))
    return f"the aliases form a cycle: {links}; keep one of them as the category"


def _message(one: _Redirected) -> str:
    category, line = _path(one.target), _line(one.target)
    if one.rule.decider == "alias":
        problem = f"also matches {category}, the category of {line}, and sends it to {_path(one.rule)}"
        return f"{_pattern(one.rule)} {problem}; remove the pattern, or let {line} lead to {_path(one.rule)}"
    return f"{_pattern(one.rule)} removes {category}, the category of {line}; remove the pattern or rename the category"


def _pattern(rule: Rule) -> str:
    written = ", ".join(rule.patterns)
    return f"`[{written}]`" if rule.prefix else f"`{written}`"


def _path(rule: Rule) -> str:
    return "/".join(rule.target)


def _line(rule: Rule) -> str:
    return f"line {rule.where.rpartition(':')[2]}"
