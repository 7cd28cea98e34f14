"""An HTTP server for the published tree, `/status`, `/metrics` and the API.

`application_of` builds the ASGI application of an `App`; `listen` and `serve` put it on the network.
"""

from aggregator.web.api import api_routes
from aggregator.web.app import Front, application, application_of, worker_application
from aggregator.web.callbacks import callback_routes
from aggregator.web.files import ServedFiles
from aggregator.web.hub import hub_routes
from aggregator.web.metrics import Measures, measures_of
from aggregator.web.sockets import ListenError, address_to_open, listen
from aggregator.web.state_reader import MovedFeeds, StateReader
from aggregator.web.tree import Site, TreeAnswers
from aggregator.web.uvicorn_server import run, serve, serve_until_signal

__all__ = [
    "Front",
    "ListenError",
    "Measures",
    "MovedFeeds",
    "ServedFiles",
    "Site",
    "StateReader",
    "TreeAnswers",
    "address_to_open",
    "api_routes",
    "application",
    "application_of",
    "callback_routes",
    "hub_routes",
    "listen",
    "measures_of",
    "run",
    "serve",
    "serve_until_signal",
    "worker_application",
]
