"""plan: what publishing would change, feed by feed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.open_app import app_of
from aggregator.cli.options import Json
from aggregator.cli.output import show_json, show_problems, terminal

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.preview.plan import FeedChange, Plan

MAX_NAMED = 3  # entries of a feed, without -v


def plan(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="NEW", help="Plan for this config instead of the current one.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="List all entries that a feed gains or loses.")
    ] = False,
    json: Json = False,
) -> None:
    """Show what publishing would change, without doing it.

    Lists the feeds that appear, disappear or move, and the entries that each gains or loses. Fetches no source: the
    plan covers stored entries and local posts.
    """
    import asyncio

    from aggregator.preview.dry_run import app_on_copy

    with app_on_copy(_app(context, config)) as preview:
        planned = asyncio.run(_planned(preview))
    if json:
        show_json(_document(planned))
        return
    show_problems(terminal(), planned.problems)
    _show(planned, named=None if verbose or context.obj.verbose else MAX_NAMED)


async def _planned(preview: "App") -> "Plan":
    from aggregator.preview.plan import plan
    from aggregator.worker_pool import WorkerPool

    async with WorkerPool() as pool:
        return await plan(preview, pool)


def _app(context: typer.Context, new: Path | None) -> "App":
    """The app, with the new config instead of its own if one is given."""
    from dataclasses import replace

    from aggregator.config import load_config

    app = app_of(context)
    return app if new is None else replace(app, config=load_config(new).in_place_of(app.config))


def _document(planned: "Plan") -> dict[str, Any]:
    feeds = [
        {
            "id": one.id,
            "category": one.category,
            "change": one.change,
            "entries_in": one.entries_in,
            "entries_out": one.entries_out,
            "moved_to": one.moved_to,
            "seen_again": one.seen_again,
        }
        for one in planned.feeds
    ]
    return {"feeds": feeds, "seen_again": planned.seen_again, "problems": planned.problems}


def _show(planned: "Plan", named: int | None) -> None:
    from rich.markup import escape

    from aggregator.cli.console import page

    console = page(soft_wrap=True)
    for one in planned.feeds:
        console.print(f"[bold]{escape(one.id)}[/]  {escape(_sentence(one))}")
        for sign, ids in (("+", one.entries_in), ("-", one.entries_out)):
            _show_entries(console, sign, ids, named)
    if not planned.feeds:
        console.print("nothing would change")
    count = planned.seen_again
    console.print(f"readers will see {count} {'entry' if count == 1 else 'entries'} again", style="bold")


def _show_entries(console: Any, sign: str, ids: Sequence[str], named: int | None) -> None:
    shown = ids if named is None else ids[:named]
    for id_ in shown:
        console.print(f"    {sign} {id_}", markup=False, emoji=False)
    if len(ids) > len(shown):
        console.print(f"    {sign} and {len(ids) - len(shown)} more; -v or --json names them", style="dim")


def _sentence(one: "FeedChange") -> str:
    what = f"moves to {one.moved_to}" if one.change == "moves" else one.change
    parts = [what, f"{len(one.entries_in)} in", f"{len(one.entries_out)} out"]
    return ", ".join(part for part in parts if not part.startswith("0 "))
