"""source: which feeds are pulled. Every change is made in the config, and the next run or the daemon takes it up."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.completion import source_ids
from aggregator.cli.output import say, show_json, show_line, terminal
from aggregator.errors import UsageError
from aggregator.text.masking import showable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.parse.autodiscovery import Found
    from aggregator.subscriptions.change import Change
    from aggregator.subscriptions.config_file import ConfigFile
    from aggregator.subscriptions.discover import Looked

Id = Annotated[
    str,
    typer.Argument(metavar="ID", help="The source's id, as `source list` shows it.", autocompletion=source_ids),
]
Json = Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")]


def add_to(app: typer.Typer) -> None:
    source = typer.Typer(
        help="Add, list, pause, rename, move or remove sources; the config's comments stay, and all entries' ids.",
        no_args_is_help=True,
    )
    source.command("add")(add)
    source.command("list")(list_)
    for command in (remove, pause, resume):
        source.command(command.__name__)(command)
    source.command("rename")(rename)
    source.command("move")(move)
    app.add_typer(source, name="source")


def add(  # noqa: PLR0913 - a parameter an option
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Of a feed, or of a page that names one; or a file.")],
    id_: Annotated[str, typer.Option("--id", metavar="ID", help="Else made of host and path.")] = "",
    category: Annotated[
        list[str] | None, typer.Option("--category", metavar="A/B", help="Given to every entry; may be repeated.")
    ] = None,
    every: Annotated[str, typer.Option("--every", help='adaptive, 1h, or "cron: 0 7 * * *".')] = "",
    guess: Annotated[
        bool, typer.Option("--try-common-paths", help="Where the page names no feed: ask where they often are.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added; change nothing.")] = False,
    json: Json = False,
) -> int:
    """Add a feed, or the feed that a web page names.

    The address is asked once, and the feed that it names once. Nothing is published yet: the next run does that.
    """
    from aggregator.config.url_input import as_address
    from aggregator.subscriptions import add as adding
    from aggregator.subscriptions.config_file import ConfigFile

    wish = adding.AddOptions(id_, tuple(category or ()), every)
    adding.check_wish(wish)
    register = ConfigFile.open(context.obj.config)
    address = as_address(url, register.config.root)
    adding.refuse_known(register, address)
    looked = _looked(register, address, guess=guess)
    chosen = looked if looked.feed else _chosen(register, looked.named, json=json)
    if chosen is None or chosen.feed is None:
        return _show_choice(address, looked, json=json)
    added = adding.add(register, chosen.feed, wish, dry=dry_run)
    if added.copy and chosen.answer:
        adding.keep(register, added.url, chosen.answer, _now())
    if json:
        show_json(
            _changed(context, added.copy)
            | {"id": added.id, "url": showable(added.url), "title": added.title, "categories": added.categories}
        )
    else:
        _say(context, f"{'would add' if dry_run else 'added'} {added.id}: {showable(added.url)}{_titled(added.title)}")
        _say_where(context, added.copy, "nothing is changed")
    return 0


def list_(context: typer.Context, json: Json = False) -> None:
    """List the sources of the config, with what the state knows of them."""
    from aggregator.subscriptions.config_file import ConfigFile
    from aggregator.subscriptions.list import listed

    rows = listed(ConfigFile.open(context.obj.config))
    if json:
        show_json({"sources": rows})
    else:
        _show(rows, context.obj.config)


def remove(context: typer.Context, source: Id, json: Json = False) -> None:
    """Take a source out of the config, with its comments.

    Its entries leave the feeds with the next run. Added again, it has them back, with the same ids.
    """
    from aggregator.subscriptions import change as changing
    from aggregator.subscriptions.config_file import ConfigFile

    done = changing.remove(ConfigFile.open(context.obj.config), source)
    _report(context, done, f"{source} is taken out; its entries leave the feeds with the next run", json=json)


def pause(context: typer.Context, source: Id, json: Json = False) -> None:
    """Ask a source no more; its entries stay."""
    from aggregator.subscriptions import change as changing
    from aggregator.subscriptions.config_file import ConfigFile

    done = changing.pause(ConfigFile.open(context.obj.config), source)
    _report(context, done, f"{source} is paused until `aggregator source resume {source}`", json=json)


def resume(context: typer.Context, source: Id, json: Json = False) -> None:
    """Ask a source again that was paused, or once more one that is gone (410)."""
    from aggregator.subscriptions import change as changing
    from aggregator.subscriptions.config_file import ConfigFile

    done = changing.resume(ConfigFile.open(context.obj.config), source)
    _report(context, done, f"{source} is asked again", json=json)


def rename(
    context: typer.Context,
    old: Id,
    new: Annotated[str, typer.Argument(metavar="NEW", help="a-z, 0-9 and -.")],
    json: Json = False,
) -> None:
    """Give a source or a folder of posts another id.

    Wherever the config names it. Its entries keep their ids.
    """
    from aggregator.subscriptions import change as changing
    from aggregator.subscriptions.config_file import ConfigFile

    register = ConfigFile.open(context.obj.config)
    done = changing.rename(register, old, new)
    feed = f"; its feed moves from source/{old}/ to source/{new}/" if register.config.feeds.per_source else ""
    _report(context, done, f"{old} is {new} from the next run on; its entries keep their ids{feed}", json=json)


def move(
    context: typer.Context,
    source: Id,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the feed is now; it is not asked yet.")],
    json: Json = False,
) -> None:
    """Give a source another address.

    It is the same source: entries that it shows there, too, keep their ids. With the address that the config has, a
    source that has moved by itself (301, 308) is asked there again.
    """
    from aggregator.config.url_input import as_address
    from aggregator.subscriptions import change as changing
    from aggregator.subscriptions.config_file import ConfigFile

    register = ConfigFile.open(context.obj.config)
    done = changing.move(register, source, as_address(url, register.config.root))
    _report(context, done, f"{source} is asked at {done.url} from the next run on", json=json)


# finding the feed


def _looked(register: "ConfigFile", address: str, *, guess: bool) -> "Looked":
    import asyncio

    from aggregator.subscriptions.discover import Looked, look, look_into
    from aggregator.worker_pool import WorkerPool

    async def ask() -> Looked:
        async with WorkerPool(processes=1) as pool:
            if "://" in address:
                return await look(_fetching(register), pool, address, guess=guess)
            config = register.config
            found = await look_into(config.root / address, pool, config.fetch.max_bytes)
            return Looked(feed=type(found)(address, found.title))

    return asyncio.run(ask())


def _chosen(register: "ConfigFile", named: "Sequence[Found]", *, json: bool) -> "Looked | None":
    """The feed among those that a page names; None where there are several and nobody to ask."""
    import asyncio

    from aggregator.subscriptions.add import refuse_known
    from aggregator.subscriptions.discover import choose
    from aggregator.worker_pool import WorkerPool

    if len(named) > 1 and (json or not _is_answered()):
        return None
    one = named[0] if len(named) == 1 else named[_answer(named) - 1]
    refuse_known(register, one.url)

    async def ask() -> "Looked":
        async with WorkerPool(processes=1) as pool:
            return await choose(_fetching(register), pool, one)

    return asyncio.run(ask())


def _now() -> "datetime":
    import os

    from aggregator.app import clock_from

    return clock_from(os.environ)()


def _fetching(register: "ConfigFile") -> Any:
    import os

    from aggregator.app import App, clock_from
    from aggregator.store import Store

    config = register.config
    return App(config, Store(config.root / config.state), clock_from(os.environ)).fetch_settings()


def _is_answered() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _answer(named: "Sequence[Found]") -> int:
    from aggregator.subscriptions.discover import numbered

    say(*numbered(named))
    while True:
        number = int(typer.prompt(f"Which one, 1 to {len(named)}?", type=int, err=True))
        if 1 <= number <= len(named):
            return number


def _show_choice(address: str, looked: "Looked", *, json: bool) -> int:
    from aggregator.subscriptions.discover import numbered

    address = showable(address)
    message = f"{address} names {len(looked.named)} feeds; name the one to add: aggregator source add URL"
    if json:
        problem = {"where": address, "kind": "usage", "message": message, "transient": False}
        feeds = [{"url": showable(one.url), "title": one.title, "kind": one.kind} for one in looked.named]
        show_json({"problems": [problem], "feeds": feeds})
    else:
        for line in numbered(looked.named):
            show_line(line)
    say(message)
    return UsageError.exit_status


# what is said


def _report(context: typer.Context, done: "Change", sentence: str, *, json: bool) -> None:
    if json:
        show_json(_changed(context, done.copy) | {"id": done.id, "url": done.url})
    else:
        _say(context, sentence if done.copy or done.noted else f"{done.id} is so already")
        _say_where(context, done.copy, "the config stays as it is" if done.noted else "nothing is changed")


def _changed(context: typer.Context, copy: Path | None) -> dict[str, Any]:
    return {"config": str(context.obj.config), "copy": str(copy) if copy else None}


def _say_where(context: typer.Context, copy: Path | None, nothing: str) -> None:
    _say(context, f"{context.obj.config} is changed, {copy} is what it was" if copy else nothing)


def _say(context: typer.Context, sentence: str) -> None:
    if not context.obj.quiet:
        terminal().print(sentence, markup=False, emoji=False)


def _titled(title: str) -> str:
    return f" ({title})" if title else ""


def _show(rows: list[dict[str, Any]], config: Path) -> None:
    from rich.table import Table
    from rich.text import Text

    from aggregator.cli.console import page

    console = page(emoji=False)
    if not rows:
        console.print(f"{config} lists no source; `aggregator source add URL` adds one", markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "state", "title", "url"):
        table.add_column(name, overflow="fold" if name in {"source", "url"} else "ellipsis", no_wrap=name == "state")
    table.add_column("entries", justify="right")
    for row in rows:
        moved = f", asked at {row['asked']}" if row.get("asked", row["url"]) != row["url"] else ""
        shown = row | {"url": f"{row['url']}{moved}"}
        table.add_row(*(Text(str(shown[key])) for key in ("id", "state", "title", "url", "entries")))
    console.print(table)
