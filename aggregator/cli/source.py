"""source: lists and changes the sources in the config. The next run or the daemon picks up each change."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.commands import Commands
from aggregator.cli.completion import source_ids
from aggregator.cli.feed_choice import discover_feed, fetch_chosen, show_choice
from aggregator.cli.open_app import open_app, refuse_unknown
from aggregator.cli.options import Json
from aggregator.cli.output import config_change, show_json, terminal
from aggregator.text.counts import count_of
from aggregator.text.masking import showable

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.subscriptions.change import Change

Id = Annotated[
    str,
    typer.Argument(metavar="ID", help="Id of the source, see `source list`.", autocompletion=source_ids),
]


def add_to(app: typer.Typer) -> None:
    source = Commands(
        help="List or change the sources in the config. Comments and entry ids stay.",
        no_args_is_help=True,
    )
    app.add_typer(source.add(add, list_, remove, pause, resume, trust, rename, move), name="source")


def add(  # noqa: PLR0913 - one parameter per option
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="URL of a feed or of a page that names one, or a file.")],
    id_: Annotated[
        str, typer.Option("--id", metavar="ID", help="Id of the source. Default: made from its title.")
    ] = "",
    category: Annotated[
        list[str] | None, typer.Option("--category", metavar="A/B", help="Category of every entry; may be repeated.")
    ] = None,
    every: Annotated[
        str, typer.Option("--every", metavar="WHEN", help='When to pull: adaptive, 1h, or "cron: 0 7 * * *".')
    ] = "",
    guess: Annotated[
        bool, typer.Option("--try-common-paths", help="Try common feed paths if the page names no feed.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added; change nothing.")] = False,
    json: Json = False,
) -> int:
    """Add a feed, or the feed that a web page names.

    Fetches the URL once, and the feed that a page names once. The next run publishes the entries.
    """
    from aggregator.config.url_input import as_address, is_without_scheme
    from aggregator.subscriptions.add import AddOptions, check_options, refuse_known, store_first_answer
    from aggregator.subscriptions.add import add as add_source
    from aggregator.subscriptions.config_file import ConfigFile

    options = AddOptions(id_, tuple(category or ()), every)
    check_options(options)
    config_file = ConfigFile.open(context.obj.config)
    address = as_address(url, config_file.config.root)
    refuse_known(config_file, address)
    found = discover_feed(config_file, address, guess=guess, plain=is_without_scheme(url))
    chosen = found if found.feed else fetch_chosen(config_file, found.named, json=json)
    if chosen is None or chosen.feed is None:
        return show_choice(address, found.named, json=json)
    added = add_source(config_file, chosen.feed, options, dry=dry_run)
    if added.copy and chosen.answer:
        store_first_answer(config_file, added.url, chosen.answer, _now())
    if json:
        show_json(
            _changed(context, added.copy)
            | {"id": added.id, "url": showable(added.url), "title": added.title, "categories": added.categories}
        )
    else:
        _show_message(
            context, f"{'would add' if dry_run else 'added'} {added.id}: {showable(added.url)}{_titled(added.title)}"
        )
        _show_config_change(context, added.copy, "nothing was changed")
    return 0


def list_(context: typer.Context, json: Json = False) -> None:
    """List the sources with state, title, URL and entries."""
    from aggregator.subscriptions.config_file import ConfigFile
    from aggregator.subscriptions.list import list_sources

    rows = list_sources(ConfigFile.open(context.obj.config))
    if json:
        show_json({"sources": rows})
    else:
        _show(rows, context.obj.config)


def remove(context: typer.Context, source: Id, json: Json = False) -> None:
    """Remove a source and its comments from the config.

    The next run removes its entries from the feeds. If you add it again, they come back with the same ids.
    """
    from aggregator.subscriptions import change
    from aggregator.subscriptions.config_file import ConfigFile

    done = change.remove(ConfigFile.open(context.obj.config), source)
    _report(context, done, f"removed {source}; the next run removes its entries from the feeds", json=json)


def pause(context: typer.Context, source: Id, json: Json = False) -> None:
    """Stop pulling a source; its entries stay in the feeds."""
    from aggregator.subscriptions import change
    from aggregator.subscriptions.config_file import ConfigFile

    done = change.pause(ConfigFile.open(context.obj.config), source)
    _report(context, done, f"paused {source}; `aggregator source resume {source}` resumes it", json=json)


def resume(context: typer.Context, source: Id, json: Json = False) -> None:
    """Pull a source again that is paused or gone (410)."""
    from aggregator.subscriptions import change
    from aggregator.subscriptions.config_file import ConfigFile

    done = change.resume(ConfigFile.open(context.obj.config), source)
    _report(context, done, f"resumed {source}", json=json)


def trust(context: typer.Context, source: Id, json: Json = False) -> None:
    """Publish what is held of a source as of another site.

    Its entries appear at their dates. What the source shows now is what it is known for from then on.
    """
    from aggregator.overrides.apply import trust as trust_source

    with open_app(context, existing=True) as app:
        with app.store.read() as tx:
            refuse_unknown("source", [source], [row.id for row in tx.sources.all()])
        done = trust_source(app, source)
    count = len(done.released)
    if json:
        show_json({"id": done.source, "was_held": done.was_held, "released": [one.entry for one in done.released]})
    elif done.was_held or count:
        entries = count_of(count, "entry", "entries")
        _show_message(context, f"{source} is trusted; {entries} released, the next run publishes this")
    else:
        _show_message(context, f"{source} is not held as another site; nothing was changed")


def rename(
    context: typer.Context,
    old: Id,
    new: Annotated[str, typer.Argument(metavar="NEW", help="New id, of a-z, 0-9 and -.")],
    json: Json = False,
) -> None:
    """Change the id of a source or of a folder of posts.

    Changes it everywhere in the config. Its entries keep their ids.
    """
    from aggregator.subscriptions import change
    from aggregator.subscriptions.config_file import ConfigFile

    config_file = ConfigFile.open(context.obj.config)
    done = change.rename(config_file, old, new)
    feed = f"; its feed moves from source/{old}/ to source/{new}/" if config_file.config.feeds.per_source else ""
    _report(context, done, f"renamed {old} to {new} from the next run on; its entries keep their ids{feed}", json=json)


def move(
    context: typer.Context,
    source: Id,
    url: Annotated[str, typer.Argument(metavar="URL", help="New URL of the feed; not fetched yet.")],
    json: Json = False,
) -> None:
    """Change the URL of a source.

    It stays the same source: entries that the new URL shows, too, keep their ids. With the URL that the config has
    already, a source that moved permanently (301, 308) is pulled from that URL again.
    """
    from aggregator.config.url_input import as_address
    from aggregator.subscriptions import change
    from aggregator.subscriptions.config_file import ConfigFile

    config_file = ConfigFile.open(context.obj.config)
    done = change.move(config_file, source, as_address(url, config_file.config.root))
    _report(context, done, f"{source} is pulled from {done.url} from the next run on", json=json)


def _now() -> "datetime":
    import os

    from aggregator.app import clock_from

    return clock_from(os.environ)()


# messages


def _report(context: typer.Context, done: "Change", sentence: str, *, json: bool) -> None:
    if json:
        show_json(_changed(context, done.copy) | {"id": done.id, "url": done.url})
    else:
        has_changed = done.copy or done.state_changed
        _show_message(context, sentence if has_changed else f"{done.id}: nothing to change")
        _show_config_change(
            context, done.copy, "the config is unchanged" if done.state_changed else "nothing was changed"
        )


def _changed(context: typer.Context, copy: Path | None) -> dict[str, Any]:
    return {"config": str(context.obj.config), "copy": str(copy) if copy else None}


def _show_config_change(context: typer.Context, copy: Path | None, otherwise: str) -> None:
    _show_message(context, config_change(context.obj.config, copy) or otherwise)


def _show_message(context: typer.Context, sentence: str) -> None:
    if not context.obj.quiet:
        terminal().print(sentence, markup=False)


def _titled(title: str) -> str:
    return f" ({title})" if title else ""


def _show(rows: list[dict[str, Any]], config: Path) -> None:
    from aggregator.cli.console import page
    from aggregator.cli.table import Column, print_table

    console = page()
    if not rows:
        console.print(f"{config} has no sources; `aggregator source add URL` adds one", markup=False)
        return
    columns = [
        Column("source"),
        Column("state", leaves=3),
        Column("title", leaves=1, least=12),
        Column("url"),
        Column("entries", leaves=2, right=True),
    ]
    shown = []
    for row in rows:
        moved = f", pulled from {row['asked']}" if row.get("asked", row["url"]) != row["url"] else ""
        shown.append([row["id"], row["state"], row["title"], f"{row['url']}{moved}", str(row["entries"])])
    print_table(console, columns, shown)
