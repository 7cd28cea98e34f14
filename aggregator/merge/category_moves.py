"""A category that lost all its entries, and where they went: its old address shows the feed of the new one.

It is renamed where at least half of what it lost came into one other category, by the very terms that had led to it, or
by those that its source gives instead; else it is removed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from aggregator.categories import key_of
from aggregator.merge.category_tree import CategoryTree
from aggregator.store import CategoryRow, Transaction

Key = tuple[str, ...]
Told = Sequence[Any]  # one placement as an entry keeps it: source, names as they came, path, decider, rule


@dataclass(slots=True)
class CategoryMoves:
    """What was decided otherwise, counted over entries. `lost`: how many left a category; `gained`: where to."""

    category_tree: CategoryTree
    lost: Counter[Key] = field(default_factory=Counter)
    gained: defaultdict[Key, Counter[Key]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, before: Iterable[Told], after: Iterable[Told]) -> None:
        """The placements of one entry, as they were and as they are."""
        was, now = _ways(before), _ways(after)
        left: defaultdict[Key, set[Key]] = defaultdict(set)
        for way, old in was.items():
            instead = [key for (source, came), key in now.items() if source == way[0] and (source, came) not in was]
            for new in [now[way]] if way in now else instead or [()]:
                for above, there in _levels(old, new):
                    left[above].add(there)
        for above, places in left.items():
            self.lost[above] += 1
            self.gained[above].update(places - {()})

    def merge(self, tx: Transaction) -> None:
        """Writes down where each category went that has no entry any more."""
        emptied = {row.id: row for key in self.lost if (row := self.category_tree.find(key))}
        for id_ in emptied.keys() - tx.feed_members.inhabited(emptied):
            row = emptied[id_]
            if (to := self._successor(row)) and to.id != id_:
                self.category_tree.move(tx, row, to)

    def _successor(self, row: CategoryRow) -> CategoryRow | None:
        """Of several that took in as many, the most particular."""
        key = key_of(self.category_tree.labels(row))
        enough = ((count, there) for there, count in self.gained[key].items() if 2 * count >= self.lost[key])
        best = max(enough, key=lambda one: (one[0], len(one[1]), one[1]), default=None)
        return self.category_tree.find(best[1]) if best else None


def _ways(told: Iterable[Told]) -> dict[tuple[str, Key], Key]:
    """Where each term leads that came from each source."""
    return {(source, tuple(came)): key_of(path) for source, came, path, *_ in told}


def _levels(old: Key, new: Key) -> Iterator[tuple[Key, Key]]:
    """Each category of a path that is left, and the one that stands for it on the new path: what is below stays below
    where it can."""
    for depth in range(1, len(old) + 1):
        above, below = old[:depth], old[depth:]
        if new[:depth] == above:
            continue
        is_kept = below and new[-len(below) :] == below and len(new) > len(below)
        yield above, new[: -len(below)] if is_kept else new
