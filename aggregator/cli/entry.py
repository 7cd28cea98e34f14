"""entry: a person overrules what the machine decided about an entry, and that lasts."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.completion import source_ids
from aggregator.cli.open_app import open_app, refuse_unknown
from aggregator.cli.output import show_json, terminal
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.overrides.apply import Done, Keeping

NAMES = "its id, its link, the address of its page, the path of a post, a part of its title, or #number"
Entry = Annotated[str, typer.Argument(metavar="ENTRY", help=f"As `explain` takes it: {NAMES}.")]
Other = Annotated[str, typer.Argument(metavar="ENTRY", help="The one that is taken in.")]
Entries = Annotated[list[str], typer.Argument(metavar="ENTRY", help=f"Each as `explain` takes it: {NAMES}.")]
Sighting = Annotated[
    str, typer.Argument(metavar="SIGHTING", help="Its number as `explain` shows it, its source, its id there, or link.")
]
Json = Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")]


STEP, PATIENCE = 0.2, 20.0  # seconds to look again, and in all, where another process is at work


def add_to(app: typer.Typer) -> None:
    entry = typer.Typer(
        help="Overrule what was decided about an entry; it lasts, and is published with the next run.",
        no_args_is_help=True,
    )
    for command in (split, join, hold, release, remove, restore):
        entry.command(command.__name__)(command)
    app.add_typer(entry, name="entry")


def split(context: typer.Context, entry: Entry, sighting: Sighting, json: Json = False) -> None:
    """Make a sighting an entry of its own.

    For what was taken for another thing. The entry that it leaves keeps its id and dates.
    """
    from aggregator.overrides import apply as overruling

    with open_app(context, existing=True) as app:
        _show(context, overruling.split(app, entry, sighting), json=json)


def join(context: typer.Context, entry: Entry, other: Other, json: Json = False) -> None:
    """Make two entries one.

    The first keeps its id and dates and takes what the second has; the second is shown no more.
    """
    from aggregator.overrides import apply as overruling

    with open_app(context, existing=True) as app:
        _show(context, overruling.join(app, entry, other), json=json)


def hold(context: typer.Context, entry: Entries, json: Json = False) -> None:
    """Keep entries out of all feeds for now.

    Until they are released: also those that the machine would hold for a day only.
    """
    _keep(context, "hold", entry, json=json)


def release(
    context: typer.Context,
    entry: Annotated[
        list[str] | None, typer.Argument(metavar="ENTRY", help=f"Each as `explain` takes it: {NAMES}.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that the machine holds (not what a person holds).")] = False,
    source: Annotated[
        str,
        typer.Option("--source", metavar="ID", help="All that it holds of this source.", autocompletion=source_ids),
    ] = "",
    json: Json = False,
) -> None:
    """Let out entries that are held.

    Each comes in at the place of its date, below what is newer.
    """
    from aggregator.overrides import apply as overruling

    if bool(entry) == (all_ or bool(source)):
        raise UsageError("name the entries to release; or --all, for what the machine holds (--source ID: of that one)")
    if entry:
        _keep(context, "release", entry, json=json)
        return
    with open_app(context, existing=True) as app:
        with app.store.read() as tx:
            refuse_unknown("source", [source] if source else [], [row.id for row in tx.sources.all()])
        _show_all(context, overruling.release_all(app, source), json=json)


def remove(
    context: typer.Context,
    entry: Entries,
    now: Annotated[bool, typer.Option("--now", help="Publish at once, not with the next run.")] = False,
    json: Json = False,
) -> None:
    """Take entries out of feeds, pages and archives for good.

    Nothing adds them again but `restore`; what joins them later is not shown either.
    """
    _keep(context, "remove", entry, now=now, json=json)


def restore(context: typer.Context, entry: Entries, json: Json = False) -> None:
    """Bring back what was removed."""
    _keep(context, "restore", entry, json=json)


def _keep(context: typer.Context, act: "Keeping", refs: Sequence[str], *, now: bool = False, json: bool) -> None:
    from aggregator.overrides import apply as overruling

    with open_app(context, existing=True) as app:
        done = overruling.keep(app, act, refs)
        if now:
            _publish(app, done)
    if len(refs) == 1:
        _show(context, done[0], now=now, json=json)
    else:
        _show_all(context, done, now=now, json=json)


def _publish(app: "App", done: "Sequence[Done]") -> None:
    """By us, as soon as nobody else is at work; unless who is publishes it, as a daemon does within seconds. Raises
    LockedError where neither comes."""
    import asyncio
    import time

    from aggregator.errors import LockedError

    ends = time.monotonic() + PATIENCE
    while True:
        try:
            with app.store.exclusive():
                asyncio.run(_published(app))
        except LockedError as error:
            if _stands_published(app):
                return
            if time.monotonic() >= ends:
                names = ", ".join(one.entry for one in done)
                raise LockedError(f"{names}: removed, but not published yet, since {error}") from error
        else:
            return
        time.sleep(STEP)


async def _published(app: "App") -> None:
    from aggregator.pipeline import publish_now
    from aggregator.worker_pool import WorkerPool

    async with WorkerPool() as pool:
        await publish_now(app, pool)


def _stands_published(app: "App") -> bool:
    with app.store.read() as tx:
        return not (any(tx.lookups.published_feeds().values()) or tx.entries.dirty_pages())


def _show(context: typer.Context, done: "Done", *, now: bool = False, json: bool) -> None:
    if json:
        show_json(_document(done) | ({"published": True} if now else {}))
    else:
        _say(context, [done], now=now)


def _show_all(context: typer.Context, done: Sequence["Done"], *, now: bool = False, json: bool) -> None:
    if json:
        show_json({"entries": [_document(one) for one in done]} | ({"published": True} if now else {}))
    else:
        _say(context, done, now=now)


def _document(done: "Done") -> dict[str, Any]:
    """`already` only where it is so."""
    from dataclasses import asdict

    return {name: value for name, value in asdict(done).items() if name != "already" or value}


def _say(context: typer.Context, done: Iterable["Done"], *, now: bool) -> None:
    if context.obj.quiet:
        return
    console, sentences = terminal(), [_sentence(one) for one in done]
    for sentence in sentences:
        console.print(sentence, markup=False, emoji=False)
    then = "published" if now else "published with the next run"
    console.print(then if sentences else "nothing is held", style="dim")


def _sentence(done: "Done") -> str:
    sightings = f"{done.sightings} sighting{'s' * (done.sightings != 1)}"
    match done.act:
        case "split":
            sentence = f"{done.other} is an entry of its own; {done.entry} keeps {sightings}"
        case "join":
            sentence = f"{done.entry} has {sightings} now, with those of {done.other}"
        case "hold":
            sentence = f"{done.entry} is held until `aggregator entry release`"
        case "remove" if done.already:
            sentence = f"{done.entry} was removed before, and stays so until `aggregator entry restore`"
        case "remove":
            sentence = f"{done.entry} is removed until `aggregator entry restore`"
        case act:
            sentence = f"{done.entry} is {act}d"
    still = {"held": "held", "hold": "held", "removed": "removed"}.get(done.state, "")
    return f"{sentence}; it is {still} as before" if still and done.act in {"split", "join"} else sentence
