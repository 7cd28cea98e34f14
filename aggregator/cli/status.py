"""status: each source, what is held, what needs a person."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.open_app import app_of
from aggregator.cli.output import show_json
from aggregator.text.masking import MASK

if TYPE_CHECKING:
    from rich.console import Console

    from aggregator.app import App
    from aggregator.model.status import HeldGroup, ListStatus, SourceStatus, Status

MOST_OF_A_SOURCE = 5
MOST_RUNS = 5
BARS = "▁▂▃▄▅▆▇█"
REST = 70  # cells of a row with bars, without the source's id
LONG = 24  # cells of an id that is not to be folded for the sake of bars
COLORS = {"failing": "red", "gone": "red", "paused": "yellow", "ok": "green"}


def add_to(app: typer.Typer) -> None:
    app.command("status")(status)


def status(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Show how each source is doing, and which entries are held."""
    from aggregator.status.report import as_json

    app = app_of(context)
    found = _survey(app)
    if json:
        show_json(as_json(found))
    else:
        _show(app, found)


def _survey(app: "App") -> "Status":
    """Asking leaves nothing behind."""
    from aggregator.model.status import Status
    from aggregator.status.report import report

    now = app.clock()
    if not app.store.exists():
        return Status(now)
    with closing(app.store) as store:
        store.open()
        with store.read() as tx:
            return report(app, tx, now)


def spark(counts: tuple[int, ...]) -> str:
    """A line of bars, the highest for the most there is; a day without any is a blank."""
    most = max(counts, default=0)
    return "".join(BARS[(count * len(BARS) - 1) // most] if count else " " for count in counts)


def _short(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _show(app: "App", found: "Status") -> None:
    from aggregator.cli.console import page

    console = page()
    if not found.sources and not found.held and not found.lists:
        console.print(f"no source has been read yet; `aggregator run` reads {app.config.where()}")
        return
    console.print(_table(found, console))
    sources = found.sources
    for line in (
        *_read(found.lists),
        *_troubles(sources),
        *_moves(sources),
        *_left_alone(sources),
        *_waiting(found.held),
        *_runs(found),
    ):
        console.print(line, markup=False, emoji=False, soft_wrap=True)
    console.print(f"{found.feeds} feeds in {app.output}, {found.unmapped} terms that no rule maps", soft_wrap=True)


def _table(found: "Status", console: "Console") -> Any:
    """Bars only where they fit beside the rest, and where the terminal can show them."""
    from rich.table import Table
    from rich.text import Text

    longest = max((len(one.id) for one in found.sources), default=0)
    has_room = console.width >= REST + min(longest, LONG)
    has_bars = has_room and (console.encoding or "").lower().startswith("utf")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "state", "next poll"):
        table.add_column(name, no_wrap=name != "source", overflow="fold")
    table.add_column("entries", justify="right")
    if has_bars:
        table.add_column(f"last {len(found.days)} days", no_wrap=True)
    for one in found.sources:
        row: list[Any] = [one.id, Text(one.state, COLORS.get(one.state, "")), _short(one.next_poll), str(one.entries)]
        table.add_row(*row, *([Text(spark(one.days))] if has_bars else []))
    if has_bars and len(found.sources) > 1:
        table.add_row("all", "", "", "", Text(spark(found.days)), style="bold")
    return table


def _read(lists: tuple["ListStatus", ...]) -> Iterator[str]:
    for one in lists:
        why = f": {one.kind}: {one.message}" if one.kind else ""
        yield f"{one.id}: reading list, {one.state}, {one.feeds} feeds ({one.url}){why}"


def _troubles(sources: tuple["SourceStatus", ...]) -> Iterator[str]:
    for one in sources:
        if one.kind:
            since = f"failing since {_short(one.since)}, {one.failures} time{'s' * (one.failures != 1)}"
            yield f"{one.id}: {one.kind}: {one.message} ({since})"
            yield f"  {one.means} {one.advice}"
        if not (one.published or one.asks):
            is_secret = MASK in one.url or "${" in one.url
            why = "publish: false, or a secret in its address" if is_secret else "publish: false, or auth or headers"
            yield f"{one.id}: in no feed ({why}); `publish: true` changes that"
        if one.asks:
            so = "and is, since the config says publish: true" if one.published else "`publish: true` overrules it"
            yield f"{one.id}: the publisher asks not to be republished ({one.asks}); {so}"
        if one.silent_since:
            yield f"{one.id}: silent for longer than usual: nothing new since {_short(one.silent_since)}"
        if one.repeats_ids:
            yield f"{one.id}: repeats its ids; what else agrees (link, title, date, words) tells its entries apart"


def _moves(sources: tuple["SourceStatus", ...]) -> Iterator[str]:
    """What is asked elsewhere than the config says, or soon will be, with the way back."""
    for one in sources:
        if one.asked != one.url:
            address = "URL" if MASK in one.url else one.url  # what is masked is to be typed
            back = f"`aggregator source move {one.id} {address}` asks there again"
            yield f"{one.id}: moved for good, and is asked at {one.asked}; {back}"
        if one.moving_to:
            since = _short(one.moving_since)
            yield f"{one.id}: has been sending to {one.moving_to} since {since}, as moved for good"
        if one.state == "gone":
            again = f"`aggregator source resume {one.id}` asks once more"
            yield f"{one.id}: said twice, a day apart, that it is gone; {again}"


def _left_alone(sources: tuple["SourceStatus", ...]) -> Iterator[str]:
    """A host at a time."""
    hosts = dict.fromkeys((one.host, one.host_until) for one in sources if one.host_until)
    yield from (f"{host}: refuses one source after another; left alone until {_short(until)}" for host, until in hosts)


def _waiting(groups: tuple["HeldGroup", ...]) -> Iterator[str]:
    """Each with the way out."""
    for group in groups:
        count = len(group.entries)
        entries = f"{count} entr{'y' if count == 1 else 'ies'}"
        if group.state == "held":
            until = f"until {_short(group.until)} at the latest"
            yield f"{group.source}: {entries} held, {until}; `{group.command}` lets them out now"
        else:
            yield f"{group.source}: {entries} held by a person; `{group.command}` lets one out"
        yield from (f"  {one.entry}  {one.title}" for one in group.entries[:MOST_OF_A_SOURCE])
        if count > MOST_OF_A_SOURCE:
            yield f"  … and {count - MOST_OF_A_SOURCE} more; --json shows all"


def _runs(found: "Status") -> Iterator[str]:
    if found.progress.waiting:
        yield f"a run goes on: {found.progress.waiting} sources under way"
    for one in found.batches[:MOST_RUNS]:
        counts = ((one.changed, "changed"), (one.unchanged, "unchanged"), (one.failed, "failed"), (one.new, "new"))
        said = ", ".join(f"{count} {word}" for count, word in counts if count)
        yield f"run {_short(one.at)}: {one.pulled} pulled: {said}"
