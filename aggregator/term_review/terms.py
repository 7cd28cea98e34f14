"""The terms that arrive: how many entries have them, where they go and by which rule."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from aggregator.app import App
from aggregator.categories import UNMAPPED, fold_term, key_of
from aggregator.categories.names import readable
from aggregator.merge.category_tree import CategoryTree
from aggregator.store import Arrived
from aggregator.term_review.examples import Examples

Folded = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArrivingTerm:
    """One route of one term; a path is one term. `term`: its most frequent spelling; `count` of entries;
    `category`: where it goes, as feeds show it, None if nowhere; `rule`: file and line.
    `categories --json` shows it as it is.
    """

    term: str
    sources: tuple[str, ...]
    count: int
    category: tuple[str, ...] | None
    rule: str
    examples: tuple[str, ...]
    decider: str


@dataclass(slots=True)
class _Route:
    decider: str
    rule: str
    names: Counter[tuple[str, ...]] = field(default_factory=Counter)
    paths: Counter[tuple[str, ...]] = field(default_factory=Counter)
    entries: dict[int, None] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)

    def take(self, one: Arrived) -> None:
        self.names[tuple(map(readable, one.came))] += len(one.entries)
        self.paths[one.path] += len(one.entries)
        self.entries |= dict.fromkeys(one.entries)
        self.sources.add(one.source_id)


def arriving_terms(app: App, *, unmapped: bool = False) -> list[ArrivingTerm]:
    """The most frequent first. `unmapped`: only terms that no rule maps."""
    with app.store.read() as tx:
        routes = [
            (term, route) for term, route in _routes(tx.terms.arrived()) if not unmapped or route.decider in UNMAPPED
        ]
        examples, category_tree = Examples(tx, (route.entries for _, route in routes)), CategoryTree(tx)
    routes.sort(key=lambda one: (-len(one[1].entries), one[0], one[1].rule, one[1].decider))
    return [_arriving(route, examples, category_tree) for _, route in routes]


def _routes(arrived: Iterable[Arrived]) -> Iterator[tuple[Folded, _Route]]:
    """The routes of each term. A term beyond the limit of an entry counts for its usual route, if it has one."""
    found: defaultdict[Folded, dict[tuple[object, ...], _Route]] = defaultdict(dict)
    too_many: list[tuple[Folded, Arrived]] = []
    for one in arrived:
        term = tuple(fold_term(readable(name)) for name in one.came)
        if one.decider == "most":
            too_many.append((term, one))
        else:
            key = (key_of(one.path), one.decider, one.where)
            found[term].setdefault(key, _Route(one.decider, one.where)).take(one)
    for term, one in too_many:
        usual = [route for route in found[term].values() if route.rule == one.where and route.decider != "drop"]
        route = usual[0] if usual else found[term].setdefault(("most", one.where), _Route("most", one.where))
        route.take(one)
    return ((term, route) for term, routes in found.items() for route in routes.values())


def _arriving(route: _Route, examples: Examples, category_tree: CategoryTree) -> ArrivingTerm:
    path = _most_frequent([(path, count) for path, count in route.paths.items() if path])
    category = category_tree.find(key_of(path)) if path else None
    return ArrivingTerm(
        term=" › ".join(_most_frequent(list(route.names.items())) or ()),
        sources=tuple(sorted(route.sources)),
        count=len(route.entries),
        category=category_tree.labels(category) if category else path,
        rule=route.rule,
        examples=examples.of(list(route.entries)),
        decider=route.decider,
    )


def _most_frequent(counted: Sequence[tuple[tuple[str, ...], int]]) -> tuple[str, ...] | None:
    return min(counted, key=lambda one: (-one[1], one[0]))[0] if counted else None
