"""db: what is done to the state as a whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.open_app import app_of, open_app
from aggregator.cli.output import show_json, terminal

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.maintenance.clock import ClockReport
    from aggregator.maintenance.prune import Pruned
    from aggregator.recover import Recovery


def add_to(app: typer.Typer) -> None:
    db = typer.Typer(help="Take care of the state.", no_args_is_help=True)
    db.command("upgrade")(upgrade)
    db.command("check")(check)
    db.command("prune")(prune)
    db.command("backup")(backup)
    db.command("recover")(recover)
    db.command("clock")(clock)
    app.add_typer(db, name="db")


def upgrade(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Bring the state to the schema of this program; a copy of what it was stays beside it.

    Every other command does so, too, when it opens the state.
    """
    from aggregator.store.schema import HEAD

    with open_app(context, existing=True) as app:
        state = str(app.store.path)
    if json:
        show_json({"state": state, "schema": HEAD})
    elif not context.obj.quiet:
        terminal().print(f"{state} has schema {HEAD}, the newest", markup=False)


def check(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> int:
    """Look whether the state is whole: read all that the program reads, and change nothing of it.

    Ends with status 4 where it is not. What is packed in a row and cannot be read, `regenerate` repairs.
    """
    app = app_of(context)
    state, faults = str(app.store.path), _faults(app)
    if json:
        where = {"where": state, "kind": "state", "transient": False}
        show_json({"problems": [where | {"message": fault} for fault in faults]})
    else:
        for fault in faults:
            terminal().print(f"{state}: {fault}", markup=False)
        if not faults and not context.obj.quiet:
            terminal().print(f"{state}: whole", markup=False)
    return 4 if faults else 0


def _faults(app: "App") -> list[str]:
    """Raises UsageError, StateError."""
    from aggregator.errors import StateError, UsageError
    from aggregator.maintenance.packed_columns import find_damage

    store = app.store
    if not store.exists():
        raise UsageError(f"there is no state {store.path} yet; `aggregator run` makes it")
    if store.path.is_file() and not store.path.stat().st_size:
        raise StateError(
            f"the state {store.path} is an empty file; restore a backup, or remove it: `aggregator db recover` then"
            " learns from the published tree what was published"
        )
    store.open()
    try:
        faults = store.faults()
        if not any("is not there; restore" in one or "has no column" in one for one in faults):
            with store.read() as tx:
                faults += map(str, find_damage(tx))
        return faults
    finally:
        store.close()


def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell of how many entries; change nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another process instead of giving up.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Drop the content of entries that are older than `retention`, and give the room back to the disk.

    Ids, slugs, links, names, dates and digests stay, and so does all that is published: a pruned entry is not new and
    not edited where its source still shows it. `run` and `daemon` do so by themselves once a day.
    """
    from aggregator.maintenance.prune import prune as drop_content

    with open_app(context, wait=wait, engine=not dry_run, existing=True) as app:
        with app.store.read() as tx:
            at = app.now(tx)
        pruned = drop_content(app, at, only_count=dry_run)
        freed = app.store.compact() if pruned.entries and not dry_run else 0
    if json:
        show_json(
            {
                "state": str(app.store.path),
                "before": pruned.before,
                "entries": pruned.entries,
                "bytes_freed": freed,
                "dry_run": dry_run,
            }
        )
    elif not context.obj.quiet:
        terminal().print(_pruned(app, pruned, freed, dry_run=dry_run), markup=False)


def _pruned(app: "App", pruned: "Pruned", freed: int, *, dry_run: bool) -> str:
    if pruned.before is None:
        file = app.config.file.name
        return f"retention is forever, so nothing is dropped; `retention: 365d` in {file} keeps content for a year"
    older = f"{pruned.entries} entries older than {pruned.before:%Y-%m-%d %H:%M} UTC"
    if dry_run:
        return f"the content of {older} would be dropped; nothing was changed (--dry-run)"
    return f"dropped the content of {older}; {freed:,} bytes are free again"


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; it must not be there yet.")],
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Copy the state as one moment has it, beside whoever works on it."""
    from aggregator.errors import OutputError, UsageError

    store = app_of(context).store
    if not store.exists():
        raise UsageError(f"there is no state {store.path} yet; `aggregator run` makes it")
    if file.exists():
        raise UsageError(f"{file} is there already; name a file that is not")
    if not file.absolute().parent.is_dir():
        raise OutputError(f"there is no folder {file.absolute().parent} for the copy")
    store.copy_to(file)
    if json:
        show_json({"state": str(store.path), "copy": str(file), "bytes": file.stat().st_size})
    elif not context.obj.quiet:
        terminal().print(f"copied {store.path} to {file}", markup=False)


def recover(
    context: typer.Context,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another process instead of giving up.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Learn ids, slugs, dates and addresses again from the published tree, where the state was lost.

    What was removed stays out. What the tree does not hold stays lost: what was held or joined by hand, and entries
    older than the feeds.
    """
    import asyncio

    with open_app(context, wait=wait, engine=True) as app:
        recovery = asyncio.run(_recover(app))
        if json:
            show_json(recovery.as_json())
        else:
            _show(app, recovery, quiet=context.obj.quiet)


def clock(
    context: typer.Context,
    accept_now: Annotated[
        bool, typer.Option("--accept-now", help="The clock is right now: bring these times down to it.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another process instead of giving up.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Show stored times that lie in the future, since the clock was wrong once; and bring them down to now.

    A copy of the state is made first. Ids and archive pages stay; entries from the future keep their order.
    """
    from aggregator.maintenance.clock import accept_now as accept
    from aggregator.maintenance.clock import find_later_times

    with open_app(context, existing=True, engine=accept_now, wait=wait) as app:
        report = accept(app) if accept_now else find_later_times(app)
        state = str(app.store.path)
    if json:
        show_json(_clock_document(state, report))
    elif not context.obj.quiet:
        for line in _clock_lines(state, report):
            terminal().print(line, markup=False, emoji=False)


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
        yield f"{state} is brought down to {now}, {report.copy} is what it was; the next run publishes it"
    else:
        yield f"the clock says {now}; is that right, `aggregator db clock --accept-now` brings all of these down to it"


async def _recover(app: "App") -> "Recovery":
    from aggregator.recover import recover
    from aggregator.worker_pool import WorkerPool

    async with WorkerPool() as pool:
        return await recover(app, pool)


def _show(app: "App", recovery: "Recovery", *, quiet: bool) -> None:
    from rich.markup import escape

    console = terminal()
    for problem in recovery.problems:
        console.print(f"[yellow]{escape(problem.where)}[/]: {escape(problem.kind)}: {escape(problem.message)}")
    if not quiet:
        console.print(
            f"learned again from {escape(str(app.output))}: {recovery.entries} entries, {recovery.feeds} feeds,"
            f" {recovery.categories} categories, {recovery.files} files,"
            f" {recovery.removed} removals"
        )
        console.print("now `aggregator run` goes on where the tree was left; what readers know keeps its id and date")
