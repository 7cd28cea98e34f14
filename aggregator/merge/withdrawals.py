"""Records which entries were withdrawn, why, and which feeds held them, so that these feeds tell their readers.

An entry that left by editing was not withdrawn: a rule excludes it, its source left the config, a person joined it to
another one. `entry hold` is no withdrawal either, because it may be over tomorrow; but its feeds are remembered, as
`entry remove` may follow.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from aggregator.codec import unpack
from aggregator.merge.context import MergeContext
from aggregator.model.published import FeedContents
from aggregator.model.withdrawal import Kind
from aggregator.store import EntryRow, SightingSummary, Transaction, WithdrawalRow


class Verdict(NamedTuple):
    """What was decided about an entry. `before`: the sighting that was shown, None for none; `withheld`: why it is not
    shown now, "" where nothing is wrong with the sighting itself."""

    entry: EntryRow
    before: SightingSummary | None
    withheld: str


class Withdrawn(NamedTuple):
    entry: EntryRow
    kind: Kind
    is_permalink: bool


def record_withdrawals(context: MergeContext, tx: Transaction, verdicts: Iterable[Verdict], at: datetime) -> None:
    """Call it with every decision, while archives and contents of the feeds are still those of the last publication."""
    shown_again: list[str] = []
    removed: list[str] = []
    withdrawn: dict[int, Withdrawn] = {}
    for entry, before, withheld in verdicts:
        if entry.winner_id is not None:
            shown_again += [] if before else [entry.public_id]
        elif before is None:
            removed += [entry.public_id] if entry.kept_back == "removed" else []
        elif kind := kind_of(context, entry, before, withheld):
            withdrawn[entry.id] = Withdrawn(entry, kind, before.link == entry.public_id)
    tx.feeds.mark_dirty(ids=tx.withdrawals.forget(shown_again) | tx.withdrawals.remove(removed, at))
    if withdrawn:
        tx.withdrawals.add(_rows(tx, withdrawn, at))


def kind_of(context: MergeContext, entry: EntryRow, before: SightingSummary, withheld: str) -> Kind | None:
    """Why an entry is no longer shown; None where it was not withdrawn."""
    if entry.kept_back:
        return "removed" if entry.kept_back == "removed" else "hold" if entry.kept_back == "hold" else None
    source = context.sources[before.source_id]
    match withheld:
        case "gone":
            return "post"
        case "deleted":
            return "post" if source.kind == "posts" else "tombstone"
        case "asked":
            return "opt-out"
        case "" if source.configured and source.asks and not source.published:
            return "opt-out"
        case _:
            return None


def _rows(tx: Transaction, withdrawn: Mapping[int, Withdrawn], at: datetime) -> Iterator[WithdrawalRow]:
    """A row for each feed that holds one of the entries, in its document or its archive."""
    filed = tx.archives.filed(withdrawn)
    contents = tx.feeds.contents(filed)
    for feed_id, entry_ids in filed.items():
        packed = contents.get(feed_id)
        standing = frozenset(unpack(packed, FeedContents).ids) if packed else frozenset()
        for entry_id in entry_ids:
            yield _row(feed_id, withdrawn[entry_id], at, stood=entry_id in standing)


def _row(feed_id: str, one: Withdrawn, at: datetime, *, stood: bool) -> WithdrawalRow:
    entry = one.entry
    return WithdrawalRow(
        feed_id=feed_id,
        public_id=entry.public_id,
        entry_id=entry.id,
        kind=one.kind,
        withdrawn_at=max(at, entry.updated),  # readers ignore a tombstone that is older than the entry
        stood=stood,
        permalink=one.is_permalink,
        published=entry.published,
        first_seen_at=entry.first_seen_at,
        place=entry.place,
    )
