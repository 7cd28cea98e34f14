"""Which files of the tree the next publishing would change, add or take away."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.config import Config
from aggregator.model.published import FeedListing
from aggregator.publish.entry_reader import EntryReader
from aggregator.publish.feed_formats import archive_formats, feed_formats
from aggregator.publish.feed_plans import FeedPlans
from aggregator.publish.publish import publish
from aggregator.publish.render_version import RenderSettings
from aggregator.publish.rendered_entries import EntryHeads, made_of
from aggregator.publish.select import FeedPlan, Selection
from aggregator.report import Report
from aggregator.store import Transaction

MOST_RENDERED = 5000  # entries of a state up to which the next publishing is rendered
PAGES = "entries/"

Files = Mapping[str, tuple[str, str]]  # path → (feed id, SHA-256)


@dataclass(frozen=True, slots=True)
class FileChanges:
    """`looks`: ids of feeds with a file whose bytes change; `addresses`: of those with files that appear or go.
    `pages`: how many pages of entries change, appear or go. `is_exact`: found by rendering; else by digests of what is
    rendered, which may differ for equal bytes, and without pages of entries."""

    looks: frozenset[str]
    addresses: frozenset[str]
    pages: int = 0
    is_exact: bool = True


def rendered_changes(preview: App, at: datetime) -> FileChanges:
    """Publishes as the next run would, but into nothing: `preview` has a copy of the state, and writes no file."""
    with preview.store.read() as tx:
        before = tx.files.contents()
    publish(preview, Report(), at)
    with preview.store.read() as tx:
        return _compared(before, tx.files.contents())


def _compared(before: Files, after: Files) -> FileChanges:
    changed = {path for path in before.keys() & after.keys() if before[path] != after[path]}
    moved = before.keys() ^ after.keys()
    return FileChanges(
        looks=frozenset(after[path][0] for path in changed),
        addresses=frozenset((after.get(path) or before[path])[0] for path in moved),
        pages=sum(path.startswith(PAGES) for path in changed | moved),
    )


def estimated_changes(
    preview: App, tx: Transaction, arranged: FeedPlans, selection: Selection, settings: RenderSettings
) -> FileChanges:
    """Compares digests of what is rendered with those recorded when it was published last."""
    looks, addresses = set(), set(arranged.retired)
    heads = EntryHeads(EntryReader(preview, arranged.category_tree), settings.design)
    for plan in arranged.dirty:
        listing = _listing(arranged, plan)
        if listing is None or _has_other_files(listing, preview.config):
            addresses.add(plan.id)
        target = arranged.target_of(plan)
        shown = heads.of(tx, selection.keys(target, selection.ids(target)))
        if listing is not None and listing.made != made_of(settings.rendering, shown.values()):
            looks.add(plan.id)
    return FileChanges(frozenset(looks), frozenset(addresses), is_exact=False)


def _has_other_files(listing: FeedListing, config: Config) -> bool:
    """Whether files of the feed come or go. Of its sealed pages only those for people go, by `feeds.pages`."""
    if {one for one, _ in listing.editions if one != "posts"} != {*feed_formats(config)}:
        return True
    before, now = {*listing.archive_formats}, {*archive_formats(config)}
    return bool(before) and (bool(now - before) or ("html" in before and config.feeds.pages != "all"))


def _listing(arranged: FeedPlans, plan: FeedPlan) -> FeedListing | None:
    row = arranged.before.get(plan.id)
    return unpack(row.listing, FeedListing) if row and row.listing else None


def of_feeds(changes: FileChanges) -> Iterable[str]:
    """The ids of all feeds with a file that changes, appears or goes."""
    return (changes.looks | changes.addresses) - {"", "health"}
