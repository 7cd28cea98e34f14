"""db: what is done to the state as a whole."""

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.opening import open_house
from aggregator.cli.showing import show_json, terminal

if TYPE_CHECKING:
    from aggregator.house import House
    from aggregator.recovering import Recovery


def add_to(app: typer.Typer) -> None:
    db = typer.Typer(help="Take care of the state.", no_args_is_help=True)
    db.command("recover")(recover)
    app.add_typer(db, name="db")


def recover(
    context: typer.Context,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another process instead of giving up.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Learn ids, slugs, dates and addresses again from the published tree, where the state was lost.

    What the tree does not hold stays lost: what was held, removed or joined by hand, and entries older than the feeds.
    """
    import asyncio

    with open_house(context, wait=wait, engine=True) as house:
        recovery = asyncio.run(_recover(house))
        if json:
            show_json(recovery.as_json())
        else:
            _show(house, recovery, quiet=context.obj.quiet)


async def _recover(house: "House") -> "Recovery":
    from aggregator.isolation import Isolation
    from aggregator.recovering import recover

    async with Isolation() as isolation:
        return await recover(house, isolation)


def _show(house: "House", recovery: "Recovery", *, quiet: bool) -> None:
    from rich.markup import escape

    console = terminal()
    for problem in recovery.problems:
        console.print(f"[yellow]{escape(problem.where)}[/]: {escape(problem.kind)}: {escape(problem.message)}")
    if not quiet:
        console.print(
            f"learned again from {escape(str(house.output))}: {recovery.entries} entries, {recovery.feeds} feeds,"
            f" {recovery.categories} categories, {recovery.files} files"
        )
        console.print("now `aggregator run` goes on where the tree was left; what readers know keeps its id and date")
