"""What many workers do, one step at a time: rounds, pulls of shards, merging, publishing; on both databases."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.errors import BusyHostError, LockedError, StateError, UsageError
from aggregator.fetch import place_of
from aggregator.report import Report
from aggregator.store import LeaseRow, Store
from aggregator.workers.fence import FencedStore
from aggregator.workers.lease import take_lease
from aggregator.workers.merging import Merging
from aggregator.workers.pulling import Pulling
from aggregator.workers.timing import Timing
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.postgresql import Server

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WHOLE = Timing(round_lasts=None)


@contextmanager
def opened(planet: Planet, state: Path | str) -> Iterator[App]:
    """The planet with its state there."""
    planet.config["state"] = str(state)
    with planet.app() as app:
        yield app


class Machine:
    """A worker without a queue."""

    def __init__(self, planet: Planet, app: App, name: str = "one:1", timing: Timing = WHOLE) -> None:
        self.app, self.planet = app, planet
        self.pulling = Pulling(app, planet.pool, timing, name)
        self.merging = Merging(app, planet.pool, timing, name)

    def open_round(self) -> list[int]:
        return self.planet.runner.run(self.pulling.open_round())

    def pull(self, *shards: int) -> list[Report]:
        return [self._pull(shard) for shard in shards]

    def _pull(self, shard: int) -> Report:
        async def work() -> Report:
            report = Report()
            await self.pulling.pull(shard, report)
            await self.pulling.close()
            self.pulling._fetchers.clear()
            return report

        return self.planet.runner.run(work())

    def merge(self) -> bool:
        return self.planet.runner.run(self.merging.merge(Report()))

    def publish(self) -> None:
        self.planet.runner.run(self.merging.publish(Report()))


def serve(planet: Planet, upstream: Upstream, count: int = 3) -> None:
    planet.config["sources"] = [
        {"id": f"s{n}", "url": upstream.serve(f"/{n}", rss(*items(n), title=f"Source {n}"))} for n in range(count)
    ]


def items(source: int) -> list[dict[str, str]]:
    return [
        {"title": f"Entry {n} of {source}", "guid": f"urn:x:{source}:{n}", "description": f"words {source} {n}"}
        for n in range(2)
    ]


@pytest.mark.variants(quick=1)
def test_the_tree_is_that_of_one_process(
    planet: Planet, upstream: Upstream, state_at: Path | str, tmp_path: Path
) -> None:
    serve(planet, upstream)
    planet.run()
    alone = planet.tree()
    (planet.root / "feeds").rename(planet.root / "before")
    with opened(planet, state_at) as app:
        one = Machine(planet, app)
        assert one.merge()  # the sources of the config are stored
        one.publish()
        [shard] = one.open_round()
        [report] = one.pull(shard)
        assert report.sources.changed == 3
        assert one.merge()
        one.publish()
        assert not one.merge()
    assert planet.tree() == alone


def test_a_round_waits_for_all_its_pulls_or_for_its_end(planet: Planet, upstream: Upstream, tmp_path: Path) -> None:
    serve(planet, upstream)
    with opened(planet, tmp_path / "many.db") as app:
        one = Machine(planet, app, timing=Timing(round_lasts=timedelta(0)))
        one.merge()
        one.open_round()
        lease = take_lease(app, one.pulling._timing, _shard(app), "slow:1")
        assert lease
        assert len(lease.claimed.rows) == 3
        one.merge()  # its time is up at once
        with app.store.read() as tx:
            assert tx.rounds.unfinished() == []
            assert [row.last_attempt_at for row in tx.sources.all()] == [None] * 3
        with app.store.write() as tx:
            assert not tx.sources.record(lease.token, {"s0": {"state": "ok"}})
        shards = one.open_round()
        assert one.pull(*shards)[0].sources.polled == 0  # the one that is too late may still ask their host
        with app.store.write() as tx:
            tx.leases.renew(lease.token, tx.workers.now())
        assert one.pull(*shards)[0].sources.changed == 3


def _shard(app: App) -> int:
    with app.store.read() as tx:
        [shard] = tx.rounds.late()
    return shard


def test_a_host_that_another_worker_asks_is_not_asked(planet: Planet, upstream: Upstream, tmp_path: Path) -> None:
    serve(planet, upstream)
    with opened(planet, tmp_path / "many.db") as app:
        one = Machine(planet, app)
        one.merge()
        [shard] = one.open_round()
        with app.store.write() as tx:
            now = tx.workers.now()
            tx.leases.add(LeaseRow("other", "two:2", shard, now + HOUR))
            tx.leases.take_hosts([place_of(upstream.url("/"))], "other", over=now)
        [report] = one.pull(shard)
        assert report.sources.polled == 0
        with app.store.write() as tx:
            tx.leases.renew("other", now)
        [report] = one.pull(shard)
        assert report.sources.changed == 3


def test_a_redirect_waits_for_its_host(planet: Planet, upstream: Upstream, tmp_path: Path) -> None:
    serve(planet, upstream, 1)
    with opened(planet, tmp_path / "many.db") as app:
        one = Machine(planet, app)
        one.merge()
        [shard] = one.open_round()
        lease = take_lease(app, WHOLE, shard, "one:1")
        assert lease
        with app.store.write() as tx:
            now = tx.workers.now()
            tx.leases.add(LeaseRow("other", "two:2", 1, now + HOUR))
            tx.leases.take_hosts(["there.example:443"], "other", over=now)
        planet.runner.run(lease.enter("free.example:443"))
        assert "free.example:443" in lease.places
        lease.ends = 0  # what is left of the lease is too short
        with pytest.raises(BusyHostError):
            planet.runner.run(lease.enter("there.example:443"))


def test_a_lease_that_cannot_be_renewed_ends_the_work(planet: Planet, upstream: Upstream, tmp_path: Path) -> None:
    serve(planet, upstream, 1)
    timing = replace(WHOLE, lease=timedelta(seconds=0.1))
    with opened(planet, tmp_path / "many.db") as app:
        one = Machine(planet, app)
        one.merge()
        [shard] = one.open_round()
        lease = take_lease(app, timing, shard, "one:1")
        assert lease
        lease.app = replace(app, store=_Unreachable(app.store))

        async def work() -> None:
            async with lease.kept_up():
                await asyncio.sleep(10)

        with pytest.raises(StateError, match="could not be renewed"):
            planet.runner.run(work())


class _Unreachable(Store):
    def __init__(self, store: Store) -> None:
        vars(self).update(vars(store))

    def write(self, *, alone: bool = True) -> None:  # type: ignore[override]
        raise StateError("the server is away")


def test_a_merge_that_was_taken_for_dead_writes_nothing(state_at: Path | str) -> None:
    store = Store(state_at)
    store.open()
    first = FencedStore(store, "one:1", timedelta(0))  # its lease is over at once
    with first.write() as tx:
        tx.facts.set("a", "1")
    second = FencedStore(store, "two:2", HOUR)
    with pytest.raises(LockedError, match="taken for dead"), first.write():
        pass
    with second.write() as tx:
        assert tx.facts.get("a") == "1"
    store.close()


def test_a_merge_that_only_looks_dead_goes_on(planet: Planet, tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    store.open()
    first = FencedStore(store, "one:1", HOUR)
    with pytest.raises(LockedError, match="one:1 merges or publishes"):
        FencedStore(store, "two:2", HOUR)

    async def work() -> None:
        async with first.held():
            with first.write() as tx:
                tx.facts.set("a", "1")

    planet.runner.run(work())
    FencedStore(store, "two:2", HOUR)  # the first one has ended
    store.close()


def test_no_two_rounds_share_a_time(planet: Planet, upstream: Upstream, tmp_path: Path) -> None:
    serve(planet, upstream)
    with opened(planet, tmp_path / "many.db") as app:
        one = Machine(planet, app)
        one.merge()
        one.open_round()
        with app.store.write() as tx:
            for row in tx.sources.all():
                tx.sources.change(row.id, round_id=None)
        one.open_round()
        with app.store.read() as tx:
            first, second = tx.rounds.unfinished()
        assert (first.at, second.at) == (NOON, NOON + timedelta(microseconds=1))


def test_workers_exclude_the_one_engine_and_it_them(postgresql: Server, database: str) -> None:
    state = postgresql.address(database)
    with closing(Store(state)) as one, closing(Store(state)) as two, closing(Store(state)) as engine:
        with one.shared(), two.shared(), pytest.raises(LockedError), engine.exclusive():
            pass
        with engine.exclusive(), pytest.raises(LockedError), one.shared():
            pass


def test_a_file_is_no_state_for_many(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="many workers need `state: postgresql://…`"), Store(tmp_path / "a").shared():
        pass
