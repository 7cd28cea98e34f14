"""The three stages, called in order.

    pull(source)    claim ─▶ fetch ─▶ [ parse ─▶ clean ─▶ fingerprint ] ─▶ record              concurrent, in any order
    merge(batch)    in config order ─▶ match ─▶ categorize ─▶ decide ─▶ entries                one writer, deterministic
    publish(feeds)  dirty feeds ─▶ select ─▶ render ─▶ validate ─▶ write if changed            a pure function of rows

Commands and the daemon differ only in which of them they call, and when.
"""

import asyncio
import json
import time
from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any

from aggregator.app import App
from aggregator.maintenance.prune import prune_daily
from aggregator.maintenance.repaired_run import repaired, run_repairing
from aggregator.maintenance.reprocess import clean_stale
from aggregator.merge.context import open_context
from aggregator.merge.decide import decide, reconsider
from aggregator.merge.held import seal_held
from aggregator.merge.hidden_secrets import report_exposed
from aggregator.merge.merge import merge_pulls
from aggregator.merge.sync_sources import sync_sources
from aggregator.model.problems import Problem
from aggregator.one_shot import idle_run
from aggregator.one_shot.batch import Batch, RunOptions, begin, start
from aggregator.publish.publish import publish
from aggregator.pull.feeds import pull_sources
from aggregator.pull.reading_list_sources import with_resolved_sources
from aggregator.pull.reading_lists import read_lists
from aggregator.report import Progress, Report
from aggregator.settings import placing_digest
from aggregator.status.omissions import standing_problems
from aggregator.status.record import record_health
from aggregator.store.fact_names import PLACEMENT_SETTINGS, REPAIRS, SOURCES_TO_DECIDE
from aggregator.threads import in_thread
from aggregator.websub.pings import ping_hub
from aggregator.worker_pool import WorkerPool


async def run(
    app: App,
    pool: WorkerPool,
    options: RunOptions,
    *,
    pulled: Batch | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """One shot: pull due sources, read all posts, merge, publish the feeds that changed, and tell the hub of them.
    `pulled`: a batch whose sources were pulled already."""
    batch = pulled or start(app, fresh=options.fresh)
    report, lists = batch.report, not options.only
    app, at = await prepare(app, pool, report, at=batch.at, pull_lists=lists, force=options.force)
    if not pulled:
        await pull_sources(app, pool, at, report, options.scope, progress=progress)
    await run_repairing(app, pool, report, lambda: merge(app, report, at))
    await _publish(app, pool, report, at, fresh=options.fresh, progress=progress)
    prune_daily(app, at, progress=progress)
    if app.writes:
        report.add_problems(await ping_hub(app))
    _complete(app, report, batch.started)
    if not options.only:
        with app.store.write() as tx:
            idle_run.record(app, tx, batch.changes, report, at)
    return report


async def regenerate(
    app: App, pool: WorkerPool, only: Collection[str] = (), *, progress: Progress = lambda _: None
) -> Report:
    """One shot, no network: read posts, clean and decide everything again, and publish every feed."""
    report, started = Report(), time.monotonic()
    app, at = await prepare(app, pool, report, everything=True)
    await run_repairing(app, pool, report, lambda: merge(app, report, at))
    with app.store.write() as tx:
        tx.feeds.mark_all_dirty()
        tx.entries.mark_pages(dirty=True)
    await _publish(app, pool, report, at, only=only, anew=True, progress=progress)
    return _complete(app, report, started)


async def publish_now(app: App, pool: WorkerPool) -> Report:
    """One shot: publish a person's decisions, without pulling sources or reading posts."""
    report, started = Report(), time.monotonic()
    at = begin(app)
    app = with_resolved_sources(app)
    await apply_changes(app, pool, report, at)
    await pool.release_idle()
    publish(app, report, at)
    return _complete(app, report, started)


async def _publish(app: App, pool: WorkerPool, report: Report, at: datetime, **options: Any) -> None:
    """In a thread, because the processes that help to render are asked in this one."""
    work = partial(publish, app, report, at, workers=pool.from_thread(), **options)
    await run_repairing(app, pool, report, lambda: in_thread(work))


def merge(
    app: App,
    report: Report,
    at: datetime,
    *,
    unfinished: Collection[datetime] = (),
    by_time: bool = False,
    progress: Progress = lambda _: None,
) -> None:
    """Merges the recorded pulls, then records how the health of their sources changed."""
    pulls = merge_pulls(app, report, at, unfinished=unfinished, by_time=by_time, progress=progress)
    with app.store.write() as tx:
        record_health(app, tx, at, pulls)


async def prepare(
    app: App,
    pool: WorkerPool,
    report: Report,
    *,
    at: datetime | None = None,
    everything: bool = False,
    pull_lists: bool = False,
    force: bool = False,
) -> tuple[App, datetime]:
    """Everything that precedes the pulls: applies changes of the config and of this program, and reads the posts;
    `pull_lists`: also pulls reading lists that are due (`force`: all); `at`: the time of a batch that has begun.
    Returns the app with the sources that these lists hold now, and the batch's time."""
    at = at or begin(app)
    if everything:
        report.add_repairs(await repaired(app, pool))
    await run_repairing(app, pool, report, partial(read_lists, app, pool, at, report, ask=pull_lists, force=force))
    app = with_resolved_sources(app)
    await apply_changes(app, pool, report, at, everything=everything)
    if app.folders:
        from aggregator.pull.posts import read_folders

        await run_repairing(app, pool, report, partial(read_folders, app, pool, at, report))
    return app, at


async def apply_changes(
    app: App,
    pool: WorkerPool,
    report: Report,
    at: datetime,
    *,
    everything: bool = False,
    progress: Progress = lambda _: None,
) -> None:
    """Applies changes of the config and of this program's rules.

    Pulls that an interrupted run left unmerged are merged with this batch. Merged earlier, a source that had not
    answered yet would come after one that stands below it in the config.
    """

    async def apply_all() -> None:
        await asyncio.to_thread(sync_config, app, at)
        await clean_stale(app, pool, everything=everything, progress=progress)
        await asyncio.to_thread(_decide_again, app, report, at, everything=everything)

    await run_repairing(app, pool, report, apply_all)
    await asyncio.to_thread(_report_exposed_secrets, app, report)


def sync_config(app: App, at: datetime) -> None:
    """Stores the sources of the config. Sources that are now shown differently stay noted until they are decided."""
    with app.store.write() as tx:
        changed = sync_sources(app, tx, at)
        if changed:
            tx.facts.add_lines(SOURCES_TO_DECIDE, changed)


def _report_exposed_secrets(app: App, report: Report) -> None:
    with app.store.write() as tx:
        report_exposed(app, tx, report)


def _decide_again(app: App, report: Report, at: datetime, *, everything: bool) -> None:
    with app.store.write() as tx:
        if earlier := tx.facts.get(REPAIRS):
            report.add_repairs([Problem(**one) for one in json.loads(earlier)])
            tx.facts.set(REPAIRS, "")
        context = open_context(app, tx, report)
        changed = tx.facts.get(SOURCES_TO_DECIDE).split()
        touched = tx.sightings.entries_of_sources(changed)
        decide(context, tx, touched, at, edits=False)
        placing = placing_digest(app.config)
        if everything or tx.facts.get(PLACEMENT_SETTINGS) != placing:
            reconsider(context, tx, at, but=set(touched))
            if context.category_tree.respell(tx):
                tx.feeds.mark_all_dirty()
            tx.facts.set(PLACEMENT_SETTINGS, placing)
        if changed:
            tx.facts.set(SOURCES_TO_DECIDE, "")
        seal_held(app, tx, report, at)


def _complete(app: App, report: Report, started: float) -> Report:
    with app.store.read() as tx:
        report.entries.total = tx.entries.visible_count()
        report.add_standing(standing_problems(tx))
    report.sort_problems([source.id for source in app.sources])
    report.seconds = time.monotonic() - started
    return report
