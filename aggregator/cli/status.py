"""status: each source, what needs a person."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.opening import open_house
from aggregator.cli.showing import show_json

if TYPE_CHECKING:
    from aggregator.house import House
    from aggregator.store import SourceRow


def add_to(app: typer.Typer) -> None:
    app.command("status")(status)


def status(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Show how each source is doing."""
    with open_house(context) as house:
        document = _document(house)
        if json:
            show_json(document)
        else:
            _show(house, document)


def _document(house: "House") -> dict[str, Any]:
    with house.store.read() as tx:
        rows, counts = tx.sources.all(), tx.sources.sighting_counts()
        feeds = sum(row.listing is not None for row in tx.feeds.all().values())
        unmapped = tx.entries.unmapped_count()
    return {
        "sources": [_source(row, counts.get(row.id, 0)) for row in rows if row.configured],
        "held": [],
        "unmapped": unmapped,
        "feeds": feeds,
    }


def _source(row: "SourceRow", entries: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "url": row.url,
        "state": row.state,
        "since": _time(row.state_since),
        "last_attempt": _time(row.last_attempt_at),
        "last_success": _time(row.last_success_at),
        "next_poll": _time(row.next_poll_at),
        "entries": entries,
        "failures": row.failures,
        "kind": row.error_kind,
        "message": row.error_message,
        "published": row.published,
        "repeats_ids": row.repeats_ids,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def _short(moment: str | None) -> str:
    return (moment or "")[:16].replace("T", " ")


def _show(house: "House", document: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(file=sys.stdout, highlight=False)
    if not document["sources"]:
        console.print(f"no source has been read yet; `aggregator run` reads {house.config.where()}")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "state", "next poll"):
        table.add_column(name, no_wrap=name != "source", overflow="fold")
    table.add_column("entries", justify="right")
    for one in document["sources"]:
        table.add_row(one["id"], one["state"], _short(one["next_poll"]), str(one["entries"]))
    console.print(table)
    for one in document["sources"]:
        if one["kind"]:
            since = f"failing since {_short(one['since'])}, {one['failures']} time{'s' * (one['failures'] != 1)}"
            console.print(f"{escape(one['id'])}: {one['kind']}: {escape(one['message'])} ({since})", soft_wrap=True)
    console.print(f"{document['feeds']} feeds in {house.output}, {document['unmapped']} terms that no rule maps")
