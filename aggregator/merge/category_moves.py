"""Finds where the entries of a category went: its old address then shows the feed of that category.

Each entry that leaves a category with an address is remembered with the categories that its terms lead to instead, as
long as it stays away. So an address follows its own entries through any chain of renames, merges and splits, and over
any number of runs: the category was renamed where at least half of its entries are in one other category. A rename that
holds goes on after a split, while some of the entries stay there. Otherwise the category was removed.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aggregator.categories import key_of
from aggregator.merge.category_tree import CategoryTree
from aggregator.merge.placement import PlacedCategories
from aggregator.model.category_trace import CategoryTrace
from aggregator.store import CategoryRow, Transaction
from aggregator.store.departures import NOWHERE, Departure

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A change of an entry's categories. `left`: each category that it is not in any more, and where its terms lead
    instead; `placed`: where it is now; `entered`: those of them where it was not; `appeared`: those to which terms lead
    that led nowhere."""

    left: Mapping[int, frozenset[int]]
    placed: frozenset[int] = frozenset()
    entered: frozenset[int] = frozenset()
    appeared: frozenset[int] = frozenset()

    def departures(self, before: Iterable[Departure], addresses: Container[int]) -> set[Departure]:
        """All departures of the entry after the move. Those `before` it end where the entry is back, and go on from the
        place that it went to; while it is nowhere, they keep its last place. `addresses`: the categories that have an
        address; departures from others mean nothing."""
        away = (one for one in before if one[0] not in self.placed)
        going_on = {(category_id, place) for category_id, to_id in away for place in self._places_after(to_id)}
        left = ((id_, places) for id_, places in self.left.items() if id_ in addresses)
        return going_on | {(id_, place) for id_, places in left for place in places or (NOWHERE,)}

    def _places_after(self, to_id: int) -> Iterable[int]:
        if to_id in self.placed:
            return (to_id,)
        return self.left.get(to_id, self.appeared) or (to_id,)

    def touches(self, departures: Iterable[Departure]) -> set[int]:
        """The categories that the entry left for one that it leaves or enters now."""
        return {category_id for category_id, to_id in departures if to_id in self.left or to_id in self.entered}


@dataclass(slots=True)
class CategoryMoves:
    """The moves of entries that are decided together. `_touched`: categories whose address may lead elsewhere now."""

    category_tree: CategoryTree
    _moves: dict[int, Move] = field(default_factory=dict)
    _touched: set[int] = field(default_factory=set)

    def record(
        self,
        entry_id: int,
        placed: tuple[PlacedCategories, PlacedCategories],
        traces: tuple[Iterable[CategoryTrace], Iterable[CategoryTrace]],
    ) -> None:
        """Remembers an entry whose categories changed. `placed` and `traces`: before and after. What no trace explains,
        as after a recovery from the tree, is no move."""
        was, now = placed
        if was.keys() == now.keys():
            return
        to = {old: frozenset(map(self._id, new)) & now.keys() for old, new in successors(*traces).items()}
        appeared = to.pop((), frozenset())
        left = {id_: new for old, new in to.items() if (id_ := self._id(old)) in was.keys() - now.keys()}
        self._moves[entry_id] = Move(left, frozenset(now), frozenset(now.keys() - was.keys()), appeared)

    def enter(self, placed: Iterable[int]) -> None:
        """Remembers where an entry is that was nowhere before."""
        self._touched |= {id_ for id_ in placed if self.category_tree.by_id[id_].moved_to is not None}

    def store_departures(self, tx: Transaction) -> None:
        """Stores what was recorded since the last call. Call it after new categories were stored."""
        if not self._moves:
            return
        known, addresses = tx.departures.of(self._moves), tx.feeds.categories()
        before = {entry_id: known.get(entry_id, set()) for entry_id in self._moves}
        after = {entry_id: move.departures(before[entry_id], addresses) for entry_id, move in self._moves.items()}
        tx.departures.replace(before, after)
        for entry_id, move in self._moves.items():
            self._touched |= {category_id for category_id, _ in before[entry_id] ^ after[entry_id]}
            self._touched |= move.touches(before[entry_id] | after[entry_id])
            self.enter(move.placed)
        self._moves.clear()

    def store(self, tx: Transaction) -> None:
        """Stores where the address of each category leads that its entries left or came back to."""
        for id_ in sorted(self._touched):
            row = self.category_tree.by_id[id_]
            self.category_tree.move(tx, row, self._successor(tx, row))

    def _successor(self, tx: Transaction, row: CategoryRow) -> int | None:
        """The category that has most of its entries, at least half of all; of equals the deepest. Else the one that its
        address leads to already, while it has some of them and the category itself has none."""
        tally = tx.departures.tally(row.id)
        members = tx.departures.members(row.id) if tally else 0
        total = members + tx.departures.departed(row.id) if tally else 0
        enough = [(count, self.category_tree.by_id[id_]) for id_, count in tally.items() if 2 * count >= total]
        if enough:
            return max(enough, key=lambda one: (one[0], one[1].depth, self.category_tree.key_of(one[1])))[1].id
        return row.moved_to if row.moved_to in tally and not members else None

    def _id(self, key: Key) -> int:
        row = self.category_tree.find(key)
        return row.id if row else NOWHERE


def successors(before: Iterable[CategoryTrace], after: Iterable[CategoryTrace]) -> dict[Key, set[Key]]:
    """For each category that a term of an entry does not lead to any more: where it leads instead, or where the terms
    lead that its source gives instead. Under (): where the terms lead that led nowhere."""
    was, now = _paths_by_term(before), _paths_by_term(after)
    left: defaultdict[Key, set[Key]] = defaultdict(set)
    for term, old in was.items():
        instead = [key for (source, came), key in now.items() if source == term[0] and (source, came) not in was]
        for new in [now[term]] if term in now else instead or [()]:
            for above, there in _levels(old, new) if old else [((), new)] * bool(new):
                left[above] |= {there} - {()}
    return left


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
