"""What many workers cost: `make figures ROWS="leased or 304 or sources"`. None fails by the clock."""

import os
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest

from aggregator.app import App
from aggregator.config import load_config
from aggregator.pipeline import merge, sync_config
from aggregator.polling.shards import shard_of
from aggregator.publish.publish import publish
from aggregator.report import Report
from aggregator.store import SourceRow, Store
from aggregator.workers.lease import take_lease
from aggregator.workers.timing import Timing
from tests.scale.cluster import Database, Workers, database, workers
from tests.scale.planets import configure, run_alone, urls_of
from tests.scale.test_kills import wait_for
from tests.scale.upstream import publishers
from tests.support.planet import NOON

pytestmark = pytest.mark.bench

SOURCES = int(os.environ.get("SPEED_SOURCES", "2000"))
HOSTS = 250
ROUNDS = "SELECT count(*) FROM pull_round WHERE merged_at IS NULL"
PULLS = "SELECT count(*) FROM pull"


def test_how_fast_sources_are_leased(tmp_path: Path) -> None:
    count = 20_000
    with database(tmp_path / "pg") as db:
        configure(tmp_path / "one", db.address, [f"https://blog{n}.example/" for n in range(count)])
        config = load_config(tmp_path / "one" / "config.yaml")
        store = Store(config.state_at)
        store.open()
        places = [f"blog{n}.example:443" for n in range(count)]
        with store.write() as tx:
            for n in range(count):
                tx.sources.add(SourceRow(f"s{n}", "feed", f"https://blog{n}.example/", n))
            tx.rounds.place((f"s{n}", place, shard_of(place) % 8) for n, place in enumerate(places))
        began = time.monotonic()
        with store.write() as tx:
            assert tx.rounds.open(NOON, tx.workers.now(), None, 100) == count
        opened, app = time.monotonic() - began, App(config, store, lambda: NOON)
        assert app.knows("s0")  # makes an index of the config, once in a process
        began, leased = time.monotonic(), 0
        for shard in range(8):
            while lease := take_lease(app, Timing(), shard, "one:1"):
                leased += len(lease.claimed.rows)
        took = time.monotonic() - began
        store.close()
    assert leased == count
    print(f"\na round of {count:,} sources is opened in {opened:.2f} s; {leased / took:,.0f} are leased a second")


def test_what_merging_and_publishing_read_of_all_sources(tmp_path: Path) -> None:
    """Whatever came: with a million sources this is what they take."""
    count = 20_000
    configure(tmp_path / "one", ".aggregator/state.db", [f"https://blog{n}.example/" for n in range(count)])
    began = time.process_time()
    config = load_config(tmp_path / "one" / "config.yaml")
    loading = time.process_time() - began
    store = Store(config.state_at)
    store.open()
    app = App(config, store, lambda: NOON)
    sync_config(app, NOON)
    publish(app, Report(), NOON)
    began = time.process_time()
    merge(app, Report(), NOON)
    merging = time.process_time() - began
    publish(app, Report(), NOON)
    publishing = time.process_time() - began - merging
    store.close()
    print("\nof a processor for each source: ", end="")
    parts = (("loading the config", loading), ("merging", merging), ("publishing", publishing))
    print(", ".join(f"{what} {1000 * cpu / count:.2f} ms" for what, cpu in parts))


def test_what_a_304_costs(tmp_path: Path) -> None:
    """How much faster two are than one is measured with few connections, so that waiting for publishers limits a
    worker, as it does on a machine of its own: with more, two would share the processors of this one."""
    spent: dict[str, tuple[float, float]] = {}
    with publishers(HOSTS) as upstream, database(tmp_path / "pg") as db:
        urls = urls_of(upstream, SOURCES)
        many, few = {"gap": "0s", "per_host": 8}, {"gap": "0s", "per_host": 8, "concurrency": 4}
        configure(tmp_path / "one", ".aggregator/state.db", urls, **many)
        run_alone(tmp_path / "one")
        idle = run_alone(tmp_path / "one")
        began = time.monotonic()
        spent["one process, SQLite"] = (run_alone(tmp_path / "one", "--force") - idle, time.monotonic() - began)
        for name, fetch, count in (("1 worker", many, 1), ("1 worker, few", few, 1), ("2 workers, few", few, 2)):
            configure(tmp_path / name, db.address, urls, **fetch)
            with workers(tmp_path / name, 1, "merge,publish") as main, workers(tmp_path / name, count, "pull") as group:
                wait_for(partial(is_pulled, db, 0))
                wait_for(partial(are_ready, db, group))
                spent[name] = poll_again(db, group)
                assert main.running
    print()
    for name, (cpu, took) in spent.items():
        print(f"{name:<20} {1000 * cpu / SOURCES:.2f} ms of a processor a 304; {SOURCES / took:,.0f} a second")
    alone, one, one_of_few, two = spent.values()
    print(f"two workers pull {one_of_few[1] / two[1]:.2f} times as fast as one", end="; ")
    print(
        f"a 304 costs {two[0] / one_of_few[0]:.2f} times as much with two, {one[0] / alone[0]:.2f} times as on SQLite"
    )


def poll_again(db: Database, group: Workers) -> tuple[float, float]:
    """Seconds of processor time of the pulling workers, and by the clock."""
    time.sleep(5)
    [(before,)] = db.ask(PULLS)
    cpu, began = cpu_of(group), time.monotonic()
    db.ask("WITH done AS (UPDATE source SET next_poll_at = NULL, due_at = NULL RETURNING 1) SELECT count(*) FROM done")
    wait_for(partial(is_pulled, db, int(before) + SOURCES))
    return cpu_of(group) - cpu, time.monotonic() - began


def is_pulled(db: Database, most: int) -> bool:
    with suppress(psycopg.Error):  # there is no table yet
        [(rounds,)], [(pulls,)] = db.ask(ROUNDS), db.ask(PULLS)
        return bool(rounds == 0 and pulls >= max(most, SOURCES))
    return False


def are_ready(db: Database, group: Workers) -> bool:
    """Starting costs more than a few pulls."""
    names = {str(name).rpartition(":")[2] for (name,) in db.ask("SELECT name FROM worker")}
    return {str(one.pid) for one in group.running} <= names


def cpu_of(group: Workers) -> float:
    processes = [psutil.Process(one.pid) for one in group.running]
    processes += [child for one in processes for child in one.children(recursive=True)]
    return sum(sum(one.cpu_times()[:4]) for one in processes)
