"""Which feeds hold an entry, at which position, and why; taken from the selection that publishes."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from aggregator.categories import key_of
from aggregator.config.sections import ExtraConfig
from aggregator.explain import reasons
from aggregator.explain.answer import FeedAnswer, LeftOut
from aggregator.explain.case import EntryCase
from aggregator.model.published import Omission
from aggregator.publish.category_feeds import ground_text, lack_text
from aggregator.publish.select import FeedPlan, Selection
from aggregator.status.omissions import read_omissions
from aggregator.store import CategoryRow, WithdrawalRow
from aggregator.store.feed_members import FeedFilter


@dataclass
class Membership:
    """The feeds of one entry."""

    case: EntryCase
    selection: Selection
    plans: Sequence[FeedPlan]

    def of(self, plan: FeedPlan) -> FeedAnswer:
        entry = self.case.entry
        if entry.winner_id is None:
            return FeedAnswer(plan.id, in_=False, why=self._kept_out, told=self._told(plan))
        if not admits(plan.members, self.case.placed, self._sources):
            return FeedAnswer(plan.id, in_=False, why=self._why_not(plan))
        ids = self.selection.ids(plan)
        if entry.id not in ids:
            sealed = tuple(one for one in self._left_out(plan) if not one.withheld)
            is_news = not self.selection.keeps_out(plan, entry.backlog, entry.backlog_at)
            why = self._crowded_out(plan, ids) if is_news else reasons.no_news(entry, self._page(plan))
            return FeedAnswer(plan.id, in_=False, why=why, left_out=sealed)
        left_out = tuple(self._left_out(plan))
        return FeedAnswer(plan.id, in_=True, why=self._why(plan), position=ids.index(entry.id) + 1, left_out=left_out)

    def _told(self, plan: FeedPlan) -> str | None:
        row = self._withdrawals.get(plan.id)
        return reasons.told(row, self.case.app.config.takedown) if row else None

    def _left_out(self, plan: FeedPlan) -> Iterator[LeftOut]:
        for one in self._omissions:
            is_current, is_sealed = one.feed == plan.id, one.feed.startswith(f"{plan.id}/archive/")
            is_entry = one.entry == self.case.entry.public_id
            if (is_current and not one.entry) or (is_entry and (is_current or is_sealed)):
                from aggregator.render import FILES  # slow to load, and hardly ever needed

                file = f"{one.feed}/{FILES[one.format]}".removeprefix(f"{plan.id}/")
                yield LeftOut(file, one.why, not one.entry)

    def no_feed(self, path: Sequence[str]) -> str | None:
        """Why a category has no feed of its own; None if it has one, or if the entry is not shown."""
        row = self.case.category_tree.find(key_of(path))
        if row is None or row.id in self._listed:
            return None
        feeds = self.selection.category_feeds
        config, founder = self.case.app.config, feeds.founding.refused.get(row.id)
        if founder is not None:
            return reasons.refused(founder, config.where("categories", "most_new"), config.categories.most_new)
        if row.depth > config.feeds.depth:
            return f"deeper than feeds.depth ({config.feeds.depth})"
        if self.case.entry.winner_id is None:
            return None
        if row.id in feeds.ended:
            return "`feed forget` ended it; naming it in the config brings it back"
        lack = feeds.lacks.get(row.id)
        return lack_text(config, lack) if lack else None

    def own_feed(self, path: Sequence[str]) -> str | None:
        """Why a category has a feed of its own; None if it has none."""
        row = self.case.category_tree.find(key_of(path))
        ground = self.selection.category_feeds.grounds.get(row.id) if row else None
        return ground_text(self.case.app.config, ground) if ground else None

    def _why(self, plan: FeedPlan) -> str:
        if plan.category:
            return "; ".join(dict.fromkeys(self._routes(plan.category))) or reasons.LEADS_THERE
        if extra := self._extra(plan):
            return f"{self._where(extra)} selects it: {reasons.conditions(extra)}"
        if plan.members.sources:
            return f"source {plan.members.sources[0]} shows it"
        return reasons.EVERY_ENTRY

    def _routes(self, category: CategoryRow) -> Iterator[str]:
        """The rules that send one of its terms to the category or below it."""
        key, depth = key_of(self.case.category_tree.labels(category)), self.case.app.config.feeds.depth
        for trace in self.case.entry.placements:
            path = trace.path
            if key_of(path)[: len(key)] == key:
                at = f"below it, in {reasons.named(path)}," if len(path) > len(key) else "there"
                deeper = f"; deeper than feeds.depth ({depth})" if len(path) > depth else ""
                yield f"placed {at} {reasons.rule(trace.decider, trace.where, trace.source_id, trace.came)}{deeper}"

    def _why_not(self, plan: FeedPlan) -> str:
        if plan.category:
            return reasons.LEADS_ELSEWHERE if self.case.placed else reasons.UNPLACED
        if extra := self._extra(plan):
            return f"{self._where(extra)} does not select it: {self._unmet_condition(extra, plan.members)}"
        source_id = (plan.members.sources or ("",))[0]
        withheld = (self.case.withheld(row) for row in self.case.sightings if row.source_id == source_id)
        return next((why for why in withheld if why), reasons.NOT_ITS_SOURCE)

    def _unmet_condition(self, extra: ExtraConfig, members: FeedFilter) -> str:
        """The first condition of the extra feed that does not hold."""
        placed = self.case.placed
        for path, id_ in zip(extra.all, members.all_of or (), strict=False):
            if id_ not in placed:
                return f"it is not in {reasons.named(path)}"
        if members.any_of is not None and placed.keys().isdisjoint(members.any_of):
            return f"it is not in {' or '.join(map(reasons.named, extra.any))}"
        for path, id_ in zip(extra.none, members.none_of or (), strict=False):
            if id_ in placed:
                return f"it is in {reasons.named(path)}, which `none` excludes"
        return f"source {' or '.join(extra.sources)} does not show it"

    def _crowded_out(self, plan: FeedPlan, ids: list[int]) -> str:
        feeds, row = self.case.app.config.feeds, self.case.shown
        cap = feeds.source_cap if len(plan.members.sources or ()) != 1 else 0
        if cap and row and self.case.tx.lookups.count_of_source(ids, row.source_id) >= cap:
            return f"it qualifies, but the feed has {cap} newer ones of source {row.source_id} (feeds.source_cap)"
        qualifies = "in the category" if plan.category else "it qualifies"
        is_full = len(ids) >= 4 * feeds.limit
        newest = f"{4 * feeds.limit} (4 × feeds.limit)" if is_full else f"{feeds.limit} (feeds.limit)"
        return f"{qualifies}, but it is older than the newest {newest}{self._sealed(plan)}"

    def _sealed(self, plan: FeedPlan) -> str:
        """The archive page that holds it instead."""
        page = self._page(plan)
        return f"; page {page} of the archive holds it" if page else ""

    def _page(self, plan: FeedPlan) -> int | None:
        return self.case.tx.archives.page_of(plan.id, self.case.entry.id)

    @cached_property
    def _withdrawals(self) -> dict[str, WithdrawalRow]:
        return self.case.tx.withdrawals.of_entry(self.case.entry.id)

    @cached_property
    def _omissions(self) -> list[Omission]:
        return list(read_omissions(self.case.tx))

    @cached_property
    def _listed(self) -> set[int]:
        return {plan.category.id for plan in self.plans if plan.category and plan.is_listed}

    @cached_property
    def _kept_out(self) -> str:
        sources = self.case.sources.values()
        return reasons.kept_out(self.case.entry, [self.case.withheld(row) for row in self.case.sightings], sources)

    @cached_property
    def _sources(self) -> set[str]:
        return {row.source_id for row in self.case.sightings if not row.withheld}

    def _extra(self, plan: FeedPlan) -> ExtraConfig | None:
        return next((one for one in self.case.app.config.feeds.extra if one.id == plan.id), None)

    def _where(self, extra: ExtraConfig) -> str:
        config = self.case.app.config
        return f"{config.where('feeds', 'extra', config.feeds.extra.index(extra))} (feeds.extra)"


def admits(members: FeedFilter, categories: Container[int], sources: Container[str]) -> bool:
    """Whether a feed with this filter may hold a shown entry with these categories (and their ancestors) and sources.
    The store answers the same question for a whole feed."""
    return (
        all(id_ in categories for id_ in members.all_of or ())
        and (members.any_of is None or any(id_ in categories for id_ in members.any_of))
        and not any(id_ in categories for id_ in members.none_of or ())
        and (members.sources is None or any(id_ in sources for id_ in members.sources))
    )
