"""Rounds and leases of many workers, in the store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.polling.shards import shard_of
from aggregator.store import LeaseRow, SourceRow, Store, Transaction, WorkerRow

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def tx(state_at: Path | str) -> Iterator[Transaction]:
    """On each of both databases."""
    store = Store(state_at)
    store.open()
    with store.write() as transaction:
        yield transaction
    store.close()


def subscribe(tx: Transaction, *hosts: str, **more: object) -> list[str]:
    """A source at each of the hosts."""
    ids = [f"s{len(tx.sources.all()) + n}" for n in range(len(hosts))]
    for n, (id_, host) in enumerate(zip(ids, hosts, strict=True)):
        tx.sources.add(SourceRow(id_, "feed", f"https://{host}/{id_}", n, **more))  # type: ignore[arg-type]
    return ids


def place(tx: Transaction, shard: int | None = None) -> None:
    """`shard`: the one that all sources are put in."""
    found = [(id_, host or f"{url.split('/')[2]}:443") for id_, url, host in tx.rounds.unplaced()]
    tx.rounds.place((id_, host, shard_of(host) if shard is None else shard) for id_, host in found)


def open_round(tx: Transaction, at: datetime = NOON, most: int = 100) -> int:
    place(tx, 1)
    return tx.rounds.open(at, at, at + 5 * MINUTE, most)


def lease(tx: Transaction, token: str, most: int = 500, now: datetime = NOON, shard: int = 1) -> list[str]:
    _, rows = tx.rounds.candidates(shard, now, most)
    ids = [row.id for row in rows]
    if token not in {row.token for row in tx.leases.all()}:
        tx.leases.add(LeaseRow(token, "one:7", shard, now + MINUTE))
    tx.rounds.lease(ids, token, now + MINUTE)
    return ids


def test_sources_are_placed_once_until_their_host_changes(tx: Transaction) -> None:
    [one] = subscribe(tx, "blog.example")
    assert tx.rounds.unplaced() == [("s0", "https://blog.example/s0", "")]
    place(tx)
    assert tx.rounds.unplaced() == []
    tx.sources.change(one, lease="t")
    assert tx.sources.record("t", {one: {"host": "blog.example:443"}}) == {one}
    assert tx.rounds.unplaced() == []
    tx.sources.change(one, lease="t")
    assert tx.sources.record("t", {one: {"host": "elsewhere.example:443"}}) == {one}
    assert tx.rounds.unplaced() == [("s0", "https://blog.example/s0", "elsewhere.example:443")]


def test_a_round_takes_what_is_due_and_in_no_other_round(tx: Transaction) -> None:
    subscribe(tx, "a.example", "b.example")
    subscribe(tx, "c.example", next_poll_at=NOON + MINUTE)
    subscribe(tx, "d.example", state="paused")
    subscribe(tx, "e.example", configured=False)
    assert open_round(tx) == 2
    assert open_round(tx) == 0
    assert open_round(tx, NOON + MINUTE) == 1
    assert [(one.at, one.ends_at, one.waiting) for one in tx.rounds.unfinished()] == [
        (NOON, NOON + 5 * MINUTE, 2),
        (NOON + MINUTE, NOON + 6 * MINUTE, 1),
    ]


def test_a_round_takes_a_share_of_each_host_and_the_next_one_what_is_left_of_it(tx: Transaction) -> None:
    hot, (cold,) = subscribe(tx, *["hot.example"] * 5), subscribe(tx, "cold.example")
    assert open_round(tx, most=2) == 3
    leased = lease(tx, "t")
    assert (set(leased[:2]), leased[2:]) == ({hot[0], cold}, [hot[1]])
    assert open_round(tx, most=2) == 0
    tx.sources.record("t", {hot[0]: {"next_poll_at": NOON + MINUTE}})
    assert open_round(tx, NOON + SECOND, most=2) == 1
    tx.sources.record("t", {hot[1]: {"next_poll_at": NOON + MINUTE}})
    assert open_round(tx, NOON + SECOND, most=3) == 2


def test_a_lease_takes_one_of_each_host_before_the_second_of_any(tx: Transaction) -> None:
    subscribe(tx, *["hot.example"] * 3, "a.example", "b.example")
    open_round(tx)
    assert lease(tx, "t", 3) == ["s0", "s3", "s4"]
    assert lease(tx, "u", 3) == ["s1", "s2"]
    assert lease(tx, "v", 3) == []


def test_the_oldest_round_comes_first_and_each_lease_is_of_one(tx: Transaction) -> None:
    subscribe(tx, "a.example")
    open_round(tx)
    subscribe(tx, "b.example")
    open_round(tx, NOON + MINUTE)
    found, _ = tx.rounds.candidates(1, NOON, 500)
    assert found
    assert found.at == NOON
    assert lease(tx, "t") == ["s0"]
    assert lease(tx, "t") == ["s1"]


def test_expired_leases_are_taken_and_the_late_writer_stores_nothing(tx: Transaction) -> None:
    [one] = subscribe(tx, "a.example")
    open_round(tx)
    assert lease(tx, "slow") == [one]
    assert tx.rounds.shards_with_work(NOON) == []
    assert tx.leases.renew("slow", NOON + 2 * MINUTE)
    assert lease(tx, "next", now=NOON + MINUTE) == []
    later = NOON + 2 * MINUTE
    assert tx.rounds.shards_with_work(later) == [1]
    assert lease(tx, "next", now=later) == [one]
    assert tx.sources.record("slow", {one: {"state": "ok"}}) == set()
    assert tx.sources.record("next", {one: {"state": "ok"}}) == {one}
    assert [one.waiting for one in tx.rounds.unfinished()] == [0]


def test_closing_a_round_gives_its_sources_back_and_shuts_late_writers_out(tx: Transaction) -> None:
    [one] = subscribe(tx, "a.example")
    open_round(tx)
    lease(tx, "slow")
    [first] = tx.rounds.unfinished()
    assert tx.rounds.close(first.number) == 1
    assert tx.sources.record("slow", {one: {"state": "ok"}}) == set()
    tx.rounds.mark_merged(first.number, NOON)
    assert tx.rounds.unfinished() == []
    assert tx.rounds.newest_merged() == NOON
    assert open_round(tx, NOON + MINUTE) == 1


def test_merged_rounds_are_forgotten_but_for_the_newest(tx: Transaction) -> None:
    for n in range(3):
        subscribe(tx, f"{n}.example")
        open_round(tx, NOON + n * MINUTE)
        tx.rounds.mark_merged(tx.rounds.unfinished()[0].number, NOON)
    tx.rounds.forget_merged(NOON + MINUTE)
    assert tx.rounds.newest() == tx.rounds.newest_merged() == NOON + 2 * MINUTE


@pytest.mark.torture
def test_late_sources_are_counted_by_shard(tx: Transaction) -> None:
    subscribe(tx, "a.example", next_poll_at=NOON - MINUTE)
    subscribe(tx, "b.example", next_poll_at=NOON)
    open_round(tx)
    lease(tx, "t")
    assert tx.rounds.late() == {1: (2, NOON - MINUTE)}


# leases of hosts


def take(tx: Transaction, token: str, *places: str, over: datetime = NOON) -> frozenset[str]:
    return tx.leases.take_hosts(places, token, over=over)


def begin(tx: Transaction, token: str) -> None:
    tx.leases.add(LeaseRow(token, "one:7", 1, NOON + MINUTE))


def test_a_host_is_leased_to_one(tx: Transaction) -> None:
    begin(tx, "one")
    begin(tx, "two")
    assert take(tx, "one", "a:443", "b:443") == {"a:443", "b:443"}
    assert take(tx, "two", "b:443", "c:443") == {"c:443"}
    assert take(tx, "one", "a:443") == {"a:443", "b:443"}


def test_a_host_is_free_when_its_lease_and_the_gap_after_it_are_over(tx: Transaction) -> None:
    begin(tx, "one")
    take(tx, "one", "a:443")
    begin(tx, "two")
    assert take(tx, "two", "a:443", over=NOON + MINUTE - SECOND) == frozenset()
    assert take(tx, "two", "a:443", over=NOON + MINUTE) == {"a:443"}


def test_a_lease_lasts_while_it_is_renewed(tx: Transaction) -> None:
    begin(tx, "one")
    take(tx, "one", "a:443")
    assert tx.leases.renew("one", NOON + 2 * MINUTE)
    assert take(tx, "two", "a:443", over=NOON + MINUTE) == frozenset()
    assert tx.leases.renew("one", NOON)
    assert take(tx, "two", "a:443", over=NOON) == {"a:443"}
    assert not tx.leases.renew("three", NOON)


def test_leases_that_are_over_are_forgotten_with_their_hosts(tx: Transaction) -> None:
    begin(tx, "one")
    take(tx, "one", "a:443")
    tx.leases.forget_expired(NOON + 2 * MINUTE, 2 * MINUTE)
    assert [row.token for row in tx.leases.all()] == ["one"]
    tx.leases.forget_expired(NOON + 4 * MINUTE, 2 * MINUTE)
    assert tx.leases.all() == []
    begin(tx, "two")
    assert take(tx, "two", "a:443") == {"a:443"}


# workers


def test_a_worker_says_how_it_is(tx: Transaction) -> None:
    row = WorkerRow("one:7", "pull", NOON, NOON)
    tx.workers.say(row)
    tx.workers.say(replace(row, seen_at=NOON + MINUTE, jobs=2, pulls=30))
    tx.workers.say(replace(row, name="two:8"))
    assert [(one.name, one.jobs, one.pulls) for one in tx.workers.all()] == [("one:7", 2, 30), ("two:8", 0, 0)]
    tx.workers.drop_silent(NOON + SECOND)
    assert [one.name for one in tx.workers.all()] == ["one:7"]
    tx.workers.leave("one:7")
    assert tx.workers.all() == []
