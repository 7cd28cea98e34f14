"""The clock was wrong once: what is stored lies in the future, and everything is refused. The way back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

from aggregator.app import App
from aggregator.codec import pack, unpack
from aggregator.model.published import FeedListing
from aggregator.store import LaterTimes, Published, Transaction


@dataclass(frozen=True, slots=True)
class ClockReport:
    """`later`: the stored times that lie after `now`, column by column; none where only plans do, as they should.
    `copy`: what the state was before they were brought down, None where nothing was changed."""

    now: datetime
    later: Sequence[LaterTimes]
    copy: Path | None = None


def look_ahead(app: App) -> ClockReport:
    now = app.clock()
    with app.store.read() as tx:
        later = tx.times.later_than(now)
    return ClockReport(now, [] if all(one.is_plan for one in later) else later)


def accept_now(app: App) -> ClockReport:
    """Brings all stored times down to now, which a person vouches for; ids and sealed pages stay. What feeds show of
    them is published with the next run. Only for the one engine at work; a copy of the state stays beside it."""
    report = look_ahead(app)
    if not report.later:
        return report
    copy = _free_name(app.store.path)
    app.store.copy_to(copy)
    with app.store.write() as tx:
        tx.times.bring_down(report.now)
        _bring_down_listings(tx, report.now)
        tx.feeds.mark_all_dirty()
    return replace(report, copy=copy)


def _bring_down_listings(tx: Transaction, now: datetime) -> None:
    for row in tx.feeds.all().values():
        listing = unpack(row.listing, FeedListing) if row.listing else None
        if listing and listing.updated > now:
            tx.feeds.published([Published(row.id, pack(replace(listing, updated=now)), row.contents)], dirty=True)


def _free_name(state: Path) -> Path:
    names = (state.with_name(f"{state.name}.before-clock{f'-{n}' if n > 1 else ''}") for n in count(1))
    return next(name for name in names if not name.exists())
