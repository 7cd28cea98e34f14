"""Sealed pages in a format that was added later: made once, from the entries that each page holds.

The files that a page has stay to the byte, also those of a format that was dropped: a reader may be on its way through
them. Pages for people that `feeds.pages` took away come back as they were.
"""

import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from aggregator.codec import pack, unpack
from aggregator.model.published import SealedPage
from aggregator.publish.archive_pages import ArchivePages, files_of
from aggregator.publish.archive_state import FullPage, folder_of
from aggregator.publish.select import FeedPlan
from aggregator.publish.tree_writer import TreeWriter
from aggregator.publish.write_batch import Files, WriteBatch, is_enough
from aggregator.render import FILES, NOTHING_NEARBY
from aggregator.store import Transaction
from aggregator.store.fact_names import ARCHIVE_FORMATS

Made = tuple[FullPage, SealedPage]  # a page, and all of its files


@dataclass(frozen=True, slots=True)
class LaterFormats:
    archive_pages: ArchivePages

    def publish(self, writer: TreeWriter, plans: Iterable[FeedPlan]) -> None:
        """Makes what pages of these feeds lack of the formats that are published now. It looks into pages only after
        the formats changed, or where it is not known which formats pages have."""
        store, wanted = self.archive_pages.app.store, sorted(self.archive_pages.formats)
        with store.read() as tx:
            known = json.loads(tx.facts.get(ARCHIVE_FORMATS) or "[]")
        if set(wanted) - set(known):
            writer.write(self._batches(plans, writer.recorded))
        if wanted != known:
            with store.write() as tx:
                tx.facts.set(ARCHIVE_FORMATS, json.dumps(wanted))

    def _batches(self, plans: Iterable[FeedPlan], there: Container[str]) -> Iterator[WriteBatch]:
        """`there`: the paths of our files."""
        files: Files = {}
        done: list[Made] = []
        for full, page in filter(None, map(self._complete, self._pages(plans))):
            every = files_of(full.plan.id, folder_of(full.row, full.number), page, {})
            if found := {path: file for path, file in every.items() if path not in there and self._is_wanted(path)}:
                files |= found
                done.append((full, page))
            if is_enough(files):
                yield WriteBatch(files, partial(_record, done))
                files, done = {}, []
        if done:
            yield WriteBatch(files, partial(_record, done))

    def _pages(self, plans: Iterable[FeedPlan]) -> Iterator[FullPage]:
        for plan in plans:
            row, count = self.archive_pages.feed_plans.rows[plan.id], self.archive_pages.pages.get(plan.id, 0)
            for number in range(1, count + 1):
                yield FullPage(plan, row, number, (), is_followed=number < count)

    def _is_wanted(self, path: str) -> bool:
        return path.rpartition("/")[2] in {FILES[one] for one in self.archive_pages.formats}

    def _complete(self, one: FullPage) -> Made | None:
        """The page in all formats; None where the state does not have it."""
        pages = self.archive_pages
        with pages.app.store.read() as tx:
            packed = tx.archives.page(one.plan.id, one.number)
            page = unpack(packed, SealedPage) if packed else SealedPage(())
            lacking = [name for name in pages.formats if FILES[name] not in dict(page.files)]
            if not packed or not lacking:
                return (one, page) if packed else None
            full = replace(one, entry_ids=tuple(tx.archives.on_page(one.plan.id, one.number)))
        [(_, feed)] = pages.read([full])
        added = pages.sealed_page(one.plan, pages.maker.documents(feed, NOTHING_NEARBY, lacking))
        return full, replace(page, files=(*page.files, *added.files))


def _record(done: Iterable[Made], tx: Transaction, _changed: Container[str]) -> None:
    for full, page in done:
        tx.retention.rewrite_page(full.plan.id, full.number, pack(page))
