"""Sources whose address or headers hold a secret: stored data is cleaned of it, and a source that was published before
stays published, with its address masked."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from aggregator.app import App
from aggregator.clean.scrub import scrub_about
from aggregator.codec import digest, pack, unpack
from aggregator.config import SourceConfig
from aggregator.model.document import FeedInfo
from aggregator.model.problems import Problem
from aggregator.report import Report
from aggregator.store import SourceRow, Transaction
from aggregator.store.fact_names import EXPOSED_REPORTED, HIDDEN_KINDS, PUBLISHED_BEFORE
from aggregator.text.counts import count_of
from aggregator.text.masking import MASK
from aggregator.text.urls import host_of

PUBLISHED = (
    "its address contains {variables}; it stays in the feeds, because it was published before, and they show the"
    " address {url}: write `publish: true` to keep it, or `publish: false`"
)
IN_HOST = (
    "the host of its address contains {variables}, so links to that host are left out; write the host itself if it is"
    " no secret"
)
IN_IDS = (
    "the secret stands in ids of {entries}; they stay, because new ids would show readers each entry again: change the"
    " key where it was issued"
)
IN_ID = (
    "its id is made of the value of {variables}, and stays: rename it (`aggregator source rename OLD NEW`), and change"
    " the key where it was issued"
)


@dataclass(frozen=True, slots=True)
class Exposed:
    """A consequence of a source's secret that its keeper should know."""

    source: SourceConfig
    message: str


def published_before(app: App, tx: Transaction) -> frozenset[str]:
    """Ids of the sources that stay published though their addresses contain variables, because they were before."""
    fact = tx.facts.get(PUBLISHED_BEFORE)
    if fact:
        return frozenset(json.loads(fact))
    rows = {row.id: row for row in tx.sources.all()}
    return frozenset(one.id for one in app.sources if one.has_variable and (row := rows.get(one.id)) and row.published)


def is_published(source: SourceConfig, before: Collection[str]) -> bool:
    """By the config, else as before."""
    stays = source.publish is None and not source.has_secret_headers and source.id in before
    return source.is_published or stays


def why_unpublished(app: App, source_id: str) -> str:
    """Why the source is in no feed."""
    found = next((one for one in app.sources if one.id == source_id and one.has_variable), None)
    other = f"{found.variables} in its address" if found else "auth or headers"
    return f"publish: false, or {other}"


def keep_published(app: App, tx: Transaction) -> frozenset[str]:
    """Stores `published_before` once: sources added later are unpublished by default."""
    before = published_before(app, tx)
    if not tx.facts.get(PUBLISHED_BEFORE):
        tx.facts.set(PUBLISHED_BEFORE, json.dumps(sorted(before)))
    return before


def set_published(tx: Transaction, ids: Collection[str]) -> None:
    """Sources found in a published tree stay published; their stored data may hold secrets, so it is cleaned again."""
    tx.facts.set(PUBLISHED_BEFORE, json.dumps(sorted(ids)))
    tx.facts.set(HIDDEN_KINDS, "")


def follow_rename(tx: Transaction, old: str, new: str) -> None:
    """Moves what is stored about a source to its new id."""
    for fact in (PUBLISHED_BEFORE, HIDDEN_KINDS, EXPOSED_REPORTED):
        known = json.loads(tx.facts.get(fact) or "null")
        if known and old in known:
            renamed = [new if one == old else one for one in known]
            values = dict(zip(renamed, known.values(), strict=True)) if isinstance(known, dict) else renamed
            tx.facts.set(fact, json.dumps(values))


def clean_new_secrets(app: App, tx: Transaction) -> set[str]:
    """For sources with kinds of secrets that stored data was not cleaned of yet: marks that data to be cleaned again,
    and voids the archive pages that hold it. Returns the ids of these sources."""
    now = {one.id: _secret_kind(one) for one in app.sources if _has_secret(one)}
    before: dict[str, str] = json.loads(tx.facts.get(HIDDEN_KINDS) or "{}")
    changed = {id_ for id_, kind in now.items() if before.get(id_) != kind}
    for row in tx.sources.all() if changed else ():
        if row.id in changed:
            source = app.feed_source(row.id)
            _clean_about(tx, row, source)
            tx.sightings.outdate(row.id)
            tx.feeds.mark_dirty_of_sources([row.id])
            if source.public_url != source.url:
                tx.archives.void(tx.sightings.entries_of_sources([row.id]))
    if now != before:
        tx.facts.set(HIDDEN_KINDS, json.dumps(now))
    return changed


def _has_secret(source: SourceConfig) -> bool:
    return bool(source.hidden) or source.public_url != source.url


def _secret_kind(source: SourceConfig) -> str:
    """Names the places of secrets, not their values: after a new key nothing is left to clean of the old one."""
    return digest([source.public_url, source.has_variable, bool(source.auth), sorted(source.headers)])


def _clean_about(tx: Transaction, row: SourceRow, source: SourceConfig) -> None:
    about = unpack(row.about, FeedInfo) if row.about else FeedInfo()
    clean = scrub_about(about, source.hidden)
    if clean != about:
        tx.sources.change(row.id, about=pack(clean))


def report_exposed(app: App, tx: Transaction, report: Report) -> None:
    """Reports the consequences of each source's secrets once."""
    reported: list[str] = json.loads(tx.facts.get(EXPOSED_REPORTED) or "[]")
    secret = {one.id for one in app.sources if _has_secret(one)}
    if secret <= set(reported):
        return
    report.add_problems(Problem(one.source.id, "config", one.message) for one in exposed(app, tx, but=reported))
    tx.facts.set(EXPOSED_REPORTED, json.dumps(sorted({*reported, *secret})))


def exposed(app: App, tx: Transaction, *, but: Collection[str] = ()) -> Iterator[Exposed]:
    """The consequences of the secrets of all sources, `but` these."""
    before = published_before(app, tx)
    for source in app.sources:
        if source.id not in but and _has_secret(source):
            values = {"variables": source.variables, "url": source.public_url}
            if not source.is_published and is_published(source, before):
                yield Exposed(source, PUBLISHED.format_map(values))
            if MASK in host_of(source.public_url):
                yield Exposed(source, IN_HOST.format_map(values))
            if source.id in app.config.kept_ids:
                yield Exposed(source, IN_ID.format_map(values))
            if count := sum(map(source.hidden.holds, tx.entries.public_ids_of(source.id))):
                yield Exposed(source, IN_IDS.format(entries=count_of(count, "entry", "entries")))
