"""Adds the accepted proposals of a review file to config.yaml as aliases."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from aggregator.categories import LONGEST, Rules, fold_term, key_of
from aggregator.config import Config, load_config
from aggregator.config.category_rules import alias_rules
from aggregator.config.edit_aliases import with_aliases
from aggregator.config.review_file import Proposal, UnknownKey, read_proposals
from aggregator.config.save import read_config_text, save_config
from aggregator.config.validators import split_category
from aggregator.config.yaml_lines import VARIABLE
from aggregator.errors import ConfigError
from aggregator.model.document import CategoryTerm
from aggregator.model.problems import Finding
from aggregator.term_review.targets import is_literal
from aggregator.text.normalize import legal

_SIGN = re.compile(r"[\\.^$*+?()\[\]{}|]")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`term` is "" if the whole proposal is left out; `line` of the review file.
    `categories apply --json` shows it as it is."""

    target: str
    term: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Applied:
    """`added`: category → terms that now go there. `copy` of the old config, None if nothing was added."""

    added: dict[str, tuple[str, ...]]
    left_out: tuple[LeftOut, ...]
    copy: Path | None


def apply_review(config_file: Path, review: Path) -> Applied:
    """Raises ConfigError or EditError, and changes nothing, if the review file or the config is wrong."""
    target = _Target.read(config_file)
    return _apply(target, *read_proposals(review), review)


def apply_proposals(config_file: Path, proposals: Sequence[Proposal]) -> Applied:
    """Those that are accepted. Raises what `apply_review` raises."""
    return _apply(_Target.read(config_file), proposals, (), Path())


@dataclass(frozen=True, slots=True)
class _Target:
    """The config, as it is before."""

    file: Path
    text: str
    config: Config

    @classmethod
    def read(cls, file: Path) -> Self:
        return cls(file, read_config_text(file), load_config(file))


def _apply(target: _Target, proposals: Sequence[Proposal], unknown: Sequence[UnknownKey], review: Path) -> Applied:
    if problems := list(_contradictions(proposals, review)):
        raise ConfigError(sorted(problems, key=lambda finding: finding.line))
    plan = _Plan(target.config)
    plan.left_out += map(_ignored, unknown)
    for proposal in proposals:
        plan.take(proposal)
    added = {category: tuple(terms) for category, terms in plan.added.items()}
    copy = None
    if added:
        patterns = {category: [literal(term) for term in terms] for category, terms in added.items()}
        copy = save_config(target.file, target.text, with_aliases(target.text, patterns))
    return Applied(added, tuple(sorted(plan.left_out, key=lambda one: one.line)), copy)


def literal(term: str) -> str:
    """The pattern that matches only the term: the term itself, or a regular expression if a pattern or the config would
    read it differently.
    """
    if is_literal(term) and not VARIABLE.search(term):
        return term
    escaped = _SIGN.sub(r"\\\g<0>", fold_term(term))
    return f"re:^{escaped}$"


@dataclass(slots=True)
class _Plan:
    config: Config
    added: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    left_out: list[LeftOut] = field(default_factory=list)
    rules: Rules = field(init=False)

    def __post_init__(self) -> None:
        aliases = alias_rules(self.config, self.config.categories.aliases, ("categories", "aliases"))
        self.rules = Rules(tuple(rule for _, rule in aliases))

    def take(self, proposal: Proposal) -> None:
        reason = {"no": "answered no", "?": "not answered yet"}.get(proposal.accept) or _target_problem(proposal)
        if reason:
            self.left_out.append(LeftOut(proposal.target, "", reason, proposal.line))
            return
        levels = split_category(proposal.target)
        target = self._as_written(levels)
        for one in proposal.terms:
            term = " ".join(one.term.split())
            if key_of([term]) == key_of(levels):
                continue  # the target itself goes there without an alias
            if reason := _term_problem(term) or self._mapped(term, levels):
                self.left_out.append(LeftOut(proposal.target, term, reason, one.line))
            elif fold_term(term) not in map(fold_term, self.added[target]):
                self.added[target].append(term)

    def _as_written(self, levels: Sequence[str]) -> str:
        names = (*self.config.categories.aliases, *self.added)
        same = (name for name in names if key_of(split_category(name)) == key_of(levels))
        return next(same, "/".join(levels))

    def _mapped(self, term: str, levels: Sequence[str]) -> str:
        placement = self.rules.place((CategoryTerm(term),))[1]
        if placement.decider != "alias":
            return ""
        if key_of(placement.path) == key_of(levels):
            return f"goes there already ({placement.where})"
        return f"goes to {'/'.join(name.shown for name in placement.path)} already ({placement.where})"


def _term_problem(term: str) -> str:
    if len(term) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if legal(term) != term:
        return "holds a control character, which a config cannot hold"
    return "" if fold_term(term) else "holds only characters that comparison ignores"


def _target_problem(proposal: Proposal) -> str:
    target = proposal.target
    if reason := _term_problem(" ".join(target.split())):
        return f"the target {reason}"
    if VARIABLE.search(target):
        return "the target holds `${…}`, which the config would read as an environment variable"
    if "/" in target and fold_term(target) in {fold_term(one.term) for one in proposal.terms}:
        return "the target is one of the terms, and its `/` would separate levels; write the target without `/`"
    return ""


def _contradictions(proposals: Sequence[Proposal], review: Path) -> Iterator[Finding]:
    """Terms that several proposals claim, and accepted terms that are targets of other proposals."""
    first: dict[str, int] = {}
    targets = {fold_term(one.target): i for i, one in enumerate(proposals) if one.accept == "yes"}
    for i, proposal in enumerate(proposals):
        yield from _levels(proposal, review)
        for one in proposal.terms:
            key = fold_term(one.term)
            if first.setdefault(key, i) != i:
                line = proposals[first[key]].line
                yield Finding(str(review), one.line, "", f"`{one.term}` is in the proposal in line {line}, too")
            elif proposal.accept == "yes" and targets.get(key, i) != i:
                line = proposals[targets[key]].line
                message = f"`{one.term}` is the target of the proposal in line {line}; merge the two proposals"
                yield Finding(str(review), one.line, "", message)


def _levels(proposal: Proposal, review: Path) -> Iterable[Finding]:
    try:
        split_category(proposal.target)
    except ValueError as error:
        yield Finding(str(review), proposal.line, "target", str(error))


def _ignored(unknown: UnknownKey) -> LeftOut:
    near = f"; did you mean `{unknown.near}`?" if unknown.near else ""
    return LeftOut("", "", f"unknown key `{unknown.key}`{near}", unknown.line)
