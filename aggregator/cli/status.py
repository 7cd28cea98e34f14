"""status: each source, what is held, what needs a person."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.opening import house_of
from aggregator.cli.showing import show_json

if TYPE_CHECKING:
    from aggregator.house import House
    from aggregator.overruling import Held
    from aggregator.store import SourceRow, Transaction

MOST_OF_A_SOURCE = 5


def add_to(app: typer.Typer) -> None:
    app.command("status")(status)


def status(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Show how each source is doing, and which entries are held."""
    house = house_of(context)
    document: dict[str, Any] = {"sources": [], "held": [], "unmapped": 0, "feeds": 0}
    if house.store.exists():  # asking leaves nothing behind
        with closing(house.store) as store:
            store.open()
            document = _document(house)
    if json:
        show_json(document)
    else:
        _show(house, document)


def _document(house: "House") -> dict[str, Any]:
    from aggregator.arranging import stood_for_itself
    from aggregator.overruling import all_held

    with house.store.read() as tx:
        rows, counts = tx.sources.all(), tx.sources.sighting_counts()
        feeds = sum(map(stood_for_itself, tx.feeds.all().values()))
        unmapped = tx.entries.unmapped_count()
        held = [_held(one) for one in all_held(tx)]
        lists = list(_lists(house, tx))
    return {
        "sources": [_source(row, counts.get(row.id, 0)) for row in rows if row.configured],
        "held": held,
        "unmapped": unmapped,
        "feeds": feeds,
    } | ({"lists": lists} if lists else {})


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
        "asks": row.asks,
    }


def _lists(house: "House", tx: "Transaction") -> "Iterator[dict[str, Any]]":
    """The config's reading lists; one that no run has read yet is new."""
    from aggregator.listed import listed_in

    rows = tx.lists.all()
    for one in house.config.lists:
        row = rows.get(one.id)
        yield {
            "id": one.id,
            "url": one.url,
            "state": "paused" if one.paused else "new" if row is None else "failing" if row.failures else "ok",
            "last_attempt": _time(row.last_attempt_at) if row else None,
            "last_success": _time(row.last_success_at) if row else None,
            "next_read": _time(row.next_read_at) if row else None,
            "feeds": len(listed_in(row)) if row else 0,
            "failures": row.failures if row else 0,
            "kind": row.error_kind if row else "",
            "message": row.error_message if row else "",
        }


def _held(one: "Held") -> dict[str, Any]:
    return {
        "entry": one.entry,
        "title": one.title,
        "link": one.link,
        "source": one.source,
        "since": _time(one.since),
        "until": _time(one.until),
        "state": one.state,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def _short(moment: str | None) -> str:
    return (moment or "")[:16].replace("T", " ")


def _show(house: "House", document: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False)
    if not (document["sources"] or document["held"] or document.get("lists")):
        console.print(f"no source has been read yet; `aggregator run` reads {house.config.where()}")
        return
    console.print(_table(document["sources"]))
    for line in (*_read(document.get("lists", [])), *_troubles(document["sources"]), *_waiting(document["held"])):
        console.print(line, markup=False, emoji=False, soft_wrap=True)
    console.print(f"{document['feeds']} feeds in {house.output}, {document['unmapped']} terms that no rule maps")


def _table(sources: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "state", "next poll"):
        table.add_column(name, no_wrap=name != "source", overflow="fold")
    table.add_column("entries", justify="right")
    for one in sources:
        table.add_row(one["id"], one["state"], _short(one["next_poll"]), str(one["entries"]))
    return table


def _read(lists: list[dict[str, Any]]) -> Iterator[str]:
    for one in lists:
        why = f": {one['kind']}: {one['message']}" if one["kind"] else ""
        yield f"{one['id']}: reading list, {one['state']}, {one['feeds']} feeds ({one['url']}){why}"


def _troubles(sources: list[dict[str, Any]]) -> Iterator[str]:
    for one in sources:
        if one["kind"]:
            since = f"failing since {_short(one['since'])}, {one['failures']} time{'s' * (one['failures'] != 1)}"
            yield f"{one['id']}: {one['kind']}: {one['message']} ({since})"
        if one["asks"]:
            so = "and is, since the config says publish: true" if one["published"] else "`publish: true` overrules it"
            yield f"{one['id']}: the publisher asks not to be republished ({one['asks']}); {so}"
        if one["repeats_ids"]:
            yield f"{one['id']}: repeats its ids; what else agrees (link, title, date, words) tells its entries apart"


def _waiting(held: list[dict[str, Any]]) -> Iterator[str]:
    """The machine's and a person's apart, a source at a time, each with the way out."""
    groups: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in held:
        groups[one["source"], one["state"]].append(one)
    for (source, state), ones in groups.items():
        entries = f"{len(ones)} entr{'y' if len(ones) == 1 else 'ies'}"
        if state == "held":
            until = f"until {_short(ones[-1]['until'])} at the latest"
            yield f"{source}: {entries} held, {until}; `aggregator entry release --source {source}` lets them out now"
        else:
            yield f"{source}: {entries} held by a person; `aggregator entry release ENTRY` lets one out"
        yield from (f"  {one['entry']}  {one['title']}" for one in ones[:MOST_OF_A_SOURCE])
        if len(ones) > MOST_OF_A_SOURCE:
            yield f"  … and {len(ones) - MOST_OF_A_SOURCE} more; --json shows all"
