"""Rebuilds the state: reads the tree, finds the source of each entry, and stores all in one transaction."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from aggregator.app import CLOCK_SLACK, App
from aggregator.codec import pack, unpack
from aggregator.errors import ClockError, ParseError, UsageError
from aggregator.model.document import RawEntry
from aggregator.model.problems import Problem
from aggregator.pull.process import clean_again
from aggregator.recover.read_tree import PublishedTree, RecoveredEntry, read_published
from aggregator.recover.rebuild import Learned, rebuild
from aggregator.recover.sources import Origin, Origins
from aggregator.settings import content_settings
from aggregator.store.chunks import chunks
from aggregator.text.counts import count_of
from aggregator.worker_pool import WorkerPool

BATCH_SIZE = 100  # drafts cleaned in one call

Drafts = Sequence[tuple[int, bytes]]  # (number, packed draft)


@dataclass(frozen=True, slots=True)
class Recovery:
    """How much was recovered, and what could not be."""

    entries: int
    feeds: int
    categories: int
    files: int
    removed: int
    problems: tuple[Problem, ...]


async def recover(app: App, pool: WorkerPool) -> Recovery:
    """Recovers everything or nothing, in one transaction. Raises UsageError where the state is not lost, StateError
    where there is no published tree, ClockError where the clock is earlier than the tree.
    """
    at = app.clock()
    with app.store.read() as tx:
        if tx.entries.next_id() > 1 or tx.feeds.all():
            raise UsageError(
                f"the state {app.store.name} is not lost: it has entries or feeds, and recovering never overwrites"
                " them; continue with `aggregator run`"
            )
    tree = await read_published(app, pool)
    newest = max((listing.updated for listing in tree.listings), default=at)
    if at < newest - CLOCK_SLACK:
        raise ClockError(
            f"the clock says {at:%Y-%m-%d %H:%M} UTC, the tree was published at {newest:%Y-%m-%d %H:%M} or later;"
            " set the clock right, or unset AGGREGATOR_NOW"
        )
    learned, lost = await _clean_all(app, pool, tree)
    with app.store.write() as tx:
        counts = rebuild(app, tx, tree, learned, at)
    problems = (*tree.problems, *lost, *counts.problems, *_unconfigured(learned))
    files, removed = len(tree.files), len(tree.removed.groups)
    return Recovery(len(learned), counts.feeds, counts.categories, files, removed, problems)


async def _clean_all(app: App, pool: WorkerPool, tree: PublishedTree) -> tuple[list[Learned], list[Problem]]:
    """Every entry with its source and clean entry, in feed order."""
    origins = Origins(app)
    ones = [(one, origins.of(one)) for one in tree.in_order()]
    drafts = [(i, source_draft(one, origin)) for i, (one, origin) in enumerate(ones)]
    groups = [_clean(app, pool, group) for group in chunks(drafts, BATCH_SIZE)]
    cleans = {i: clean for group in await asyncio.gather(*groups) for i, clean in group.items()}
    learned = [
        Learned(one, origin, draft, cleans[i])
        for (one, origin), (i, draft) in zip(ones, drafts, strict=True)
        if i in cleans
    ]
    lost = (one.entry.public_id for i, (one, _) in enumerate(ones) if i not in cleans)
    return learned, [Problem("", "parse", f"{public_id} is left out: it cannot be read") for public_id in lost]


def source_draft(one: RecoveredEntry, origin: Origin) -> bytes:
    """The packed draft as its source sent it, without what publishing added."""
    draft = unpack(one.entry.draft, RawEntry)
    links = tuple(link for link in draft.links if link.rel != "related" or link.href not in one.also)
    return pack(replace(draft, links=links, source=origin.kept))


async def _clean(app: App, pool: WorkerPool, drafts: Drafts) -> dict[int, bytes]:
    """Number → packed clean entry. A group that cannot be cleaned is halved, so that only bad drafts are lost."""
    try:
        return dict(await pool.call(clean_again, drafts, content_settings(app.config)))
    except ParseError:
        if len(drafts) == 1:
            return {}
        half = len(drafts) // 2
        return await _clean(app, pool, drafts[:half]) | await _clean(app, pool, drafts[half:])


def _unconfigured(learned: Iterable[Learned]) -> Iterator[Problem]:
    counts = Counter(one.origin.source_id for one in learned if not one.origin.is_configured)
    for source_id, count in sorted(counts.items()):
        entries = count_of(count, "entry is", "entries are")
        message = (
            f"{entries} of a source that is unknown or not in the config, and in no feed until a source of the config"
            " shows the same"
        )
        yield Problem(source_id, "config", message)
