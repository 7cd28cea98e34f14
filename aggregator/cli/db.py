"""db: check, back up, copy, prune and recover the state."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.commands import Commands
from aggregator.cli.db_copy import copy
from aggregator.cli.open_app import app_of, open_app
from aggregator.cli.options import Json, Wait
from aggregator.cli.output import show_json, show_message, terminal
from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.maintenance.clock import ClockReport
    from aggregator.maintenance.prune import Pruned
    from aggregator.recover import Recovery


def add_to(app: typer.Typer) -> None:
    db = Commands(help="Check, back up, copy, prune and recover the state.", no_args_is_help=True)
    app.add_typer(db.add(upgrade, check, prune, backup, copy, recover, clock), name="db")


def upgrade(
    context: typer.Context,
    json: Json = False,
) -> None:
    """Upgrade the state to the schema of this version.

    Saves a copy of the old state beside it. Every other command that opens the state upgrades it, too.
    """
    from aggregator.store.head import HEAD

    with open_app(context, existing=True) as app:
        state = app.store.name
    if json:
        show_json({"state": state, "schema": HEAD})
    elif not context.obj.quiet:
        show_message(f"{state} has schema {HEAD}, the newest")


def check(
    context: typer.Context,
    json: Json = False,
) -> int:
    """Check the state for damage, without changing it.

    Exits with status 4 if the state is damaged. `regenerate` repairs packed values that cannot be read.
    """
    app = app_of(context)
    state, faults = app.store.name, _faults(app)
    if json:
        where = {"where": state, "kind": "state", "transient": False}
        show_json({"problems": [where | {"message": fault} for fault in faults]})
    else:
        for fault in faults:
            show_message(f"{state}: {fault}")
        if not faults and not context.obj.quiet:
            show_message(f"{state}: no damage found")
    return 4 if faults else 0


def _faults(app: "App") -> list[str]:
    """Raises UsageError, StateError."""
    from aggregator.errors import StateError, UsageError
    from aggregator.maintenance.packed_columns import find_damage

    store = app.store
    if not store.exists():
        raise UsageError(f"there is no state {store.name} yet; `aggregator run` creates it")
    if store.file and store.file.is_file() and not store.file.stat().st_size:
        raise StateError(
            f"the state {store.name} is an empty file; restore a backup, or remove the file and run"
            " `aggregator db recover`, which rebuilds the state from the published tree"
        )
    with store.opened():
        faults = store.faults()
        if not any("is not there; restore" in one or "has no column" in one for one in faults):
            with store.read() as tx:
                faults += map(str, find_damage(tx))
        return faults


def prune(
    context: typer.Context,
    formats: Annotated[
        bool,
        typer.Option("--formats", help="Delete archive pages in formats other than feeds.archive_formats instead."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; change nothing.")] = False,
    wait: Wait = False,
    json: Json = False,
) -> None:
    """Drop the content of entries older than `retention`.

    Shrinks the file of the state. Keeps ids, slugs, links, names, dates, digests and published files, so a pruned entry
    that its source still shows counts as neither new nor edited. `run` and `daemon` prune once a day by themselves.
    With --formats, shows which files of archive pages would leave the tree, and asks at a terminal.
    """
    if formats:
        from aggregator.cli.prune_formats import prune_formats

        prune_formats(context, dry_run=dry_run, wait=wait, json=json)
    else:
        _prune_content(context, dry_run=dry_run, wait=wait, json=json)


def _prune_content(context: typer.Context, *, dry_run: bool, wait: bool, json: bool) -> None:
    from aggregator.maintenance.prune import prune as drop_content

    with open_app(context, wait=wait, engine=not dry_run, existing=True) as app:
        with app.store.read() as tx:
            at = app.now(tx)
        pruned = drop_content(app, at, only_count=dry_run)
        freed = app.store.compact() if pruned.entries and not dry_run else 0
    if json:
        show_json(
            {
                "state": app.store.name,
                "before": pruned.before,
                "entries": pruned.entries,
                "bytes_freed": freed,
                "dry_run": dry_run,
            }
        )
    elif not context.obj.quiet:
        show_message(_prune_message(app, pruned, freed, dry_run=dry_run))


def _prune_message(app: "App", pruned: "Pruned", freed: int, *, dry_run: bool) -> str:
    if pruned.before is None:
        file = app.config.file.name
        return f"nothing to drop: `retention` is forever; `retention: 365d` in {file} keeps content for a year"
    older = f"{count_of(pruned.entries, 'entry', 'entries')} older than {pruned.before:%Y-%m-%d %H:%M} UTC"
    if dry_run:
        return f"would drop the content of {older}; nothing was changed (--dry-run)"
    return f"dropped the content of {older}; freed {freed:,} bytes"


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to create; it must not exist yet.")],
    json: Json = False,
) -> None:
    """Copy the state to a file. Other processes may keep working on it."""
    from aggregator.errors import OutputError, UsageError

    store = app_of(context).store
    if not store.exists():
        raise UsageError(f"there is no state {store.name} yet; `aggregator run` creates it")
    if file.exists():
        raise UsageError(f"{file} exists already; name a new file")
    if not file.absolute().parent.is_dir():
        raise OutputError(f"the folder {file.absolute().parent} does not exist; create it, or name another file")
    store.copy_to(file)
    if json:
        show_json({"state": store.name, "copy": str(file), "bytes": file.stat().st_size})
    elif not context.obj.quiet:
        show_message(f"copied {store.name} to {file}")


def recover(
    context: typer.Context,
    wait: Wait = False,
    json: Json = False,
) -> None:
    """Rebuild a lost state from the published tree.

    Recovers ids, slugs, dates and addresses. Removed entries stay removed. The tree does not hold entries older than
    the feeds, nor which entries a person held or joined, so these stay lost.
    """
    from aggregator.recover import recover as rebuild
    from aggregator.worker_pool import run_with_pool

    with open_app(context, wait=wait, engine=True) as app:
        recovery = run_with_pool(lambda pool: rebuild(app, pool))
        if json:
            show_json(recovery)
        else:
            _show(app, recovery, quiet=context.obj.quiet)


def clock(
    context: typer.Context,
    accept_now: Annotated[bool, typer.Option("--accept-now", help="Trust the clock: set these times to now.")] = False,
    wait: Wait = False,
    json: Json = False,
) -> None:
    """Show stored times in the future, or set them to now.

    Such times come from a clock that was wrong. --accept-now copies the state first. Ids and archive pages stay, and
    these entries keep their order.
    """
    from aggregator.maintenance.clock import accept_now as accept
    from aggregator.maintenance.clock import find_later_times

    with open_app(context, existing=True, engine=accept_now, wait=wait) as app:
        report = accept(app) if accept_now else find_later_times(app)
        state = app.store.name
    if json:
        show_json(_clock_document(state, report))
    elif not context.obj.quiet:
        show_message(*_clock_lines(state, report))


def _clock_document(state: str, report: "ClockReport") -> dict[str, Any]:
    later = [
        {"table": one.table, "column": one.column, "count": one.count, "latest": one.latest, "plan": one.is_plan}
        for one in report.later
    ]
    return {"state": state, "now": report.now, "later": later, "copy": str(report.copy) if report.copy else None}


def _clock_lines(state: str, report: "ClockReport") -> Iterator[str]:
    now = f"{report.now:%Y-%m-%d %H:%M:%S} UTC"
    if not report.later:
        yield f"{state}: no stored time lies after now ({now})"
        return
    for one in report.later:
        plan = ", a plan" if one.is_plan else ""
        yield f"{one.table}.{one.column}: {one.count} later than now, the latest {one.latest:%Y-%m-%d %H:%M} UTC{plan}"
    if report.copy:
        yield f"set future times to {now}; {report.copy} is a copy of the old state; the next run publishes the change"
    else:
        yield f"the clock says {now}; if that is right, `aggregator db clock --accept-now` sets all of these to it"


def _show(app: "App", recovery: "Recovery", *, quiet: bool) -> None:
    from rich.markup import escape

    console = terminal()
    for problem in recovery.problems:
        console.print(f"[yellow]{escape(problem.where)}[/]: {escape(problem.kind)}: {escape(problem.message)}")
    if not quiet:
        console.print(
            f"recovered from {escape(str(app.output))}: {count_of(recovery.entries, 'entry', 'entries')},"
            f" {count_of(recovery.feeds, 'feed')}, {count_of(recovery.categories, 'category', 'categories')},"
            f" {count_of(recovery.files, 'file')}, {count_of(recovery.removed, 'removal')}"
        )
        console.print("next: `aggregator run` continues from the published tree; its entries keep their ids and dates")
