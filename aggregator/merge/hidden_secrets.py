"""What changes for a source whose address, or whose headers, hold a secret: what was stored is cleaned of it, and what
was published before goes on being published, masked."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from aggregator.app import App
from aggregator.clean.scrub import scrub_about
from aggregator.codec import digest, pack, unpack
from aggregator.config import SourceConfig
from aggregator.model.entry import FeedInfo, Problem
from aggregator.report import Report
from aggregator.store import SourceRow, Transaction
from aggregator.text.masking import MASK
from aggregator.text.urls import host_of

# Facts of the state.
OPEN = "published with a variable"  # ids: published before an address with a variable was kept back by default
SHAPES = "hidden"  # by source: what kinds of secrets were cleaned out of what is stored
TOLD = "told of hidden"  # what was said already, of each source once

PUBLISHED = (
    "{variables} stands in its address; it stays in the feeds, since it was there before, and everybody is shown"
    " {url}; write `publish: true` to keep it so, or `publish: false`"
)
IN_HOST = (
    "{variables} stands in the host of its address, so links to that host are left out; write the host itself if it is"
    " no secret"
)
IN_IDS = (
    "{count} of its entries have ids that hold what is secret; these stay, since with others readers would be shown"
    " each entry again: change the key where it was given out"
)
IN_ID = (
    "its id is made of what {variables} holds, and stays: give it another (`aggregator source rename`), and change the"
    " key where it was given out"
)


@dataclass(frozen=True, slots=True)
class Exposed:
    """What a keeper should know of a source's secret: that something of it is public, or what it takes along."""

    source: SourceConfig
    message: str


def published_before(app: App, tx: Transaction) -> frozenset[str]:
    """Ids of the sources that stay published by what the state says, though their addresses hold variables."""
    fact = tx.facts.get(OPEN)
    if fact:
        return frozenset(json.loads(fact))
    rows = {row.id: row for row in tx.sources.all()}
    return frozenset(one.id for one in app.sources if one.has_variable and (row := rows.get(one.id)) and row.published)


def is_published(source: SourceConfig, before: Collection[str]) -> bool:
    """By the config, else by what it was before."""
    stays = source.publish is None and not source.has_secret_headers and source.id in before
    return source.is_published or stays


def kept_back(app: App, source_id: str) -> str:
    """Why the source may be in no feed."""
    found = next((one for one in app.sources if one.id == source_id and one.has_variable), None)
    other = f"{found.variables} in its address" if found else "auth or headers"
    return f"publish: false, or {other}"


def keep_published(app: App, tx: Transaction) -> frozenset[str]:
    """Remembers them, once and for all: what comes later is kept back by default."""
    before = published_before(app, tx)
    if not tx.facts.get(OPEN):
        tx.facts.set(OPEN, json.dumps(sorted(before)))
    return before


def stay_published(tx: Transaction, ids: Collection[str]) -> None:
    """What a published tree holds was published before the state that knew it was lost; it may hold secrets."""
    tx.facts.set(OPEN, json.dumps(sorted(ids)))
    tx.facts.set(SHAPES, "")


def follow_rename(tx: Transaction, old: str, new: str) -> None:
    """A source that stays published does so under its new id."""
    for fact in (OPEN, SHAPES, TOLD):
        known = json.loads(tx.facts.get(fact) or "null")
        if known and old in known:
            renamed = [new if one == old else one for one in known]
            values = dict(zip(renamed, known.values(), strict=True)) if isinstance(known, dict) else renamed
            tx.facts.set(fact, json.dumps(values))


def hide_anew(app: App, tx: Transaction) -> set[str]:
    """Of sources that hold secrets of a kind that nothing stored was cleaned of: what is stored is to be cleaned again,
    and nothing of them may go on standing where it was sealed. Returns their ids."""
    now = {one.id: _shape(one) for one in app.sources if _has_secret(one)}
    before: dict[str, str] = json.loads(tx.facts.get(SHAPES) or "{}")
    changed = {id_ for id_, shape in now.items() if before.get(id_) != shape}
    for row in tx.sources.all():
        if row.id in changed:
            source = app.feed_source(row.id)
            _clean_about(tx, row, source)
            tx.sightings.outdate(row.id)
            tx.feeds.mark_dirty_of_source(row.id)
            if source.public_url != source.url:
                tx.archives.void(tx.sightings.entries_of_sources([row.id]))
    if now != before:
        tx.facts.set(SHAPES, json.dumps(now))
    return changed


def _has_secret(source: SourceConfig) -> bool:
    return bool(source.hidden) or source.public_url != source.url


def _shape(source: SourceConfig) -> str:
    """Not of what is secret: a new key finds nothing to clean, since the old one is nowhere."""
    return digest([source.public_url, source.has_variable, bool(source.auth), sorted(source.headers)])


def _clean_about(tx: Transaction, row: SourceRow, source: SourceConfig) -> None:
    about = unpack(row.about, FeedInfo) if row.about else FeedInfo()
    clean = scrub_about(about, source.hidden)
    if clean != about:
        tx.sources.change(row.id, about=pack(clean))


def tell(app: App, tx: Transaction, report: Report) -> None:
    """What became public, or stays so: of each source once."""
    told: list[str] = json.loads(tx.facts.get(TOLD) or "[]")
    secret = {one.id for one in app.sources if _has_secret(one)}
    if secret <= set(told):
        return
    report.add_problems(Problem(one.source.id, "config", one.message) for one in exposed(app, tx, but=told))
    tx.facts.set(TOLD, json.dumps(sorted({*told, *secret})))


def exposed(app: App, tx: Transaction, *, but: Collection[str] = ()) -> Iterator[Exposed]:
    """What is to be said of what the config keeps secret, of all sources `but` these."""
    before = published_before(app, tx)
    for source in app.sources:
        if source.id not in but and _has_secret(source):
            said = {"variables": source.variables, "url": source.public_url}
            if not source.is_published and is_published(source, before):
                yield Exposed(source, PUBLISHED.format_map(said))
            if MASK in host_of(source.public_url):
                yield Exposed(source, IN_HOST.format_map(said))
            if source.id in app.config.kept_ids:
                yield Exposed(source, IN_ID.format_map(said))
            if count := sum(map(source.hidden.holds, tx.entries.public_ids_of(source.id))):
                yield Exposed(source, IN_IDS.format(count=count))
