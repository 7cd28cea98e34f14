"""plan: what publishing with a config would change, feed by feed.

Runs the code that publishes on a copy of the state: posts are read, entries are merged, feeds are arranged and
rendered. Only the last step is left out: no file is written. What changes is told apart: the entries of a feed, its
looks (bytes that change though the entries stay) and its addresses (files that appear or go).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.model.entry import CleanEntry
from aggregator.model.problems import Problem
from aggregator.model.published import FeedContents
from aggregator.pipeline import merge, prepare
from aggregator.preview.file_changes import MOST_RENDERED, FileChanges, estimated_changes, of_feeds, rendered_changes
from aggregator.publish.feed_plans import FeedPlans, mark_stale, plan_feeds
from aggregator.publish.render_version import render_settings
from aggregator.publish.select import FeedPlan, Selection
from aggregator.report import Report
from aggregator.store import FeedRow, Transaction
from aggregator.worker_pool import WorkerPool

Change = Literal["appears", "disappears", "changes", "moves"]


@dataclass(frozen=True, slots=True)
class FeedChange:
    """`entries_in`, `entries_out`: public ids, in the order of the feed. `looks`: bytes of its files change;
    `addresses`: files of it appear or go. `seen_again`: how many of `entries_in` readers have seen under another id.
    `plan --json` shows it as it is.
    """

    id: str
    category: tuple[str, ...] | None
    change: Change
    entries_in: tuple[str, ...] = ()
    entries_out: tuple[str, ...] = ()
    moved_to: str | None = None
    looks: bool = False
    addresses: bool = False
    seen_again: int = 0

    @property
    def is_visible(self) -> bool:
        same = self.change == "changes" and not (self.entries_in or self.entries_out)
        return not same or self.looks or self.addresses


@dataclass(frozen=True, slots=True)
class Plan:
    """`seen_again`: how many entries readers would see a second time, each counted once. `titles`: by public id, of
    the entries that come or go; `pages`: how many pages of entries change, appear or go; `is_exact`: looks were found
    by rendering (see FileChanges)."""

    feeds: tuple[FeedChange, ...]
    seen_again: int
    problems: tuple[Problem, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    pages: int = 0
    is_exact: bool = True


async def plan(preview: App, pool: WorkerPool) -> Plan:
    """Changes the state of `preview`, which must be a copy."""
    report = Report()
    with preview.store.read() as tx:
        first_new = tx.entries.next_id()
    preview, at = await prepare(preview, pool, report)
    merge(preview, report, at)
    with preview.store.write() as tx:
        settings = render_settings(preview, tx)
        mark_stale(preview, tx, settings.rendering)
        arranged = plan_feeds(preview, tx, at)
        selection = Selection(preview, tx, arranged.category_tree)
        again = tx.lookups.known_again(first_new)
        changes = tuple(_Comparison(tx, arranged, selection, again).changes())
        is_small = tx.entries.next_id() <= MOST_RENDERED
        files = None if is_small else estimated_changes(preview, tx, arranged, selection, settings)
        titles = _titles(tx, {id_ for one in changes for id_ in (*one.entries_in, *one.entries_out)})
    files = files or rendered_changes(preview, at)
    report.add_problems(arranged.problems)
    came_again = {id_ for one in changes for id_ in one.entries_in} & again.keys()
    feeds = tuple(_with_files(changes, files, arranged))
    return Plan(feeds, len(came_again), tuple(report.problems), titles, files.pages, files.is_exact)


def _with_files(changes: Sequence[FeedChange], files: FileChanges, arranged: FeedPlans) -> Iterator[FeedChange]:
    """The changes with what happens to files, and the feeds of which only files change. A feed whose head is recorded
    in another form, as after an upgrade, may be rendered as it was: that is no change."""
    for one in changes:
        change = replace(one, looks=one.id in files.looks, addresses=one.id in files.addresses)
        if change.is_visible or not files.is_exact:
            yield change
    for id_ in sorted(set(of_feeds(files)) - {one.id for one in changes}):
        plan = arranged.plans.get(id_)
        labels = arranged.category_tree.labels(plan.category) if plan and plan.category else None
        yield FeedChange(id_, labels, "changes", looks=id_ in files.looks, addresses=id_ in files.addresses)


def _titles(tx: Transaction, public_ids: Iterable[str]) -> dict[str, str]:
    ids = tx.entries.with_public_ids(public_ids)
    return {face.public_id: unpack(face.clean, CleanEntry).title for face in tx.lookups.faces(ids).values()}


@dataclass(frozen=True, slots=True)
class _Comparison:
    """`again`: by public id, new entries that readers know under another id."""

    tx: Transaction
    arranged: FeedPlans
    selection: Selection
    again: Mapping[str, int]

    def changes(self) -> Iterator[FeedChange]:
        for plan in self.arranged.dirty:
            before = self.arranged.before.get(plan.id)
            after = self.selection.contents(self.arranged.target_of(plan))
            if change := _change(before, plan, after):
                labels = self.arranged.category_tree.labels(plan.category) if plan.category else None
                feed_change = FeedChange(plan.id, labels, change, moved_to=plan.moved_to)
                yield self._with_entries(feed_change, before, after.ids)
        for id_ in self.arranged.retired:
            before = self.arranged.before[id_]
            yield self._with_entries(FeedChange(id_, None, "disappears"), before, ())

    def _with_entries(self, change: FeedChange, row: FeedRow | None, after: Sequence[int]) -> FeedChange:
        before = contents.ids if row and (contents := _contents(row)) else ()
        names = self.tx.entries.public_ids({*before, *after})
        added = tuple(names[id_] for id_ in after if id_ not in set(before))
        removed = tuple(names[id_] for id_ in before if id_ not in set(after))
        again = sum(id_ in self.again for id_ in added)
        return replace(change, entries_in=added, entries_out=removed, seen_again=again)


def _change(row: FeedRow | None, plan: FeedPlan, after: FeedContents) -> Change | None:
    """The change of one feed, None if there is none."""
    was_listed = row is not None and row.has_own_entries
    if plan.moved_to:
        if row is None or row.moved_to != plan.moved_to:
            return "moves"
    elif was_listed != plan.is_listed:
        return "appears" if plan.is_listed else "disappears"
    before = _contents(row) if row else None
    return "changes" if before and before != after else None


def _contents(row: FeedRow) -> FeedContents | None:
    return unpack(row.contents, FeedContents) if row.contents else None
