"""What a source brings when it joins: its newest entries are news, the others were there before.

Feeds that stood for a day show these on their pages and in their archives only (see `model/backlog.py`).
"""

from collections.abc import Iterable
from datetime import datetime

from aggregator.merge.arrivals import ArrivedPull
from aggregator.merge.context import MergeContext
from aggregator.model.backlog import SUBSCRIBED_AFTER
from aggregator.store import EntryRow, Transaction


def keep_past_out(context: MergeContext, tx: Transaction, incoming: ArrivedPull, appeared: Iterable[int]) -> None:
    """Keeps all but the newest entries of a source that joins out of documents. `appeared`: those that this pull made
    or released. What is held, too old or was removed stays as it is."""
    most, at = context.app.config.feeds.backlog, incoming.pull.batch_at
    is_joining = incoming.source.kind == "feed" and not incoming.is_known
    if not most or not is_joining or not _has_subscribers(tx, at):
        return
    rows = [row for row in tx.entries.of(appeared).values() if not row.kept_back]
    shown = [row for row in rows if row.winner_id is not None]
    newest = {row.id for row in sorted(shown or rows, key=_newest_first)[:most]}
    past = [row.id for row in rows if row.id not in newest]
    tx.entries.set_backlog(past, "past", at)
    context.report.entries.new -= len(past)
    context.report.entries.archived += len(past)


def _has_subscribers(tx: Transaction, at: datetime) -> bool:
    """Whether any feed stood for a day by `at`: in its first day a planet is new itself, with all that it shows."""
    first = tx.feeds.first_recorded()
    return first is not None and first + SUBSCRIBED_AFTER <= at


def _newest_first(row: EntryRow) -> tuple[float, int, int]:
    return -row.published.timestamp(), row.place, row.id
