"""Proposals: which unmapped terms may be the same, as each other or as a category that the config names."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from aggregator.app import App
from aggregator.categories import KEPT, LONGEST, UNMAPPED, fold_term, key_of
from aggregator.categories.names import readable
from aggregator.categories.variants import Group, Usage, best_name, group_variants
from aggregator.config.review_file import Proposal, ProposedTerm
from aggregator.model.document import CategoryTerm
from aggregator.settings import SourcePolicy, source_policy
from aggregator.store import Arrived
from aggregator.term_review.examples import Examples
from aggregator.term_review.targets import Target, targets


@dataclass(slots=True)
class _TermUse:
    names: Counter[str] = field(default_factory=Counter)
    entries: dict[int, None] = field(default_factory=dict)  # the newest first
    sources: set[str] = field(default_factory=set)


def propose(app: App) -> list[Proposal]:
    """The most used first. Only the first level of a path counts, since lower levels depend on it."""
    known = targets(app.config)
    with app.store.read() as tx:
        uses = _uses(app, tx.terms.arrived())
        drafts = [
            (group, proposal)
            for group in group_variants(_usages(uses, known))
            if (proposal := _proposal(group, known)) is not None
        ]
        shown = [_newest(group, uses) for group, _ in drafts]
        examples = Examples(tx, shown)
    return [
        replace(proposal, examples=examples.of(entries)) for (_, proposal), entries in zip(drafts, shown, strict=True)
    ]


def _uses(app: App, arrived: Iterable[Arrived]) -> dict[str, _TermUse]:
    """Folded name → its use, for names that no rule of the current config maps."""
    uses: defaultdict[str, _TermUse] = defaultdict(_TermUse)
    rules = _CurrentRules(app)
    inner: set[str] = set()
    for one in arrived:
        inner.update(fold_term(readable(name)) for name in one.came[1:])
        name = _name(one)
        if name and len(name) <= LONGEST and not rules.maps(one.source_id, name):
            use = uses[fold_term(name)]
            use.names[name] += len(one.entries)
            use.entries |= dict.fromkeys(one.entries)
            use.sources.add(one.source_id)
    # an alias would take inner levels out of their paths
    return {key: use for key, use in uses.items() if key not in inner}


class _CurrentRules:
    """Which names the current config maps. All sources without aliases of their own share the answers."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._own = {source.id for source in app.sources if source.aliases}
        self._policies: dict[str, SourcePolicy] = {}
        self._known: dict[tuple[str, str], bool] = {}

    def maps(self, source_id: str, name: str) -> bool:
        key = source_id if source_id in self._own else "", name
        if key not in self._known:
            if key[0] not in self._policies:
                self._policies[key[0]] = source_policy(self._app.rules, source_id)
            decider = self._policies[key[0]].rules.place((CategoryTerm(name),))[1].decider
            self._known[key] = decider not in UNMAPPED
        return self._known[key]


def _name(one: Arrived) -> str:
    """The name that an alias must match: the shown name, which may be the label of the term."""
    if len(one.came) > 1 and one.decider == "alias":
        return ""
    return one.path[0] if one.decider in KEPT and one.path else readable(one.came[0])


def _usages(uses: dict[str, _TermUse], known: dict[str, Target]) -> Iterator[Usage]:
    for key in uses.keys() | known.keys():
        use, target = uses.get(key), known.get(key)
        path = target.path if target else ()
        if use is not None:
            names = tuple(name for name, _ in sorted(use.names.items(), key=lambda one: (-one[1], one[0])))
            yield Usage(key, names, frozenset(use.entries), frozenset(use.sources), path)
        elif target is not None:
            yield Usage(key, (target.name,), target=path)


def _proposal(group: Group, known: dict[str, Target]) -> Proposal | None:
    used = [usage for usage in group.usages if usage.entries]
    found = sorted({known[usage.key] for usage in group.usages if usage.key in known}, key=lambda one: one.place)
    target = "/".join(found[0].path) if found else best_name(used)
    levels = found[0].path if found else (target,)
    if not target or not any(key_of([usage.key]) != key_of(levels) for usage in used):
        return None
    is_sure = group.sure and len({one.path for one in found}) < 2
    return Proposal(
        target=target,
        terms=tuple(ProposedTerm(usage.name, len(usage.entries), len(usage.sources)) for usage in used),
        accept="yes" if is_sure else "?",
        evidence=tuple(dict.fromkeys(one.words for one in group.evidence)),
    )


def _newest(group: Group, uses: dict[str, _TermUse]) -> Sequence[int]:
    """Entry ids, taken from each term in turn."""
    lists = [list(uses[usage.key].entries) for usage in group.usages if usage.key in uses]
    turns = (entries[i] for i in range(max(map(len, lists), default=0)) for entries in lists if i < len(entries))
    return list(dict.fromkeys(turns))
