"""How a subscription goes on after each event: what of its row changes. Pure.

A subscription is asked for, verified by the hub at our callback, renewed before its lease ends, and asked for again,
later each time, where that fails. One whose renewal fails stays active until its lease ends.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from aggregator.polling.jitter import jitter
from aggregator.store import SubscriptionRow

State = Literal[
    "wanted",  # never asked for
    "asked",  # the hub accepted the request and has not verified it
    "active",  # verified
    "refused",  # the hub answered with an error, or not at all
    "unverified",  # it accepted, and never verified
    "denied",  # it verified that it will not
    "gone",  # it answered 410: there is no hub any more
    "leaving",  # no longer wanted; the hub is told
    "ended",
]
Values = dict[str, Any]

ASKED_FOR = timedelta(days=10)  # the lease that we ask for
LONGEST_LEASE = timedelta(days=14)  # longer promises are believed for so long
PATIENCE = timedelta(minutes=30)  # for the hub to verify
FIRST_RETRY = timedelta(minutes=10)  # doubles with each failure
LONGEST_RETRY = timedelta(days=1)
DENIED_FOR = timedelta(days=7)
SOONEST_RENEWAL = timedelta(minutes=5)  # even where the lease is shorter
RENEWED_AFTER = 0.7  # of a lease; the last third is for failures


def asking(row: SubscriptionRow, now: datetime) -> Values:
    """A request is about to be sent. It is recorded first: some hubs verify before they answer."""
    values: Values = {"asked_at": now, "next_at": now + PATIENCE}
    return values if row.is_active(now) else values | _state(row, "asked", now)


def verified(row: SubscriptionRow, now: datetime, lease: timedelta) -> Values:
    """The hub verified it at our callback, for so long."""
    lease = min(lease, LONGEST_LEASE)
    wait = max(lease * RENEWED_AFTER, SOONEST_RENEWAL)
    return {
        **_state(row, "active", now),
        "asked_at": None,
        "expires_at": now + lease,
        "next_at": now + wait + jitter(row.callback, now, wait),
        "failures": 0,
        "message": "",
    }


def failed(row: SubscriptionRow, now: datetime, state: State, message: str) -> Values:
    """A request led to no lease; `state`: the state from now on, unless the former lease still holds."""
    failures = row.failures + 1
    retry = now + min(FIRST_RETRY * (1 << min(failures - 1, 10)), LONGEST_RETRY)
    values: Values = {"asked_at": None, "failures": failures, "message": message}
    if row.is_active(now) and row.expires_at:  # looked at again when it ends, so that its end is noticed
        return values | {"next_at": min(retry, row.expires_at)}
    return values | {"next_at": retry} | _state(row, state, now)


def denied(row: SubscriptionRow, now: datetime, reason: str) -> Values:
    """The hub says that there will be no deliveries; that may change, so it is asked again after a week."""
    lost: Values = {"asked_at": None, "expires_at": None, "next_at": now + DENIED_FOR, "message": reason}
    return lost | _state(row, "denied", now)


def gone(row: SubscriptionRow, now: datetime) -> Values:
    """There is no hub any more; only a source that names another one changes that."""
    lost: Values = {"asked_at": None, "expires_at": None, "next_at": None, "message": "the hub is gone (410)"}
    return lost | _state(row, "gone", now)


def ended(row: SubscriptionRow, now: datetime) -> Values:
    """Unsubscribed. The row stays as long as the hub may still deliver, so that it is told that this is over."""
    until = max(row.expires_at or now, now + LONGEST_RETRY)
    return {"asked_at": None, "next_at": until} | _state(row, "ended", now)


def _state(row: SubscriptionRow, state: State, now: datetime) -> Values:
    return {} if row.state == state else {"state": state, "since": now}
