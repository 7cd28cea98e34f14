"""A daemon whose schedule has not begun: what it serves, and what it takes up, without a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from aggregator.batches import Batches
from aggregator.daemon import Daemon
from aggregator.journal import Journal
from aggregator.server import measures_of
from aggregator.systemd import Supervisor
from tests.planet import Planet
from tests.serving import served


@contextmanager
def furnished(planet: Planet) -> Iterator[tuple[Daemon, int]]:
    """It, and its port."""
    with planet.house() as house:
        daemon = Daemon(Batches(house, planet.isolation), Journal(), Supervisor({}), measures_of(house))
        with served(daemon.front) as port:
            yield daemon, port
