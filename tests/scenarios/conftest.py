"""A hub, and a planet with one source that listens to it."""

from collections.abc import Iterator

import pytest

from tests.support.hubs import Door, Hub, Listener, opened_door
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


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    with opened_door() as door:
        yield door


@pytest.fixture
def blog(planet: Planet, upstream: Upstream, door: Door) -> Iterator[Listener]:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with door.listening(planet) as listener:
        yield listener
