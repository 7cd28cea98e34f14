"""Which sources there are: the config's, told to the store, before anything is asked of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.house import House
from aggregator.store import SourceRow, Transaction


@dataclass(frozen=True, slots=True)
class Wanted:
    id: str
    kind: str
    url: str
    title: str
    published: bool


def call_roster(house: House, tx: Transaction, at: datetime) -> set[str]:
    """Brings the store's sources in line with the config; returns the ids of those that are shown otherwise now."""
    known = {row.id: row for row in tx.sources.all()}
    wanted = _wanted(house)
    changed: set[str] = set()
    for row in list(known.values()):
        new_id = _renamed(row, wanted, known)
        if new_id:
            tx.sources.rename(row.id, new_id)
            known[new_id] = tx.sources.get(new_id)
            del known[row.id]
            changed.add(new_id)
    for position, one in enumerate(wanted):
        changed |= _place(tx, known.get(one.id), one, position, at)
    for row in known.values():
        if row.configured and row.id not in {one.id for one in wanted}:
            tx.sources.change(row.id, configured=False)
            changed.add(row.id)
    return changed


def _wanted(house: House) -> list[Wanted]:
    folders = [Wanted(one.id, "posts", one.path, one.title, one.publish) for one in house.folders]
    return folders + [Wanted(one.id, "feed", one.url, one.title, one.is_published) for one in house.sources]


def _renamed(row: SourceRow, wanted: list[Wanted], known: dict[str, SourceRow]) -> str:
    """The same address under a new id, the old id gone from the config, is a rename."""
    if any(one.id == row.id for one in wanted):
        return ""
    same = (one.id for one in wanted if (one.kind, one.url) == (row.kind, row.url) and one.id not in known)
    return next(same, "")


def _place(tx: Transaction, row: SourceRow | None, one: Wanted, position: int, at: datetime) -> set[str]:
    if row is None:
        tx.sources.add(
            SourceRow(
                id=one.id,
                kind=one.kind,
                url=one.url,
                position=position,
                title=one.title,
                published=one.published,
                state_since=at,
            )
        )
        return set()
    values: dict[str, Any] = {"position": position, "title": one.title, "published": one.published, "configured": True}
    if row.url != one.url:
        moved = {"etag": "", "last_modified": "", "body_digest": "", "next_poll_at": None, "retry_at": None}
        values |= moved | {"url": one.url, "state": "new", "state_since": at, "failures": 0}
    if any(getattr(row, name) != value for name, value in values.items()):
        tx.sources.change(row.id, **values)
    shown = (row.configured, row.published, row.title) != (True, one.published, one.title)
    return {one.id} if shown else set()
