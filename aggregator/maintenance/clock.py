"""Repairs a state with times in the future, which a wrong clock left. Until then every run is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from aggregator.app import App
from aggregator.codec import pack, unpack
from aggregator.model.published import FeedListing
from aggregator.store import LaterTimes, Published, Transaction
from aggregator.text.free_names import suffixes

BESIDE_SERVER = "state.db"  # beside the config, where a server has the state


@dataclass(frozen=True, slots=True)
class ClockReport:
    """`later`: the columns with times after `now`; empty where only plans are, which is normal. `copy`: the backup of
    the state before the repair, None where nothing was changed."""

    now: datetime
    later: Sequence[LaterTimes]
    copy: Path | None = None


def find_later_times(app: App) -> ClockReport:
    now = app.clock()
    with app.store.read() as tx:
        later = tx.times.later_than(now)
    return ClockReport(now, [] if all(one.is_plan for one in later) else later)


def accept_now(app: App) -> ClockReport:
    """Lowers all stored times to now, after a person confirmed the clock, and backs up the state first.

    Ids and sealed pages stay. The next run publishes the new dates. Only for the process that holds the engine lock.
    """
    report = find_later_times(app)
    if not report.later:
        return report
    copy = _free_name(app.store.file or app.config.root / BESIDE_SERVER)
    app.store.copy_to(copy)
    with app.store.write() as tx:
        tx.times.lower(report.now)
        _lower_listings(tx, report.now)
        tx.feeds.mark_all_dirty()
    return replace(report, copy=copy)


def _lower_listings(tx: Transaction, now: datetime) -> None:
    for row in tx.feeds.all().values():
        listing = unpack(row.listing, FeedListing) if row.listing else None
        if listing and listing.updated > now:
            tx.feeds.published([Published(row.id, pack(replace(listing, updated=now)), row.contents)], dirty=True)


def _free_name(state: Path) -> Path:
    names = (state.with_name(f"{state.name}.before-clock{suffix}") for suffix in suffixes())
    return next(name for name in names if not name.exists())
