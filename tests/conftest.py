"""What the tests share: one event loop and one set of isolated processes for the whole session."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.isolation import Isolation
from tests.planet import Planet, Upstream


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
