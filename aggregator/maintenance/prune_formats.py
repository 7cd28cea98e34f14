"""`db prune --formats`: takes sealed pages away in the formats that archives are no longer written in.

Only what the published documents do not name any more: the config's choice of formats has to be published before.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from aggregator.app import App
from aggregator.codec import pack, unpack
from aggregator.errors import UsageError
from aggregator.model.published import SealedPage
from aggregator.publish.archive_state import folder_of
from aggregator.publish.feed_formats import archive_formats
from aggregator.publish.output_tree import Tree
from aggregator.render import FILES
from aggregator.report import Progress
from aggregator.store import FeedRow
from aggregator.store.fact_names import ARCHIVE_FORMATS


@dataclass(frozen=True, slots=True)
class PrunedFormats:
    """By the name of a file: how many there are in sealed pages, and their bytes."""

    files: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)


def prune_formats(app: App, *, only_count: bool = False, progress: Progress = lambda _: None) -> PrunedFormats:
    """`only_count`: takes nothing away. Raises UsageError where the formats of the config are not published yet.

    A file leaves the tree before the state forgets it: if that is cut off, the next run writes it again.
    """
    _refuse_unpublished(app)
    wanted = {FILES[one] for one in archive_formats(app.config)}
    found = PrunedFormats()
    with app.store.read() as tx:
        recorded = tx.files.all()
    for row, number in _pages(app):
        with app.store.read() as tx:
            packed = tx.archives.page(row.id, number)
        page = unpack(packed, SealedPage) if packed else SealedPage(())
        others = {name: data for name, data in page.files if name not in wanted}
        found.files.update(others.keys())
        found.sizes.update({name: len(data) for name, data in others.items()})
        if others and not only_count:
            paths = [folder_of(row, number) + name for name in others]
            kept = tuple((name, data) for name, data in page.files if name in wanted)
            Tree(app.output).remove(path for path in paths if path in recorded)
            with app.store.write() as tx:
                tx.files.forget(paths)
                tx.retention.rewrite_page(row.id, number, pack(replace(page, files=kept)))
        progress("")
    return found


def _refuse_unpublished(app: App) -> None:
    with app.store.read() as tx:
        published = json.loads(tx.facts.get(ARCHIVE_FORMATS) or "[]")
        is_any_dirty = any(tx.lookups.published_feeds().values())
    if is_any_dirty or published != sorted(archive_formats(app.config)):
        raise UsageError("the formats that the config names are not published yet: `aggregator run` first")


def _pages(app: App) -> Iterator[tuple[FeedRow, int]]:
    with app.store.read() as tx:
        rows, counts = tx.feeds.all(), tx.archives.pages()
    for id_, count in counts.items():
        for number in range(1, count + 1) if id_ in rows else ():
            yield rows[id_], number
