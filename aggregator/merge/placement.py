"""Places an entry in categories by the terms of its sightings, and traces each term with its rule."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aggregator.categories import Placement, key_of, place_terms
from aggregator.codec import pack, unpack
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.category_trace import CategoryTrace
from aggregator.model.entry import CleanEntry, Terms
from aggregator.settings import SourcePolicy
from aggregator.store import CategoryRow, SightingSummary, Transaction
from aggregator.store.entry_content import clean_drafts

# By category: its place among the entry's (None for those above them), and the terms of its path.
PlacedCategories = dict[int, tuple[int | None, Any]]
Policies = Mapping[str, SourcePolicy]


class Cleans:
    """Clean drafts by number of their sighting, read on first use; one query reads all that are `needed`."""

    def __init__(self, tx: Transaction, needed: Iterable[int] = ()) -> None:
        self._tx = tx
        self._read = {one.sighting_id: one for one in tx.retention.contents(needed)}
        self._known: dict[int, CleanEntry] = {}

    def __getitem__(self, id_: int) -> CleanEntry:
        if id_ not in self._known:
            rows = [self._read.pop(id_)] if id_ in self._read else self._tx.retention.contents([id_])
            self._known |= clean_drafts(self._tx, rows)
        return self._known[id_]


def terms_of(clean: CleanEntry) -> bytes:
    """The terms of a clean draft as they are packed beside it."""
    return pack(Terms(clean.terms, clean.tags, clean.paths))


def place(
    policies: Policies, category_tree: CategoryTree, rows: Iterable[SightingSummary], cleans: Cleans
) -> tuple[PlacedCategories, list[CategoryTrace]]:
    """The categories of all sightings together, and the trace of each term. Creates categories."""
    placed: PlacedCategories = {}
    traces: list[CategoryTrace] = []
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        rules = policies[row.source_id].rules
        by = "" if rules.ours else row.source_id
        for placement in _placements(policies, row, cleans):
            traces.append(_trace(row.source_id, placement))
            key = key_of(placement.path)
            if key and key not in seen and len(seen) < rules.most:
                seen.add(key)
                _put(placed, placement, len(seen), category_tree.get_or_create(placement.path, by))
    return placed, traces


def trace_terms(policies: Policies, rows: Iterable[SightingSummary], cleans: Cleans) -> list[CategoryTrace]:
    """The traces that `place` returns, without creating categories."""
    return [_trace(row.source_id, one) for row in rows for one in _placements(policies, row, cleans)]


def _placements(policies: Policies, row: SightingSummary, cleans: Cleans) -> Iterable[Placement]:
    policy = policies[row.source_id]
    came = cleans[row.id] if row.terms is None else _unpacked(row.terms)
    return place_terms(came.terms, came.tags, policy.style, policy.rules, came.paths)


@lru_cache(maxsize=4096)
def _unpacked(terms: bytes) -> Terms:
    return unpack(terms, Terms)


def _put(placed: PlacedCategories, placement: Placement, position: int, rows: Sequence[CategoryRow]) -> None:
    *above, last = rows
    for category in above:
        placed.setdefault(category.id, (None, None))
    placed[last.id] = (position, [[name.term, name.scheme] for name in placement.path])


def _trace(source_id: str, placement: Placement) -> CategoryTrace:
    path = tuple(name.shown for name in placement.path)
    return CategoryTrace(source_id, tuple(placement.came), path, placement.decider, placement.where)
