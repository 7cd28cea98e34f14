"""The outbox, and the requests and subscriptions of our hub, as tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from aggregator.store import (
    Delivered,
    HubRequestRow,
    HubSubscriptionRow,
    Pinged,
    PingRow,
    Store,
    Transaction,
)
from tests.support.planet import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ALL = "all/atom.xml"
REQUEST = HubRequestRow(0, "subscribe", ALL, "https://p.example/all/atom.xml", "https://r.example/1", "r.example:443",
                        "s", 3600, NOON, NOON)  # fmt: skip
LIVE = HubSubscriptionRow(0, ALL, REQUEST.topic, REQUEST.callback, REQUEST.host, "s", NOON, NOON + DAY, "old")


@pytest.fixture
def tx(state_at: Path | str) -> Iterator[Transaction]:
    store = Store(state_at)
    store.open()
    with store.write() as tx:
        yield tx
    store.close()


def test_a_document_waits_from_its_change_until_the_hub_knows(tx: Transaction) -> None:
    tx.pings.changed({ALL: "a", "ai/rss.xml": "b"}, NOON)
    assert tx.pings.due(NOON, 9) == [PingRow("ai/rss.xml", "b", NOON, NOON), PingRow(ALL, "a", NOON, NOON)]
    assert tx.pings.due(NOON - MINUTE, 9) == []
    tx.pings.record([Pinged(ALL, "a", 204)], NOON + MINUTE)
    assert [row.path for row in tx.pings.due(NOON + HOUR, 9)] == ["ai/rss.xml"]
    assert tx.pings.last() == PingRow(ALL, "a", NOON, None, 0, NOON + MINUTE, 204)


def test_a_document_that_changed_while_the_hub_was_told_waits_on(tx: Transaction) -> None:
    tx.pings.changed({ALL: "a"}, NOON)
    tx.pings.changed({ALL: "b"}, NOON + MINUTE)
    tx.pings.record([Pinged(ALL, "a", 204)], NOON + MINUTE)
    assert [(row.sha256, row.changed_at) for row in tx.pings.due(NOON + MINUTE, 9)] == [("b", NOON + MINUTE)]


def test_a_failure_is_counted_and_a_change_does_not_hurry_the_next_attempt(tx: Transaction) -> None:
    tx.pings.changed({ALL: "a"}, NOON)
    for number in (1, 2):
        tx.pings.record([Pinged(ALL, "a", 503, "busy", NOON + number * HOUR, number)], NOON)
    tx.pings.changed({ALL: "b"}, NOON + MINUTE)
    [row] = tx.pings.waiting()
    assert (row.failures, row.due_at, row.sha256) == (2, NOON + 2 * HOUR, "b")
    assert (tx.pings.next_at(NOON), tx.pings.next_at(NOON + DAY)) == (NOON + 2 * HOUR, None)
    tx.pings.record([Pinged(ALL, "b", 200)], NOON + 2 * HOUR)
    assert tx.pings.waiting() == []
    tx.pings.forget([ALL])
    assert tx.pings.last() is None


def test_a_later_request_replaces_an_earlier_one(tx: Transaction) -> None:
    tx.hub_requests.put(REQUEST)
    tx.hub_requests.put(replace(REQUEST, mode="unsubscribe"))
    tx.hub_requests.put(replace(REQUEST, callback="https://r.example/2", due_at=NOON + HOUR))
    [row] = tx.hub_requests.due(NOON, 9)
    assert (row.mode, row.secret, row.callback) == ("unsubscribe", "s", "https://r.example/1")
    assert (tx.hub_requests.waiting(), tx.hub_requests.waiting_of_host("r.example:443")) == (2, 2)
    assert tx.hub_requests.waiting_of_host("other.example:443") == 0
    assert tx.hub_requests.next_at(NOON) == NOON + HOUR
    tx.hub_requests.drop([row.id])
    assert tx.hub_requests.due(NOON, 9) == []


def test_a_refused_request_is_counted_for_a_day(tx: Transaction) -> None:
    tx.hub_requests.put(REQUEST)
    [row] = tx.hub_requests.due(NOON, 9)
    tx.hub_requests.failed(row.id, 1, "late", NOON + MINUTE)
    [again] = tx.hub_requests.due(NOON + MINUTE, 9)
    assert (again.failures, again.message) == (1, "late")
    tx.hub_requests.failed(row.id, 2, "it answered 404 Not Found", None)
    assert (tx.hub_requests.waiting(), tx.hub_requests.refused()) == (0, 1)
    tx.hub_requests.tidy(NOON)
    assert tx.hub_requests.refused() == 1
    tx.hub_requests.tidy(NOON + DAY)
    assert tx.hub_requests.refused() == 0


def subscribed(tx: Transaction, **changes: object) -> HubSubscriptionRow:
    row = replace(LIVE, **changes)  # type: ignore[arg-type]
    tx.hub_subscriptions.put(row)
    found = tx.hub_subscriptions.find(row.path, row.callback)
    assert found is not None
    return found


def done(row: HubSubscriptionRow, **changes: object) -> Delivered:
    plain = Delivered(row.id, "new", None, 0, None, NOON, 200, "")
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_change_is_due_to_the_live_subscribers_of_the_document_alone(tx: Transaction) -> None:
    subscribed(tx)
    subscribed(tx, callback="https://r.example/2", path="ai/atom.xml")
    subscribed(tx, callback="https://r.example/3", expires_at=NOON)
    subscribed(tx, callback="https://r.example/4", ended_at=NOON, ended_by="gone")
    subscribed(tx, callback="https://r.example/5", due_at=NOON + HOUR, failures=3)
    tx.hub_subscriptions.changed([ALL], NOON)
    assert [row.callback for row in tx.hub_subscriptions.due(NOON, 9)] == ["https://r.example/1"]
    both = tx.hub_subscriptions.due(NOON + HOUR, 9)
    assert [row.failures for row in both] == [0, 3]
    assert tx.hub_subscriptions.due(NOON + 2 * DAY, 9) == []  # the leases are over
    assert tx.hub_subscriptions.next_at(NOON) == NOON + HOUR
    tx.hub_subscriptions.settle([ALL])
    assert tx.hub_subscriptions.due(NOON + HOUR, 9) == []


def test_a_delivery_is_recorded_whole(tx: Transaction) -> None:
    row = subscribed(tx, due_at=NOON)
    tx.hub_subscriptions.record(
        [done(row, failures=1, failing_since=NOON, due_at=NOON + MINUTE, status=500, message="x")]
    )
    [failing] = tx.hub_subscriptions.failing(NOON, 9)
    assert (failing.failures, failing.status, failing.message, failing.due_at) == (1, 500, "x", NOON + MINUTE)
    tx.hub_subscriptions.record([done(row, ended_at=NOON, ended_by="gone")])
    assert (tx.hub_subscriptions.ended(), tx.hub_subscriptions.count(NOON)) == ({"gone": 1}, 0)


def test_a_renewal_keeps_the_row_and_what_waits_is_due_at_once(tx: Transaction) -> None:
    row = subscribed(tx, due_at=NOON + HOUR, failures=4, failing_since=NOON, message="x")
    other = subscribed(tx, callback="https://r.example/2")
    for one in (row, other):
        tx.hub_subscriptions.renew(one.id, one.topic, "new", NOON + 5 * DAY, NOON + MINUTE)
    [due] = tx.hub_subscriptions.due(NOON + MINUTE, 9)
    assert (due.id, due.secret, due.expires_at, due.failures) == (row.id, "new", NOON + 5 * DAY, 0)
    assert due.confirmed_at == NOON + MINUTE


def test_counts_and_tidying(tx: Transaction) -> None:
    for number in range(3):
        subscribed(tx, callback=f"https://r.example/{number}", failures=number, due_at=NOON if number else None)
    subscribed(tx, callback="https://s.example/", host="s.example:443", path="ai/atom.xml", delivered_at=NOON)
    subscribed(tx, callback="https://t.example/", expires_at=NOON)
    subscribed(tx, callback="https://u.example/", ended_at=NOON, ended_by="failed")
    counts = [(one.path, one.subscribers, one.failing, one.waiting) for one in tx.hub_subscriptions.by_topic(NOON)]
    assert counts == [("ai/atom.xml", 1, 0, 0), (ALL, 3, 2, 2)]
    assert tx.hub_subscriptions.count_of_path(ALL, NOON) == 3
    assert tx.hub_subscriptions.count_of_host("s.example:443", NOON) == 1
    tx.hub_subscriptions.tidy(NOON, NOON)
    assert tx.hub_subscriptions.find(ALL, "https://t.example/") is None
    assert tx.hub_subscriptions.ended() == {"failed": 1}
    tx.hub_subscriptions.tidy(NOON + 2 * DAY, NOON + MINUTE)
    assert (tx.hub_subscriptions.ended(), list(tx.hub_subscriptions.by_topic(NOON))) == ({}, [])


def test_what_is_not_due_costs_nothing(tmp_path: Path) -> None:
    """Each question that the daemon asks again and again is answered by an index of what is due."""
    store = Store(tmp_path / "state.db")
    store.open()
    with store.read() as tx, plans(tx) as asked:
        tx.pings.due(NOON, 9)
        tx.hub_requests.due(NOON, 9)
        tx.hub_subscriptions.due(NOON, 9)
        tx.hub_subscriptions.changed([ALL], NOON)
        for one in (tx.pings, tx.hub_requests, tx.hub_subscriptions):
            one.next_at(NOON)
    store.close()
    assert len(asked) == 7
    for plan in asked:
        assert any(line.startswith("SEARCH") and " USING " in line for line in plan), plan
        assert not any(line.startswith("SCAN") and "json_each" not in line for line in plan), plan


@contextmanager
def plans(tx: Transaction) -> Iterator[list[list[str]]]:
    """How SQLite answers each statement."""
    asked: list[list[str]] = []
    raw: Any = tx._connection.connection.driver_connection

    def explain(*arguments: Any) -> None:
        sql, values = arguments[2], arguments[3]
        asked.append([row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}", values)])

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
