"""What a worker serves: /healthz, /readyz and /metrics; where it publishes, the tree and /status, too."""

from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from aggregator.app import App
from aggregator.store import Store
from aggregator.web.app import application, application_of
from aggregator.web.metrics import Measures, route_of
from aggregator.web.state_reader import StateReader


def worker_application(app: App, measures: Measures, trouble: Callable[[], str], *, publishes: bool) -> ASGIApp:
    """`trouble`: why the worker is not ready, "" where it is."""
    if publishes:
        reading = StateReader(Store(app.store.at), app.output)
        return application_of(app, reading, late=trouble, measures=measures)
    no_tree = PlainTextResponse("Not Found: this worker publishes nothing\n", 404)
    return application(no_tree, trouble=trouble, routes=[route_of(measures)])
