"""Releases entries that were held as a flood, a day after."""

from datetime import datetime

from aggregator.app import App
from aggregator.merge.context import open_context
from aggregator.merge.decide import decide
from aggregator.polling.flood_guard import RELEASED_AFTER
from aggregator.report import Report
from aggregator.store import Transaction


def release_held_alone(app: App, report: Report, at: datetime) -> None:
    """`release_held` in a transaction of its own."""
    with app.store.write() as tx:
        release_held(app, tx, report, at)


def release_held(app: App, tx: Transaction, report: Report, at: datetime) -> None:
    """Releases entries that were held for a day; each appears at the place of its date."""
    held = tx.entries.kept_back(["held"])
    due = [row.id for row in held if row.kept_back_at is not None and row.kept_back_at <= at - RELEASED_AFTER]
    if not due:
        return
    tx.entries.keep_back(due, "", at)
    decide(open_context(app, tx, report), tx, due, at, edits=False)
    report.entries.new += len(due)
