"""Workers that are killed, on a database that is: all is pulled, nothing is doubled, no host is asked too often, and
the tree is that of one process."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest
import yaml

from tests.scale.cluster import Database, Workers, database, workers
from tests.scale.upstream import ENTRIES, Publishers, Score, publishers
from tests.support import paths
from tests.support.planet import NOON

pytestmark = pytest.mark.scale

SOURCES = int(os.environ.get("SOURCES", "20000"))
HOSTS = max(SOURCES // 50, 1)
KILLS, CRASHES = int(os.environ.get("KILLS", "30")), int(os.environ.get("CRASHES", "5"))
PER_HOST, GAP = 2, 0.1
MOVED = 20  # one of so many sources redirects to another host
WITHIN = 540  # seconds


def configure(folder: Path, upstream: Publishers, state: str) -> None:
    sources = [{"id": f"s{n}", "url": upstream.url(n, moved=n % MOVED == 0)} for n in range(SOURCES)]
    config = {
        "site": {"title": "Planet", "url": "https://planet.example/", "since": "2026-11-23"},
        "state": state,
        "fetch": {"gap": f"{GAP}s", "per_host": PER_HOST, "allow_networks": ["127.0.0.0/8"]},
        "feeds": {"limit": 50, "formats": ["atom"], "pages": "none"},
        "sources": sources,
    }
    folder.mkdir()
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    (folder / "config.yaml").write_text(yaml.dump(config, Dumper=dumper, sort_keys=False))


def run_alone(folder: Path) -> None:
    environment = os.environ | {"AGGREGATOR_NOW": NOON.isoformat()}
    command = [sys.executable, "-m", "aggregator", "-q", "--config", str(folder / "config.yaml"), "run"]
    subprocess.run(command, cwd=paths.PROJECT, env=environment, check=True)


def tree(folder: Path) -> dict[str, str]:
    files = (file for file in (folder / "feeds").rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def disturb(db: Database, group: Workers) -> None:
    """Kills and crashes, evenly over the time in which sources are pulled."""
    events = [(n / KILLS, group.kill_one) for n in range(KILLS)]
    events += [((n + 0.5) / CRASHES, db.crash) for n in range(CRASHES)]
    for share, disturbance in sorted(events, key=lambda event: event[0]):
        wait_for(partial(has_pulled, db, int(share * 0.9 * SOURCES)))
        disturbance()
        time.sleep(1)


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
        configure(tmp_path / "many", upstream, db.address)
        began = time.monotonic()
        with workers(tmp_path / "many", 4) as group:
            wait_for(partial(has_pulled, db, 1), 120)
            disturb(db, group)
            wait_for(lambda: is_done(db))
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
        configure(tmp_path / "one", upstream, ".aggregator/state.db")
        run_alone(tmp_path / "one")
    assert tree(tmp_path / "many") == tree(tmp_path / "one")
