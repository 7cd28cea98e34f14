"""Workers that are killed, on a database that is: all is pulled, nothing is doubled, no host is asked too often, and
the tree is that of one process."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.scale.cluster import Database, Workers, database, workers
from tests.scale.planets import configure, run_alone, tree, urls_of
from tests.scale.upstream import ENTRIES, Score, publishers

pytestmark = pytest.mark.scale

SOURCES = int(os.environ.get("SOURCES", "20000"))
HOSTS = max(SOURCES // 50, 1)
KILLS, CRASHES = int(os.environ.get("KILLS", "30")), int(os.environ.get("CRASHES", "5"))
PER_HOST, GAP = 2, 0.1
MOVED = 20  # one of so many sources redirects to another host
WITHIN = float(os.environ.get("WITHIN", "540"))  # seconds


def disturb(db: Database, group: Workers) -> None:
    """Kills and crashes, evenly over the time in which sources are pulled."""
    events = [(n / KILLS, group.kill_one) for n in range(KILLS)]
    events += [((n + 0.5) / CRASHES, db.crash) for n in range(CRASHES)]
    for share, disturbance in sorted(events, key=lambda event: event[0]):
        wait_for(partial(has_pulled, db, int(share * 0.9 * SOURCES)))
        group.revive()
        disturbance()
        time.sleep(0.3)


def has_pulled(db: Database, most: int) -> bool:
    with suppress(psycopg.Error):
        return int(db.ask("SELECT count(*) FROM pull")[0][0]) >= most
    return False


def wait_for(holds: Callable[[], bool], within: float = WITHIN) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within
        time.sleep(0.2)


def is_done(db: Database) -> bool:
    [(waiting, entries, dirty)] = db.ask(
        "SELECT (SELECT count(*) FROM pull_round WHERE merged_at IS NULL), (SELECT count(*) FROM entry),"
        " (SELECT count(*) FROM feed WHERE dirty)"
    )
    return (waiting, entries, dirty) == (0, SOURCES * ENTRIES, 0)


def report(score: Score, took: float) -> None:
    again = sum(count - 1 for path, count in score.requests.items() if count > 1)
    print(
        f"\n{SOURCES:,} sources on {HOSTS:,} hosts, {KILLS} workers killed, the database stopped {CRASHES} times:"
        f" {took:.0f} s; {score.total:,} requests, {again:,} of them again; one host got {score.most} at once of"
        f" {PER_HOST}, and {score.busiest} in a second of {1 / GAP:.0f}"
    )


def test_killed_workers_and_a_stopped_database_change_nothing(tmp_path: Path) -> None:
    with publishers(HOSTS) as upstream, database(tmp_path / "pg") as db:
        urls = urls_of(upstream, SOURCES, moved=MOVED)
        configure(tmp_path / "many", db.address, urls, gap=f"{GAP}s", per_host=PER_HOST)
        began = time.monotonic()
        with workers(tmp_path / "many", 4) as group:
            wait_for(partial(has_pulled, db, 1))
            disturb(db, group)
            time.sleep(2)
            group.revive()
            wait_for(partial(is_done, db))
            time.sleep(2)
        score = upstream.score()
        report(score, time.monotonic() - began)
        feeds = {path for path in score.requests if not path.startswith("/moved/")}
        assert len(feeds) == SOURCES
        assert score.most <= PER_HOST
        assert score.busiest <= 1.5 / GAP + PER_HOST  # a process that waits for a processor sends two together
        [(entries, ids, sightings)] = db.ask(
            "SELECT count(*), count(DISTINCT public_id), (SELECT count(*) FROM sighting) FROM entry"
        )
        assert (entries, ids, sightings) == (SOURCES * ENTRIES,) * 3
        configure(tmp_path / "one", ".aggregator/state.db", urls, gap=f"{GAP}s", per_host=PER_HOST)
        run_alone(tmp_path / "one")
    assert tree(tmp_path / "many") == tree(tmp_path / "one")
