"""What one whole merge knows of the config and the sources."""

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.app import App
from aggregator.clean.version import cleaning_version
from aggregator.codec import unpack
from aggregator.merge.category_tree import CategoryTree
from aggregator.merge.named_sources import NamedSources
from aggregator.merge.removals import RemovedEntries
from aggregator.model.document import FeedInfo
from aggregator.report import Report
from aggregator.settings import SourcePolicy, content_settings, named_categories, source_policy, spellings
from aggregator.store import SightingSummary, SourceRow, Transaction
from aggregator.store.fact_names import RECOVERED_AT
from aggregator.text.urls import host_of


class Policies(dict[str, SourcePolicy]):
    """Policies by source id, each computed on first use."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __missing__(self, source_id: str) -> SourcePolicy:
        return self.setdefault(source_id, source_policy(self._app.rules, source_id))


class Homes(dict[str, tuple[str, str]]):
    """By source id, the host that it is fetched from and the host of the site that its feed names; each on first use:
    most merges ask for a few."""

    def __init__(self, sources: Mapping[str, SourceRow]) -> None:
        self._sources = dict(sources)

    def __missing__(self, source_id: str) -> tuple[str, str]:
        row = self._sources.get(source_id)
        return self.setdefault(source_id, _homes(row) if row else ("", ""))


@dataclass(frozen=True, slots=True)
class MergeContext:
    """What deciding needs to know of the config and the sources, for one whole merge.

    `left`: feeds that left the config.
    `is_recovered`: the state was rebuilt from the published tree, and not every source was seen again since.
    """

    app: App
    category_tree: CategoryTree
    report: Report
    sources: dict[str, SourceRow]
    left: set[str]
    homes: Homes
    rules_version: str
    is_recovered: bool
    removed_entries: RemovedEntries
    policies: Policies
    named: NamedSources

    def policy(self, source_id: str) -> SourcePolicy:
        return self.policies[source_id]

    def shows(self, source_id: str) -> bool:
        source = self.sources[source_id]
        return source.configured and source.published

    def is_of_other_site(self, row: SightingSummary) -> bool:
        """Whether its source is another site since before it was first seen there."""
        since = self.sources[row.source_id].site_changed_at
        return since is not None and row.first_seen_at >= since

    def origin(self, row: SightingSummary) -> str:
        """Another source of ours that a sighting was taken from, as it says; "" where it names none."""
        found = self.named.source_of(row.origin) if row.origin else ""
        return "" if found == row.source_id else found

    def link_distance(self, source_id: str, canonical: str) -> int:
        """How far a link leads away from its source: 0 = its own host, or a domain above or below; 1 = the site that
        its feed names; 2 = elsewhere."""
        fetched, claimed = self.homes[source_id]
        there = canonical.partition("/")[0].removeprefix("www.")
        return 0 if _is_one_site(fetched, there) else 1 if _is_one_site(claimed, there) else 2


def _is_one_site(host: str, other: str) -> bool:
    return bool(host and other) and (host == other or host.endswith(f".{other}") or other.endswith(f".{host}"))


def open_context(app: App, tx: Transaction, report: Report) -> MergeContext:
    sources = {row.id: row for row in tx.sources.all()}
    claimed = (extra.id for extra in app.config.feeds.extra)
    return MergeContext(
        app=app,
        category_tree=CategoryTree(tx, claimed, spellings(app.rules), named_categories(app.rules)),
        report=report,
        sources=sources,
        left={id_ for id_, row in sources.items() if row.kind == "feed" and not row.configured},
        homes=Homes(sources),
        rules_version=cleaning_version(content_settings(app.config)),
        is_recovered=bool(tx.facts.get(RECOVERED_AT)),
        removed_entries=RemovedEntries.of(app, tx),
        policies=Policies(app),
        named=NamedSources(app, sources),
    )


def _homes(source: SourceRow) -> tuple[str, str]:
    home = unpack(source.about, FeedInfo).link if source.about else ""
    return host_of(source.url).removeprefix("www."), host_of(home).removeprefix("www.")
