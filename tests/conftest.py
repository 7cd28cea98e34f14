"""Shared fixtures: one event loop, one server and one worker process for the whole session."""

import asyncio
import gc
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from pebble import ProcessPool
from sqlalchemy import Engine

from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.publish import output_tree as publish
from aggregator.publish import render_version
from aggregator.store import Store, sqlite
from aggregator.worker_pool import WorkerPool
from tests.support.planet import BuiltOnce, Planet, Upstream
from tests.support.postgresql import Server
from tests.support.same_process import SameProcess
from tests.support.simulation import Simulation

settings.register_profile("quick", max_examples=25, deadline=None)  # no test judges by the clock
settings.load_profile("quick")
collect_cycles_rarely()


@pytest.fixture(scope="session", autouse=True)
def no_power_cut() -> Iterator[None]:
    """Nothing here outlives a power cut: not waiting for the disk saves half of the time. What is killed is another
    process, which waits as always."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "SYNCHRONOUS", "OFF")
        patch.setattr(os, "fsync", lambda _: None)
        patch.setattr(publish, "_flush_file_system", lambda _: None)
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The first portion of a property's examples is a fast test; the others, with other examples, are torture."""
    if marker := metafunc.definition.get_closest_marker("portions"):
        numbers = [pytest.param(n, marks=pytest.mark.torture if n else ()) for n in range(marker.args[0])]
        metafunc.fixturenames.append("portion")
        metafunc.parametrize("portion", numbers)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the cases of a test with `variants`, evenly spread ones stay among the fast tests; the others are torture."""
    families: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("variants"):
            families.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for cases in families.values():
        marker = cases[0].get_closest_marker("variants")
        assert marker is not None
        quick = {at * len(cases) // marker.kwargs["quick"] for at in range(marker.kwargs["quick"])}
        for at, case in enumerate(cases):
            if at not in quick:
                case.add_marker(pytest.mark.torture)


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end: looking for garbage among them would cost a tenth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def code_is_read_once() -> Iterator[None]:
    """Every new state asks which code renders: reading it all is a tenth of what a small run costs."""
    compute = cache(render_version._computed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render_version, "_computed", lambda files: compute(tuple(files)))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """Every state finds its statements as the first one compiled them: that is half of what a small run costs."""
    make = sqlite._engine_of
    first = make(Path("nowhere.db"))

    def engine_of(path: Path) -> Engine:
        one = make(path.absolute())
        one.dialect, one._compiled_cache = first.dialect, first._compiled_cache
        return one

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "_engine_of", engine_of)
        yield


@pytest.fixture(scope="session", autouse=True)
def tables_are_copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new state gets its tables by one script, as the program makes them."""
    path = tmp_path_factory.mktemp("tables") / "state.db"
    store = Store(path)
    store.open()
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        script = "\n".join(connection.iterdump())

    def create(database: sqlite.SQLite) -> None:
        assert database._engine is not None
        with database._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.rollback()
            raw.executescript(script)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite.SQLite, "_create", create)
        yield


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="session")
def pool() -> WorkerPool:
    """For planets whose documents are harmless: other processes would cost a fifth of a run."""
    return SameProcess()


@pytest.fixture(scope="session")
def processes(runner: asyncio.Runner) -> Iterator[WorkerPool]:
    one = WorkerPool(processes=1, stay=True)  # there is one of it for each worker of pytest
    runner.run(one.__aenter__())
    yield one
    runner.run(one.__aexit__(None, None, None))


@pytest.fixture(scope="session", autouse=True)
def processes_are_shared(processes: WorkerPool) -> Iterator[None]:
    """A command that is run in here has the processes that are up already: starting others costs it a second."""
    start = WorkerPool._open

    def opened(one: WorkerPool) -> ProcessPool:
        return start(processes if one._limits == processes._limits else one)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WorkerPool, "_open", opened)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def database(postgresql: Server) -> str:
    """The name of the database of this process of pytest, with the tables of a state."""
    name = f"state_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    store = Store(postgresql.create(name))
    store.open()
    store.close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def state_at(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a new state is, on each of both databases."""
    if request.param == "sqlite":
        return tmp_path / "deep" / "state.db"
    server, name = request.getfixturevalue("postgresql"), request.getfixturevalue("database")
    server.empty(name)
    return str(server.address(name))


@pytest.fixture
def planet(tmp_path: Path, runner: asyncio.Runner, pool: WorkerPool) -> Planet:
    return Planet(tmp_path, runner, pool)


@pytest.fixture(scope="session")
def upstream_server() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def upstream(upstream_server: Upstream) -> Upstream:
    """One server for all tests: its address stays valid in a planet that is copied. It begins without any page."""
    upstream_server.pages, upstream_server.asked = {}, []
    return upstream_server


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory, upstream_server: Upstream) -> BuiltOnce:
    return BuiltOnce(tmp_path_factory, upstream_server)


@pytest.fixture(scope="session")
def blank_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state that nothing was written to yet: a copy of it saves taking every schema step again."""
    store = Store(tmp_path_factory.mktemp("blank") / "state.db")
    store.open()
    store.close()
    return store.file or Path("nowhere")


@pytest.fixture
def simulation(planet: Planet, upstream: Upstream, blank_state: Path) -> Simulation:
    state = planet.root / ".aggregator" / "state.db"
    state.parent.mkdir()
    shutil.copy(blank_state, state)
    return Simulation(planet, upstream)
