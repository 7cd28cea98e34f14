"""Which feeds there will be, and what is to become of those that there were: from rows alone, before a file is touched.

Publishing renders what comes out of here, and a plan only tells of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from aggregator.app import App
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.entry import Entry, Problem
from aggregator.model.published import MovedFeed
from aggregator.publish.archive_state import keep_archives
from aggregator.publish.select import FeedPlan, Selection
from aggregator.store import FeedRow, Transaction
from aggregator.text.entry_ids import tag_prefix


@dataclass(frozen=True)
class FeedPlans:
    """`before`: the rows as they were, by id; `rows`: as they are; `retired`: those that leave the tree altogether;
    `refused`: what is asked for and cannot be; `acts`: the last of a person's acts that is taken into account."""

    plans: Mapping[str, FeedPlan]
    before: Mapping[str, FeedRow]
    rows: Mapping[str, FeedRow]
    retired: Sequence[str]
    refused: Sequence[Problem]
    category_tree: CategoryTree
    acts: int

    @property
    def dirty(self) -> list[FeedPlan]:
        """Those that may show something else than what was published of them."""
        return [plan for plan in self.plans.values() if self.rows[plan.id].dirty]

    def below(self, plan: FeedPlan) -> tuple[tuple[str, str], ...]:
        """The feeds of the categories right below the one that stands at the address of `plan`, as (name, feed id)."""
        category = self.shown(plan).category
        return self._below.get(category.id, ()) if category else ()

    @cached_property
    def _below(self) -> dict[int, tuple[tuple[str, str], ...]]:
        found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for plan in self.plans.values():
            if plan.is_listed and plan.category and plan.category.parent_id is not None:
                found[plan.category.parent_id].append((plan.category.label, plan.id))
        return {id_: tuple(sorted(some)) for id_, some in found.items()}

    def shown(self, plan: FeedPlan) -> FeedPlan:
        """The feed that stands at the address of `plan`."""
        return self.plans[plan.moved_to] if plan.moved_to else plan


def mark_stale(app: App, tx: Transaction) -> None:
    """Whatever the config, or this program, would render otherwise is to be published again."""
    extra, rendering = app.extra_digest(), app.rendering_digest()
    if tx.facts.get("extra") != extra:
        tx.feeds.mark_dirty(ids=(one.id for one in app.config.feeds.extra))
        tx.facts.set("extra", extra)
    if tx.facts.get("rendering") != rendering:
        tx.feeds.mark_all_dirty()
        tx.entries.mark_pages(dirty=True)
        tx.facts.set("rendering", rendering)


def arrange(app: App, tx: Transaction, at: datetime, shown: dict[int, Entry]) -> FeedPlans:
    """Gives ids to new feeds, and notes which addresses show another feed from here on. `shown`: entries that were
    looked at before, kept for the next look."""
    before, category_tree = tx.feeds.all(), CategoryTree(tx)
    selection = Selection(app, tx, category_tree, shown)
    plans = {plan.id: plan for plan in selection.plans(_published(before))}
    category_tree.found(tx, selection.founding.founders)
    new = {id_: _row(app, plan, at) for id_, plan in plans.items() if id_ not in before}
    tx.feeds.add(new.values())
    retired = [id_ for id_, row in before.items() if id_ not in plans and row.listing is not None]
    rows = before | new | _tell_above(tx, category_tree, new.values(), before)
    rows |= _move(tx, plans.values(), rows)
    rows |= keep_archives(app, tx, plans, rows)
    return FeedPlans(
        plans,
        before,
        rows,
        retired,
        [*_unused(app), *selection.refused(), *selection.overfull()],
        category_tree,
        tx.overrides.newest(),
    )


def published_plans(app: App, tx: Transaction, category_tree: CategoryTree) -> list[FeedPlan]:
    """What stands in the tree, or is about to."""
    return list(Selection(app, tx, category_tree, {}).plans(_published(tx.feeds.all())))


def moved(plans: Iterable[FeedPlan], rows: Mapping[str, FeedRow], category_tree: CategoryTree) -> Iterator[MovedFeed]:
    """The addresses that were feeds of their own."""
    for plan in plans:
        if plan.category and not plan.is_listed:
            yield MovedFeed(plan.id, category_tree.labels(plan.category), plan.moved_to, rows[plan.id].recorded_at)


def _unused(app: App) -> Iterator[Problem]:
    if missing := app.missing_templates():
        yield Problem(app.config.where("site", "templates"), "config", missing)


def _published(rows: Mapping[str, FeedRow]) -> set[str]:
    return {id_ for id_, row in rows.items() if row.listing is not None}


def _row(app: App, plan: FeedPlan, at: datetime) -> FeedRow:
    site = app.config.site
    return FeedRow(
        id=plan.id,
        atom_id=f"{tag_prefix(site.url, site.since)}feed/{plan.id}",
        category_id=plan.category.id if plan.category else None,
        recorded_at=at,
    )


def _tell_above(
    tx: Transaction, category_tree: CategoryTree, new: Iterable[FeedRow], before: Mapping[str, FeedRow]
) -> dict[str, FeedRow]:
    """The page of a category names the feeds right below it."""
    parents = {category_tree.by_id[row.category_id].parent_id for row in new if row.category_id is not None} - {None}
    stale = {row.id: replace(row, dirty=True) for row in before.values() if row.category_id in parents}
    tx.feeds.mark_dirty(ids=stale)
    return stale


def _move(tx: Transaction, plans: Iterable[FeedPlan], rows: Mapping[str, FeedRow]) -> dict[str, FeedRow]:
    """An address that shows another feed changes whenever that feed does."""
    moves = {plan.id: plan.moved_to for plan in plans if plan.moved_to != rows[plan.id].moved_to}
    follow = {plan.id: plan.moved_to for plan in plans if plan.moved_to and rows[plan.moved_to].dirty}
    tx.feeds.move(moves | follow)
    return {id_: replace(rows[id_], moved_to=to, dirty=True) for id_, to in (moves | follow).items()}
