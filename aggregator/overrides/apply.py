"""Decisions of a person about entries: split, join, hold, release, approve, remove, restore.

They last, since they are stored in rows that later automatic decisions respect. Each is one short transaction and needs
no lock of the state. The next process that publishes writes the changed feeds.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from aggregator.app import App
from aggregator.codec import pack, unpack
from aggregator.errors import UsageError
from aggregator.explain.find_entry import find_entry, find_sighting
from aggregator.merge.approval import fresh_from
from aggregator.merge.context import MergeContext, open_context
from aggregator.merge.decide import decide
from aggregator.merge.known_sightings import arriving_again
from aggregator.merge.near_duplicates import sign_removed
from aggregator.merge.public_ids import IdAllocator
from aggregator.model.entry import CleanEntry
from aggregator.polling.site_memory import SiteMemory
from aggregator.report import Report
from aggregator.store import EntryRow, OverrideRow, SightingRow, Transaction
from aggregator.store.chunks import chunks
from aggregator.store.tables.entries import WAITING
from aggregator.text.normalize import acceptable

Keeping = Literal["hold", "release", "approve", "remove", "restore"]

# Text of each state of an entry ("backlog": it is shown, and no news); the states that each act accepts; the state that
# each act leads to.
STATE_TEXTS = {
    "": "is neither held nor removed",
    "held": "is held automatically",
    "site": "is held because its source became another site",
    "hold": "is held by a person",
    "too-old": "was too old for its source",
    "backlog": "is in archives and on pages only",
    "waiting": "waits for approval",
    "removed": "was removed by a person",
}
ALLOWED_STATES: dict[str, tuple[str, ...]] = {
    "split": ("", "held", "site", "hold", "waiting", "too-old", "backlog", "removed"),
    "join": ("", "held", "site", "hold", "waiting", "too-old", "backlog"),
    "hold": ("", "held", "site", "waiting", "too-old", "backlog"),
    "release": ("held", "hold", "site", "too-old", "backlog"),
    "approve": ("waiting",),
    "remove": ("", "held", "site", "hold", "waiting", "too-old", "backlog", "removed"),
    "restore": ("removed",),
}
NEW_STATES = {"hold": "hold", "release": "", "approve": "", "remove": "removed", "restore": ""}


@dataclass(frozen=True, slots=True)
class OverrideResult:
    """One act and its entry afterwards: public id, state ("" = shown normally) and number of sightings. `other`: public
    id of the entry that a split made or a join took in. `already`: the entry had the state before, nothing changed."""

    act: str
    entry: str
    state: str
    sightings: int
    other: str | None = None
    already: bool = False


@dataclass(frozen=True, slots=True)
class Trust:
    """`was_held`: whether the source was held as another site; if not, there was nothing to end."""

    source: str
    was_held: bool
    released: Sequence[OverrideResult]


def split(app: App, ref: str, sighting_ref: str) -> OverrideResult:
    """Moves the sighting to a new entry with the state of the old one. Raises UsageError."""
    with _open_transaction(app) as work:
        entry = work.find(ref, "split")
        rows = work.tx.sightings.light_of(entry.id)
        row = find_sighting(app, entry, rows, sighting_ref)
        if len(rows) < 2:
            raise UsageError(f"{entry.public_id} has only one sighting; `entry split` needs an entry with several")
        new = work.entry_of(row, entry)
        work.tx.entries.add([new])
        work.tx.sightings.change(row.id, _split_from(entry, new))
        work.tx.overrides.add(OverrideRow(work.at, "split", entry.id, new.id, row.id))
        work.tx.archives.void([entry.id])  # a sealed page may show the split sighting
        work.decide([entry.id, new.id])
        return work.done("split", [entry.id], new.public_id)[0]


def join(app: App, ref: str, other_ref: str) -> OverrideResult:
    """Moves the sightings of the other entry to this one and hides the other. Raises UsageError."""
    with _open_transaction(app) as work:
        entry, other = work.find(ref, "join"), work.find(other_ref, "join")
        if entry.id == other.id:
            raise UsageError(f"{ref} and {other_ref} are the same entry already, {entry.public_id}")
        work.tx.sightings.move(other.id, entry.id, f"a person joined it from {other.public_id}")
        work.tx.entries.join(other.id, entry.id, work.at)
        work.tx.overrides.add(OverrideRow(work.at, "join", entry.id, other.id))
        work.decide([entry.id, other.id])
        return work.done("join", [entry.id], other.public_id)[0]


def keep(app: App, act: Keeping, refs: Sequence[str]) -> list[OverrideResult]:
    """Holds, releases, approves, removes or restores all of these entries, or none if it raises UsageError. An entry
    that was removed before stays removed."""
    with _open_transaction(app) as work:
        rows = {row.id: row for row in (work.find(ref, act) for ref in refs)}
        return work.keep(act, list(rows.values()))


def release_all(app: App, source_id: str = "") -> list[OverrideResult]:
    """Releases automatically held entries, also of floods that are in archives only; of one source if it is given.
    Entries held by a person stay held."""
    return _keep_all(app, "release", "held", source_id)


def trust(app: App, source_id: str) -> Trust:
    """Ends the hold of a source that became another site: what it showed until now is known, and the entries that were
    held for it are released. Raises UsageError if the state does not have the source."""
    done = _keep_all(app, "release", "site", source_id)
    with _open_transaction(app) as work:
        source = work.tx.sources.find(source_id)
        if source is None:
            raise UsageError(f"no run has pulled {source_id} yet; there is nothing to trust")
        if source.site_changed_at is None:
            return Trust(source_id, was_held=False, released=done)
        late = work.tx.entries.of(_kept_back(work.tx, "site", source_id))
        work.tx.sources.change(source_id, site_changed_at=None, site_evidence="", site_trusted_at=work.at)
        if memory := work.tx.site_memories.get(source_id):
            known = replace(unpack(memory, SiteMemory), since=work.at)
            work.tx.site_memories.put(source_id, pack(known))
        done += work.keep("release", list(late.values()))
        work.decide(work.tx.site_memories.held_since(source_id, source.site_changed_at))
        return Trust(source_id, was_held=True, released=done)


def approve_all(app: App, source_id: str) -> list[OverrideResult]:
    """Approves the source's sightings in all entries that wait; sightings of other sources go on waiting."""
    return _keep_all(app, "approve", WAITING, source_id)


def approve_listed(app: App, public_ids: Collection[str]) -> list[OverrideResult]:
    """Approves these entries, except those that do not wait any more."""
    with _open_transaction(app) as work:
        ids = [row.id for row in work.tx.entries.kept_back((WAITING,)) if row.public_id in public_ids]
    return _keep_each(app, "approve", ids, WAITING)


def _is_in(entry: EntryRow, state: str) -> bool:
    """Held is also what was held and nobody released."""
    is_of_flood = not entry.kept_back and entry.backlog == "flood"
    return entry.kept_back == state or (state == "held" and is_of_flood)


def _kept_back(tx: Transaction, state: str, source_id: str) -> list[int]:
    floods = tx.entries.in_backlog("flood") if state == "held" else []
    ids = [row.id for row in (*tx.entries.kept_back((state,)), *floods)]
    if not source_id:
        return ids
    of_source = set(tx.sightings.entries_of_sources([source_id]))
    return [id_ for id_ in ids if id_ in of_source]


def _keep_all(app: App, act: Keeping, state: str, source_id: str) -> list[OverrideResult]:
    with _open_transaction(app) as work:
        ids = _kept_back(work.tx, state, source_id)
    return _keep_each(app, act, ids, state, source_id)


def _keep_each(app: App, act: Keeping, ids: Sequence[int], state: str, source_id: str = "") -> list[OverrideResult]:
    """Applies the act to entries still in this state, a chunk in each transaction."""
    done: list[OverrideResult] = []
    for chunk in chunks(ids):
        with _open_transaction(app) as work:
            rows = work.tx.entries.of(chunk)
            done += work.keep(act, [rows[id_] for id_ in chunk if _is_in(rows[id_], state)], source_id)
    return done


def _state(entry: EntryRow) -> str:
    """A key of STATE_TEXTS."""
    return entry.kept_back or ("backlog" if entry.backlog else "")


def _split_from(entry: EntryRow, new: EntryRow) -> dict[str, object]:
    """Values of the split sighting. It is a separate entry now, so it is not an echo of another either."""
    reason = f"a person split it from {entry.public_id}"
    match = {"matched_by": "person", "matched_to": None, "score": None, "reason": reason}
    return match | {"entry_id": new.id, "echo": False, "origin": ""}


@contextmanager
def _open_transaction(app: App) -> Iterator["_OverrideTransaction"]:
    """Raises UsageError if the state is empty, ClockError if the clock went back."""
    with app.store.write() as tx:
        if tx.facts.is_empty():
            raise UsageError(f"the state {app.store.name} has no entry yet; `aggregator run` pulls the sources")
        yield _OverrideTransaction(app, tx, app.now(tx))


@dataclass(frozen=True, slots=True)
class _OverrideTransaction:
    """One transaction that stores decisions of a person."""

    app: App
    tx: Transaction
    at: datetime

    def find(self, ref: str, act: str) -> EntryRow:
        """The entry; raises UsageError if its state does not allow the act."""
        entry = find_entry(self.tx, self.app, ref)
        state = _state(entry)
        if state in ALLOWED_STATES[act]:
            return entry
        if act == "approve" and not entry.kept_back and self.tx.held_entries.with_waiting([entry.id]):
            return entry  # another source shows it, and a sighting waits
        if entry.joined_to is not None:
            into = self.tx.entries.of([entry.joined_to])[entry.joined_to]
            raise UsageError(f"a person joined {entry.public_id} to {into.public_id}; name {into.public_id} instead")
        *most, last = (STATE_TEXTS[allowed] for allowed in ALLOWED_STATES[act])
        wanted = f"{', '.join(most)} or {last}" if most else last
        raise UsageError(f"{entry.public_id} {STATE_TEXTS[state]}; `entry {act}` needs an entry that {wanted}")

    def keep(self, act: Keeping, rows: Sequence[EntryRow], source_id: str = "") -> list[OverrideResult]:
        """A released entry appears at its date, below newer entries; an approved one as first seen now, since a person
        chose it. `source_id`: only its sightings are approved."""
        always = act == "approve"
        ids = [
            row.id for row in rows if always or row.kept_back != NEW_STATES[act] or (act == "release" and row.backlog)
        ]
        if act == "release":
            self.tx.entries.change(self._news(row) for row in rows)
        if act == "approve":
            self.tx.held_entries.approve(ids, source_id)
            waited = [row for row in rows if row.kept_back == WAITING]
            self.tx.entries.change(replace(row, fresh_at=fresh_from(row, self.at)) for row in waited)
        self.tx.entries.keep_back(ids, NEW_STATES[act], self.at)
        if act == "restore":
            self.tx.removals.forget(ids)
        if act in {"restore", "release"}:
            self.tx.feeds.mark_dirty(ids=self.tx.withdrawals.forget(row.public_id for row in rows))
        for id_ in ids:
            self.tx.overrides.add(OverrideRow(self.at, act, id_))
        context = self.decide(ids)
        if act == "remove":
            sign_removed(context, self.tx)
        done = self.done(act, [row.id for row in rows])
        return [replace(one, already=row.id not in ids) for one, row in zip(done, rows, strict=True)]

    def _news(self, row: EntryRow) -> EntryRow:
        """A held entry counts as fresh at its date only: it waits for an archive page in the documents. One that is on
        such a page already counts as fresh now: else only its date could bring it into a document."""
        return replace(row, backlog="", backlog_at=None, fresh_at=self.at if row.backlog else row.published)

    def entry_of(self, row: SightingRow, left: EntryRow) -> EntryRow:
        """The entry that the sighting would have become if it had been new when it was first seen."""
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
            backlog=left.backlog,
            backlog_at=left.backlog_at,
        )

    def decide(self, ids: Sequence[int]) -> MergeContext:
        context = open_context(self.app, self.tx, Report())
        decide(context, self.tx, ids, self.at, edits=False)
        return context

    def done(self, act: str, ids: Sequence[int], other: str | None = None) -> list[OverrideResult]:
        rows, counts = self.tx.entries.of(ids), self.tx.sightings.counts(ids)
        return [OverrideResult(act, rows[id_].public_id, rows[id_].kept_back, counts.get(id_, 0), other) for id_ in ids]
