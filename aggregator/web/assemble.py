"""Builds the ASGI application that the config of an `App` describes."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from aggregator.app import App
from aggregator.store import Store
from aggregator.web.app import application
from aggregator.web.files import ServedFiles
from aggregator.web.headers import LONGEST_AGE
from aggregator.web.metrics import Measures, measures_of, route_of
from aggregator.web.state_reader import MovedFeeds, StateReader
from aggregator.web.status import routes_of
from aggregator.web.tree import Site, TreeAnswers


def unplanned() -> float:
    """Nobody knows when the next run starts: `serve` runs beside cron."""
    return LONGEST_AGE


def application_of(
    app: App,
    reading: StateReader,
    *,
    next_change: Callable[[], float] = unplanned,
    late: Callable[[], str] = str,
    measures: Measures | None = None,
    routes: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """`next_change`: seconds until the tree may change; `late`: why the tree may be behind, "" where it is not;
    `measures`: the counters of this process, where they exist already; `routes`: further routes of the program.

    The tree is served from the root whatever the path of site.url is: a proxy strips that path. Redirects begin with
    the path of server.public_url, which is the address that clients use.
    """
    config = app.config
    prefix = urlsplit(config.server.public_url).path.rstrip("/") + "/"
    site = Site(config.site.url, config.feeds.hub, prefix)
    status_reader = StateReader(Store(app.store.path), app.output)
    own_measures = measures or measures_of(app)
    tree = TreeAnswers(site, ServedFiles(app.output), MovedFeeds(reading.moved), next_change, own_measures.tally.tree)
    return application(
        tree,
        trouble=lambda: reading.trouble() or late(),
        routes=[route_of(own_measures), *routes_of(app, status_reader), *routes],
        answered=own_measures.tally.count_program,
    )
