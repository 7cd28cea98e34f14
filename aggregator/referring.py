"""What a person calls an entry or one of its sightings, and which one that is. Exact matches only."""

import re
from collections.abc import Iterable, Sequence

from aggregator.errors import UsageError
from aggregator.house import House
from aggregator.links import canonical_link
from aggregator.normalize import legal
from aggregator.store import EntryRow, SightingRow, Transaction

MOST_NAMED = 10


def entries_named(tx: Transaction, house: House, ref: str) -> list[EntryRow]:
    """Those with that public id, `#number`, page, link or upstream id, whichever of these it is first; perhaps none."""
    for find in (_by_id, _by_page, _by_link, _by_upstream_id):
        if entries := tx.entries.of(dict.fromkeys(find(tx, house, legal(ref)))):
            return list(entries.values())
    return []


def find_entry(tx: Transaction, house: House, ref: str) -> EntryRow:
    """The one entry of that name. Raises UsageError where there is none, or several."""
    entries = entries_named(tx, house, ref)
    if len(entries) == 1:
        return entries[0]
    if entries:
        named = _listed(f"#{row.id} ({row.public_id})" for row in entries)
        raise UsageError(f"{ref} is {len(entries)} entries: {named}; name one by its number")
    raise UsageError(f"no entry has the id or the link {ref!r}; `aggregator explain` finds one by words of its title")


def find_sighting(house: House, entry: EntryRow, rows: Sequence[SightingRow], ref: str) -> SightingRow:
    """One of the entry's `rows`: by its number, its source where that shows the entry once, its upstream id or link.

    Raises UsageError where it is none of them, or several.
    """
    ref = legal(ref)
    canonical = canonical_link(ref, tracking=house.config.content.tracking)
    found = [row for row in rows if ref == f"#{row.id}"] or [
        row
        for row in rows
        if (ref and ref in {str(row.id), row.source_id, row.upstream_id, row.link})
        or (canonical and canonical == row.canonical)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"{entry.public_id} has no sighting {ref!r}; it has {_listed(map(_named, rows))}")
    raise UsageError(f"{ref} is {len(found)} sightings: {_listed(map(_named, found))}; name one by its number")


def _by_id(tx: Transaction, _house: House, ref: str) -> Iterable[int]:
    number = re.fullmatch(r"#([0-9]{1,18})", ref)
    return tx.entries.with_public_ids([ref]) or ([int(number[1])] if number else [])


def _by_page(tx: Transaction, house: House, ref: str) -> Iterable[int]:
    page = re.fullmatch(re.escape(f"{house.site().url}entries/") + r"([^/]+)\.html", ref)
    return tx.entries.with_slugs([page[1]]) if page else []


def _by_link(tx: Transaction, house: House, ref: str) -> Iterable[int]:
    """The very link before another form of it."""
    rows = tx.sightings.at_link(ref, canonical_link(ref, tracking=house.config.content.tracking)) if ref else []
    return [row.entry_id for row in rows if row.link == ref] or [row.entry_id for row in rows]


def _by_upstream_id(tx: Transaction, _house: House, ref: str) -> Iterable[int]:
    return [row.entry_id for row in tx.sightings.anywhere({"upstream_id": [ref]})]


def _named(row: SightingRow) -> str:
    return f"#{row.id} (source {row.source_id}, {row.link or row.upstream_id or row.path or 'without a link'})"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - MOST_NAMED} more" if len(every) > MOST_NAMED else ""
    return ", ".join(every[:MOST_NAMED]) + more
