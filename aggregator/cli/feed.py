"""feed: the feeds there are, by which rule, and the end of addresses."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aggregator.cli.commands import Commands
from aggregator.cli.open_app import open_app
from aggregator.cli.options import Json
from aggregator.cli.output import is_confirmed, show_json, show_line, show_message
from aggregator.errors import UsageError
from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from aggregator.publish.standing_feeds import StandingFeed

Ids = Annotated[list[str] | None, typer.Argument(metavar="FEED", help="Feed ids, see `feed list`.")]


def add_to(app: typer.Typer) -> None:
    feed = Commands(
        help="List the feeds, or end addresses that nobody needs.",
        no_args_is_help=True,
    )
    app.add_typer(feed.add(list_, forget, redirects), name="feed")


def list_(context: typer.Context, json: Json = False) -> None:
    """List the feeds, their entries, and why each is there."""
    from aggregator.publish.standing_feeds import standing_feeds

    with open_app(context, existing=True) as app, app.store.read() as tx:
        feeds = standing_feeds(app, tx)
    if json:
        show_json({"feeds": [_document(one) for one in feeds]})
    else:
        _show(feeds)


def forget(
    context: typer.Context,
    feeds: Ids = None,
    empty: Annotated[bool, typer.Option("--empty", help="All feeds without entries.")] = False,
    unnamed: Annotated[
        bool, typer.Option("--unnamed", help="All feeds that today's rule would not found (feeds.min_entries).")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show which addresses would end; change nothing.")] = False,
    json: Json = False,
) -> int:
    """End addresses of feeds for good.

    They leave the tree, and our server answers 410. Their entries stay in all other feeds. Counting entries never
    brings such a feed back; naming its category in the config does, at the same address.
    """
    from aggregator.cli.publish_now import publish_unless_locked
    from aggregator.publish.standing_feeds import standing_feeds, to_forget

    if not (feeds or empty or unnamed):
        raise UsageError("name the feeds to forget, or use --empty or --unnamed; `aggregator feed list` shows all")
    with open_app(context, existing=True) as app:
        with app.store.read() as tx:
            chosen = to_forget(standing_feeds(app, tx), feeds or (), empty=empty, unnamed=unnamed)
        if not json and not context.obj.quiet:
            _show_forgotten(chosen)
        if not chosen or dry_run or not (json or is_confirmed("End these addresses for good?")):
            return _answer(chosen, done=False, published=False, json=json)
        with app.store.write() as tx:
            tx.feeds.end([one.id for one in chosen], app.now(tx))
        published = publish_unless_locked(app)
    return _answer(chosen, done=True, published=published, json=json)


def redirects(
    context: typer.Context,
    server: Annotated[
        Literal["nginx", "caddy"] | None,
        typer.Option("--for", help="Print lines for a `map` of this web server.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """List addresses that moved or ended, for other web servers.

    They do not know the state. Our own server answers 301 and 410 by itself. Others read a file: print it there after
    each run, and let the server load it again when it changed.
    """
    from aggregator.web.redirects import caddy_map, nginx_map
    from aggregator.web.redirects import redirects as redirects_of

    with open_app(context, existing=True) as app, app.store.read() as tx:
        found = redirects_of(tx)
    if json:
        show_json({"moved": {old: new or None for old, new in found.moved.items()}, "gone_pages": found.gone_pages})
    elif server:
        made = (nginx_map if server == "nginx" else caddy_map)(found, app.config.site.url)
        for line in made.splitlines():
            show_line(line)
    else:
        for old, new in found.moved.items():
            show_line(f"{old} → {new}" if new else f"{old}: gone")
        for path in found.gone_pages:
            show_line(f"{path}: gone")


def _answer(chosen: "Sequence[StandingFeed]", *, done: bool, published: bool, json: bool) -> int:
    if json:
        show_json({"feeds": [_document(one) for one in chosen], "forgotten": done, "published": published})
    elif done:
        them = "it" if len(chosen) == 1 else "them"
        later = f"the process that holds the state takes {them} away with its next publishing"
        when = "published" if published else later
        show_message(f"{count_of(len(chosen), 'address', 'addresses')} ended; {when}")
    elif chosen:
        show_message("no address was ended")
    else:
        show_message("no such feed is in the tree; no address was ended")
    return 0


def _document(one: "StandingFeed") -> dict[str, Any]:
    from aggregator.text.date_formats import rfc3339

    return {
        "id": one.id,
        "title": one.title,
        "entries": one.entries,
        "why": one.why,
        "since": rfc3339(one.since) if one.since else None,
        "moved_to": one.moved_to,
        "founded": one.is_founded,
    }


def _show(feeds: "Sequence[StandingFeed]") -> None:
    from aggregator.cli.console import page
    from aggregator.cli.table import Column, print_table

    if not feeds:
        show_message("no feed is published yet; `aggregator run` publishes")
        return
    columns = [Column("feed"), Column("entries", right=True), Column("why it is there")]
    print_table(page(), columns, [[one.id, str(one.entries), one.why] for one in feeds])


def _show_forgotten(feeds: "Sequence[StandingFeed]") -> None:
    for one in feeds:
        entries = count_of(one.entries, "entry", "entries") if one.entries else "no entries"
        show_line(f"{one.id}: {entries}, {one.why}")
