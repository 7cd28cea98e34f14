"""What `status` shows of many workers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.cli.worker_lines import worker_lines
from aggregator.model.status import Status
from aggregator.status.report import as_json
from aggregator.status.workers import rounds_of, shards_of, workers_of
from aggregator.store import LeaseRow, SourceRow, Store, Transaction, WorkerRow
from tests.support.planet import NOON

MINUTE = timedelta(minutes=1)


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Transaction]:
    store = Store(tmp_path / "state.db")
    store.open()
    with store.write() as transaction:
        yield transaction
    store.close()


def status_of(tx: Transaction) -> Status:
    return Status(NOON, workers=workers_of(tx), rounds=rounds_of(tx), shards=shards_of(tx))


def test_one_process_shows_nothing_of_workers(tx: Transaction) -> None:
    found = status_of(tx)
    assert list(worker_lines(found)) == []
    assert not as_json(found).keys() & {"workers", "rounds", "shards"}


def test_workers_rounds_and_late_shards_are_shown(tx: Transaction) -> None:
    now = tx.workers.now()
    tx.workers.say(WorkerRow("one:7", "pull", NOON, NOON, jobs=1, pulls=20))
    for n, late in enumerate((1, 90, 30)):
        tx.sources.add(SourceRow(f"s{n}", "feed", f"https://{n}.example/", n, next_poll_at=NOON - late * MINUTE))
        tx.rounds.place([(f"s{n}", f"{n}.example:443", n)])
    tx.rounds.open(NOON, NOON, NOON + 5 * MINUTE, 100)
    tx.leases.add(LeaseRow("t", "one:7", 1, now + MINUTE))
    tx.leases.add(LeaseRow("u", "two:8", 2, now - MINUTE))
    found = status_of(tx)
    assert list(worker_lines(found)) == [
        "worker one:7 (pull): 1 job, 20 pulls since 2026-11-23 12:00",
        "round 1 of 2026-11-23 12:00:00: waits for 3 sources, merged at 12:05:00 at the latest",
        "queue: 3 sources, the first due for 90 min",
        "shard 1: 1 source, the first due since 2026-11-23 10:30; one:7 pulls",
        "shard 2: 1 source, the first due since 2026-11-23 11:30",
    ]
    shown = as_json(found)
    assert [one["shard"] for one in shown["shards"]] == [1, 2, 0]
    assert [one["worker"] for one in shown["shards"]] == ["one:7", "", ""]
    assert shown["rounds"][0]["waiting"] == 3


def test_few_shards_are_named(tx: Transaction) -> None:
    for n in range(8):
        tx.sources.add(SourceRow(f"s{n}", "feed", f"https://{n}.example/", n, next_poll_at=NOON - 60 * MINUTE))
        tx.rounds.place([(f"s{n}", f"{n}.example:443", n)])
    tx.rounds.open(NOON, NOON, None, 100)
    lines = list(worker_lines(replace(status_of(tx), workers=())))
    assert lines[0] == "round 1 of 2026-11-23 12:00:00: waits for 8 sources"
    assert lines[-1] == "  … and 3 more shards that are late; --json shows all"
