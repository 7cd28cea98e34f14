"""The way of the data, told once.

    pull(source)    claim ─▶ fetch ─▶ [ parse ─▶ normalize ─▶ sanitize ─▶ fingerprint ] ─▶ record     concurrent
    settle(batch)   in config order ─▶ match ─▶ decide ─▶ Entries, with the reasons                   one writer
    publish(feeds)  dirty Feeds ─▶ select ─▶ render ─▶ write if bytes changed                         pure of rows

Commands differ only in which of the three they call, and when.
"""

import asyncio
import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from aggregator.app import App
from aggregator.errors import StateError
from aggregator.maintenance.prune import prune_daily
from aggregator.maintenance.repair import repair, withstand
from aggregator.maintenance.reprocess import FACT_OTHERWISE, clean_stale
from aggregator.merge.decide import decide, reconsider
from aggregator.merge.hidden_secrets import report_exposed
from aggregator.merge.merge import FACT_REPAIRED, merge_pulls, open_context, release_held
from aggregator.merge.sync_sources import sync_sources
from aggregator.model.entry import Problem
from aggregator.publish.output_tree import Tree
from aggregator.publish.publish import publish
from aggregator.pull.feeds import PullScope, pull_sources
from aggregator.pull.posts import read_folders
from aggregator.pull.reading_lists import read_lists
from aggregator.report import Progress, Report
from aggregator.status.record import record_health
from aggregator.store import Transaction
from aggregator.text.generator import INDEX
from aggregator.worker_pool import WorkerPool


@dataclass(frozen=True, slots=True)
class RunOptions:
    """`force`: due or not; `only`: these sources' ids; `fresh`: an empty state may take over a full tree;
    `punctual`: no source waits for the jitter that keeps a scheduler's turns apart."""

    force: bool = False
    only: Collection[str] = ()
    fresh: bool = False
    punctual: bool = True


async def run(app: App, pool: WorkerPool, options: RunOptions, *, progress: Progress = lambda _: None) -> Report:
    """One shot: pull what is due and read all posts, settle, publish the feeds that changed."""
    report, started = Report(), time.monotonic()
    ask, whom = not options.only, PullScope(options.force, options.only, options.punctual)
    at = await take_up(app, pool, report, fresh=options.fresh, ask=ask, force=options.force)
    await pull_sources(app, pool, at, report, whom, progress=progress)
    await pool.rest()
    await withstand(app, pool, report, lambda: merge(app, report, at))
    await withstand(app, pool, report, lambda: publish(app, report, at, fresh=options.fresh, progress=progress))
    prune_daily(app, at, progress=progress)
    return _close(app, report, started)


async def regenerate(
    app: App, pool: WorkerPool, only: Collection[str] = (), *, progress: Progress = lambda _: None
) -> Report:
    """One shot, no network: read posts, clean and decide everything again, publish every feed."""
    report, started = Report(), time.monotonic()
    at = await take_up(app, pool, report, everything=True)
    await pool.rest()
    await withstand(app, pool, report, lambda: merge(app, report, at))
    with app.store.write() as tx:
        tx.feeds.mark_all_dirty()
        tx.entries.mark_pages(dirty=True)
    await withstand(app, pool, report, lambda: publish(app, report, at, only=only, anew=True, progress=progress))
    return _close(app, report, started)


async def publish_now(app: App, pool: WorkerPool, *, progress: Progress = lambda _: None) -> Report:
    """One shot: publish what a person decided, asking nobody and reading no posts."""
    report, started = Report(), time.monotonic()
    at = begin(app)
    await adopt(app, pool, report, at, progress=progress)
    await pool.rest()
    publish(app, report, at, progress=progress)
    return _close(app, report, started)


def merge(
    app: App,
    report: Report,
    at: datetime,
    *,
    unfinished: Collection[datetime] = (),
    progress: Progress = lambda _: None,
) -> None:
    """Merges what pulls brought, then records what that changed in the health of sources."""
    pulls = merge_pulls(app, report, at, unfinished=unfinished, progress=progress)
    with app.store.write() as tx:
        record_health(app, tx, at, pulls)


async def take_up(
    app: App,
    pool: WorkerPool,
    report: Report,
    *,
    fresh: bool = False,
    everything: bool = False,
    ask: bool = False,
    force: bool = False,
) -> datetime:
    """All that is new without asking anybody: the config, our own rules, posts; with `ask`, reading lists that are due
    (all with `force`). Returns the batch's time; posts are settled with the batch."""
    at = begin(app, fresh=fresh)
    if everything:
        report.add_repairs(await repair(app, pool))
    await withstand(app, pool, report, lambda: read_lists(app, pool, at, report, ask=ask, force=force))
    await adopt(app, pool, report, at, everything=everything)
    await withstand(app, pool, report, lambda: read_folders(app, pool, at, report))
    return at


def begin(app: App, *, fresh: bool = False) -> datetime:
    """The batch's time, for the one engine when it starts; raises where deciding now would do harm, before anything is
    stored."""
    with app.store.write() as tx:
        _refuse_unusable_tree(app, tx, fresh=fresh)
        at = app.now(tx)
        if fresh and tx.facts.is_empty():
            _learn_removals(app, tx)
        tx.sources.release()
    return at


def _learn_removals(app: App, tx: Transaction) -> None:
    """A new start forgets what was published, not what was taken down."""
    from aggregator.merge.removals import learn_removals
    from aggregator.recover.removed_json import read_removed

    if not tx.removals.all():
        removed = read_removed(Tree(app.output))
        learn_removals(tx, removed.salt, removed.groups)


def _refuse_unusable_tree(app: App, tx: Transaction, *, fresh: bool) -> None:
    """A tree of ours beside an empty state, and another program's index where ours must be."""
    tree = Tree(app.output)
    if tx.facts.is_empty() and not fresh and tree.is_published():
        raise StateError(
            f"the state {app.store.path} is empty, but {app.output} holds a published tree: publishing anew"
            " would show every reader every entry again. `aggregator db recover` learns from the tree what was"
            " published; or restore the state; or, if this is a new start, `aggregator run --fresh`"
        )
    row = tx.files.find(INDEX)
    if row is None or row.stamp is None or tree.stamps([INDEX]).get(INDEX) != row.stamp:
        tree.refuse_foreign_index()


async def adopt(
    app: App,
    pool: WorkerPool,
    report: Report,
    at: datetime,
    *,
    everything: bool = False,
    progress: Progress = lambda _: None,
) -> None:
    """Takes up what changed in the config and in our rules.

    What a run that was cut off left unsettled is settled with this batch: were it settled before, a source that had
    not answered yet would come after one that stands below it in the config.
    """

    async def take_up_all() -> None:
        await asyncio.to_thread(enroll, app, at)
        await clean_stale(app, pool, everything=everything, progress=progress)
        await asyncio.to_thread(_decide_anew, app, report, at, everything=everything)

    await withstand(app, pool, report, take_up_all)
    await asyncio.to_thread(_tell_exposed, app, report)


def enroll(app: App, at: datetime) -> None:
    """The sources are the config's from here on; that some are shown otherwise is remembered until it is decided."""
    with app.store.write() as tx:
        app.keep_ids(tx)
        changed = sync_sources(app, tx, at)
        if changed:
            tx.facts.set(FACT_OTHERWISE, "\n".join(sorted({*_shown_otherwise(tx), *changed})))


def _tell_exposed(app: App, report: Report) -> None:
    with app.store.write() as tx:
        report_exposed(app, tx, report)


def _shown_otherwise(tx: Transaction) -> list[str]:
    return tx.facts.get(FACT_OTHERWISE).split()


def _decide_anew(app: App, report: Report, at: datetime, *, everything: bool) -> None:
    with app.store.write() as tx:
        if said := tx.facts.get(FACT_REPAIRED):
            report.add_repairs([Problem(**one) for one in json.loads(said)])
            tx.facts.set(FACT_REPAIRED, "")
        context = open_context(app, tx, report)
        otherwise = _shown_otherwise(tx)
        touched = tx.sightings.entries_of_sources(otherwise)
        decide(context, tx, touched, at, edits=False)
        placing = app.placing_digest()
        if everything or tx.facts.get("placing") != placing:
            reconsider(context, tx, at, but=set(touched))
            if context.category_tree.respell(tx):
                tx.feeds.mark_all_dirty()
            tx.facts.set("placing", placing)
        if otherwise:
            tx.facts.set(FACT_OTHERWISE, "")
        release_held(app, tx, report, at)


def _close(app: App, report: Report, started: float) -> Report:
    with app.store.read() as tx:
        report.entries.total = tx.entries.visible_count()
    report.sort_problems([source.id for source in app.sources])
    report.seconds = time.monotonic() - started
    return report
