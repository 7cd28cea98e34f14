"""Finds and stores the new events of sources after a merge, each once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from aggregator.app import App
from aggregator.model.status import BROKEN_FAILURES, BROKEN_TIME, HealthEvent, HealthEventKind
from aggregator.status.diagnose import SourceCondition, diagnose, needs_newest_dates
from aggregator.status.redact import Redactor
from aggregator.store import HealthRow, SourceRow, Transaction
from aggregator.store.health import HeldCount
from aggregator.text.entry_ids import mint, tag_prefix
from aggregator.text.normalize import shorten

STATE_EVENTS: tuple[HealthEventKind, ...] = ("broke", "gone", "recovered", "silent")  # those that lead to a state
LONGEST_NAME = 60  # characters, so that the rest of an event's title stays readable


def record_health(app: App, tx: Transaction, at: datetime, pulls: Iterable[int]) -> None:
    """`pulls`: the ids of the pulls that were merged in the batch of the time `at`."""
    ended, held = tx.health.ending_silence(pulls), {one.source_id: one for one in tx.health.held()}
    changed = tx.health.changed_sources(at, failures=BROKEN_FAILURES, failing_since=at - BROKEN_TIME)
    last = tx.health.of({*ended, *changed, *held})
    ids = {*ended, *changed, *_newly_held(held, last)}
    rows = [row for row in tx.lookups.sources(ids).values() if row.configured]
    recording = _Recording(app, tx, at)
    for row in sorted(rows, key=lambda one: (one.position, one.id)):
        recording.check(row, last.get(row.id), held.get(row.id))
    tx.health.record(recording.rows, recording.events)


def _newly_held(held: dict[str, HeldCount], last: dict[str, HealthRow]) -> Iterator[str]:
    for source_id, one in held.items():
        before = last.get(source_id)
        if before is None or before.held_at is None or before.held_at < one.newest_at:
            yield source_id


class _Recording:
    def __init__(self, app: App, tx: Transaction, at: datetime) -> None:
        self._tx, self._at = tx, at
        self._redactor = Redactor(app)
        self._prefix = tag_prefix(app.config.site.url, app.config.site.since)
        self.rows: list[HealthRow] = []
        self.events: list[HealthEvent] = []

    def check(self, row: SourceRow, last: HealthRow | None, held: HeldCount | None) -> None:
        condition = self._condition(row, held)
        if needs_newest_dates(last, self._at):
            newest_at = self._tx.health.newest_at(row.id)
            condition = replace(condition, newest_at=newest_at, published=self._tx.entries.newest_dates(row.id))
        changes, now = diagnose(condition, last, self._at)
        self.rows.append(now)
        for change in changes:
            id_ = mint(self._prefix, "health", f"{row.id}\n{change.kind}\n{self._at.isoformat()}")
            self.events.append(HealthEvent(id_, self._at, row.id, change.kind, change.title, change.message))

    def _condition(self, row: SourceRow, held: HeldCount | None) -> SourceCondition:
        return SourceCondition(
            id=row.id,
            url=row.moved_url or row.url,
            state=row.state,
            name=shorten(self._redactor.name(row), LONGEST_NAME),
            is_folder=row.kind == "posts",
            address=self._redactor.public_address(row),
            state_since=row.state_since,
            failures=row.failures,
            kind=row.error_kind,
            message=self._redactor.message(row),
            held=held.count if held else 0,
            held_at=held.newest_at if held else None,
            site_changed_at=row.site_changed_at,
            evidence=row.site_evidence,
        )
