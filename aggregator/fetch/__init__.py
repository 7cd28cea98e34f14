"""Asking an address for its feed: politely, within bounds, and never an address that is none of our business."""

from aggregator.fetch.address import origin, place_of
from aggregator.fetch.client import Fetcher, FetchSettings
from aggregator.fetch.hosts import Hosts
from aggregator.fetch.lookup import Resolve, look_up
from aggregator.fetch.messages import Answer, Request, Validators

__all__ = [
    "Answer",
    "FetchSettings",
    "Fetcher",
    "Hosts",
    "Request",
    "Resolve",
    "Validators",
    "look_up",
    "origin",
    "place_of",
]
