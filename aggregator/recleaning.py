"""Sightings derived by other rules than today's, derived again from their drafts; never an edit."""

import asyncio
from collections.abc import Sequence

from aggregator.codec import unpack
from aggregator.house import House
from aggregator.isolation import Isolation
from aggregator.models import Clean
from aggregator.optout import blocks
from aggregator.placing import terms_of
from aggregator.refine import clean_again, rules_version
from aggregator.report import Progress
from aggregator.store import Transaction

AT_ONCE = 100  # drafts in one call
OUTDATED = "rules of what was dropped"


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
        for id_, clean in cleans:
            _replace(tx, id_, clean, version)


def _replace(tx: Transaction, sighting_id: int, packed: bytes, version: str) -> None:
    clean = unpack(packed, Clean)
    tx.sightings.change(
        sighting_id,
        {
            "clean": packed,
            "terms": terms_of(clean),
            "opt_out": blocks(clean.extras),
            "digest": clean.digest,
            "whole": clean.fingerprint.whole,
            "body": clean.fingerprint.body,
            "title": clean.fingerprint.title,
            "link": clean.link,
            "canonical": clean.canonical,
            "rules_version": version,
        },
    )
