"""Finds where the entries of an emptied category went: its old address then shows the feed of the new category.

The category was renamed where at least half of the entries that it lost are in one other category now, by the same
terms or by those that their source gives instead. Else it was removed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from aggregator.categories import key_of
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.category_trace import CategoryTrace
from aggregator.store import CategoryRow, Transaction

Key = tuple[str, ...]


@dataclass(slots=True)
class CategoryMoves:
    """Changed placements, in counts of entries. `lost`: those that left a category; `gained`: their new categories."""

    category_tree: CategoryTree
    lost: Counter[Key] = field(default_factory=Counter)
    gained: defaultdict[Key, Counter[Key]] = field(default_factory=lambda: defaultdict(Counter))

    def record(self, before: Iterable[CategoryTrace], after: Iterable[CategoryTrace]) -> None:
        """Counts one entry's placements, as they were and as they are."""
        was, now = _paths_by_term(before), _paths_by_term(after)
        left: defaultdict[Key, set[Key]] = defaultdict(set)
        for term, old in was.items():
            instead = [key for (source, came), key in now.items() if source == term[0] and (source, came) not in was]
            for new in [now[term]] if term in now else instead or [()]:
                for above, there in _levels(old, new):
                    left[above].add(there)
        for above, places in left.items():
            self.lost[above] += 1
            self.gained[above].update(places - {()})

    def store(self, tx: Transaction) -> None:
        """Stores the successor of each category that has no entry any more."""
        emptied = {row.id: row for key in self.lost if (row := self.category_tree.find(key))}
        for id_ in emptied.keys() - tx.feed_members.inhabited(emptied):
            row = emptied[id_]
            if (to := self._successor(row)) and to.id != id_:
                self.category_tree.move(tx, row, to)

    def _successor(self, row: CategoryRow) -> CategoryRow | None:
        """The category that gained most of its entries; of equals the deepest."""
        key = key_of(self.category_tree.labels(row))
        enough = ((count, there) for there, count in self.gained[key].items() if 2 * count >= self.lost[key])
        best = max(enough, key=lambda one: (one[0], len(one[1]), one[1]), default=None)
        return self.category_tree.find(best[1]) if best else None


def _paths_by_term(traces: Iterable[CategoryTrace]) -> dict[tuple[str, Key], Key]:
    """The path that each (source, term) leads to."""
    return {(trace.source_id, trace.came): key_of(trace.path) for trace in traces}


def _levels(old: Key, new: Key) -> Iterator[tuple[Key, Key]]:
    """Each category of the old path that the new one does not share, with its successor: the part of the new path
    above the same lower levels where these were kept, else all of it."""
    for depth in range(1, len(old) + 1):
        above, below = old[:depth], old[depth:]
        if new[:depth] == above:
            continue
        is_kept = below and new[-len(below) :] == below and len(new) > len(below)
        yield above, new[: -len(below)] if is_kept else new
