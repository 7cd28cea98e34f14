"""Decides which waiting categories get a feed now: reads from the store what `categories.feed_quota` needs."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from aggregator.app import App
from aggregator.categories.feed_quota import MOST_OF_SOURCE, Founding, found_feeds
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.problems import Problem
from aggregator.settings import named_categories
from aggregator.store import CategoryRow, Transaction
from aggregator.text.counts import count_of

STATE_IS_FULL = (
    "{terms} no feed, only a tag on entries: such terms may found {feeds}"
    " (categories.most_new). Name those that matter in categories.aliases, or raise categories.most_new"
)
SOURCE_IS_FULL = (
    "{terms} no feed, only a tag on entries: terms of one source that no rule names may found"
    " {most} feeds, however many categories.most_new allows in all. Name those that matter in categories.aliases"
)


@dataclass
class FeedQuota:
    app: App
    tx: Transaction
    category_tree: CategoryTree

    def decide(self, listed: Container[int], published: Container[str]) -> Founding:
        """`listed`: ids of categories with enough entries for a feed; `published`: ids of feeds in the tree. A category
        that the config names, or that has a feed already, does not count for any source."""
        if not self.category_tree.waiting:
            return Founding()
        rows = [
            row for id_, row in self.category_tree.by_id.items() if id_ in self.category_tree.waiting and id_ in listed
        ]
        free = {row.id: "" for row in rows if self.is_named(row) or row.path in published}
        candidates = [(row.id, self.category_tree.waiting[row.id]) for row in rows if row.id not in free]
        most = self.app.config.categories.most_new
        founding = found_feeds(self._with_configured_sources(candidates), self._counts(listed, published), most)
        return Founding(free | founding.founders, founding.refused)

    def problems(self, founding: Founding) -> Iterator[Problem]:
        """How many categories have no feed because unnamed terms have created as many as allowed."""
        counts, most = Counter(founding.refused.values()), self.app.config.categories.most_new
        if count := counts.pop("", 0):
            where = self.app.config.where("categories", "most_new")
            terms = count_of(count, "term that no rule names has", "terms that no rule names have")
            yield Problem(where, "category", STATE_IS_FULL.format(terms=terms, feeds=count_of(most, "feed")))
        for source_id, count in counts.items():
            terms = count_of(count, "of its terms has", "of its terms have")
            yield Problem(source_id, "category", SOURCE_IS_FULL.format(terms=terms, most=MOST_OF_SOURCE))

    def _with_configured_sources(
        self, candidates: Sequence[tuple[int, tuple[str, ...]]]
    ) -> Iterator[tuple[int, Sequence[str]]]:
        """Drops sources that left the config, unless no other source uses the category."""
        configured = self.tx.sources.configured({one for _, sources in candidates for one in sources})
        for id_, sources in candidates:
            yield id_, [one for one in sources if one in configured] or sources

    def _counts(self, listed: Container[int], published: Container[str]) -> Counter[str]:
        """How many feeds count for each configured source: those that its terms created, without categories that the
        config names or that were merged into a named one, and without feeds that are gone."""
        founded = [
            row
            for row in self.category_tree.by_id.values()
            if row.founder and (row.id in listed or row.path in published)
        ]
        configured = self.tx.sources.configured({row.founder for row in founded})
        counted = (row for row in founded if row.founder in configured and not self.is_named(self._final(row)))
        return Counter(row.founder for row in counted)

    def is_named(self, row: CategoryRow) -> bool:
        """Whether the config names the category."""
        return self.category_tree.key_of(row) in self._named

    @cached_property
    def _named(self) -> frozenset[tuple[str, ...]]:
        return named_categories(self.app.rules)

    def _final(self, row: CategoryRow) -> CategoryRow:
        """The category at the end of its chain of moves."""
        passed = {row.id}
        while row.moved_to is not None and row.moved_to not in passed:
            row = self.category_tree.by_id[row.moved_to]
            passed.add(row.id)
        return row
