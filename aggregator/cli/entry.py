"""entry: a person's decisions about an entry, which override the automatic ones for good."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.completion import source_ids
from aggregator.cli.open_app import open_app, refuse_unknown
from aggregator.cli.options import Json
from aggregator.cli.output import show_json, terminal
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.overrides.apply import Keeping, OverrideResult

NAMES = "id, link, page address, path of a post, part of the title, or #number"
Entry = Annotated[str, typer.Argument(metavar="ENTRY", help=f"The entry: {NAMES}.")]
Other = Annotated[str, typer.Argument(metavar="ENTRY", help="The entry to merge into the first one.")]
Entries = Annotated[list[str], typer.Argument(metavar="ENTRY", help=f"Entries, each by {NAMES}.")]
Sighting = Annotated[
    str,
    typer.Argument(metavar="SIGHTING", help="Its number in `explain`, source, id in the source, or link."),
]


RETRY_INTERVAL, MAX_WAIT = 0.2, 20.0  # seconds, while another process holds the state


def add_to(app: typer.Typer) -> None:
    entry = typer.Typer(
        help="Override a decision about an entry for good. The next run publishes the change.",
        no_args_is_help=True,
    )
    for command in (split, join, hold, release, remove, restore):
        entry.command(command.__name__)(command)
    app.add_typer(entry, name="entry")


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
    """Publish held entries, and those that are in archives and on pages only.

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
            _publish(app, done)
    if len(refs) == 1:
        _show(context, done[0], now=now, json=json)
    else:
        _show_all(context, done, now=now, json=json)


def _publish(app: "App", done: "Sequence[OverrideResult]") -> None:
    """Publishes as soon as no other process holds the state, unless that one publishes first, as a daemon does within
    seconds. Raises LockedError after MAX_WAIT seconds."""
    import asyncio
    import time

    from aggregator.errors import LockedError

    deadline = time.monotonic() + MAX_WAIT
    while True:
        try:
            with app.store.exclusive():
                asyncio.run(_publish_now(app))
        except LockedError as error:
            if _is_published(app):
                return
            if time.monotonic() >= deadline:
                names = ", ".join(one.entry for one in done)
                raise LockedError(f"{names}: removed, but not published yet: {error}") from error
        else:
            return
        time.sleep(RETRY_INTERVAL)


async def _publish_now(app: "App") -> None:
    from aggregator.pipeline import publish_now
    from aggregator.worker_pool import WorkerPool

    async with WorkerPool() as pool:
        await publish_now(app, pool)


def _is_published(app: "App") -> bool:
    with app.store.read() as tx:
        return not (any(tx.lookups.published_feeds().values()) or tx.entries.dirty_pages())


def _show(context: typer.Context, done: "OverrideResult", *, now: bool = False, json: bool) -> None:
    if json:
        show_json(_document(done) | ({"published": True} if now else {}))
    else:
        _show_lines(context, [done], now=now)


def _show_all(context: typer.Context, done: Sequence["OverrideResult"], *, now: bool = False, json: bool) -> None:
    if json:
        show_json({"entries": [_document(one) for one in done]} | ({"published": True} if now else {}))
    else:
        _show_lines(context, done, now=now)


def _document(done: "OverrideResult") -> dict[str, Any]:
    """`already` only if true."""
    from dataclasses import asdict

    return {name: value for name, value in asdict(done).items() if name != "already" or value}


def _show_lines(context: typer.Context, done: Iterable["OverrideResult"], *, now: bool) -> None:
    if context.obj.quiet:
        return
    console, sentences = terminal(), [_sentence(one) for one in done]
    for sentence in sentences:
        console.print(sentence, markup=False, emoji=False)
    when = "published" if now else "the next run publishes this"
    console.print(when if sentences else "no entry is held", style="dim")


def _sentence(done: "OverrideResult") -> str:
    sightings = f"{done.sightings} sighting{'s' * (done.sightings != 1)}"
    match done.act:
        case "split":
            sentence = f"{done.other} is a separate entry now; {done.entry} keeps {sightings}"
        case "join":
            sentence = f"{done.entry} now has {sightings}, including those of {done.other}"
        case "hold":
            sentence = f"{done.entry} is held until `aggregator entry release`"
        case "remove" if done.already:
            sentence = f"{done.entry} was removed already; `aggregator entry restore` brings it back"
        case "remove":
            sentence = f"{done.entry} is removed; `aggregator entry restore` brings it back"
        case act:
            sentence = f"{done.entry} is {act}d"
    still = {"held": "held", "hold": "held", "removed": "removed"}.get(done.state, "")
    return f"{sentence}; it is still {still}" if still and done.act in {"split", "join"} else sentence
