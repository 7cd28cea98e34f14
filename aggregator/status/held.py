"""The entries that are held and wait for a person."""

from aggregator.codec import unpack
from aggregator.model.entry import CleanEntry
from aggregator.model.status import HeldEntry
from aggregator.polling.flood_guard import SEALED_AFTER
from aggregator.store import EntryRow, SightingRow, Transaction


def all_held(tx: Transaction) -> list[HeldEntry]:
    """Entries held by the flood guard or by a person, the longest held first; then floods that nobody released."""
    held = (*tx.entries.kept_back(("held", "hold")), *tx.entries.in_backlog("flood"))
    entries = {row.id: row for row in held}
    found = {row.entry_id: _held(entries[row.entry_id], row) for row in tx.sightings.firsts(entries)}
    return [found[id_] for id_ in entries if id_ in found]


def _held(entry: EntryRow, row: SightingRow) -> HeldEntry:
    since = entry.kept_back_at or entry.backlog_at or entry.first_seen_at
    until = since + SEALED_AFTER if entry.kept_back == "held" else None
    title = unpack(row.clean, CleanEntry).title
    return HeldEntry(entry.public_id, title, row.link, row.source_id, since, until, entry.kept_back or entry.backlog)
