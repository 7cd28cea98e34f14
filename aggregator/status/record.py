"""When a batch was settled: what is to be told of the sources, each thing once, is found out and stored."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from aggregator.app import App
from aggregator.model.status import HealthEvent
from aggregator.status.diagnose import SURE_AFTER, SURE_BY, Seen, diagnose, listens
from aggregator.status.redact import Shown
from aggregator.store import HealthRow, SourceRow, Transaction
from aggregator.store.health import HeldCount
from aggregator.text.entry_ids import mint, tag_prefix
from aggregator.text.normalize import shorten

LONGEST_NAME = 60  # characters: what befell it is to be read behind them


def record_health(app: App, tx: Transaction, at: datetime, pulls: Iterable[int]) -> None:
    """`pulls`: the ids of those that were settled in the batch of the time `at`."""
    ended, held = tx.health.ending_silence(pulls), {one.source_id: one for one in tx.health.held()}
    otherwise = tx.health.changed_sources(at, failures=SURE_AFTER, failing_since=at - SURE_BY)
    told = tx.health.of({*ended, *otherwise, *held})
    ids = {*ended, *otherwise, *_held_anew(held, told)}
    rows = [row for row in tx.lookups.sources(ids).values() if row.configured]
    noting = _Recording(app, tx, at)
    for row in sorted(rows, key=lambda one: (one.position, one.id)):
        noting.look(row, told.get(row.id), held.get(row.id))
    tx.health.record(noting.rows, noting.events)


def _held_anew(held: dict[str, HeldCount], told: dict[str, HealthRow]) -> Iterator[str]:
    for source_id, one in held.items():
        before = told.get(source_id)
        if before is None or before.held_at is None or before.held_at < one.newest_at:
            yield source_id


class _Recording:
    def __init__(self, app: App, tx: Transaction, at: datetime) -> None:
        self._tx, self._at = tx, at
        self._shown = Shown(app)
        self._prefix = tag_prefix(app.config.site.url, app.config.site.since)
        self.rows: list[HealthRow] = []
        self.events: list[HealthEvent] = []

    def look(self, row: SourceRow, told: HealthRow | None, held: HeldCount | None) -> None:
        seen = self._seen(row, held)
        if listens(told, self._at):
            newest_at = self._tx.health.newest_at(row.id)
            seen = replace(seen, newest_at=newest_at, published=self._tx.entries.newest_dates(row.id))
        tales, now = diagnose(seen, told, self._at)
        self.rows.append(now)
        for tale in tales:
            id_ = mint(self._prefix, "health", f"{row.id}\n{tale.kind}\n{self._at.isoformat()}")
            self.events.append(HealthEvent(id_, self._at, row.id, tale.kind, tale.title, tale.message))

    def _seen(self, row: SourceRow, held: HeldCount | None) -> Seen:
        return Seen(
            id=row.id,
            url=row.moved_url or row.url,
            state=row.state,
            name=shorten(self._shown.name(row), LONGEST_NAME),
            is_folder=row.kind == "posts",
            address=self._shown.public_address(row),
            state_since=row.state_since,
            failures=row.failures,
            kind=row.error_kind,
            message=self._shown.message(row),
            held=held.count if held else 0,
            held_at=held.newest_at if held else None,
        )
