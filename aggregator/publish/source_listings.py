"""The published sources, as the index and their own pages tell of them."""

import json
from collections.abc import Iterator

from aggregator.app import App
from aggregator.codec import digest
from aggregator.model.published import SourceListing
from aggregator.publish.source_names import about_source, page_id, source_name
from aggregator.status.record import STATE_EVENTS
from aggregator.status.redact import Redactor
from aggregator.status.source_state import state_of
from aggregator.store import HealthRow, SourceRow, Transaction, fact_names

SIZE = 16  # characters of a digest


def source_listings(app: App, tx: Transaction) -> Iterator[SourceListing]:
    """The feed sources that are published, in config order. Their state is the recorded health, so that a passing error
    does not change the index."""
    health, last, shown = tx.health.all(), tx.health.latest(STATE_EVENTS), Redactor(app)
    has_pages = app.config.feeds.per_source and app.config.feeds.pages != "none"
    for row in tx.sources.all():
        if row.configured and row.published and row.kind == "feed":
            one = _listing(row, health.get(row.id), shown, app.config.site.title)
            says = last.get(row.id, "") if one.state in {"failing", "gone", "silent"} and shown.is_public(row) else ""
            page = f"{page_id(row.id)}/index.html" if has_pages else ""
            yield SourceListing(row.id, one.title, one.link, one.state, one.since, one.feed, page, says)


def _listing(row: SourceRow, known: HealthRow | None, shown: Redactor, site_title: str) -> SourceListing:
    name = source_name(row, site_title, shown.plain_address(row))
    link, feed = about_source(row).link, shown.public_address(row)
    state = state_of(row, known)
    if state in {"failing", "gone", "paused"}:
        return SourceListing(row.id, name, link, state, row.state_since, feed)
    if known and known.silent:
        return SourceListing(row.id, name, link, "silent", known.heard_at, feed)
    return SourceListing(row.id, name, link, state, None, feed)


def mark_changed_sources(app: App, tx: Transaction) -> None:
    """Marks the pages of sources dirty of which something else is to be told than when they were rendered."""
    if not app.config.feeds.per_source:
        return
    before = _digests(tx.facts.get(fact_names.SOURCE_PAGES))
    now = {one.id: digest(one)[:SIZE] for one in source_listings(app, tx)}
    if now != before:
        tx.feeds.mark_dirty(ids=(page_id(id_) for id_, shape in now.items() if before.get(id_) != shape))
        tx.facts.set(fact_names.SOURCE_PAGES, json.dumps(now))


def _digests(text: str) -> dict[str, str]:
    """None where the stored text is damaged: then all pages are rendered again."""
    try:
        known = json.loads(text or "{}")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}
