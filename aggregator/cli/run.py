"""run and regenerate: the one-shot commands."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.opening import open_house
from aggregator.cli.showing import show_json, show_report, terminal
from aggregator.errors import UsageError

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
    """Pull the sources that are due and all posts, settle, publish the feeds that changed."""
    from aggregator import pipeline

    with open_house(context, wait=wait, engine=True) as house:
        _check_sources(house, source or [])
        options = pipeline.RunOptions(force=force or bool(source), only=tuple(source or ()), fresh=fresh)
        with _progress(context, "pulling and publishing") as progress:
            report = asyncio.run(
                _isolated(lambda isolation: pipeline.run(house, isolation, options, progress=progress))
            )
        return _finish(context, house, report, json=json, strict=strict)


def regenerate(
    context: typer.Context,
    feeds: Annotated[list[str] | None, typer.Argument(metavar="[FEED]...", help="Feed ids; all by default.")] = None,
    strict: Strict = False,
    wait: Wait = False,
    json: Json = False,
) -> int:
    """Publish every feed again from what is stored and the posts, without network."""
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


def _check_sources(house: "House", ids: list[str]) -> None:
    known = [source.id for source in house.sources]
    for id_ in ids:
        if id_ not in known:
            raise UsageError(f"no source has the id {id_}{_nearest(id_, known)}")


def _check_feeds(house: "House", ids: list[str]) -> None:
    if ids:
        with house.store.read() as tx:
            known = list(tx.feeds.all())
        for id_ in ids:
            if id_ not in known:
                raise UsageError(f"no feed has the id {id_}{_nearest(id_, known)}")


def _nearest(id_: str, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(id_, known, n=3)
    return f"; did you mean {' or '.join(close)}?" if close else ""


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
