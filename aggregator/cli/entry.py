"""entry: a person's decisions about an entry, which override the automatic ones for good."""

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import approval_list
from aggregator.cli.commands import Commands
from aggregator.cli.completion import approved_source_ids, source_ids
from aggregator.cli.open_app import open_app, refuse_unknown
from aggregator.cli.options import Json
from aggregator.cli.output import is_interactive, show_json, terminal
from aggregator.cli.publish_now import publish_at_once
from aggregator.errors import UsageError
from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from aggregator.overrides.apply import Keeping, OverrideResult

NAMES = "id, link, page address, path of a post, part of the title, or #number"
Entry = Annotated[str, typer.Argument(metavar="ENTRY", help=f"The entry: {NAMES}.")]
Other = Annotated[str, typer.Argument(metavar="ENTRY", help="The entry to merge into the first one.")]
Entries = Annotated[list[str], typer.Argument(metavar="ENTRY", help=f"Entries, each by {NAMES}.")]
Sighting = Annotated[
    str,
    typer.Argument(metavar="SIGHTING", help="Its number in `explain`, source, id in the source, or link."),
]


def add_to(app: typer.Typer) -> None:
    entry = Commands(
        help="Override a decision about an entry for good. The next run publishes the change.",
        no_args_is_help=True,
    )
    app.add_typer(entry.add(split, join, hold, release, approve, remove, restore), name="entry")


def split(context: typer.Context, entry: Entry, sighting: Sighting, json: Json = False) -> None:
    """Make a sighting a separate entry.

    Use it when two different things were taken for one. The old entry keeps its id and dates.
    """
    from aggregator.overrides import apply as overrides

    with open_app(context, existing=True) as app:
        _show(context, overrides.split(app, entry, sighting), json=json)


def join(context: typer.Context, entry: Entry, other: Other, json: Json = False) -> None:
    """Merge two entries into one.

    The first keeps its id and dates and gets the sightings of the second; feeds no longer show the second.
    """
    from aggregator.overrides import apply as overrides

    with open_app(context, existing=True) as app:
        _show(context, overrides.join(app, entry, other), json=json)


def hold(context: typer.Context, entry: Entries, json: Json = False) -> None:
    """Keep entries out of all feeds until `entry release`.

    Also extends an automatic hold: after a day the entries would come onto pages and into archives.
    """
    _apply(context, "hold", entry, json=json)


def release(
    context: typer.Context,
    entry: Annotated[list[str] | None, typer.Argument(metavar="ENTRY", help=f"Entries, each by {NAMES}.")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Release all floods that are or were held, but nothing that a person holds.")
    ] = False,
    source: Annotated[
        str,
        typer.Option(
            "--source",
            metavar="ID",
            help="Release the floods of this source that are or were held.",
            autocompletion=source_ids,
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Publish entries that are held, or on pages only.

    These are floods, what a person held, and a new source's past, which is in archives and on pages only.
    Each appears at the place of its date, below newer entries.
    """
    from aggregator.overrides import apply as overrides

    if bool(entry) == (all_ or bool(source)):
        raise UsageError(
            "name the entries to release, or use --all or --source ID for those that were held automatically"
        )
    if entry:
        _apply(context, "release", entry, json=json)
        return
    with open_app(context, existing=True) as app:
        with app.store.read() as tx:
            refuse_unknown("source", [source] if source else [], [row.id for row in tx.sources.all()])
        _show_all(context, overrides.release_all(app, source), json=json)


def approve(
    context: typer.Context,
    entry: Annotated[list[str] | None, typer.Argument(metavar="ENTRY", help=f"Entries, each by {NAMES}.")] = None,
    source: Annotated[
        str,
        typer.Option(
            "--source",
            metavar="ID",
            help="Approve all entries of this source that wait.",
            autocompletion=approved_source_ids,
        ),
    ] = "",
    json: Json = False,
) -> int:
    """Publish entries that wait for approval.

    New entries of a source or posts folder with `approve: true` wait. Without ENTRY and --source, all that wait are
    listed, and on a terminal you choose by number, such as 1 3-5. Later edits of an approved entry need no approval.
    """
    from aggregator.overrides import apply as overrides

    if entry and source:
        raise UsageError("name the entries to approve, or use --source ID; without both, all that wait are listed")
    if entry:
        _apply(context, "approve", entry, json=json)
        return 0
    with open_app(context, existing=True) as app:
        if source:
            with app.store.read() as tx:
                refuse_unknown("source", [source], [row.id for row in tx.sources.all()])
            _show_all(
                context, overrides.approve_all(app, source), json=json, none=f"no entry of {source} waits for approval"
            )
            return 0
        with app.store.read() as tx:
            waiting = approval_list.waiting(tx)
        if json or not waiting or not is_interactive():
            return approval_list.show(waiting, json=json)
        chosen = approval_list.ask(waiting)
        done = overrides.approve_listed(app, {one.entry for one in chosen}) if chosen else []
        _show_all(context, done, json=False, none="nothing is approved")
        return 0


def remove(
    context: typer.Context,
    entry: Entries,
    now: Annotated[bool, typer.Option("--now", help="Publish at once instead of with the next run.")] = False,
    json: Json = False,
) -> None:
    """Remove entries from feeds, pages and archives for good.

    Only `entry restore` brings them back; later duplicates stay out, too.
    """
    _apply(context, "remove", entry, now=now, json=json)


def restore(context: typer.Context, entry: Entries, json: Json = False) -> None:
    """Publish removed entries again."""
    _apply(context, "restore", entry, json=json)


def _apply(context: typer.Context, act: "Keeping", refs: Sequence[str], *, now: bool = False, json: bool) -> None:
    from aggregator.overrides import apply as overrides

    with open_app(context, existing=True) as app:
        done = overrides.keep(app, act, refs)
        if now:
            publish_at_once(app, f"{', '.join(one.entry for one in done)}: removed")
    if len(refs) == 1:
        _show(context, done[0], now=now, json=json)
    else:
        _show_all(context, done, now=now, json=json)


def _show(context: typer.Context, done: "OverrideResult", *, now: bool = False, json: bool) -> None:
    if json:
        show_json(_document(done) | ({"published": True} if now else {}))
    else:
        _show_lines(context, [done], now=now)


def _show_all(
    context: typer.Context,
    done: Sequence["OverrideResult"],
    *,
    now: bool = False,
    json: bool,
    none: str = "no entry is held",
) -> None:
    """`none`: what is said where nothing was done."""
    if json:
        show_json({"entries": [_document(one) for one in done]} | ({"published": True} if now else {}))
    else:
        _show_lines(context, done, now=now, none=none)


def _document(done: "OverrideResult") -> dict[str, Any]:
    """`already` only if true."""
    from dataclasses import asdict

    return {name: value for name, value in asdict(done).items() if name != "already" or value}


def _show_lines(
    context: typer.Context, done: Iterable["OverrideResult"], *, now: bool, none: str = "no entry is held"
) -> None:
    if context.obj.quiet:
        return
    console, sentences = terminal(), [_sentence(one) for one in done]
    for sentence in sentences:
        console.print(sentence, markup=False)
    when = "published" if now else "the next run publishes this"
    console.print(when if sentences else none, style="dim")


STILL = dict.fromkeys(("held", "site", "hold"), "held") | {"waiting": "waiting for approval", "removed": "removed"}


def _restore(entry: str) -> str:
    return f"aggregator entry restore {shlex.quote(entry)}"


def _sentence(done: "OverrideResult") -> str:
    sightings = count_of(done.sightings, "sighting")
    match done.act:
        case "split":
            sentence = f"{done.other} is a separate entry now; {done.entry} keeps {sightings}"
        case "join":
            sentence = f"{done.entry} now has {sightings}, including those of {done.other}"
        case "hold":
            sentence = f"{done.entry} is held until `aggregator entry release {shlex.quote(done.entry)}`"
        case "remove" if done.already:
            sentence = f"{done.entry} was removed already; `{_restore(done.entry)}` brings it back"
        case "approve":
            sentence = f"{done.entry} is approved"
        case "remove":
            sentence = f"{done.entry} is removed; `{_restore(done.entry)}` brings it back"
        case act:
            sentence = f"{done.entry} is {act}d"
    still = STILL.get(done.state, "")
    return f"{sentence}; it is still {still}" if still and done.act in {"split", "join", "release"} else sentence
