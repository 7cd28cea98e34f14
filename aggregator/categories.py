"""Where a term goes (CONTRACT section 5). Pure: terms and rules in, placements with their reasons out.

A term is folded for comparing, never for showing. The rules are tried in order: the source's aliases, the aliases
of all, drop, generic, unmapped. Whatever comes out remembers the rule that decided, with its file and line.
"""

import fnmatch
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from aggregator.models import Term

DECORATION = ' \t\r\n\u00a0\u2013\u2014\u2015|"“”„«»'

Style = Literal["path", "flat"]
Decider = Literal["alias", "drop", "generic", "keep", "unmapped", "added", "empty", "most"]


@lru_cache(maxsize=65536)
def fold_term(term: str) -> str:
    """The form two spellings of one term share: NFKC, case, width, white space, decoration at the ends."""
    folded = unicodedata.normalize("NFKC", term).casefold()
    folded = " ".join(folded.split()).strip(DECORATION)
    return folded.lstrip("#").strip(DECORATION) or folded


@dataclass(frozen=True, slots=True)
class Name:
    """One level of a path: `term` as it stands, `label` to show; `scheme` None where the vocabulary is ours."""

    term: str
    label: str = ""
    scheme: str | None = None

    @property
    def shown(self) -> str:
        return self.label or self.term


Path = tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of config. `patterns`: one for a term or level, several for the prefix of a path."""

    decider: Decider
    patterns: tuple[str, ...]
    target: tuple[str, ...] = ()
    where: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """All that decides for one source, in the order in which it is tried."""

    aliases: tuple[Rule, ...] = ()
    drop: tuple[Rule, ...] = ()
    generic: tuple[Rule, ...] = ()
    unmapped: Rule = Rule("keep", ())
    added: tuple[Rule, ...] = ()
    most: int = 20
    ours: bool = False  # the terms that arrive are our own vocabulary (local posts)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one arriving term (or path) went, and by which rule. An empty `path` = to no category."""

    came: tuple[str, ...]
    path: Path
    decider: Decider
    where: str = ""


def place_terms(terms: Sequence[Term], tags: Sequence[Term], style: Style, rules: Rules) -> tuple[Placement, ...]:
    """Every term's placement, added categories last; at most `rules.most` go anywhere, one per path."""
    arriving = [tuple(terms)] if style == "path" and terms else [(term,) for term in terms]
    arriving += [(tag,) for tag in tags]
    placements = [_place(tuple(_name(term, rules) for term in path), rules) for path in arriving]
    placements += [Placement((), _target(rule), "added", rule.where) for rule in rules.added]
    return tuple(_limit(placements, rules.most))


def key_of(path: Iterable[Name | str]) -> tuple[str, ...]:
    """What makes two paths one category."""
    return tuple(fold_term(name if isinstance(name, str) else name.shown) for name in path)


def _name(term: Term, rules: Rules) -> Name:
    return Name(term.term or term.label, term.label, None if rules.ours else term.scheme)


def _place(path: Path, rules: Rules) -> Placement:
    came = tuple(name.term for name in path)
    path = _collapse(tuple(name for name in path if fold_term(name.shown)))
    if not path:
        return Placement(came, (), "empty")
    for rule in rules.aliases:
        rest = _after(rule, path)
        if rest is not None:
            kept, _ = _cut(rest, rules)
            return Placement(came, _collapse(_target(rule) + kept), "alias", rule.where)
    kept, cutter = _cut(path, rules)
    if not kept and cutter:
        return Placement(came, (), cutter.decider, cutter.where)
    if rules.unmapped.decider == "keep":
        return Placement(came, kept, cutter.decider if cutter else "keep", (cutter or rules.unmapped).where)
    return Placement(came, _target(rules.unmapped), "unmapped", rules.unmapped.where)


def _after(rule: Rule, path: Path) -> Path | None:
    """What is left of `path` below the levels that `rule` matches; None where it does not match."""
    if rule.prefix:
        size = len(rule.patterns)
        matches = len(path) >= size and all(map(_matches, rule.patterns, path))
        return path[size:] if matches else None
    found = next((i for i, name in enumerate(path) if _matches(rule.patterns[0], name)), None)
    return None if found is None else path[found + 1 :]


def _cut(path: Path, rules: Rules) -> tuple[Path, Rule | None]:
    """`path` without what is dropped and without generic names at its end, and the rule that cut last."""
    cutter = None
    for i, name in enumerate(path):
        if rule := _first(rules.drop, name):
            path, cutter = path[:i], rule
            break
    while path and (rule := _first(rules.generic, path[-1])):
        path, cutter = path[:-1], rule
    return path, cutter


def _first(rules: Iterable[Rule], name: Name) -> Rule | None:
    return next((rule for rule in rules if _matches(rule.patterns[0], name)), None)


def _matches(pattern: str, name: Name) -> bool:
    test = _matcher(pattern)
    return test(name.term) or (bool(name.label) and test(name.label))


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], bool]:
    if pattern.startswith("re:"):
        expression = re.compile(pattern[3:], re.IGNORECASE)
        return lambda term: bool(expression.search(" ".join(unicodedata.normalize("NFKC", term).split())))
    folded = fold_term(pattern)
    if any(sign in folded for sign in "*?["):
        glob = re.compile(fnmatch.translate(folded))
        return lambda term: fold_term(term) == folded or bool(glob.match(fold_term(term)))
    return lambda term: fold_term(term) == folded


def _target(rule: Rule) -> Path:
    return tuple(Name(level) for level in rule.target)


def _collapse(path: Path) -> Path:
    """Neighbors that are the same name are one level."""
    return tuple(name for i, name in enumerate(path) if i == 0 or fold_term(name.shown) != fold_term(path[i - 1].shown))


def _limit(placements: Iterable[Placement], most: int) -> Iterable[Placement]:
    seen: set[tuple[str, ...]] = set()
    for placement in placements:
        key = key_of(placement.path)
        if not key or key in seen:
            yield placement
        elif len(seen) < most:
            seen.add(key)
            yield placement
        else:
            yield replace(placement, path=(), decider="most")
