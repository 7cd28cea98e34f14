"""Where a term goes. Pure: terms and rules in, placements with their reasons out.

A term is folded for comparing, never for showing. The rules are tried in order: the source's aliases, the aliases
of all, drop, generic, unmapped. Whatever comes out remembers the rule that decided, with its file and line.

Names are never split: `/`, `-`, `,` and `、` stand inside of names that publishers give.
"""

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from aggregator.models import Term
from aggregator.normalize import fold

DECORATION = ' \u2013\u2014\u2015|"“”„«»'
# Characters that nothing shows: soft hyphen, zero-width space and joiner of words, marks of direction, byte order
# marks, and selectors of a glyph's variant. The joiners of emoji and of Persian words do show.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b\u200e\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
MOST_TERMS = 1000  # of one entry; whoever sends more wants to be everywhere
MOST_KNOWN = 20_000
DEEPEST = 20  # levels of one path; each is a category

Style = Literal["path", "flat"]
Decider = Literal["alias", "drop", "generic", "keep", "unmapped", "added", "empty", "most"]


@lru_cache(maxsize=65536)
def fold_term(term: str) -> str:
    """The form two spellings of one term share: NFKC, case, width, white space, decoration at the ends."""
    folded = fold(INVISIBLE.sub("", term)).strip(DECORATION)
    return folded.lstrip(f"#{DECORATION}") or folded


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
    _known: dict[Path, "Ranked"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def place(self, path: Path) -> "Ranked":
        """Remembered: the same terms arrive with thousands of entries, and there may be hundreds of rules to try."""
        if path not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[path] = _place(path, self)
        return self._known[path]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one arriving term (or path) went, and by which rule. An empty `path` = to no category."""

    came: tuple[str, ...]
    path: Path
    decider: Decider
    where: str = ""


Ranked = tuple[int, Placement]  # the earlier the deciding rule stands, the smaller the number


def place_terms(terms: Sequence[Term], tags: Sequence[Term], style: Style, rules: Rules) -> tuple[Placement, ...]:
    """Every term's placement, added categories last; at most `rules.most` go anywhere, one per path."""
    arriving = [tuple(terms[:DEEPEST])] if style == "path" and terms else [(term,) for term in terms[:MOST_TERMS]]
    arriving += [(tag,) for tag in tags[:MOST_TERMS]]
    ranked = [rules.place(tuple(_name(term, rules) for term in path)) for path in arriving]
    ranked += [(-1, Placement((), _target(rule), "added", rule.where)) for rule in rules.added]
    return tuple(_limit(ranked, rules.most))


def key_of(path: Iterable[Name | str]) -> tuple[str, ...]:
    """What makes two paths one category."""
    return tuple(fold_term(name if isinstance(name, str) else name.shown) for name in path)


def _name(term: Term, rules: Rules) -> Name:
    return Name(term.term or term.label, term.label, None if rules.ours else term.scheme)


def _place(path: Path, rules: Rules) -> Ranked:
    came = tuple(name.term for name in path)
    path = _collapse(tuple(name for name in path if fold_term(name.shown)))
    if not path:
        return len(rules.aliases), Placement(came, (), "empty")
    for rank, rule in enumerate(rules.aliases):
        rest = _after(rule, path)
        if rest is not None:
            kept, _ = _cut(rest, rules)
            return rank, Placement(came, _collapse(_target(rule) + kept), "alias", rule.where)
    return len(rules.aliases), _unmapped(came, path, rules)


def _unmapped(came: tuple[str, ...], path: Path, rules: Rules) -> Placement:
    kept, cutter = _cut(path, rules)
    if not kept and cutter:
        return Placement(came, (), cutter.decider, cutter.where)
    if rules.unmapped.decider == "keep":
        return Placement(came, kept, cutter.decider if cutter else "keep", (cutter or rules.unmapped).where)
    return Placement(came, _target(rules.unmapped), "unmapped", rules.unmapped.where)


def _after(rule: Rule, path: Path) -> Path | None:
    """What is left of `path` below the levels that `rule` matches; None where it does not match."""
    if rule.prefix:
        patterns = [pattern for i, pattern in enumerate(rule.patterns) if i == 0 or pattern != rule.patterns[i - 1]]
        matches = len(path) >= len(patterns) and all(map(_matches, patterns, path))
        return path[len(patterns) :] if matches else None
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
        return lambda term: any(map(expression.search, (fold_term(term), fold(term))))
    folded = fold_term(pattern)
    if not any(sign in pattern for sign in "*?["):
        return lambda term: fold_term(term) == folded
    glob = re.compile(fnmatch.translate(folded))
    return lambda term: fold_term(term) == folded or bool(glob.match(fold_term(term)))


def _target(rule: Rule) -> Path:
    return tuple(Name(level) for level in rule.target)


def _collapse(path: Path) -> Path:
    """Neighbors that are the same name are one level."""
    return tuple(name for i, name in enumerate(path) if i == 0 or fold_term(name.shown) != fold_term(path[i - 1].shown))


def _limit(ranked: Sequence[Ranked], most: int) -> Iterator[Placement]:
    """Where there are too many, what a person asked for stays: added categories, then aliases as they are written."""
    keys = [key_of(placement.path) for _, placement in ranked]
    by_rank = sorted((rank, i) for i, (rank, _) in enumerate(ranked) if keys[i])
    allowed = set(list(dict.fromkeys(keys[i] for _, i in by_rank))[:most])
    for key, (_, placement) in zip(keys, ranked, strict=True):
        yield placement if not key or key in allowed else replace(placement, path=(), decider="most")
