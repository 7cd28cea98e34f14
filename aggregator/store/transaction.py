"""A transaction of the state. Each of its attributes serves one table or a few; its module is loaded when it is first
used: many commands need four of thirty, and they make two hundred statements.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from aggregator.store.archives import Archives
    from aggregator.store.arrivals import Arrivals
    from aggregator.store.categories import Categories
    from aggregator.store.changes import Changes
    from aggregator.store.deliveries import Deliveries
    from aggregator.store.departures import Departures
    from aggregator.store.entries import Entries
    from aggregator.store.facts import Facts
    from aggregator.store.feed_members import FeedMembers
    from aggregator.store.feeds import Feeds
    from aggregator.store.first_answers import FirstAnswers
    from aggregator.store.gone_sightings import GoneSightings
    from aggregator.store.health import Health
    from aggregator.store.held_entries import HeldEntries
    from aggregator.store.hosts import Hosts
    from aggregator.store.hub_requests import HubRequests
    from aggregator.store.hub_subscriptions import HubSubscriptions
    from aggregator.store.leases import Leases
    from aggregator.store.lookups import Lookups
    from aggregator.store.overrides import Overrides
    from aggregator.store.pings import Pings
    from aggregator.store.post_files import PostFiles
    from aggregator.store.published_files import PublishedFiles
    from aggregator.store.pulls import Pulls
    from aggregator.store.read_markups import ReadMarkups
    from aggregator.store.reading_lists import ReadingLists
    from aggregator.store.removals import Removals
    from aggregator.store.rendered import Rendered
    from aggregator.store.retention import Retention
    from aggregator.store.rounds import Rounds
    from aggregator.store.rows import Rows
    from aggregator.store.shown_entries import ShownEntries
    from aggregator.store.sighting_summaries import SightingSummaries
    from aggregator.store.sightings import Sightings
    from aggregator.store.signatures import Signatures
    from aggregator.store.site_memories import SiteMemories
    from aggregator.store.sources import Sources
    from aggregator.store.subscriptions import Subscriptions
    from aggregator.store.terms import Terms
    from aggregator.store.times import Times
    from aggregator.store.withdrawals import Withdrawals
    from aggregator.store.workers import Workers

PARTS = {  # attribute of Transaction → its class
    "facts": "facts.Facts",
    "sources": "sources.Sources",
    "pulls": "pulls.Pulls",
    "arrivals": "arrivals.Arrivals",
    "posts": "post_files.PostFiles",
    "sightings": "sightings.Sightings",
    "entries": "entries.Entries",
    "categories": "categories.Categories",
    "departures": "departures.Departures",
    "feeds": "feeds.Feeds",
    "files": "published_files.PublishedFiles",
    "overrides": "overrides.Overrides",
    "signatures": "signatures.Signatures",
    "feed_members": "feed_members.FeedMembers",
    "lookups": "lookups.Lookups",
    "changes": "changes.Changes",
    "terms": "terms.Terms",
    "archives": "archives.Archives",
    "hosts": "hosts.Hosts",
    "first_answers": "first_answers.FirstAnswers",
    "read_markups": "read_markups.ReadMarkups",
    "health": "health.Health",
    "lists": "reading_lists.ReadingLists",
    "times": "times.Times",
    "removals": "removals.Removals",
    "rows": "rows.Rows",
    "retention": "retention.Retention",
    "gone_sightings": "gone_sightings.GoneSightings",
    "sighting_summaries": "sighting_summaries.SightingSummaries",
    "shown_entries": "shown_entries.ShownEntries",
    "withdrawals": "withdrawals.Withdrawals",
    "held_entries": "held_entries.HeldEntries",
    "rendered": "rendered.Rendered",
    "site_memories": "site_memories.SiteMemories",
    "subscriptions": "subscriptions.Subscriptions",
    "deliveries": "deliveries.Deliveries",
    "pings": "pings.Pings",
    "hub_requests": "hub_requests.HubRequests",
    "hub_subscriptions": "hub_subscriptions.HubSubscriptions",
    "rounds": "rounds.Rounds",
    "leases": "leases.Leases",
    "workers": "workers.Workers",
}


class Transaction:
    if TYPE_CHECKING:
        facts: Facts
        sources: Sources
        pulls: Pulls
        arrivals: Arrivals
        posts: PostFiles
        sightings: Sightings
        entries: Entries
        categories: Categories
        departures: Departures
        feeds: Feeds
        files: PublishedFiles
        overrides: Overrides
        signatures: Signatures
        feed_members: FeedMembers
        lookups: Lookups
        changes: Changes
        terms: Terms
        archives: Archives
        hosts: Hosts
        first_answers: FirstAnswers
        read_markups: ReadMarkups
        health: Health
        lists: ReadingLists
        times: Times
        removals: Removals
        rows: Rows
        retention: Retention
        gone_sightings: GoneSightings
        sighting_summaries: SightingSummaries
        shown_entries: ShownEntries
        withdrawals: Withdrawals
        held_entries: HeldEntries
        rendered: Rendered
        site_memories: SiteMemories
        subscriptions: Subscriptions
        deliveries: Deliveries
        pings: Pings
        hub_requests: HubRequests
        hub_subscriptions: HubSubscriptions
        rounds: Rounds
        leases: Leases
        workers: Workers

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        """Makes the part that is used for the first time."""
        if name not in PARTS:
            raise AttributeError(f"a transaction has no {name}")
        module, _, kind = PARTS[name].partition(".")
        part = getattr(import_module(f"aggregator.store.{module}"), kind)(self._connection)
        setattr(self, name, part)
        return part
