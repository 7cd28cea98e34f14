"""What terms arrive, how many entries they come with, where they go and by which rule."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from aggregator.app import App
from aggregator.categories import fold_term, key_of
from aggregator.categories.names import readable
from aggregator.merge.category_tree import CategoryTree
from aggregator.store import Arrived
from aggregator.term_review.examples import Examples

UNMAPPED = frozenset({"keep", "unmapped"})
Folded = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arriving:
    """One way of one term; a path is one term. `term`: its most frequent spelling; `count` of entries; `category`:
    where it goes, as feeds show it, None where to none; `rule`: file and line.
    """

    term: str
    sources: tuple[str, ...]
    count: int
    category: tuple[str, ...] | None
    rule: str
    decider: str
    examples: tuple[str, ...]


@dataclass(slots=True)
class _Way:
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


def arriving_terms(app: App, *, unmapped: bool = False) -> list[Arriving]:
    """The most frequent first. `unmapped`: those alone that no rule maps."""
    with app.store.read() as tx:
        ways = [(term, way) for term, way in _ways(tx.terms.arrived()) if not unmapped or way.decider in UNMAPPED]
        examples, category_tree = Examples(tx, (way.entries for _, way in ways)), CategoryTree(tx)
    ways.sort(key=lambda one: (-len(one[1].entries), one[0], one[1].rule, one[1].decider))
    return [_arriving(way, examples, category_tree) for _, way in ways]


def _ways(arrived: Iterable[Arrived]) -> Iterator[tuple[Folded, _Way]]:
    """A term that was one too many for an entry is counted with its usual way, where it has one."""
    found: defaultdict[Folded, dict[tuple[object, ...], _Way]] = defaultdict(dict)
    too_many: list[tuple[Folded, Arrived]] = []
    for one in arrived:
        term = tuple(fold_term(readable(name)) for name in one.came)
        if one.decider == "most":
            too_many.append((term, one))
        else:
            key = (key_of(one.path), one.decider, one.where)
            found[term].setdefault(key, _Way(one.decider, one.where)).take(one)
    for term, one in too_many:
        usual = [way for way in found[term].values() if way.rule == one.where and way.decider != "drop"]
        way = usual[0] if usual else found[term].setdefault(("most", one.where), _Way("most", one.where))
        way.take(one)
    return ((term, way) for term, ways in found.items() for way in ways.values())


def _arriving(way: _Way, examples: Examples, category_tree: CategoryTree) -> Arriving:
    path = _most_frequent([(path, count) for path, count in way.paths.items() if path])
    category = category_tree.find(key_of(path)) if path else None
    return Arriving(
        term=" › ".join(_most_frequent(list(way.names.items())) or ()),
        sources=tuple(sorted(way.sources)),
        count=len(way.entries),
        category=category_tree.labels(category) if category else path,
        rule=way.rule,
        decider=way.decider,
        examples=examples.of(list(way.entries)),
    )


def _most_frequent(counted: Sequence[tuple[tuple[str, ...], int]]) -> tuple[str, ...] | None:
    return min(counted, key=lambda one: (-one[1], one[0]))[0] if counted else None
