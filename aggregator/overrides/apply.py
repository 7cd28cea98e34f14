"""A person overrules the machine: split, join, hold, release, remove, restore.

What is said lasts, since it is rows that it changes, and no later decision goes behind them. Each act is one short
transaction, beside whoever else works on the state; the feeds that it changes are published by who publishes next.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.errors import UsageError
from aggregator.explain.find_entry import find_entry, find_sighting
from aggregator.merge.arrivals import arriving_again
from aggregator.merge.decide import MergeContext, decide
from aggregator.merge.merge import open_context
from aggregator.merge.near_duplicates import sign_removed
from aggregator.merge.public_ids import IdAllocator
from aggregator.model.entry import CleanEntry
from aggregator.report import Report
from aggregator.store import EntryRow, OverrideRow, SightingRow, Transaction
from aggregator.store.table import chunks
from aggregator.text.normalize import acceptable

Keeping = Literal["hold", "release", "remove", "restore"]

# What an entry may be kept back as, in words; the states that each act is for; what it makes of them.
STATES = {
    "": "is not kept back",
    "held": "is held by the machine",
    "hold": "is held by a person",
    "removed": "was removed by a person",
}
TAKES: dict[str, tuple[str, ...]] = {
    "split": ("", "held", "hold", "removed"),
    "join": ("", "held", "hold"),
    "hold": ("", "held"),
    "release": ("held", "hold"),
    "remove": ("", "held", "hold", "removed"),
    "restore": ("removed",),
}
GIVES = {"hold": "hold", "release": "", "remove": "removed", "restore": ""}


@dataclass(frozen=True, slots=True)
class Done:
    """One act, and its entry as it stands now: its public id, what it is kept back as ("" = it is not), how many
    sightings it has. `other`: the public id of the entry that a split made or a join took in; `already`: it stood so
    before, and nothing was done."""

    act: str
    entry: str
    state: str
    sightings: int
    other: str | None = None
    already: bool = False


def split(app: App, ref: str, sighting_ref: str) -> Done:
    """The sighting gets an entry of its own, kept back as the one it leaves is. Raises UsageError."""
    with _overruling(app) as over:
        entry = over.find(ref, "split")
        rows = over.tx.sightings.light_of(entry.id)
        row = find_sighting(app, entry, rows, sighting_ref)
        if len(rows) < 2:
            raise UsageError(f"{entry.public_id} has one sighting only; `entry split` is for one that has several")
        new = over.entry_of(row, entry)
        over.tx.entries.add([new])
        over.tx.sightings.change(row.id, _split_from(entry, new))
        over.tx.overrides.add(OverrideRow(over.at, "split", entry.id, new.id, row.id))
        over.tx.archives.void([entry.id])  # what was sealed may be what was split off
        over.decide([entry.id, new.id])
        return over.done("split", [entry.id], new.public_id)[0]


def join(app: App, ref: str, other_ref: str) -> Done:
    """The other entry's sightings become this one's, and the other is shown no more. Raises UsageError."""
    with _overruling(app) as over:
        entry, other = over.find(ref, "join"), over.find(other_ref, "join")
        if entry.id == other.id:
            raise UsageError(f"{ref} and {other_ref} are one entry already, {entry.public_id}")
        over.tx.sightings.move(other.id, entry.id, f"a person joined it from {other.public_id}")
        over.tx.entries.join(other.id, entry.id, over.at)
        over.tx.overrides.add(OverrideRow(over.at, "join", entry.id, other.id))
        over.decide([entry.id, other.id])
        return over.done("join", [entry.id], other.public_id)[0]


def keep(app: App, act: Keeping, refs: Sequence[str]) -> list[Done]:
    """Holds, releases, removes or restores all of these entries; none of them where it raises UsageError. What was
    removed already stays so."""
    with _overruling(app) as over:
        rows = {row.id: row for row in (over.find(ref, act) for ref in refs)}
        return over.keep(act, list(rows.values()))


def release_all(app: App, source_id: str = "") -> list[Done]:
    """Releases what the machine holds, of one source where one is named; not what a person holds."""
    with _overruling(app) as over:
        ids = _held_by_machine(over.tx, source_id)
    done: list[Done] = []
    for chunk in chunks(ids):
        with _overruling(app) as over:
            rows = over.tx.entries.of(chunk)
            done += over.keep("release", [rows[id_] for id_ in chunk if rows[id_].kept_back == "held"])
    return done


def _held_by_machine(tx: Transaction, source_id: str) -> list[int]:
    ids = [row.id for row in tx.entries.kept_back(("held",))]
    if not source_id:
        return ids
    theirs = set(tx.sightings.entries_of_sources([source_id]))
    return [id_ for id_ in ids if id_ in theirs]


def _split_from(entry: EntryRow, new: EntryRow) -> dict[str, object]:
    """A thing of its own, says a person: so it is no echo of another either."""
    reason = f"a person split it from {entry.public_id}"
    said = {"matched_by": "person", "matched_to": None, "score": None, "reason": reason}
    return said | {"entry_id": new.id, "echo": False, "origin": ""}


@contextmanager
def _overruling(app: App) -> Iterator["_Overruling"]:
    """Raises UsageError where nothing is known yet, ClockError where the clock went back."""
    with app.store.write() as tx:
        if tx.facts.is_empty():
            raise UsageError(f"the state {app.store.path} knows no entry yet; `aggregator run` reads the sources")
        yield _Overruling(app, tx, app.now(tx))


@dataclass(frozen=True, slots=True)
class _Overruling:
    """One transaction in which a person has the word."""

    app: App
    tx: Transaction
    at: datetime

    def find(self, ref: str, act: str) -> EntryRow:
        """The entry, which must be in a state that the act is for."""
        entry = find_entry(self.tx, self.app, ref)
        if entry.kept_back in TAKES[act]:
            return entry
        if entry.joined_to is not None:
            into = self.tx.entries.of([entry.joined_to])[entry.joined_to]
            raise UsageError(f"a person joined {entry.public_id} to {into.public_id}; name that one")
        wanted = " or ".join(STATES[state] for state in TAKES[act])
        raise UsageError(f"{entry.public_id} {STATES[entry.kept_back]}; `entry {act}` is for one that {wanted}")

    def keep(self, act: Keeping, rows: Sequence[EntryRow]) -> list[Done]:
        """What is released counts as no fresher than its date: it comes in below what is newer, and floods nobody."""
        ids = [row.id for row in rows if row.kept_back != GIVES[act]]
        if act == "release":
            self.tx.entries.change(replace(row, fresh_at=row.published) for row in rows)
        self.tx.entries.keep_back(ids, GIVES[act], self.at)
        if act == "restore":
            self.tx.removals.forget(ids)
        for id_ in ids:
            self.tx.overrides.add(OverrideRow(self.at, act, id_))
        context = self.decide(ids)
        if act == "remove":
            sign_removed(context, self.tx)
        done = self.done(act, [row.id for row in rows])
        return [replace(one, already=row.id not in ids) for one, row in zip(done, rows, strict=True)]

    def entry_of(self, row: SightingRow, left: EntryRow) -> EntryRow:
        """What the sighting would have become, had it been taken for new when it was first seen."""
        clean = unpack(self.tx.sightings.clean(row.id), CleanEntry)
        arriving = arriving_again(row)
        names = IdAllocator(self.tx, self.app, row.source_id, [(arriving, clean)])
        seen_at = row.first_seen_at
        updated = acceptable(clean.updated, seen_at)
        published = acceptable(clean.published, seen_at) or updated or seen_at
        return EntryRow(
            id=names.next_entry(),
            public_id=names.public_id(arriving, clean),
            published=published,
            updated=updated or published,
            first_seen_at=seen_at,
            changed_at=self.at,
            fresh_at=seen_at,
            place=row.place,
            digest=row.digest,
            placements=[],
            kept_back=left.kept_back,
            kept_back_at=left.kept_back_at,
        )

    def decide(self, ids: Sequence[int]) -> MergeContext:
        context = open_context(self.app, self.tx, Report())
        decide(context, self.tx, ids, self.at, edits=False)
        return context

    def done(self, act: str, ids: Sequence[int], other: str | None = None) -> list[Done]:
        rows, counts = self.tx.entries.of(ids), self.tx.sightings.counts(ids)
        return [Done(act, rows[id_].public_id, rows[id_].kept_back, counts.get(id_, 0), other) for id_ in ids]
