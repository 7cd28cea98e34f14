"""Which events a source has: its last reported state and its current condition in, events out. Pure.

A fault that passes by itself is no event: a source is *broken* after three failures in a row, or a day of them. It is
*silent* when nothing new came for a month, or for five times its usual gap where that is longer. Each is reported once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from aggregator.model.status import BROKEN_FAILURES, BROKEN_TIME, HealthEventKind
from aggregator.status.advice import sentence
from aggregator.status.event_texts import GONE, HELD, MOVED, MOVED_TO, OTHER_SITE, RECOVERED, SILENT, TITLES
from aggregator.store import HealthRow

QUIET = timedelta(days=30)
GAPS = 5  # usual gaps


@dataclass(frozen=True, slots=True)
class SourceCondition:
    """The current condition of a source.

    `name`, `address`: without secrets, `address` "" where it may not be shown. `held_at`: when the newest of its `held`
    entries was held; `site_changed_at`: since when it seems to be another site, by this `evidence`. `newest_at`: when
    it last showed something new; `published`: the dates of its newest entries. Both are needed only where
    `needs_newest_dates`.
    """

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
    site_changed_at: datetime | None = None
    evidence: str = ""
    newest_at: datetime | None = None
    published: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class HealthChange:
    kind: HealthEventKind
    title: str
    message: str


def diagnose(source: SourceCondition, last: HealthRow | None, at: datetime) -> tuple[list[HealthChange], HealthRow]:
    """Returns the events at the time `at`, and the state to report from now on."""
    row = last or HealthRow(source.id, source.url, "new", at)
    row, changes = _after_silence(row, source), []
    if row.url != source.url:
        changes += [] if source.is_folder else [_moved(source)]
        row = replace(row, url=source.url)
    state = _state(source, row.state, at)
    if state != row.state:
        changes += _state_change(source, row.state, state)
        row = replace(row, state=state, since=at)
    if source.state == "ok" and not source.is_folder and row.heard_at is None:
        row = replace(row, heard_at=at, quiet_at=at + QUIET)
    elif source.state == "ok" and row.heard_at and is_due(row, at) and not row.silent:
        changes.append(_silent(source, row.heard_at, at))
        row = replace(row, silent=True)
    if source.held_at is not None and (row.held_at is None or row.held_at < source.held_at):
        changes.append(_held(source))
        row = replace(row, held_at=source.held_at)
    if source.site_changed_at is not None and row.site_changed_at != source.site_changed_at:
        changes.append(_other_site(source))
        row = replace(row, site_changed_at=source.site_changed_at)
    return changes, row


def is_due(row: HealthRow, at: datetime) -> bool:
    """Whether the source may count as silent by now."""
    return row.quiet_at is not None and row.quiet_at <= at


def needs_newest_dates(row: HealthRow | None, at: datetime) -> bool:
    """Whether `newest_at` and `published` are needed, which are not read with every pull."""
    return row is not None and (row.silent or is_due(row, at))


def _after_silence(row: HealthRow, source: SourceCondition) -> HealthRow:
    """Ends or postpones a silence where the source showed something new."""
    if row.heard_at is None or source.newest_at is None:
        return row
    last = max(row.heard_at, source.newest_at)
    is_silent = row.silent and last == row.heard_at
    return replace(row, heard_at=last, quiet_at=last + usual_silence(source.published), silent=is_silent)


def usual_silence(published: Sequence[datetime]) -> timedelta:
    """How long the source may show nothing new before it counts as silent."""
    gaps = sorted(later - earlier for earlier, later in pairwise(sorted(published)))
    return max(QUIET, GAPS * gaps[len(gaps) // 2]) if gaps else QUIET


def is_broken(source: SourceCondition, at: datetime) -> bool:
    """Whether the failures are more than a fault that passes by itself."""
    lasts = source.state_since is not None and at - source.state_since >= BROKEN_TIME
    return source.failures >= BROKEN_FAILURES or lasts


def _state(source: SourceCondition, last: str, at: datetime) -> str:
    if source.state in {"ok", "gone"}:
        return source.state
    if source.state == "failing" and last in {"new", "ok"} and is_broken(source, at):
        return "broke"
    return last


def _state_change(source: SourceCondition, before: str, now: str) -> list[HealthChange]:
    if now == "broke":
        return [_change(source, "broke", sentence(source.kind, source.message))]
    if now == "gone":
        return [_change(source, "gone", GONE)]
    if now == "ok" and before in {"broke", "gone"}:
        return [_change(source, "recovered", RECOVERED)]
    return []


def _change(source: SourceCondition, kind: HealthEventKind, message: str) -> HealthChange:
    return HealthChange(kind, TITLES[kind].format(name=source.name), message)


def _moved(source: SourceCondition) -> HealthChange:
    return _change(source, "moved", MOVED_TO.format(address=source.address) if source.address else MOVED)


def _silent(source: SourceCondition, since: datetime, at: datetime) -> HealthChange:
    return _change(source, "silent", SILENT.format(day=f"{since:%Y-%m-%d}", n=(at - since).days))


def _held(source: SourceCondition) -> HealthChange:
    one, many = HELD
    return _change(source, "held", (one if source.held == 1 else many).format(n=source.held))


def _other_site(source: SourceCondition) -> HealthChange:
    return _change(source, "site", OTHER_SITE.format(evidence=source.evidence))
