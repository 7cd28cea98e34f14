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
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from aggregator import idle_run
from aggregator.app import App
from aggregator.errors import StateError
from aggregator.idle_run import StateChanges
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
from aggregator.publish.output_tree import Tree
from aggregator.publish.publish import publish
from aggregator.pull.claim import PullScope
from aggregator.pull.feeds import pull_sources
from aggregator.pull.reading_list_sources import with_resolved_sources
from aggregator.pull.reading_lists import read_lists
from aggregator.report import Progress, Report
from aggregator.settings import placing_digest
from aggregator.status.omissions import standing_problems
from aggregator.status.record import record_health
from aggregator.store import Transaction
from aggregator.store.fact_names import PLACEMENT_SETTINGS, REPAIRS, SOURCES_TO_DECIDE
from aggregator.text.generator import INDEX
from aggregator.threads import in_thread
from aggregator.websub.pings import ping_hub
from aggregator.worker_pool import WorkerPool


@dataclass(frozen=True, slots=True)
class RunOptions:
    """`force`: pull sources that are not due, too; `only`: ids of the sources to pull, () = all; `fresh`: an empty
    state may replace a published tree; `punctual`: ignore the jitter that spreads a scheduler's pulls."""

    force: bool = False
    only: Collection[str] = ()
    fresh: bool = False
    punctual: bool = True


async def run(app: App, pool: WorkerPool, options: RunOptions, *, progress: Progress = lambda _: None) -> Report:
    """One shot: pull due sources, read all posts, merge, publish the feeds that changed, and tell the hub of them."""
    report, started = Report(), time.monotonic()
    changes = StateChanges.since_now(app.store)
    scope = PullScope(options.force, options.only, options.punctual)
    app, at = await prepare(app, pool, report, fresh=options.fresh, pull_lists=not options.only, force=options.force)
    await pull_sources(app, pool, at, report, scope, progress=progress)
    await run_repairing(app, pool, report, lambda: merge(app, report, at))
    await _publish(app, pool, report, at, fresh=options.fresh, progress=progress)
    prune_daily(app, at, progress=progress)
    if app.writes:
        report.add_problems(await ping_hub(app))
    _complete(app, report, started)
    if not options.only:
        with app.store.write() as tx:
            idle_run.record(app, tx, changes, report, at)
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
    fresh: bool = False,
    everything: bool = False,
    pull_lists: bool = False,
    force: bool = False,
) -> tuple[App, datetime]:
    """Everything that precedes the pulls: applies changes of the config and of this program, and reads the posts;
    `pull_lists`: also pulls reading lists that are due (`force`: all). Returns the app with the sources that these
    lists hold now, and the batch's time."""
    at = begin(app, fresh=fresh)
    if everything:
        report.add_repairs(await repaired(app, pool))
    await run_repairing(app, pool, report, partial(read_lists, app, pool, at, report, ask=pull_lists, force=force))
    app = with_resolved_sources(app)
    await apply_changes(app, pool, report, at, everything=everything)
    if app.folders:
        from aggregator.pull.posts import read_folders

        await run_repairing(app, pool, report, partial(read_folders, app, pool, at, report))
    return app, at


def begin(app: App, *, fresh: bool = False, alone: bool = True) -> datetime:
    """Starts a batch and returns its time. Raises, before anything is stored, if the tree or the clock do not fit the
    state. `alone`: no other process works on the state, so leases that are left are ended."""
    with app.store.write() as tx:
        _refuse_unusable_tree(app, tx, fresh=fresh)
        at = app.now(tx)
        if fresh and tx.facts.is_empty():
            _learn_removals(app, tx)
        if alone:
            tx.sources.release()
    return at


def _learn_removals(app: App, tx: Transaction) -> None:
    """A fresh start keeps the removals of the published tree: what was taken down stays down."""
    from aggregator.merge.removals import learn_removals
    from aggregator.recover.removed_json import read_removed

    if not tx.removals.all():
        removed = read_removed(Tree(app.output))
        learn_removals(tx, removed.salt, removed.groups)


def _refuse_unusable_tree(app: App, tx: Transaction, *, fresh: bool) -> None:
    """Refuses a published tree beside an empty state, and another program's file in the place of our index."""
    tree = Tree(app.output)
    if tx.facts.is_empty() and not fresh and tree.is_published():
        raise StateError(
            f"the state {app.store.name} is empty, but {app.output} holds a published tree: publishing now"
            " would show every reader every entry again. `aggregator db recover` rebuilds the state from the tree; or"
            " restore the state from a backup; or, if this is a new start, run `aggregator run --fresh`"
        )
    row = tx.files.find(INDEX)
    if row is None or row.stamp is None or tree.stamps([INDEX]).get(INDEX) != row.stamp:
        tree.refuse_foreign_index()


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
        report.add_problems(standing_problems(tx, report.problems), last=True)
    report.sort_problems([source.id for source in app.sources])
    report.seconds = time.monotonic() - started
    return report
