"""Links from pages to the pages of categories: which there are, and what has to be rendered again when they change."""

import json
from collections.abc import Iterable

from aggregator.merge.category_tree import CategoryTree
from aggregator.publish.select import FeedPlan
from aggregator.store import Transaction
from aggregator.store.fact_names import LINKED_CATEGORIES


def update_links(tx: Transaction, category_tree: CategoryTree, plans: Iterable[FeedPlan]) -> set[str]:
    """Pages link to the categories that are listed now. Marks the pages of entries dirty where that differs from the
    last time, and returns the ids of the feeds for which it does."""
    now = {plan.category.id for plan in plans if plan.is_listed and plan.category}
    category_tree.linked = frozenset(now)
    known = tx.facts.get(LINKED_CATEGORIES)
    changed = now ^ _ids(known)
    if changed or not known:
        tx.facts.set(LINKED_CATEGORIES, json.dumps(sorted(now)))
    if not known:  # a first run, or the first of this version: all is rendered anyway
        return set()
    tx.entries.mark_pages_of(changed)
    return tx.archives.sharing(changed)


def _ids(text: str) -> set[int]:
    """Of damaged text none: then every category counts as changed."""
    try:
        known = json.loads(text or "[]")
    except ValueError:
        return set()
    return {one for one in known if isinstance(one, int)} if isinstance(known, list) else set()
