"""The feeds there are, and by which rule each is there: for `feed list` and `feed forget`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.errors import UsageError
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.published import FeedListing
from aggregator.publish.category_feeds import ground_text
from aggregator.publish.select import FeedPlan, Selection
from aggregator.store import FeedRow, Transaction


@dataclass(frozen=True, slots=True)
class StandingFeed:
    """An address in the tree. `entries`: of its documents; `why`: the rule by which it is there; `since`: when it came,
    None for long ago; `moved_to`: the feed that its address shows. `is_wanted`: the config calls for it; `is_founded`:
    today's rule would found it."""

    id: str
    title: str
    entries: int
    why: str
    since: datetime | None
    moved_to: str | None
    is_wanted: bool
    is_founded: bool

    @property
    def is_empty(self) -> bool:
        return not (self.is_wanted or self.entries or self.moved_to)


def standing_feeds(app: App, tx: Transaction) -> list[StandingFeed]:
    """Every feed in the tree, `all` first, then by address."""
    selection, rows = Selection(app, tx, CategoryTree(tx)), tx.feeds.all()
    standing = {id_ for id_, row in rows.items() if row.listing is not None}
    plans = {plan.id: plan for plan in selection.plans(standing)}
    found = [_standing(app, selection, plans.get(id_), rows[id_]) for id_ in standing]
    return sorted(found, key=lambda one: (one.id != "all", one.id))


def to_forget(feeds: Sequence[StandingFeed], ids: Sequence[str], *, empty: bool, unnamed: bool) -> list[StandingFeed]:
    """Raises UsageError for an id that no feed in the tree has, or that the config calls for."""
    by_id = {one.id: one for one in feeds}
    for id_ in ids:
        if id_ not in by_id:
            raise UsageError(f"no feed in the tree has the id {id_}; `aggregator feed list` shows all")
        if by_id[id_].is_wanted:
            change = "it is always there" if id_ == "all" else "change that first"
            raise UsageError(f"{id_} is there because {by_id[id_].why}; {change}")
    return [one for one in feeds if one.id in ids or (empty and one.is_empty) or (unnamed and not one.is_founded)]


def _standing(app: App, selection: Selection, plan: FeedPlan | None, row: FeedRow) -> StandingFeed:
    listing = unpack(row.listing or b"", FeedListing)
    ground = selection.category_feeds.grounds.get(plan.category.id) if plan and plan.category else None
    is_own = bool(plan and not plan.moved_to)
    return StandingFeed(
        id=row.id,
        title=listing.title,
        entries=listing.entries if is_own else 0,
        why=_why(app, plan, ground_text(app.config, ground) if ground else ""),
        since=row.stands_since,
        moved_to=plan.moved_to if plan else None,
        is_wanted=plan is not None and (plan.category is None or ground == "named"),
        is_founded=not (plan and plan.category) or ground not in ("stands", None) or bool(plan and plan.moved_to),
    )


def _why(app: App, plan: FeedPlan | None, ground: str) -> str:
    if plan is None:
        return "nothing calls for it; the next run takes it out of the tree"
    if plan.moved_to:
        return f"its entries went to {plan.moved_to}, which it shows"
    if ground:
        return ground
    if plan.category:
        return "it was published, and has no entries now"
    return next(iter(_wishes(app, plan)))


def _wishes(app: App, plan: FeedPlan) -> Iterator[str]:
    if plan.id == "all":
        yield "it holds every entry"
    for i, extra in enumerate(app.config.feeds.extra):
        if extra.id == plan.id:
            yield f"feeds.extra names it ({app.config.where('feeds', 'extra', i)})"
    yield "feeds.per_source is on"
