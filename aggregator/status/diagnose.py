"""What is to be told of a source: what was told last and what is seen now in, events out. Pure.

A fault that passes by itself is not told: a source is *broken* after three failures in a row, or a day of them. It is
*silent* when nothing new came for a month, or for five times its usual gap where that is longer; it is told once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from aggregator.model.status import HealthEventKind
from aggregator.status.advice import sentence
from aggregator.store import HealthRow

SURE_AFTER = 3  # failures in a row
SURE_BY = timedelta(days=1)
QUIET = timedelta(days=30)
GAPS = 5  # usual gaps
GONE = "It is gone for good, says its server, and is not asked any more."
HELD = "{entries} held, being old or undated and like nothing known, until {they} released."


@dataclass(frozen=True, slots=True)
class Seen:
    """A source as it stands. `name` and `address` as everybody may see them, `address` "" where nobody may;
    `held_at`: when the newest of its `held` entries was taken; `newest_at`: when it last showed something new, and
    `published`: the dates of its newest entries, both where `listens` asks for them."""

    id: str
    url: str
    state: str
    name: str
    address: str = ""
    is_folder: bool = False
    state_since: datetime | None = None
    failures: int = 0
    kind: str = ""
    message: str = ""
    held: int = 0
    held_at: datetime | None = None
    newest_at: datetime | None = None
    published: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class HealthChange:
    kind: HealthEventKind
    title: str
    message: str


def diagnose(seen: Seen, told: HealthRow | None, at: datetime) -> tuple[list[HealthChange], HealthRow]:
    """What to tell at the time `at`, and what was told from then on."""
    row = told or HealthRow(seen.id, seen.url, "new", at)
    row, tales = _listened(row, seen), []
    if row.url != seen.url:
        tales += [] if seen.is_folder else [_moved(seen)]
        row = replace(row, url=seen.url)
    state = _state(seen, row.state, at)
    if state != row.state:
        tales += _turned(seen, row.state, state)
        row = replace(row, state=state, since=at)
    if seen.state == "ok" and not seen.is_folder and row.heard_at is None:
        row = replace(row, heard_at=at, quiet_at=at + QUIET)
    elif seen.state == "ok" and row.heard_at and is_due(row, at) and not row.silent:
        tales.append(_silent(seen, row.heard_at, at))
        row = replace(row, silent=True)
    if seen.held_at is not None and (row.held_at is None or row.held_at < seen.held_at):
        tales.append(_held(seen))
        row = replace(row, held_at=seen.held_at)
    return tales, row


def is_due(row: HealthRow, at: datetime) -> bool:
    """Whether it may be silent by now."""
    return row.quiet_at is not None and row.quiet_at <= at


def listens(row: HealthRow | None, at: datetime) -> bool:
    """Whether it matters when the source last showed something new: that is not asked at every pull."""
    return row is not None and (row.silent or is_due(row, at))


def _listened(row: HealthRow, seen: Seen) -> HealthRow:
    """Something new since then ends a silence, or keeps it from being one."""
    if row.heard_at is None or seen.newest_at is None:
        return row
    last = max(row.heard_at, seen.newest_at)
    is_silent = row.silent and last == row.heard_at
    return replace(row, heard_at=last, quiet_at=last + patience(seen.published), silent=is_silent)


def patience(published: Sequence[datetime]) -> timedelta:
    """How long it may be silent."""
    gaps = sorted(later - earlier for earlier, later in pairwise(sorted(published)))
    return max(QUIET, GAPS * gaps[len(gaps) // 2]) if gaps else QUIET


def is_sure(seen: Seen, at: datetime) -> bool:
    """Whether its failing is more than a fault that passes by itself."""
    lasts = seen.state_since is not None and at - seen.state_since >= SURE_BY
    return seen.failures >= SURE_AFTER or lasts


def _state(seen: Seen, told: str, at: datetime) -> str:
    if seen.state in {"ok", "gone"}:
        return seen.state
    if seen.state == "failing" and told in {"new", "ok"} and is_sure(seen, at):
        return "broke"
    return told


def _turned(seen: Seen, before: str, now: str) -> list[HealthChange]:
    if now == "broke":
        return [HealthChange("broke", f"{seen.name} is broken", sentence(seen.kind, seen.message))]
    if now == "gone":
        return [
            HealthChange(
                "gone", f"{seen.name} is gone", "It is gone for good, says its server, and is not asked any more."
            )
        ]
    if now == "ok" and before in {"broke", "gone"}:
        return [HealthChange("recovered", f"{seen.name} is back", "It answers as it should again.")]
    return []


def _moved(seen: Seen) -> HealthChange:
    where = f"Its address is {seen.address} now." if seen.address else "Its address is another one now."
    return HealthChange("moved", f"{seen.name} moved", where)


def _silent(seen: Seen, since: datetime, at: datetime) -> HealthChange:
    days = (at - since).days
    said = f"Nothing new came since {since:%Y-%m-%d}, {days} days: longer than usual."
    return HealthChange("silent", f"{seen.name} is silent", said)


def _held(seen: Seen) -> HealthChange:
    one = seen.held == 1
    entries = "1 entry is" if one else f"{seen.held} entries are"
    said = (
        f"{entries} held, being old or undated and like nothing known, until {'it is' if one else 'they are'} released."
    )
    return HealthChange("held", f"Entries of {seen.name} are held", said)
