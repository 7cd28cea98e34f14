"""Scenarios that ask much of the store, told of planets whose state is on PostgreSQL."""

import asyncio
from pathlib import Path

import pytest

from aggregator.worker_pool import WorkerPool
from tests.scenarios import test_backlog, test_floods, test_moved_sources, test_news, test_reading_lists
from tests.support.planet import Planet
from tests.support.postgresql import Server

pytestmark = pytest.mark.torture

# Not those of one test that reads or replaces the file of the state.
OF_FILES = ("before", "upgrade", "lost", "recover", "state")

for scenario in (test_backlog, test_floods, test_moved_sources, test_news, test_reading_lists):
    for name, value in vars(scenario).items():
        is_test = name.startswith("test_") and not any(part in name for part in OF_FILES)
        if is_test or hasattr(value, "_fixture_function"):
            globals()[name] = value


@pytest.fixture
def planet(tmp_path: Path, runner: asyncio.Runner, pool: WorkerPool, postgresql: Server, database: str) -> Planet:
    postgresql.empty(database)
    one = Planet(tmp_path, runner, pool)
    one.config["state"] = postgresql.address(database)
    return one
