"""A hub, and a planet with one source that listens to it."""

from collections.abc import Iterator

import pytest

from tests.support.hubs import Hub, Listener, listening
from tests.support.planet import Planet, Upstream


@pytest.fixture(scope="session")
def hub_server() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.close()


@pytest.fixture
def hub(hub_server: Hub) -> Hub:
    hub_server.forget()
    return hub_server


@pytest.fixture
def blog(planet: Planet, upstream: Upstream) -> Iterator[Listener]:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with listening(planet) as listener:
        yield listener
