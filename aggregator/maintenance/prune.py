"""`retention`: drops the content of old entries from the state.

Ids, slugs, links, names, dates and digests stay, and so do sealed pages. The content of a sealed entry moves beside
its page, where it costs next to nothing; the content of other entries is dropped for good.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.app import App
from aggregator.codec import pack, unpack
from aggregator.dedup.sketch import sketch_of
from aggregator.model.document import RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.model.published import FeedContents, SealedPage
from aggregator.report import Progress
from aggregator.store import Transaction
from aggregator.store.entry_content import NOWHERE, PageRef, without_content, without_words
from aggregator.store.fact_names import LAST_PRUNED_AT
from aggregator.store.retention import Content

BATCH_SIZE = 500  # entries in one transaction
INTERVAL = timedelta(days=1)  # between two automatic prunings
ALL_FEED = "all"


@dataclass(frozen=True, slots=True)
class Pruned:
    """`entries`: how many lost their content; `before`: the age limit, None where content is kept for ever."""

    entries: int
    before: datetime | None


def prune_daily(app: App, at: datetime, *, progress: Progress = lambda _: None) -> int:
    """Prunes at most once a day, and never without `retention`; returns how many entries lost their content."""
    if app.config.retention is None or not app.writes:
        return 0
    with app.store.read() as tx:
        last = tx.facts.get(LAST_PRUNED_AT)
    if last and at < datetime.fromisoformat(last) + INTERVAL:
        return 0
    return prune(app, at, progress=progress).entries


def prune(app: App, at: datetime, *, only_count: bool = False, progress: Progress = lambda _: None) -> Pruned:
    """`only_count`: counts, and drops nothing."""
    retention, window = app.config.retention, app.config.duplicates.window
    if retention is None:
        return Pruned(0, None)
    before, compared = at - retention, at - window
    with app.store.read() as tx:
        shown = _shown(tx)
    count = after = 0
    while ids := _due(app, before, compared, after):
        after = ids[-1]
        wanted = [id_ for id_ in ids if id_ not in shown]
        count += len(wanted)
        if not only_count:
            with app.store.write() as tx:
                _drop(tx, wanted)
        progress("")
    if not only_count:
        with app.store.write() as tx:
            tx.facts.set(LAST_PRUNED_AT, at.isoformat())
    return Pruned(count, before)


def _due(app: App, before: datetime, compared: datetime, after: int) -> list[int]:
    with app.store.read() as tx:
        return tx.retention.due(before, compared=compared, after=after, most=BATCH_SIZE)


def _shown(tx: Transaction) -> set[int]:
    """The entries in the current documents and on the page of any feed."""
    packed = (unpack(row.contents, FeedContents) for row in tx.feeds.all().values() if row.contents)
    return {id_ for one in packed for id_ in (*one.ids, *one.page_ids)}


def _drop(tx: Transaction, entry_ids: Sequence[int]) -> None:
    pages = _pages(tx, entry_ids)
    moving: defaultdict[PageRef, dict[int, CleanEntry]] = defaultdict(dict)
    for one in tx.retention.whole(entry_ids):
        clean, page = unpack(one.clean, CleanEntry), pages.get(one.entry_id)
        if page and (clean.content or clean.summary or clean.extras):
            moving[page][one.sighting_id] = clean
        _strip(tx, one, clean, str(page) if page else NOWHERE)
    for page, cleans in moving.items():
        _keep_beside(tx, page, cleans)


def _pages(tx: Transaction, entry_ids: Iterable[int]) -> Mapping[int, PageRef]:
    """Entry id → a sealed page that has it; of several, the page of the feed `all`."""
    found: dict[int, PageRef] = {}
    filed = tx.archives.filed(entry_ids)
    for feed_id in sorted(filed, key=lambda id_: (id_ != ALL_FEED, id_)):
        for entry_id, number in filed[feed_id].items():
            if number:
                found.setdefault(entry_id, PageRef(feed_id, number))
    return found


def _strip(tx: Transaction, one: Content, clean: CleanEntry, kept_in: str) -> None:
    values = {
        "draft": pack(without_words(unpack(one.draft, RawEntry))),
        "clean": pack(without_content(clean)),
        "kept_in": kept_in,
        "sketch": one.sketch or pack(sketch_of(clean.fingerprint.text)),
    }
    tx.sightings.change(one.sighting_id, values)


def _keep_beside(tx: Transaction, page: PageRef, cleans: Mapping[int, CleanEntry]) -> None:
    packed = tx.archives.page(page.feed_id, page.number)
    assert packed is not None  # noqa: S101 - entries are filed on existing pages only
    sealed = unpack(packed, SealedPage)
    kept = tuple(sorted((dict(sealed.kept) | dict(cleans)).items()))
    tx.retention.rewrite_page(page.feed_id, page.number, pack(replace(sealed, kept=kept)))
