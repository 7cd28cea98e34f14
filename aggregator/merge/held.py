"""Entries that were held as a flood for a day stand on pages and in archives from then on; `entry release` makes them
news."""

from datetime import datetime

from aggregator.app import App
from aggregator.merge.context import open_context
from aggregator.merge.decide import decide
from aggregator.polling.flood_guard import SEALED_AFTER
from aggregator.report import Report
from aggregator.store import Transaction


def seal_held_alone(app: App, report: Report, at: datetime) -> None:
    """`seal_held` in a transaction of its own."""
    with app.store.write() as tx:
        seal_held(app, tx, report, at)


def seal_held(app: App, tx: Transaction, report: Report, at: datetime) -> None:
    """Ends the hold of entries that were held for a day. Each appears at the place of its date, where nobody is told of
    it: on pages, and on archive pages that the next publication seals."""
    held = tx.entries.kept_back(["held"])
    due = [row.id for row in held if row.kept_back_at is not None and row.kept_back_at <= at - SEALED_AFTER]
    if not due:
        return
    tx.entries.keep_back(due, "", at)
    tx.entries.set_backlog(due, "flood", at)
    decide(open_context(app, tx, report), tx, due, at, edits=False)
    report.entries.archived += len(due)
