"""How a subscription goes on: rules without a clock."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.store import SubscriptionRow
from aggregator.websub import lease
from tests.support.planet import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW = SubscriptionRow(
    1, "blog", "https://hub.example/", "https://blog.example/feed", "callback", "secret", "wanted", NOON
)


def after(row: SubscriptionRow, values: dict[str, Any]) -> SubscriptionRow:
    return replace(row, **values)


def test_a_request_is_recorded_before_it_is_sent() -> None:
    row = after(NEW, lease.asking(NEW, NOON))
    assert (row.state, row.asked_at, row.next_at) == ("asked", NOON, NOON + lease.PATIENCE)


def test_a_renewal_leaves_the_state_as_it_is() -> None:
    row = after(NEW, lease.verified(NEW, NOON, DAY))
    again = after(row, lease.asking(row, NOON + HOUR))
    assert (again.state, again.since) == ("active", NOON)
    assert again.is_active(NOON + DAY - HOUR)
    assert not again.is_active(NOON + DAY)


def test_what_fails_while_the_lease_holds_is_looked_at_when_it_ends() -> None:
    row = after(NEW, lease.verified(NEW, NOON, DAY))
    for failures in range(12):
        row = after(row, lease.failed(row, NOON + 23 * HOUR, "refused", "the hub answers 500"))
        assert (row.state, row.failures) == ("active", failures + 1)
        assert row.next_at is not None
        assert row.next_at <= NOON + DAY


def test_an_ended_one_stays_as_long_as_its_hub_may_deliver() -> None:
    row = after(NEW, lease.verified(NEW, NOON, 14 * DAY))
    assert after(row, lease.ended(row, NOON)).next_at == NOON + 14 * DAY
    assert after(NEW, lease.ended(NEW, NOON)).next_at == NOON + DAY


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "verify", "fail", "deny"]),
        st.timedeltas(timedelta(0), timedelta(days=20)),
        st.timedeltas(timedelta(seconds=1), timedelta(days=4000)),
    ),
    max_size=12,
)


@given(EVENTS)
def test_whatever_a_hub_does_it_is_asked_again_but_never_soon(events: list[tuple[str, timedelta, timedelta]]) -> None:
    row, now = NEW, NOON
    for name, later, promise in events:
        now += later
        match name:
            case "ask":
                row = after(row, lease.asking(row, now))
            case "verify":
                row = after(row, lease.verified(row, now, promise))
            case "fail":
                row = after(row, lease.failed(row, now, "refused", "no"))
            case _:
                row = after(row, lease.denied(row, now, "no"))
        assert row.next_at is not None
        soonest = timedelta(0) if row.is_active(now) and name == "fail" else lease.SOONEST_RENEWAL
        assert now + soonest <= row.next_at <= now + lease.LONGEST_LEASE
        assert row.expires_at is None or row.expires_at <= now + lease.LONGEST_LEASE
