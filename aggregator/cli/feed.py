"""feed: the feeds there are, by which rule, and the end of addresses."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.open_app import open_app
from aggregator.cli.options import Json
from aggregator.cli.output import show_json, show_line, show_message
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.publish.standing_feeds import StandingFeed

Ids = Annotated[list[str] | None, typer.Argument(metavar="FEED", help="Feed ids, see `feed list`.")]


def add_to(app: typer.Typer) -> None:
    feed = typer.Typer(
        help="List the feeds, or end addresses that nobody needs.",
        no_args_is_help=True,
    )
    feed.command("list")(list_)
    feed.command("forget")(forget)
    app.add_typer(feed, name="feed")


def list_(context: typer.Context, json: Json = False) -> None:
    """List the feeds with their entries, and the rule by which each is there."""
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
    """End addresses of feeds for good: 410 on our server, and gone from the tree.

    Their entries stay in all other feeds. Counting entries never brings such a feed back; naming its category in the
    config does, at the same address.
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
        if not chosen or dry_run or not (json or _is_confirmed()):
            return _answer(chosen, done=False, published=False, json=json)
        with app.store.write() as tx:
            tx.feeds.end([one.id for one in chosen], app.now(tx))
        published = publish_unless_locked(app)
    return _answer(chosen, done=True, published=published, json=json)


def _is_confirmed() -> bool:
    """Asks on a terminal; a script has decided already."""
    return not sys.stdin.isatty() or typer.confirm("End these addresses for good?", err=True)


def _answer(chosen: "Sequence[StandingFeed]", *, done: bool, published: bool, json: bool) -> int:
    if json:
        show_json({"feeds": [_document(one) for one in chosen], "forgotten": done, "published": published})
    elif done:
        when = "published" if published else "another process holds the state; its next publishing takes them away"
        show_message(f"{len(chosen)} addresses ended; {when}")
    else:
        show_message("no address was ended")
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
    width = max((len(one.id) for one in feeds), default=0)
    for one in feeds:
        show_line(f"{one.id:<{width}}  {one.entries:>5}  {one.why}")


def _show_forgotten(feeds: "Sequence[StandingFeed]") -> None:
    for one in feeds:
        show_line(f"{one.id}: {_entries(one.entries)}, {one.why}")


def _entries(count: int) -> str:
    return "no entries" if not count else f"{count} entr{'y' if count == 1 else 'ies'}"
