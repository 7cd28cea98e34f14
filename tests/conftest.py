"""What the tests share: one event loop and one set of isolated processes for the whole session."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.isolation import Isolation
from aggregator.store import Store
from tests.planet import Planet, Upstream
from tests.scenes import Scene


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="session")
def isolation(runner: asyncio.Runner) -> Iterator[Isolation]:
    one = Isolation(stay=True)
    runner.run(one.__aenter__())
    yield one
    runner.run(one.__aexit__(None, None, None))


@pytest.fixture
def planet(tmp_path: Path, runner: asyncio.Runner, isolation: Isolation) -> Planet:
    return Planet(tmp_path, runner, isolation)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


@pytest.fixture(scope="session")
def blank_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state that nothing was written to yet: a copy of it saves taking every schema step again."""
    store = Store(tmp_path_factory.mktemp("blank") / "state.db")
    store.open()
    store.close()
    return store.path


@pytest.fixture
def scene(planet: Planet, upstream: Upstream, blank_state: Path) -> Scene:
    state = planet.root / ".aggregator" / "state.db"
    state.parent.mkdir()
    shutil.copy(blank_state, state)
    return Scene(planet, upstream)
