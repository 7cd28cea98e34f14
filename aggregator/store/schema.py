"""The whole schema: every table, in one metadata.

Import tables from here, so that `metadata` has them all.
"""

from sqlalchemy import Column, String, Table

from aggregator.store.tables.categories import category, category_departure, category_source, entry_category
from aggregator.store.tables.entries import band, entry, override, removal, sighting, signature
from aggregator.store.tables.feeds import archive_entry, archive_page, feed, published_file, rendered, withdrawal
from aggregator.store.tables.hub import delivery, hub_request, hub_subscription, hub_tally, ping, subscription
from aggregator.store.tables.metadata import metadata
from aggregator.store.tables.sources import (
    STANDING,
    arrival,
    health,
    health_event,
    host,
    kept_answer,
    post_file,
    pull,
    read_markup,
    reading_list,
    source,
)
from aggregator.store.tables.workers import host_lease, lease, pull_round, worker

__all__ = [
    "STANDING",
    "archive_entry",
    "archive_page",
    "arrival",
    "band",
    "category",
    "category_departure",
    "category_source",
    "delivery",
    "entry",
    "entry_category",
    "fact",
    "feed",
    "health",
    "health_event",
    "host",
    "host_lease",
    "hub_request",
    "hub_subscription",
    "hub_tally",
    "kept_answer",
    "lease",
    "metadata",
    "override",
    "ping",
    "post_file",
    "published_file",
    "pull",
    "pull_round",
    "read_markup",
    "reading_list",
    "removal",
    "rendered",
    "sighting",
    "signature",
    "source",
    "subscription",
    "withdrawal",
    "worker",
]

# Single facts about the whole state: their names and values are in facts.py.
fact = Table("fact", metadata, Column("name", String, primary_key=True), Column("value", String, nullable=False))
