"""Which of the categories that wait for a feed get one now: what the rule asks, looked up in the store."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from aggregator.app import App
from aggregator.categories.feed_quota import MOST_OF_SOURCE, Founding, found_feeds
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.entry import Problem
from aggregator.store import CategoryRow, Transaction

STATE_IS_FULL = (
    "{count} terms that no rule names have no feed, only a tag on their entries: such terms may found {most} feeds"
    " (categories.most_new). Name those that matter in categories.aliases, or raise categories.most_new"
)
SOURCE_IS_FULL = (
    "{count} of its terms have no feed, only a tag on their entries: terms of one source that no rule names may found"
    " {most} feeds, however many categories.most_new allows in all. Name those that matter in categories.aliases"
)


@dataclass
class FeedQuota:
    app: App
    tx: Transaction
    category_tree: CategoryTree

    def decide(self, listed: Container[int], published: Container[str]) -> Founding:
        """`listed`: the categories that a feed is asked for. One that the config names counts for nobody from here on,
        and so does one that has a feed already."""
        if not self.category_tree.waiting:
            return Founding()
        rows = [
            row for id_, row in self.category_tree.by_id.items() if id_ in self.category_tree.waiting and id_ in listed
        ]
        free = {row.id: "" for row in rows if self._is_named(row) or row.path in published}
        candidates = [(row.id, self.category_tree.waiting[row.id]) for row in rows if row.id not in free]
        most = self.app.config.categories.most_new
        founding = found_feeds(self._still_asked(candidates), self._standing(), most)
        return Founding(free | founding.founders, founding.refused)

    def problems(self, founding: Founding) -> Iterator[Problem]:
        """How many categories have no feed of their own because terms that no rule names founded enough."""
        counts, most = Counter(founding.refused.values()), self.app.config.categories.most_new
        if count := counts.pop("", 0):
            where = self.app.config.where("categories", "most_new")
            yield Problem(where, "category", STATE_IS_FULL.format(count=count, most=most))
        for source_id, count in counts.items():
            yield Problem(source_id, "category", SOURCE_IS_FULL.format(count=count, most=MOST_OF_SOURCE))

    def _still_asked(self, candidates: Sequence[tuple[int, tuple[str, ...]]]) -> Iterator[tuple[int, Sequence[str]]]:
        """Without the sources that left the config, where another one still leads there."""
        there = self.tx.sources.configured({one for _, sources in candidates for one in sources})
        for id_, sources in candidates:
            yield id_, [one for one in sources if one in there] or sources

    def _standing(self) -> Counter[str]:
        """How many feeds count for each source: those that its terms founded, while the config has the source and names
        neither the category nor the one that took its entries in."""
        founded = [row for row in self.category_tree.by_id.values() if row.founder]
        there = self.tx.sources.configured({row.founder for row in founded})
        return Counter(row.founder for row in founded if row.founder in there and not self._is_named(self._last(row)))

    def _is_named(self, row: CategoryRow) -> bool:
        return self.category_tree.key_of(row) in self._named

    @cached_property
    def _named(self) -> frozenset[tuple[str, ...]]:
        return self.app.named_categories()

    def _last(self, row: CategoryRow) -> CategoryRow:
        """The category in which all that left it ended."""
        passed = {row.id}
        while row.moved_to is not None and row.moved_to not in passed:
            row = self.category_tree.by_id[row.moved_to]
            passed.add(row.id)
        return row
