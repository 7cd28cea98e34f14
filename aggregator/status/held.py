"""The entries that are held, or wait for a person."""

from aggregator.codec import unpack
from aggregator.model.entry import CleanEntry
from aggregator.model.status import HeldEntry
from aggregator.polling.flood_guard import SEALED_AFTER
from aggregator.store import EntryRow, Transaction
from aggregator.store.shown_entries import ShownEntry
from aggregator.store.tables.entries import HELD_STATES


def all_held(tx: Transaction) -> list[HeldEntry]:
    """Entries held automatically or by a person, and those that wait for approval, the longest held first; then floods
    that nobody released."""
    held = (*tx.entries.kept_back(HELD_STATES), *tx.entries.in_backlog("flood"))
    entries = {row.id: row for row in held}
    shown = tx.held_entries.of(entries)
    return [_held(entry, shown[id_]) for id_, entry in entries.items() if id_ in shown]


def _held(entry: EntryRow, row: ShownEntry) -> HeldEntry:
    since = entry.kept_back_at or entry.backlog_at or entry.first_seen_at
    until = since + SEALED_AFTER if entry.kept_back == "held" else None
    clean, state = unpack(row.clean, CleanEntry), entry.kept_back or entry.backlog
    return HeldEntry(entry.public_id, clean.title, clean.link, row.source_id, since, until, state)


def command_for(state: str, source: str, entry: str = "") -> str:
    """The command that lets entries in this state out: this `entry`, else those of the source."""
    if state == "waiting":
        return f"aggregator entry approve {entry or f'--source {source}'}"
    if state == "site" and not entry:
        return f"aggregator source trust {source}"
    return f"aggregator entry release {entry or ('ENTRY' if state == 'hold' else f'--source {source}')}"
