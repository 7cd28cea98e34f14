"""The application as a house's config wants it."""

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
from aggregator.web.moved_feeds import MovedFeeds
from aggregator.web.state_reader import StateReader
from aggregator.web.status import routes_of
from aggregator.web.tree import Site, TreeAnswers


def unplanned() -> float:
    """Whoever starts the next run does not tell us when."""
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
    """`next_change`: in how many seconds the tree may change; `late`: why it may be behind, "" where it is not;
    `measures`: what this process counts, where it counted before; `routes`: what else the program answers itself.

    The tree stands at the root of the server, whatever the path of site.url: a proxy takes the path away. Redirects
    begin with the path of server.public_url, by which the world finds us.
    """
    config = app.config
    prefix = urlsplit(config.server.public_url).path.rstrip("/") + "/"
    site = Site(config.site.url, config.feeds.hub, prefix)
    own = StateReader(Store(app.store.path), app.output)
    seen = measures or measures_of(app)
    tree = TreeAnswers(site, ServedFiles(app.output), MovedFeeds(reading.moved), next_change, seen.tally.tree)
    return application(
        tree,
        trouble=lambda: reading.trouble() or late(),
        routes=[route_of(seen), *routes_of(app, own), *routes],
        answered=seen.tally.told,
    )
