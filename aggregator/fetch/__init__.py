"""HTTP: requests for feeds, with a gap per host, limits of time and size, and a guard against private addresses."""

import aggregator.fetch.httpx_without_cli  # noqa: F401 - before others load httpx
from aggregator.fetch.client import Enter, Fetcher, FetchSettings, everyone
from aggregator.fetch.dns import Resolve, look_up
from aggregator.fetch.host_queue import HostQueue
from aggregator.fetch.kept_client import KeptClient
from aggregator.fetch.messages import Answer, Request, Validators
from aggregator.fetch.sender import Outgoing, Reply, Sender
from aggregator.fetch.url import origin, place_of

__all__ = [
    "Answer",
    "Enter",
    "FetchSettings",
    "Fetcher",
    "HostQueue",
    "KeptClient",
    "Outgoing",
    "Reply",
    "Request",
    "Resolve",
    "Sender",
    "Validators",
    "everyone",
    "look_up",
    "origin",
    "place_of",
]
