"""Derives sightings of older cleaning rules again from their drafts. That is never an edit."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aggregator.app import App
from aggregator.clean.opt_out import blocks
from aggregator.clean.version import cleaning_version
from aggregator.codec import unpack
from aggregator.merge.named_sources import NamedSources, name_of
from aggregator.merge.placement import terms_of
from aggregator.model.document import FeedInfo
from aggregator.model.entry import CleanEntry
from aggregator.report import Progress
from aggregator.settings import content_settings
from aggregator.store import SightingRow, SourceRow, Transaction
from aggregator.store.fact_names import RULES_OF_DROPPED, SOURCES_TO_DECIDE
from aggregator.text.masking import Hidden
from aggregator.worker_pool import WorkerPool

if TYPE_CHECKING:  # slow to load, and seldom needed
    from aggregator.pull.process import ProcessedEntry, StoredDraft

BATCH_SIZE = 100  # drafts in one call


@dataclass(frozen=True, slots=True)
class Group:
    """Drafts for one call. `secret`: those of sources with secrets, which are removed from the stored draft, too."""

    plain: list[tuple[int, bytes]]
    secret: "list[StoredDraft]"


async def clean_stale(
    app: App, pool: WorkerPool, *, everything: bool = False, progress: Progress = lambda _: None
) -> None:
    """Cleans again every draft that other rules were applied to, or `everything`, in worker processes."""
    version, settings = cleaning_version(content_settings(app.config)), content_settings(app.config)
    await asyncio.to_thread(_outdate, app, version)
    after = 0
    while True:
        groups, after = await asyncio.to_thread(_stale, app, "" if everything else version, after)
        if not groups:
            return
        from aggregator.pull.process import clean_again, scrub_again

        plain = [pool.call(clean_again, group.plain, settings) for group in groups if group.plain]
        secret = [pool.call(scrub_again, group.secret, settings) for group in groups if group.secret]
        cleaned, scrubbed = await asyncio.gather(asyncio.gather(*plain), asyncio.gather(*secret))
        changes: dict[int, tuple[bytes, dict[str, Any]]]
        changes = {id_: (packed, {}) for group in cleaned for id_, packed in group}
        changes |= {id_: _scrubbed(entry) for group in scrubbed for id_, entry in group}
        await asyncio.to_thread(_change_all, app, changes, version)
        progress("")


def _outdate(app: App, version: str) -> None:
    """Handles pruned sightings once for each version, not with every run."""
    with app.store.read() as tx:
        if tx.facts.get(RULES_OF_DROPPED) == version:
            return
    with app.store.write() as tx:
        tx.retention.outdate(version)
        tx.facts.set(RULES_OF_DROPPED, version)


def _stale(app: App, version: str, after: int) -> tuple[list[Group], int]:
    """The next groups of drafts after the sighting id `after`, and the last id in them."""
    groups: list[Group] = []
    hidden = {one.id: one.hidden for one in app.sources if one.hidden}
    with app.store.read() as tx:
        rows = tx.sources.all() if hidden else ()
        homes = {row.id: _home(row, hidden[row.id]) for row in rows if row.id in hidden}
        for _ in range(8):
            group = tx.sightings.stale(version, after, BATCH_SIZE)
            if not group:
                break
            from aggregator.pull.process import StoredDraft

            after = group[-1][0]
            plain = [(id_, draft) for id_, source_id, draft in group if source_id not in homes]
            secret = [StoredDraft(id_, draft, homes[of], hidden[of]) for id_, of, draft in group if of in homes]
            groups.append(Group(plain, secret))
    return groups, after


def _home(row: SourceRow, hidden: Hidden) -> str:
    link = unpack(row.about, FeedInfo).link if row.about else ""
    return "" if hidden.holds(link) else link


def _scrubbed(entry: "ProcessedEntry") -> tuple[bytes, dict[str, Any]]:
    """The clean entry, and the draft, too: a later cleaning may not know the secret any more, and would bring it
    back."""
    assert entry.clean is not None  # noqa: S101 - nothing was known
    return entry.clean, {
        "draft": entry.draft,
        "item": entry.item,
        "upstream_id": unpack(entry.clean, CleanEntry).id,
    }


def _change_all(app: App, changes: Mapping[int, tuple[bytes, dict[str, Any]]], version: str) -> None:
    """`changes`: by sighting, the clean entry, and other columns."""
    to_decide = set()
    with app.store.write() as tx:
        before = {row.id: row for row in tx.sightings.light(changes)}
        named = NamedSources(app, {row.id: row for row in tx.sources.all()})
        for id_, (packed, more) in changes.items():
            clean = unpack(packed, CleanEntry)
            if clean.source and _is_named_anew(named, tx, before[id_], clean.source):
                to_decide.add(before[id_].source_id)
            tx.sightings.change(id_, _derived(clean, packed, version) | more)
            if clean.digest != before[id_].digest:
                tx.entries.redigest(id_, before[id_].digest, clean.digest)
        if to_decide:
            tx.facts.add_lines(SOURCES_TO_DECIDE, to_decide)


def _is_named_anew(named: NamedSources, tx: Transaction, row: SightingRow, about: FeedInfo) -> bool:
    """Whether the new rules find that the sighting is an entry of another source, or our own, returned."""
    if row.origin == name_of(about):
        return False
    if named.source_of(name_of(about)) not in {"", row.source_id}:
        return True
    others = any(not one.echo and one.source_id != row.source_id for one in tx.sightings.light_of(row.entry_id))
    is_ours = named.is_ours(tx, about) or named.may_be_ours(tx, about)  # another source shows it, too
    is_echo = others and not row.path and is_ours
    if is_echo:  # an entry that no other source shows stays as it was published
        tx.sightings.change(row.id, {"echo": True})
    return is_echo


def _derived(clean: CleanEntry, packed: bytes, version: str) -> dict[str, Any]:
    return {
        "clean": packed,
        "terms": terms_of(clean),
        "opt_out": blocks(clean.extras),
        "origin": name_of(clean.source),
        "digest": clean.digest,
        "whole": clean.fingerprint.whole,
        "body": clean.fingerprint.body,
        "title": clean.fingerprint.title,
        "link": clean.link,
        "canonical": clean.canonical,
        "rules_version": version,
    }
