"""The published tree over HTTP: as any static server would, with what feeds need beside it.

`application_of` makes the whole of it for ASGI from a house; `listen` and `serve` put it on the network.
"""

from aggregator.server.answering import Site, TreeAnswers
from aggregator.server.app import Front, application
from aggregator.server.controls import controls
from aggregator.server.documents import Documents
from aggregator.server.furnishing import application_of
from aggregator.server.listening import ListenError, address_to_open, listen
from aggregator.server.measuring import Measures, measures_of
from aggregator.server.reading import Reading
from aggregator.server.running import run, serve, serve_until_told
from aggregator.server.signposts import Signposts

__all__ = [
    "Documents",
    "Front",
    "ListenError",
    "Measures",
    "Reading",
    "Signposts",
    "Site",
    "TreeAnswers",
    "address_to_open",
    "application",
    "application_of",
    "controls",
    "listen",
    "measures_of",
    "run",
    "serve",
    "serve_until_told",
]
