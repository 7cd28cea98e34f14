"""run and regenerate: the one-shot commands."""

import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.completion import source_ids
from aggregator.cli.open_app import app_of, opened, refuse_unknown
from aggregator.cli.options import Json, Wait
from aggregator.cli.output import MAX_OF_A_KIND, show_json, show_report, terminal
from aggregator.cli.progress import show_progress

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.one_shot.idle_run import NothingToDo
    from aggregator.preview.dry_run import DryRunResult
    from aggregator.report import Progress, Report
    from aggregator.worker_pool import WorkerPool

    Work = Callable[[App, WorkerPool, Progress], Awaitable[Report]]

Strict = Annotated[bool, typer.Option("--strict", help="Exit with status 1 if a source, post or feed failed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Report what would change; store and write nothing.")]


def run(  # noqa: PLR0913 - each is an option of the command
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Pull every source, due or not; requests stay conditional.")
    ] = False,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="ID",
            help="Pull only this source, due or not; may be repeated.",
            autocompletion=source_ids,
        ),
    ] = None,
    strict: Strict = False,
    wait: Wait = False,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh",
            help="Start with an empty state although a published tree exists; readers will see entries again.",
        ),
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Pull due sources, read posts, and publish what changed."""
    from aggregator.one_shot.idle_run import find_unchanged  # which loads nothing that fetches, parses or renders

    force = force or bool(source)
    recorded: NothingToDo | None = None

    def work(app: "App", pool: "WorkerPool", progress: "Progress") -> "Awaitable[Report]":
        from aggregator import pull_first
        from aggregator.one_shot.batch import RunOptions

        options = RunOptions(force=force, only=tuple(source or ()), fresh=fresh)
        return pull_first.run(app, pool, options, recorded, progress=progress)

    app, sources = app_of(context, source or ()), source or ()
    with _locked(app, wait=wait, dry_run=dry_run):
        began = time.monotonic()
        if not (source or fresh or dry_run) and (found := find_unchanged(app)):
            recorded = found.known
            if found.is_idle and not force:
                report = recorded.report()
                report.seconds = time.monotonic() - began
                return _finish(context, app, report, would=None, json=json, strict=strict)
        _start_workers(app)
        with _opened(app, dry_run=dry_run, sources=sources) as there:
            with show_progress(context, "pulling and publishing") as progress:
                report, would = _execute(there, work, progress)
            return _finish(context, there, report, would=would, json=json, strict=strict)


def regenerate(
    context: typer.Context,
    feeds: Annotated[list[str] | None, typer.Argument(metavar="FEED", help="Feed ids. Default: all feeds.")] = None,
    strict: Strict = False,
    wait: Wait = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Publish everything again, without using the network."""
    from aggregator import pipeline

    def work(app: "App", pool: "WorkerPool", progress: "Progress") -> "Awaitable[Report]":
        return pipeline.regenerate(app, pool, feeds or (), progress=progress)

    closed = app_of(context)
    with _locked(closed, wait=wait, dry_run=dry_run), _opened(closed, dry_run=dry_run) as app:
        _check_feeds(app, feeds or [])
        with show_progress(context, "publishing") as progress:
            report, would = _execute(app, work, progress)
        return _finish(context, app, report, would=would, json=json, strict=strict)


def _start_workers(app: "App") -> None:
    """Where there is no state yet, everything is new: what reads and renders it is loaded while the state is made."""
    if app.store.file and not app.store.file.exists() and (app.folders or app.sources):
        from aggregator.worker_pool import start_early

        start_early(posts=bool(app.folders))


def _locked(app: "App", *, wait: bool, dry_run: bool) -> AbstractContextManager[None]:
    """The lock of the state, which a dry run does not need."""
    return nullcontext() if dry_run else app.store.exclusive(wait=wait)


@contextmanager
def _opened(app: "App", *, dry_run: bool, sources: Sequence[str] = ()) -> Iterator["App"]:
    """The app with its store open; for a dry run one on a copy of the state."""
    if not dry_run:
        with opened(app, sources) as there:
            yield there
        return
    from aggregator.preview.dry_run import app_on_copy

    with _exit_on_sigterm(), app_on_copy(app) as preview:
        refuse_unknown("source", sources, [one.id for one in preview.sources])
        yield preview


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """SIGTERM raises SystemExit, so that the copy of the state is deleted."""
    default = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if default:
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        if default:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _execute(app: "App", work: "Work", progress: "Progress") -> "tuple[Report, DryRunResult | None]":
    """The report of the run; for a dry run also what would change."""
    from aggregator.worker_pool import run_with_pool

    if app.writes:
        return run_with_pool(lambda pool: work(app, pool, progress)), None
    from aggregator.preview.dry_run import compare, take_snapshot

    before = take_snapshot(app)
    report = run_with_pool(lambda pool: work(app, pool, progress))
    return report, compare(app, before)


def _finish(
    context: typer.Context, app: "App", report: "Report", *, would: "DryRunResult | None", json: bool, strict: bool
) -> int:
    verbose, quiet = context.obj.verbose > 0, context.obj.quiet
    if json:
        show_json(report.as_json() | ({"dry_run": True, "would": asdict(would)} if would else {}))
    else:
        show_report(report, output=str(app.output), quiet=quiet, verbose=verbose)
        if would and not quiet:
            _show_would(would, verbose=verbose)
    return 1 if strict and report.failed else 0


def _show_would(would: "DryRunResult", *, verbose: bool) -> None:
    console = terminal()
    for what, entries in asdict(would).items():
        most = len(entries) if verbose else MAX_OF_A_KIND
        for one in entries[:most]:
            console.print(f"would be {what}: {one['title'] or one['id']} ({one['source']})", markup=False)
        if len(entries) > most:
            console.print(f"… and {len(entries) - most} more that would be {what}; -v or --json shows all", style="dim")
    console.print(f"[bold]{'dry run':>8}[/]  nothing was stored or written (--dry-run)")


def _check_feeds(app: "App", ids: list[str]) -> None:
    if ids:
        with app.store.read() as tx:
            refuse_unknown("feed", ids, list(tx.feeds.all()))
