"""Sightings derived by other rules than today's, derived again from their drafts; never an edit."""

import asyncio
from collections.abc import Sequence

from aggregator.codec import unpack
from aggregator.house import House
from aggregator.isolation import Isolation
from aggregator.models import About, Clean
from aggregator.named_source import NamedSources, name_of
from aggregator.optout import blocks
from aggregator.placing import terms_of
from aggregator.refine import clean_again, rules_version
from aggregator.report import Progress
from aggregator.store import SightingRow, Transaction

AT_ONCE = 100  # drafts in one call
OUTDATED = "rules of what was dropped"
FACT_OTHERWISE = "shown otherwise"  # sources whose entries are to be decided anew


async def clean_stale(
    house: House, isolation: Isolation, *, everything: bool = False, progress: Progress = lambda _: None
) -> None:
    """Every draft that other rules were applied to (or all of them) is cleaned again, in isolation."""
    version, settings = rules_version(house.content()), house.content()
    await asyncio.to_thread(_outdate, house, version)
    after = 0
    while True:
        groups, after = await asyncio.to_thread(_stale, house, "" if everything else version, after)
        if not groups:
            return
        done = await asyncio.gather(*(isolation.call(clean_again, group, settings) for group in groups))
        await asyncio.to_thread(_replace_all, house, [one for group in done for one in group], version)
        progress("")


def _outdate(house: House, version: str) -> None:
    """What was dropped is not looked for with every run."""
    with house.store.read() as tx:
        if tx.facts.get(OUTDATED) == version:
            return
    with house.store.write() as tx:
        tx.retention.outdate(version)
        tx.facts.set(OUTDATED, version)


def _stale(house: House, version: str, after: int) -> tuple[list[list[tuple[int, bytes]]], int]:
    """The next groups of drafts, by number, and after which number to go on."""
    groups = []
    with house.store.read() as tx:
        for _ in range(8):
            group = tx.sightings.stale(version, after, AT_ONCE)
            if not group:
                break
            after = group[-1][0]
            groups.append([(id_, draft) for id_, _, draft in group])
    return groups, after


def _replace_all(house: House, cleans: Sequence[tuple[int, bytes]], version: str) -> None:
    with house.store.write() as tx:
        before = {row.id: row for row in tx.sightings.light(id_ for id_, _ in cleans)}
        otherwise = set()
        for id_, packed in cleans:
            clean = unpack(packed, Clean)
            if clean.source and _is_named_anew(house, tx, before[id_], clean.source):
                otherwise.add(before[id_].source_id)
            _replace(tx, before[id_], packed, clean, version)
        if otherwise:
            tx.facts.set(FACT_OTHERWISE, "\n".join(sorted({*tx.facts.get(FACT_OTHERWISE).split(), *otherwise})))


def _is_named_anew(house: House, tx: Transaction, row: SightingRow, about: About) -> bool:
    """Whether it is known only now that the sighting is another source's entry, or ours, come back."""
    if row.origin == name_of(about):
        return False
    named = NamedSources(house, {one.id: one for one in tx.sources.all()})
    if named.source_of(name_of(about)) not in {"", row.source_id}:
        return True
    others = any(not one.echo and one.source_id != row.source_id for one in tx.sightings.light_of(row.entry_id))
    is_ours = named.is_ours(tx, about) or named.may_be_ours(tx, about)  # it was found to be what another source shows
    is_echo = others and not row.path and is_ours
    if is_echo:  # what is shown by nobody else stays, as it was published
        tx.sightings.change(row.id, {"echo": True})
    return is_echo


def _replace(tx: Transaction, row: SightingRow, packed: bytes, clean: Clean, version: str) -> None:
    tx.sightings.change(
        row.id,
        {
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
        },
    )
    if clean.digest != row.digest:
        tx.entries.redigest(row.id, row.digest, clean.digest)
