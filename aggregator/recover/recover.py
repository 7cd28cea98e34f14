"""The story of recovering: remember what the tree says, find out whose it is, write it down in one transaction."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from aggregator.app import CLOCK_SLACK, App
from aggregator.codec import pack, unpack
from aggregator.errors import ClockError, ParseError, UsageError
from aggregator.model.document import RawEntry
from aggregator.model.problems import Problem
from aggregator.pull.process import clean_again
from aggregator.recover.read_tree import PublishedTree, RecoveredEntry, read_published
from aggregator.recover.rebuild import Learned, rebuild
from aggregator.recover.sources import Origin, Origins
from aggregator.store.table import chunks
from aggregator.worker_pool import WorkerPool

AT_ONCE = 100  # drafts that are cleaned in one call

Drafts = Sequence[tuple[int, bytes]]  # by number, packed


@dataclass(frozen=True, slots=True)
class Recovery:
    """How much was learned again, and what could not be."""

    entries: int
    feeds: int
    categories: int
    files: int
    removed: int
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def recover(app: App, pool: WorkerPool) -> Recovery:
    """All or nothing: one transaction. Raises UsageError where the state is not lost, StateError where there is no
    tree to learn from, ClockError where the clock stands before the tree.
    """
    at = app.clock()
    with app.store.read() as tx:
        if tx.entries.next_id() > 1 or tx.feeds.all():
            raise UsageError(
                f"the state {app.store.path} is not lost: it knows entries or feeds, and recovering never overwrites"
                " what is known; `aggregator run` goes on with it"
            )
    memory = await read_published(app, pool)
    newest = max((listing.updated for listing in memory.listings), default=at)
    if at < newest - CLOCK_SLACK:
        raise ClockError(
            f"the clock says {at:%Y-%m-%d %H:%M} UTC, the tree was published at {newest:%Y-%m-%d %H:%M} or later;"
            " set the clock right, or unset AGGREGATOR_NOW"
        )
    learned, lost = await _learn(app, pool, memory)
    with app.store.write() as tx:
        counts = rebuild(app, tx, memory, learned, at)
    problems = (*memory.problems, *lost, *counts.problems, *_homeless(learned))
    files, removed = len(memory.files), len(memory.removed.groups)
    return Recovery(len(learned), counts.feeds, counts.categories, files, removed, problems)


async def _learn(app: App, pool: WorkerPool, memory: PublishedTree) -> tuple[list[Learned], list[Problem]]:
    """Every entry with its source and its clean draft, in the order of feeds."""
    origins = Origins(app)
    ones = [(one, origins.of(one)) for one in memory.in_order()]
    drafts = [(i, source_draft(one, origin)) for i, (one, origin) in enumerate(ones)]
    groups = [_clean(app, pool, group) for group in chunks(drafts, AT_ONCE)]
    cleans = {i: clean for group in await asyncio.gather(*groups) for i, clean in group.items()}
    learned = [
        Learned(one, origin, draft, cleans[i])
        for (one, origin), (i, draft) in zip(ones, drafts, strict=True)
        if i in cleans
    ]
    lost = (one.entry.public_id for i, (one, _) in enumerate(ones) if i not in cleans)
    return learned, [Problem("", "parse", f"{public_id} is left out: it cannot be read") for public_id in lost]


def source_draft(one: RecoveredEntry, origin: Origin) -> bytes:
    """Packed, as its source showed it."""
    draft = unpack(one.entry.draft, RawEntry)
    links = tuple(link for link in draft.links if link.rel != "related" or link.href not in one.also)
    return pack(replace(draft, links=links, source=origin.kept))


async def _clean(app: App, pool: WorkerPool, drafts: Drafts) -> dict[int, bytes]:
    """Packed clean drafts. Where a group cannot be cleaned each half is tried alone, so that one costs itself."""
    try:
        return dict(await pool.call(clean_again, drafts, app.content()))
    except ParseError:
        if len(drafts) == 1:
            return {}
        half = len(drafts) // 2
        return await _clean(app, pool, drafts[:half]) | await _clean(app, pool, drafts[half:])


def _homeless(learned: Iterable[Learned]) -> Iterator[Problem]:
    counts = Counter(one.origin.source_id for one in learned if not one.origin.is_configured)
    for source_id, count in sorted(counts.items()):
        message = (
            f"{count} entries were taken from a source that is not in the config, or that cannot be told; they leave"
            " the feeds until a source of the config shows them"
        )
        yield Problem(source_id, "config", message)
