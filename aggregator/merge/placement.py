"""Where the terms of an entry's sightings lead: its categories, and the way of each term, with its rule."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aggregator.app import SourcePolicy
from aggregator.categories import Placement, key_of, place_terms
from aggregator.codec import pack, unpack
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.entry import CleanEntry, Terms
from aggregator.store import CategoryRow, SightingSummary, Transaction
from aggregator.store.entry_content import clean_drafts

Placed = dict[int, tuple[int | None, Any]]  # category → its place among the entry's, None above these; its terms
Told = list[Any]  # one term's way, as an entry keeps it: source, names as they came, path, decider, rule
Policies = Mapping[str, SourcePolicy]
LINE = 4  # of what is told, the rule's file and line: it may change where nothing else does


class Cleans:
    """Clean drafts by the number of their sighting, read where they are asked for; `needed` ones all at once."""

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
    """What placing asks of a draft, packed beside it."""
    return pack(Terms(clean.terms, clean.tags))


def place(
    policies: Policies, category_tree: CategoryTree, rows: Iterable[SightingSummary], cleans: Cleans
) -> tuple[Placed, list[Told]]:
    """The categories of all sightings, united; and each term's way there."""
    placed: Placed = {}
    story: list[Told] = []
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        rules = policies[row.source_id].rules
        by = "" if rules.ours else row.source_id
        for placement in _placements(policies, row, cleans):
            story.append(_told(row.source_id, placement))
            key = key_of(placement.path)
            if key and key not in seen and len(seen) < rules.most:
                seen.add(key)
                _put(placed, placement, len(seen), category_tree.reach(placement.path, by))
    return placed, story


def story(policies: Policies, rows: Iterable[SightingSummary], cleans: Cleans) -> list[Told]:
    """The same ways, and nothing made of them."""
    return [_told(row.source_id, one) for row in rows for one in _placements(policies, row, cleans)]


def is_told_alike(one: Told, other: Told) -> bool:
    """Whether both say the same, perhaps from another line of the config."""
    return one[:LINE] == other[:LINE]


def _placements(policies: Policies, row: SightingSummary, cleans: Cleans) -> Iterable[Placement]:
    policy = policies[row.source_id]
    came = cleans[row.id] if row.terms is None else _unpacked(row.terms)
    return place_terms(came.terms, came.tags, policy.style, policy.rules)


@lru_cache(maxsize=4096)
def _unpacked(terms: bytes) -> Terms:
    return unpack(terms, Terms)


def _put(placed: Placed, placement: Placement, position: int, rows: Sequence[CategoryRow]) -> None:
    *above, last = rows
    for category in above:
        placed.setdefault(category.id, (None, None))
    placed[last.id] = (position, [[name.term, name.scheme] for name in placement.path])


def _told(source_id: str, placement: Placement) -> list[Any]:
    path = [name.shown for name in placement.path]
    return [source_id, list(placement.came), path, placement.decider, placement.where]
