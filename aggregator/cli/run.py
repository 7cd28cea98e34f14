"""run and regenerate: the one-shot commands."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.opening import open_house, refuse_unknown
from aggregator.cli.showing import show_json, show_report, terminal

if TYPE_CHECKING:
    from aggregator.house import House
    from aggregator.isolation import Isolation
    from aggregator.pulling import Progress
    from aggregator.report import Report

Json = Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")]
Strict = Annotated[bool, typer.Option("--strict", help="End with status 1 if a source, post or feed failed.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for another process instead of giving up.")]


def add_to(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("regenerate")(regenerate)


def run(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Ask every source, due or not; still conditionally.")] = False,
    source: Annotated[list[str] | None, typer.Option("--source", metavar="ID", help="Only this source.")] = None,
    strict: Strict = False,
    wait: Wait = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start anew beside a published tree: readers will see entries again.")
    ] = False,
    json: Json = False,
) -> int:
    """Pull what is due, read posts, publish what changed."""
    from aggregator import pipeline

    with open_house(context, wait=wait, engine=True, sources=source or ()) as house:
        options = pipeline.RunOptions(force=force or bool(source), only=tuple(source or ()), fresh=fresh)
        with _progress(context, "pulling and publishing") as progress:
            report = asyncio.run(
                _isolated(lambda isolation: pipeline.run(house, isolation, options, progress=progress))
            )
        return _finish(context, house, report, json=json, strict=strict)


def regenerate(
    context: typer.Context,
    feeds: Annotated[list[str] | None, typer.Argument(metavar="FEED", help="Feed ids; all by default.")] = None,
    strict: Strict = False,
    wait: Wait = False,
    json: Json = False,
) -> int:
    """Publish everything again, without network."""
    from aggregator import pipeline

    with open_house(context, wait=wait, engine=True) as house:
        _check_feeds(house, feeds or [])
        with _progress(context, "publishing") as progress:
            report = asyncio.run(
                _isolated(lambda isolation: pipeline.regenerate(house, isolation, feeds or (), progress=progress))
            )
        return _finish(context, house, report, json=json, strict=strict)


async def _isolated(work: "Callable[[Isolation], Awaitable[Report]]") -> "Report":
    from aggregator.isolation import Isolation

    async with Isolation() as isolation:
        return await work(isolation)


def _finish(context: typer.Context, house: "House", report: "Report", *, json: bool, strict: bool) -> int:
    if json:
        show_json(report.as_json())
    else:
        verbose = context.obj.verbose > 0
        show_report(report, output=str(house.output), quiet=context.obj.quiet, verbose=verbose)
    return 1 if strict and report.failed else 0


def _check_feeds(house: "House", ids: list[str]) -> None:
    if ids:
        with house.store.read() as tx:
            refuse_unknown("feed", ids, list(tx.feeds.all()))


@contextmanager
def _progress(context: typer.Context, what: str) -> Iterator["Progress"]:
    """A bar only on a terminal; with -v, a line for each step."""
    console = terminal()
    if context.obj.verbose:
        yield lambda id_: console.print(f"{what}: {id_}", style="dim")
    elif console.is_terminal and not context.obj.quiet:
        with console.status(what) as status:
            yield lambda id_: status.update(f"{what}: {id_}")
    else:
        yield lambda _: None
