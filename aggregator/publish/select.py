"""Selects the feeds there are, and the entries of each, from rows of the store."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from aggregator.app import App
from aggregator.categories import key_of
from aggregator.codec import digest
from aggregator.config.sections import AboutConfig, ExtraConfig
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.backlog import NEVER, binding_since, is_kept_out
from aggregator.model.feed import Feed
from aggregator.model.problems import Problem
from aggregator.model.published import FeedContents
from aggregator.model.rendered import RenderedEntry
from aggregator.publish.category_feeds import CategoryFeedReader, CategoryFeeds
from aggregator.publish.source_names import page_id, source_name
from aggregator.render import Words
from aggregator.settings import paging_of, site_of
from aggregator.status.redact import Redactor
from aggregator.store import CategoryRow, FeedRow, Transaction
from aggregator.store.feed_members import FeedFilter, FeedPosition
from aggregator.store.rendered import Key, variant_of
from aggregator.text.title_template import PLAIN
from aggregator.translations import msgid

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
NOTHING_ABOUT = AboutConfig()
NOTHING = msgid("Nothing is published here any more.")


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """A feed that the config and the store call for. `is_listed`: the index lists it; `moved_to`: the feed that its
    address shows since its entries moved there."""

    id: str
    name: str
    members: FeedFilter
    category: CategoryRow | None = None
    is_listed: bool = True
    moved_to: str | None = None


class Selection:
    """Selects feeds in one transaction. Categories do not change while feeds are published."""

    def __init__(self, app: App, tx: Transaction, category_tree: CategoryTree) -> None:
        self._app = app
        self._tx = tx
        self._site = site_of(app.config)
        self.category_tree = category_tree
        self._ids: dict[str, list[int]] = {}
        self._page_ids: dict[str, list[int]] = {}
        self._category_feeds = CategoryFeedReader(app, tx, category_tree)
        self.category_feeds = CategoryFeeds()  # of the last call of `plans`

    def plans(self, published: set[str]) -> Iterator[FeedPlan]:
        """Every feed there should be. `published`: ids of feeds whose addresses stay: each shows its own entries, the
        feed that these moved to, or nothing."""
        yield FeedPlan("all", self._site.title, FeedFilter())
        feeds = self._app.config.feeds
        for extra in feeds.extra:
            if extra.id in self._top_level:
                continue
            yield FeedPlan(extra.id, extra.title or extra.id, self._extra(extra))
        yield from self._of_categories(published)
        if feeds.per_source:
            shown = Redactor(self._app)
            for source in self._tx.sources.all():
                if source.configured and source.published:
                    name = source_name(source, self._site.title, shown.plain_address(source))
                    yield FeedPlan(page_id(source.id), name, FeedFilter(sources=(source.id,)))

    def refused(self) -> Iterator[Problem]:
        """Extra feeds whose id is a category's address already; an address never changes its meaning."""
        config = self._app.config
        for i, extra in enumerate(config.feeds.extra):
            if extra.id in self._top_level:
                where = config.where("feeds", "extra", i, "id")
                label = self._top_level[extra.id]
                message = f"`{extra.id}` is the address of the category {label} already; give this feed another id"
                yield Problem(where, "config", message)

    def quota_problems(self) -> Iterator[Problem]:
        """Categories that have no feed because of the quota."""
        return self._category_feeds.problems(self.category_feeds.founding)

    @cached_property
    def _top_level(self) -> dict[str, str]:
        """Labels of the top-level categories, by slug."""
        return {row.path: row.label for row in self.category_tree.by_id.values() if row.parent_id is None}

    def _of_categories(self, published: set[str]) -> Iterator[FeedPlan]:
        found = self.category_feeds = self._category_feeds.decide(published)
        counts, listed = found.counts, found.grounds
        for row in self.category_tree.by_id.values():
            name = " › ".join(self.category_tree.labels(row))
            if row.id in listed:
                yield FeedPlan(row.path, name, FeedFilter(all_of=(row.id,)), row)
            elif row.path in published and row.id not in found.ended:
                target = self._target(row, counts, listed)
                members = FeedFilter(all_of=(target.id if target else row.id,))
                yield FeedPlan(row.path, name, members, row, is_listed=False, moved_to=target.path if target else None)

    def _target(self, row: CategoryRow, counts: Mapping[int, int], listed: Container[int]) -> CategoryRow | None:
        """The category whose feed replaces one without a feed: where its entries moved, or the nearest parent."""
        passed: set[int] = set()
        at: CategoryRow | None = row
        while at and at.id not in listed and at.id not in passed:
            passed.add(at.id)
            next_id = at.parent_id if counts[at.id] else at.moved_to
            at = self.category_tree.by_id[next_id] if next_id is not None else None
        return at if at and at.id in listed else None

    def keys(self, plan: FeedPlan, ids: Iterable[int]) -> list[Key]:
        """The entries as the feed shows them. Combined feeds may give them other titles, the feed of one source keeps
        theirs; pages may be in another language than the site."""
        about = self._about(plan)
        title = about.titles or self._app.config.feeds.titles
        own_title = title == PLAIN or plan.id.startswith("source/")
        language = "" if about.language == self._site.language else about.language
        variant = variant_of(language, "" if own_title else title)
        return [(id_, variant) for id_ in ids]

    def feed(self, plan: FeedPlan, row: FeedRow, entries: Mapping[Key, RenderedEntry]) -> Feed:
        """`entries`: those of its documents and of its page."""
        ids, page_ids = self.ids(plan), self.page_ids(plan)
        feed = self.page(plan, row, ids, entries)
        if page_ids == ids:
            return feed
        return replace(feed, page_entries=tuple(entries[key] for key in self.keys(plan, page_ids)))

    def page(self, plan: FeedPlan, row: FeedRow, ids: Sequence[int], entries: Mapping[Key, RenderedEntry]) -> Feed:
        """The feed with these entries only."""
        shown = tuple(entries[key] for key in self.keys(plan, ids))
        about = self._about(plan)
        labels = self.category_tree.labels(plan.category) if plan.category else None
        language = about.language or self._site.language
        nothing = Words.of(language).phrase(NOTHING)
        title = self._site.title if plan.name == self._site.title else f"{plan.name} · {self._site.title}"
        return Feed(
            id=plan.id,
            atom_id=row.atom_id,
            title=about.title or title,
            home=f"{self._site.url}{plan.id}/",
            updated=max((entry.updated for entry in shown), default=row.recorded_at),
            category=labels,
            description=about.description if plan.is_listed or plan.category is None else nothing,
            language=language,
            icon=about.icon,
            entries=shown,
        )

    def contents(self, plan: FeedPlan) -> FeedContents:
        """The feed's entry ids and a digest of its metadata, without reading entries."""
        about = self._about(plan)
        labels = self.category_tree.labels(plan.category) if plan.category else ()
        head = (plan.name, labels, about.model_dump_json(), plan.is_listed)
        ids, page_ids = self.ids(plan), self.page_ids(plan)
        return FeedContents(tuple(ids), digest(head), () if page_ids == ids else tuple(page_ids))

    def name(self, plan: FeedPlan) -> str:
        return self._about(plan).title or plan.name

    def description(self, plan: FeedPlan) -> str:
        return self._about(plan).description

    def _about(self, plan: FeedPlan) -> AboutConfig:
        if plan.category is None:
            return self._app.config.feeds.about.get(plan.id, NOTHING_ABOUT)
        return self._abouts.get(key_of(self.category_tree.labels(plan.category)), NOTHING_ABOUT)

    @cached_property
    def _abouts(self) -> dict[tuple[str, ...], AboutConfig]:
        return {key_of(path.split("/")): about for path, about in self._app.config.feeds.about.items()}

    def _extra(self, extra: ExtraConfig) -> FeedFilter:
        return FeedFilter(
            all_of=self._ids_of(extra.all) if extra.all else None,
            any_of=self._ids_of(extra.any) if extra.any else None,
            none_of=self._ids_of(extra.none) if extra.none else None,
            sources=extra.sources or None,
        )

    def _ids_of(self, paths: Sequence[tuple[str, ...]]) -> tuple[int, ...]:
        """The category ids of these paths; -1, which has no entries, where a category does not exist yet."""
        return tuple(self._categories.get(key_of(path), -1) for path in paths)

    @cached_property
    def _categories(self) -> dict[tuple[str, ...], int]:
        return {key_of(self.category_tree.labels(row)): row.id for row in self.category_tree.by_id.values()}

    def ids(self, plan: FeedPlan) -> list[int]:
        """The entries of the feed's subscription documents."""
        if plan.id not in self._ids:
            self._ids[plan.id] = self._select(plan, self._since(plan))
        return self._ids[plan.id]

    def page_ids(self, plan: FeedPlan) -> list[int]:
        """The entries of the feed's page, which shows also what is kept out of the documents."""
        if self._since(plan) is None:
            return self.ids(plan)
        if plan.id not in self._page_ids:
            self._page_ids[plan.id] = self._select(plan)
        return self._page_ids[plan.id]

    def keeps_out(self, plan: FeedPlan, backlog: str, at: datetime | None) -> bool:
        """Whether an entry that is no news since `at` stays out of the feed's documents."""
        since = self._since(plan)
        return since is not None and at is not None and is_kept_out(backlog, at, since)

    def _since(self, plan: FeedPlan) -> datetime | None:
        """`binding_since` of the feed; None where no entry is kept out of any feed."""
        if not self._has_backlog:
            return None
        recorded_at = self._recorded.get(plan.id)
        return NEVER if recorded_at is None else binding_since(plan.id, recorded_at)

    def _select(self, plan: FeedPlan, since: datetime | None = None) -> list[int]:
        """The ids of the feed's entries, in order: the newest `limit`, all that are on no archive page, and those of
        the last window; at most 4 × limit together. `since`: without those that are kept out of the documents.

        The window ends at the feed's newest change, not at the current time: the same rows give the same feed, and a
        reader that polls once a window misses nothing.
        """
        feeds, most = self._app.config.feeds, paging_of(self._app.config).most
        if not feeds.source_cap and (few := self._tx.feed_members.few(plan.members, feeds.limit, since)) is not None:
            return few
        reach = most * 4 if feeds.source_cap else most
        rows = self._tx.feed_members.newest(plan.members, reach, since)
        waiting = self._waiting(plan) if len(rows) > feeds.limit else []
        if len(rows) == reach:
            late = self._tx.feed_members.fresh(plan.members, feeds.window, reach, since)
            rows = sorted({row.id: row for row in (*rows, *late, *waiting)}.values(), key=lambda row: row.rank)
        if feeds.source_cap and len(plan.members.sources or ()) != 1:
            rows = list(_capped(rows, feeds.source_cap))
        since = max((row.fresh_at for row in rows), default=EARLIEST) - feeds.window
        first = {row.id for row in rows[: feeds.limit]} | {row.id for row in waiting}
        recent = [row.id for row in rows if row.id not in first and max(row.published, row.fresh_at) >= since]
        kept = first | set(recent[: most - len(first)])
        return [row.id for row in rows if row.id in kept]

    def _waiting(self, plan: FeedPlan) -> list[FeedPosition]:
        """The entries that remain on no archive page after all full pages are sealed: the newest unsealed ones."""
        paging, count = paging_of(self._app.config), self._unsealed.get(plan.id, 0)
        count -= paging.full(count, has_pages=plan.id in self._pages) * paging.size
        return self._tx.feed_members.unsealed(plan.id, plan.members, count) if count else []

    @cached_property
    def _has_backlog(self) -> bool:
        return self._tx.entries.any_backlog()

    @cached_property
    def _recorded(self) -> Mapping[str, datetime]:
        return self._tx.feeds.recorded()

    @cached_property
    def _pages(self) -> dict[str, int]:
        return self._tx.archives.pages()

    @cached_property
    def _unsealed(self) -> dict[str, int]:
        return self._tx.archives.pending_counts()


def _capped(rows: Iterable[FeedPosition], cap: int) -> Iterator[FeedPosition]:
    shown: Counter[str] = Counter()
    for row in rows:
        shown[row.source_id] += 1
        if shown[row.source_id] <= cap:
            yield row
