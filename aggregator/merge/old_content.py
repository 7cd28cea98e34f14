"""Keeps the old content of a sighting to the byte where the new one says the same."""

from dataclasses import replace

from aggregator.clean.carry_over import is_same_content, is_same_draft, with_old_clean_text, with_old_text
from aggregator.codec import pack, unpack
from aggregator.merge.arrivals import ArrivedEntry
from aggregator.model.document import RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.store import SightingRow, Transaction
from aggregator.store.entry_content import clean_drafts


def with_old_content(
    tx: Transaction, row: SightingRow, item: ArrivedEntry, new: CleanEntry
) -> tuple[ArrivedEntry, CleanEntry]:
    old = clean_drafts(tx, tx.retention.contents([row.id]))[row.id]
    if item.row.draft is None or row.recalled or not is_same_content(old, new):
        return item, new
    clean = with_old_clean_text(old, new)
    if row.sketch is not None:  # the old draft was dropped, and the old fingerprint with it
        clean = replace(clean, fingerprint=new.fingerprint)
        return replace(item, row=replace(item.row, clean=pack(clean))), clean
    draft = with_old_text(unpack(tx.sightings.draft(row.id), RawEntry), unpack(item.row.draft, RawEntry))
    return replace(item, row=replace(item.row, draft=pack(draft), clean=pack(clean))), clean


def is_under_another_base(tx: Transaction, row: SightingRow, item: ArrivedEntry) -> bool:
    """Whether the new draft says what the old one says, and only its references resolve otherwise."""
    old, new = tx.sightings.draft(row.id), item.row.draft
    return bool(old) and new is not None and is_same_draft(unpack(old, RawEntry), unpack(new, RawEntry))
