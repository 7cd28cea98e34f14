"""Whether time alone changes something that is published.

`publish.withdrawals`, `merge.held`, `status.record` and `publish.feed_plans` make these changes.
"""

from datetime import datetime

from aggregator.model.published import SETTLED_AFTER
from aggregator.model.status import BROKEN_FAILURES, BROKEN_TIME
from aggregator.polling.flood_guard import SEALED_AFTER
from aggregator.store import Transaction


def has_time_changes(tx: Transaction, since: datetime, at: datetime) -> bool:
    """Whether something is over at the time `at` that was not at `since`: the silence or the failures that are reported
    of a source, a withdrawal that feeds tell, the hold of a flood, or the day after which an address stays."""
    return bool(
        tx.health.changed_sources(at, failures=BROKEN_FAILURES, failing_since=at - BROKEN_TIME)
        or tx.withdrawals.ended(at)
        or tx.entries.is_held_since(at - SEALED_AFTER)
        or tx.feeds.is_standing_since(since - SETTLED_AFTER, at - SETTLED_AFTER)
    )
