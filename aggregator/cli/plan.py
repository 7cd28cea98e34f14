"""plan: what publishing would change, feed by feed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.open_app import app_of
from aggregator.cli.options import Json
from aggregator.cli.output import show_json, show_problems, terminal
from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.preview.plan import FeedChange, Plan

MAX_NAMED = 3  # entries of a feed, without -v
ESTIMATED = "too many entries to render them here: looks are decided by digests of what goes in, so that some may stay"


def plan(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="NEW", help="Plan for this config instead of the current one.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what publishing would change, without doing it.

    Lists the feeds that appear, disappear or move, and the entries that each gains or loses. Fetches no source: the
    plan covers stored entries and local posts. With -v, lists all entries.
    """
    from aggregator.preview.dry_run import app_on_copy
    from aggregator.preview.plan import plan as plan_feeds
    from aggregator.worker_pool import run_with_pool

    with app_on_copy(_app(context, config)) as preview:
        planned = run_with_pool(lambda pool: plan_feeds(preview, pool))
    if json:
        show_json(_document(planned))
        return
    show_problems(terminal(), planned.problems)
    _show(planned, named=None if context.obj.verbose else MAX_NAMED)


def _app(context: typer.Context, new: Path | None) -> "App":
    """The app, with the new config instead of its own if one is given."""
    from dataclasses import replace

    from aggregator.config import load_config

    app = app_of(context)
    return app if new is None else replace(app, config=load_config(new).in_place_of(app.config))


def _document(planned: "Plan") -> dict[str, Any]:
    return {
        "verdict": verdict(planned),
        "feeds": planned.feeds,
        "pages": planned.pages,
        "exact": planned.is_exact,
        "seen_again": planned.seen_again,
        "problems": planned.problems,
    }


def _show(planned: "Plan", named: int | None) -> None:
    from rich.markup import escape

    from aggregator.cli.console import page

    console = page(soft_wrap=True)
    console.print(verdict(planned), style="bold")
    if not planned.is_exact:
        console.print(ESTIMATED, style="dim")
    for one in planned.feeds:
        console.print(f"[bold]{escape(one.id)}[/]  {escape(_sentence(one))}")
        for sign, ids in (("+", one.entries_in), ("-", one.entries_out)):
            _show_entries(console, sign, [_name(id_, planned) for id_ in ids], named)


def verdict(planned: "Plan") -> str:
    """What the plan comes to, in one line."""
    feeds = planned.feeds
    counts = [
        (sum(one.change == "appears" for one in feeds), "appears", "appear"),
        (sum(one.change == "disappears" for one in feeds), "disappears", "disappear"),
        (sum(one.change == "moves" for one in feeds), "moves", "move"),
        (sum(bool(one.entries_in) and one.change == "changes" for one in feeds), "gains entries", "gain entries"),
        (sum(bool(one.entries_out) and one.change == "changes" for one in feeds), "loses entries", "lose entries"),
        (sum(one.looks and one.change == "changes" for one in feeds), "changes its looks", "change their looks"),
        (sum(one.addresses and one.change == "changes" for one in feeds), "gets or loses files", "get or lose files"),
    ]
    parts = [count_of(count, f"feed {single}", f"feeds {several}") for count, single, several in counts if count]
    if planned.pages:
        parts.append(count_of(planned.pages, "page of an entry changes", "pages of entries change"))
    again = planned.seen_again
    twice = f"readers see {count_of(again, 'entry', 'entries')} twice" if again else "nobody sees anything twice"
    return ", ".join([*(parts or ["nothing would change"]), twice])


def _name(id_: str, planned: "Plan") -> str:
    """The title of an entry, else its id."""
    return planned.titles.get(id_) or id_


def _show_entries(console: Any, sign: str, names: Sequence[str], named: int | None) -> None:
    shown = names if named is None else names[:named]
    for name in shown:
        console.print(f"    {sign} {name}", markup=False)
    if len(names) > len(shown):
        console.print(f"    {sign} and {len(names) - len(shown)} more; -v names them, --json their ids", style="dim")


def _sentence(one: "FeedChange") -> str:
    what = f"moves to {one.moved_to}" if one.change == "moves" else one.change
    parts = [what, f"{len(one.entries_in)} in", f"{len(one.entries_out)} out"]
    if one.change == "changes":
        parts += ["looks"] if one.looks else []
        parts += ["files appear or go"] if one.addresses else []
    return ", ".join(part for part in parts if not part.startswith("0 "))
