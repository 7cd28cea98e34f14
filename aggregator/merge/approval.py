"""Entries of a source with `approve: true`, which wait until a person approves them.

A sighting waits if it is the first of its source in an entry; further ones are edits of what a person approved, or wait
as the first does. An entry waits while no sighting of it may be shown and one waits. So a source that needs no approval
shows the entry as it has it, and text of the other source never shows unapproved.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.store import EntryRow, Transaction
from aggregator.store.tables.entries import WAITING


@dataclass(slots=True)
class ApprovalOfPull:
    """Which new sightings of one pull wait. `is_needed`: the source's `approve`; `candidates`: the entries that most of
    its sightings can join, so that one look at the store answers for all of them."""

    tx: Transaction
    source_id: str
    is_needed: bool
    candidates: Callable[[], Iterable[int]] = lambda: ()
    _decided: dict[int, bool] = field(default_factory=dict)  # by entry
    _states: dict[int, Collection[str]] = field(default_factory=dict)  # by entry, as they were before the pull

    def waits(self, entry_id: int, *, is_new: bool = False) -> bool:
        """`is_new`: no source showed the entry before. What waits goes on waiting after `approve` was taken off."""
        if entry_id not in self._decided:
            states = () if is_new else self._states_at(entry_id)
            self._decided[entry_id] = states == {WAITING} if states else self.is_needed
        return self._decided[entry_id]

    def _states_at(self, entry_id: int) -> Collection[str]:
        if entry_id not in self._states:
            asked = {entry_id, *(() if self._states else self.candidates())}
            found = self.tx.held_entries.states_at(self.source_id, asked)
            self._states |= {one: found.get(one, frozenset()) for one in asked}
        return self._states[entry_id]


def kept_back_after(kept_back: str, *, is_shown: bool, is_waiting: bool) -> str:
    """`is_shown`: a sighting may be shown; `is_waiting`: one could be if a person approved it. Only an entry that
    nobody holds or removed can wait."""
    if kept_back not in {"", WAITING}:
        return kept_back
    return WAITING if is_waiting and not is_shown else ""


def fresh_from(entry: EntryRow, at: datetime) -> datetime:
    """The `fresh_at` of an entry that waited and is shown from `at` on: as if it had been first seen then. What came
    with its source's first pull stays at its date, so that approving a whole archive floods no subscriber."""
    return entry.fresh_at if entry.fresh_at < entry.first_seen_at else at
