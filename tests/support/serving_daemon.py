"""A daemon that serves and reloads in this process, without its schedule."""

from collections.abc import Iterator
from contextlib import contextmanager

from aggregator.daemon.batches import Batches
from aggregator.daemon.daemon import Daemon
from aggregator.daemon.log import Log
from aggregator.daemon.systemd import Supervisor
from aggregator.web import measures_of
from tests.support.planet import Planet
from tests.support.serving import served


@contextmanager
def served_daemon(planet: Planet) -> Iterator[tuple[Daemon, int]]:
    """The daemon and its port."""
    with planet.app() as app:
        daemon = Daemon(Batches(app, planet.pool), Log(), Supervisor({}), measures_of(app))
        with served(daemon.front) as port:
            yield daemon, port
