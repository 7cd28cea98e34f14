"""status: the state of each source, held entries, and what needs a person."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from aggregator.cli.open_app import app_of
from aggregator.cli.options import Json
from aggregator.cli.output import show_json
from aggregator.cli.status_websub import cloud_lines, hub_lines, outbox_lines, own_hub_lines, subscription_lines
from aggregator.cli.worker_lines import worker_lines
from aggregator.text.counts import count_of
from aggregator.text.date_formats import to_the_minute
from aggregator.text.masking import MASK

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from aggregator.app import App
    from aggregator.model.status import HeldGroup, Lack, ListStatus, SourceStatus, Status

MAX_OF_A_SOURCE = 5
MAX_RUNS = 5
MAX_WAITING = 5  # sources that a paused host keeps waiting
MAX_LACKS = 20
BARS = "▁▂▃▄▅▆▇█"
COLORS = {"failing": "red", "gone": "red", "paused": "yellow", "ok": "green"}


def status(
    context: typer.Context,
    json: Json = False,
) -> None:
    """Show the state of each source, and which entries are held."""
    from aggregator.status.report import as_json

    app = app_of(context)
    found = _read_status(app)
    if json:
        show_json(as_json(found))
    else:
        _show(app, found)


def _read_status(app: "App") -> "Status":
    """Creates no state if there is none."""
    from aggregator.model.status import Status
    from aggregator.status.report import report

    now = app.clock()
    if not app.store.exists():
        return Status(now)
    with app.store.opened() as store, store.read() as tx:
        return report(app, tx, now)


def spark(counts: tuple[int, ...]) -> str:
    """One bar per day, as high as its share of the busiest day; a blank for zero."""
    most = max(counts, default=0)
    return "".join(BARS[(count * len(BARS) - 1) // most] if count else " " for count in counts)


def _show(app: "App", found: "Status") -> None:
    from aggregator.cli.console import page

    console = page()
    if not found.sources and not found.held and not found.lists:
        console.print(f"no source has been pulled yet; `aggregator run` pulls the sources in {app.config.where()}")
        return
    _print_table(found, console)
    sources = found.sources
    for line in (
        *_reading_lists(found.lists),
        *_problems(sources),
        *_moves(sources),
        *_backed_off_hosts(sources),
        *_held(found.held),
        *hub_lines(found.hubs),
        *subscription_lines(found.subscriptions),
        *cloud_lines(sources),
        *outbox_lines(found.outbox),
        *own_hub_lines(found.own_hub),
        *_lacks(found.lacks),
        *_runs(found),
        *worker_lines(found),
    ):
        console.print(line, markup=False, emoji=False, soft_wrap=True)
    console.print(
        f"{count_of(found.feeds, 'feed')} in {app.output}, {count_of(found.unmapped, 'term')} that no rule maps",
        soft_wrap=True,
    )


def _print_table(found: "Status", console: "Console") -> None:
    """Bars only where they can be shown; they are the first to leave a narrow terminal."""
    from rich.text import Text

    from aggregator.cli.table import Column, print_table

    has_bars = (console.encoding or "").lower().startswith("utf")
    columns = [
        Column("source"),
        Column("state"),
        Column("next poll", 2),
        Column("entries", 3, right=True),
    ]
    if has_bars:
        columns.append(Column(f"last {len(found.days)} days", 1))
    rows: list[list[str | Text]] = [
        [
            one.id,
            Text(one.state, COLORS.get(one.state, "")),
            to_the_minute(one.next_poll),
            str(one.entries),
            spark(one.days),
        ]
        for one in found.sources
    ]
    foot: list[str | Text] = []
    if has_bars and len(rows) > 1:
        foot = [Text("all", "bold"), "", "", "", Text(spark(found.days), "bold")]
    print_table(console, columns, [row[: len(columns)] for row in rows], foot)


def _reading_lists(lists: tuple["ListStatus", ...]) -> Iterator[str]:
    for one in lists:
        why = f": {one.kind}: {one.message}" if one.kind else ""
        yield f"{one.id}: reading list, {one.state}, {count_of(one.feeds, 'feed')} ({one.url}){why}"


def _problems(sources: tuple["SourceStatus", ...]) -> Iterator[str]:
    """What fails, with the same advice once; then what else is to be known of each source."""
    remedies: defaultdict[str, list[SourceStatus]] = defaultdict(list)
    for one in sources:
        if one.kind:
            remedies[f"{one.means} {one.advice}"].append(one)
    for remedy, failing in remedies.items():
        for one in failing:
            verb = "failing" if one.state in {"failing", "gone"} else "failed"
            since = f"{verb} since {to_the_minute(one.since)}, {one.failures} time{'s' * (one.failures != 1)}"
            yield f"{one.id}: {one.kind}: {one.message} ({since})"
        one_id = remedy.replace(" ID ", f" {failing[0].id} ")
        yield f"  {one_id}" if len(failing) == 1 else f"  {remedy} ({len(failing)} sources)"
    for one in sources:
        if not (one.published or one.asks):
            is_secret = MASK in one.url or "${" in one.url
            why = "publish: false, or a secret in its address" if is_secret else "publish: false, or auth or headers"
            yield f"{one.id}: in no feed ({why}); `publish: true` changes that"
        if one.asks:
            effect = "published anyway (publish: true)" if one.published else "`publish: true` overrides that"
            yield f"{one.id}: the publisher asks not to be republished ({one.asks}); {effect}"
        if one.other_site_since:
            yield f"{one.id}: seems to be another site since {to_the_minute(one.other_site_since)}: {one.evidence}"
            yield f"  Its new entries are held. {_trust_or_pause(one)}"
        if one.silent_since:
            yield f"{one.id}: silent for longer than usual: no new entry since {to_the_minute(one.silent_since)}"
        if one.repeats_ids:
            yield f"{one.id}: repeats its ids; link, title, date and text tell its entries apart"


def _trust_or_pause(one: "SourceStatus") -> str:
    pause = "" if one.state == "paused" else f", `aggregator source pause {one.id}` stops pulling it"
    return f"`aggregator source trust {one.id}` publishes them{pause}."


def _moves(sources: tuple["SourceStatus", ...]) -> Iterator[str]:
    """Sources that moved or are gone, with the command that undoes it."""
    for one in sources:
        if one.asked != one.url:
            address = "URL" if MASK in one.url else one.url  # a masked URL must be typed
            back = f"`aggregator source move {one.id} {address}` pulls the old URL again"
            yield f"{one.id}: moved permanently; now pulled from {one.asked}; {back}"
        if one.moving_to:
            since = to_the_minute(one.moving_since)
            yield f"{one.id}: permanently redirected to {one.moving_to} since {since}; not followed for good yet"
        if one.state == "gone":
            again = f"`aggregator source resume {one.id}` pulls it once more"
            yield f"{one.id}: gone: it said so twice, a day apart; {again}"


def _backed_off_hosts(sources: tuple["SourceStatus", ...]) -> Iterator[str]:
    """One line per host: which answers paused it, and who else waits."""
    hosts: defaultdict[tuple[str, datetime], list[SourceStatus]] = defaultdict(list)
    for one in sources:
        if one.host_until:
            hosts[one.host, one.host_until].append(one)
    for (host, until), paused in hosts.items():
        waiting = [one.id for one in paused if one.next_poll and one.kind != "status"]
        others = f"; {_few(waiting)} {'waits' if len(waiting) == 1 else 'wait'}, too" if waiting else ""
        why = "refuses several sources (429, or 503 with Retry-After)"
        yield f"{host}: {why}; no requests until {to_the_minute(until)}{others}"


def _few(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - MAX_WAITING} more" if len(ids) > MAX_WAITING else ""
    return f"{', '.join(ids[:MAX_WAITING])}{more}"


def _held(groups: tuple["HeldGroup", ...]) -> Iterator[str]:
    """Held entries by source, with the command that lets them out."""
    for group in groups:
        count = len(group.entries)
        entries = count_of(count, "entry", "entries")
        if group.state == "held":
            later = f"from {to_the_minute(group.until)} on in archives and on pages only"
            yield f"{group.source}: {entries} held; `{group.command}` publishes them; {later}"
        elif group.state == "flood":
            where = "in archives and on pages only"
            yield f"{group.source}: {entries} of a flood, {where}; `{group.command}` makes them news"
        elif group.state == "waiting":
            verb = "waits" if count == 1 else "wait"
            yield f"{group.source}: {entries} {verb} for approval, also after `approve` is taken off the source;"
            yield f"  `aggregator entry approve` lists all and asks, `{group.command}` publishes these"
        elif group.state == "site":
            yield f"{group.source}: {entries} held, since it seems to be another site; `{group.command}` releases them"
        else:
            yield f"{group.source}: {entries} held by a person; `{group.command}` releases one"
        yield from (f"  {one.entry}  {one.title}" for one in group.entries[:MAX_OF_A_SOURCE])
        if count > MAX_OF_A_SOURCE:
            yield f"  … and {count - MAX_OF_A_SOURCE} more; --json shows all"


def _lacks(lacks: tuple["Lack", ...]) -> Iterator[str]:
    """Entries that feeds lack, until a run publishes them."""
    for one in lacks[:MAX_LACKS]:
        more = f" and {len(one.feeds) - 1} more" if len(one.feeds) > 1 else ""
        yield f"feed {one.feeds[0]}{more}: {one.message}"
    if len(lacks) > MAX_LACKS:
        yield f"  … and {len(lacks) - MAX_LACKS} more that a format lacks; --json shows all"


def _runs(found: "Status") -> Iterator[str]:
    if found.progress.waiting:
        yield f"run in progress: {count_of(found.progress.waiting, 'source')} under way"
    for one in found.batches[:MAX_RUNS]:
        counts = ((one.changed, "changed"), (one.unchanged, "unchanged"), (one.failed, "failed"), (one.new, "new"))
        outcome = ", ".join(f"{count} {word}" for count, word in counts if count)
        pulled = f"{one.pulled} pulled: " if one.pulled else "hubs delivered: " if one.pushed else "posts read: "
        yield f"run {to_the_minute(one.at)}: {pulled}{outcome or 'nothing new'}"
