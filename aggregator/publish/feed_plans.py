"""Which feeds there will be, and what happens to those published before: from rows alone, before any file changes.

`publish` renders these plans; the command `plan` only prints them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from aggregator.app import App
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.problems import Problem
from aggregator.model.published import SETTLED_AFTER, MovedFeed
from aggregator.publish.archive_state import update_archives
from aggregator.publish.category_links import update_links
from aggregator.publish.feed_advice import feed_advice
from aggregator.publish.select import FeedPlan, Selection
from aggregator.publish.source_listings import mark_changed_sources
from aggregator.settings import extra_digest, missing_templates
from aggregator.store import FeedRow, Transaction
from aggregator.store.fact_names import EXTRA_FEEDS, RENDERING_SETTINGS
from aggregator.text.entry_ids import tag_prefix


@dataclass(frozen=True)
class FeedPlans:
    """`before`: rows of feeds before planning, by id; `rows`: after it; `retired`: ids of feeds that leave the tree;
    `problems`: wanted feeds that are not possible; `newest_override`: the last override that the plans include;
    `at`: when they were made; `advice`: said once, how the feeds came about."""

    plans: Mapping[str, FeedPlan]
    before: Mapping[str, FeedRow]
    rows: Mapping[str, FeedRow]
    retired: Sequence[str]
    problems: Sequence[Problem]
    category_tree: CategoryTree
    newest_override: int
    at: datetime
    advice: str = ""

    @property
    def dirty(self) -> list[FeedPlan]:
        """Feeds whose bytes may differ from what was published."""
        return [plan for plan in self.plans.values() if self.rows[plan.id].dirty]

    @property
    def listed(self) -> list[FeedPlan]:
        return [plan for plan in self.plans.values() if plan.is_listed]

    def is_current(self, tx: Transaction) -> bool:
        """Whether no override was made since; otherwise what is dirty stays so for the next run."""
        return tx.overrides.newest() == self.newest_override

    def child_feeds(self, plan: FeedPlan) -> tuple[tuple[str, str], ...]:
        """Feeds of the direct subcategories of the feed at the address of `plan`, as (name, feed id)."""
        category = self.target_of(plan).category
        return self._child_feeds.get(category.id, ()) if category else ()

    @cached_property
    def _child_feeds(self) -> dict[int, tuple[tuple[str, str], ...]]:
        found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for plan in self.plans.values():
            if plan.is_listed and plan.category and plan.category.parent_id is not None:
                found[plan.category.parent_id].append((plan.category.label, plan.id))
        return {id_: tuple(sorted(some)) for id_, some in found.items()}

    @cached_property
    def settled(self) -> frozenset[str]:
        """The listed feeds whose addresses stay whatever the config says, so that sealed pages may link to them."""
        return frozenset(plan.id for plan in self.plans.values() if plan.is_listed and plan.id in self._standing)

    @cached_property
    def _standing(self) -> set[str]:
        return _standing_ids(self.before, self.at)

    def target_of(self, plan: FeedPlan) -> FeedPlan:
        """The feed that is shown at the address of `plan`: another one if it moved."""
        return self.plans[plan.moved_to] if plan.moved_to else plan


def mark_stale(app: App, tx: Transaction, rendering: str) -> None:
    """Marks feeds and pages dirty that the config, or this version of the program, would render differently.
    `rendering`: see `rendering_digest`."""
    extra = extra_digest(app.config)
    if tx.facts.get(EXTRA_FEEDS) != extra:
        tx.feeds.mark_dirty(ids=(one.id for one in app.config.feeds.extra))
        tx.facts.set(EXTRA_FEEDS, extra)
    if tx.facts.get(RENDERING_SETTINGS) != rendering:
        tx.feeds.mark_all_dirty()
        tx.entries.mark_pages(dirty=True)
        tx.facts.set(RENDERING_SETTINGS, rendering)
    mark_changed_sources(app, tx)


def plan_feeds(app: App, tx: Transaction, at: datetime) -> FeedPlans:
    """Gives ids to new feeds and records which addresses show another feed now."""
    before, category_tree = tx.feeds.all(), CategoryTree(tx)
    selection = Selection(app, tx, category_tree)
    plans = {plan.id: plan for plan in selection.plans(_standing_ids(before, at))}
    category_tree.found(tx, selection.category_feeds.founding.founders)
    new = {id_: _new_row(app, plan, at) for id_, plan in plans.items() if id_ not in before}
    tx.feeds.add(new.values())
    tx.feeds.stand((id_ for id_ in plans if id_ in before and before[id_].listing is None), at)
    tx.feeds.end((id_ for id_ in plans if id_ in before and before[id_].ended_at), None)
    retired = [id_ for id_, row in before.items() if id_ not in plans and row.listing is not None]
    rows = before | new | _mark_parents(tx, category_tree, new.values(), before)
    rows |= _mark_linking(tx, category_tree, plans.values(), rows)
    rows |= _record_moves(tx, plans.values(), rows)
    rows |= update_archives(app, tx, plans, rows)
    return FeedPlans(
        plans,
        before,
        rows,
        retired,
        [*_missing_templates(app), *selection.refused(), *selection.quota_problems()],
        category_tree,
        tx.overrides.newest(),
        at,
        feed_advice(app, tx, selection.category_feeds, at, is_new=not _published_ids(before)),
    )


def published_plans(app: App, tx: Transaction, category_tree: CategoryTree) -> list[FeedPlan]:
    """The feeds that are published, or about to be."""
    return list(Selection(app, tx, category_tree).plans(_published_ids(tx.feeds.all())))


def moved_feeds(
    plans: Iterable[FeedPlan], rows: Mapping[str, FeedRow], category_tree: CategoryTree
) -> Iterator[MovedFeed]:
    """Addresses that were a category's feed and show another one, or nothing, now."""
    for plan in plans:
        if plan.category and not plan.is_listed:
            yield MovedFeed(plan.id, category_tree.labels(plan.category), plan.moved_to, rows[plan.id].recorded_at)


def _missing_templates(app: App) -> Iterator[Problem]:
    if missing := missing_templates(app.config):
        yield Problem(app.config.where("site", "templates"), "config", missing)


def _published_ids(rows: Mapping[str, FeedRow]) -> set[str]:
    return {id_ for id_, row in rows.items() if row.listing is not None}


def _standing_ids(rows: Mapping[str, FeedRow], at: datetime) -> set[str]:
    """The feeds whose addresses stay. One that was published less than a day ago stays only while a rule founds it, so
    that a first config can be changed without a trace."""
    young = {id_ for id_, row in rows.items() if row.stands_since and row.stands_since > at - SETTLED_AFTER}
    return _published_ids(rows) - young


def _new_row(app: App, plan: FeedPlan, at: datetime) -> FeedRow:
    site = app.config.site
    return FeedRow(
        id=plan.id,
        atom_id=f"{tag_prefix(site.url, site.since)}feed/{plan.id}",
        category_id=plan.category.id if plan.category else None,
        recorded_at=at,
        stands_since=at,
    )


def _mark_parents(
    tx: Transaction, category_tree: CategoryTree, new: Iterable[FeedRow], before: Mapping[str, FeedRow]
) -> dict[str, FeedRow]:
    """Marks the parents of new feeds dirty, because a category's page links to its direct subcategories."""
    parents = {category_tree.by_id[row.category_id].parent_id for row in new if row.category_id is not None} - {None}
    stale = {row.id: replace(row, dirty=True) for row in before.values() if row.category_id in parents}
    tx.feeds.mark_dirty(ids=stale)
    return stale


def _mark_linking(
    tx: Transaction, category_tree: CategoryTree, plans: Iterable[FeedPlan], rows: Mapping[str, FeedRow]
) -> dict[str, FeedRow]:
    """Marks feeds dirty whose entries link to other categories now."""
    linking = update_links(tx, category_tree, plans)
    stale = {id_: replace(rows[id_], dirty=True) for id_ in linking if id_ in rows}
    tx.feeds.mark_dirty(ids=stale)
    return stale


def _record_moves(tx: Transaction, plans: Iterable[FeedPlan], rows: Mapping[str, FeedRow]) -> dict[str, FeedRow]:
    """Records moved addresses. Such an address is dirty whenever the feed that it shows is."""
    moves = {plan.id: plan.moved_to for plan in plans if plan.moved_to != rows[plan.id].moved_to}
    follow = {plan.id: plan.moved_to for plan in plans if plan.moved_to and rows[plan.moved_to].dirty}
    tx.feeds.move(moves | follow)
    tx.withdrawals.move(moves)
    return {id_: replace(rows[id_], moved_to=to, dirty=True) for id_, to in (moves | follow).items()}
