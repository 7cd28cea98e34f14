"""WebSub: a hub and a planet with one source that listens to it; our own hub and a subscriber."""

from collections.abc import Iterator

import pytest

from aggregator.web import Front
from tests.support.foreign_servers import Foreign, confirm, foreign
from tests.support.hubs import CallbackServer, Hub, Listener, open_callbacks
from tests.support.own_hub import OwnHub, build, open_hub
from tests.support.planet import BuiltOnce, Planet, Upstream
from tests.support.serving import served


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
def callback_server() -> Iterator[CallbackServer]:
    with open_callbacks() as one:
        yield one


@pytest.fixture
def blog(planet: Planet, upstream: Upstream, callback_server: CallbackServer) -> Iterator[Listener]:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with callback_server.listening(planet) as listener:
        yield listener


@pytest.fixture(scope="session")
def subscriber_server() -> Iterator[Foreign]:
    with foreign() as one:
        yield one


@pytest.fixture
def reader(subscriber_server: Foreign) -> Foreign:
    """A subscriber that confirms everything and takes everything."""
    subscriber_server.answer = confirm
    subscriber_server.received.clear()
    return subscriber_server


@pytest.fixture(scope="session")
def front() -> Iterator[tuple[Front, int]]:
    one = Front()
    with served(one) as port:
        yield one, port


@pytest.fixture
def own_hub(planet: Planet, built_once: BuiltOnce, front: tuple[Front, int]) -> Iterator[OwnHub]:
    built_once.fill(planet, build)
    with open_hub(planet, *front) as one:
        yield one
