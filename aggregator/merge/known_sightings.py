"""Reads the known sightings of a source that its arriving entries could be: each by an index, and a bounded number."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from aggregator.codec import unpack
from aggregator.dedup import Arriving, Known, Match
from aggregator.dedup.document_state import MOST_ALIKE
from aggregator.dedup.generic_titles import is_generic
from aggregator.model.entry import CleanEntry
from aggregator.store import SightingRow, Transaction
from aggregator.text.comparable_address import comparable_address

RENUMBERED = "; now under another id: "  # stands between the reason for the entry and that for its latest id
LOOKUP_KEYS = ("item", "upstream_id", "canonical", "path", "whole", "body")
LOOKUP_KEYS_AGAIN = ("upstream_id", "canonical", "path")  # of an entry that did not change


def find_known(
    tx: Transaction, source_id: str, arriving: Sequence[Arriving], home: str, again: Sequence[SightingRow]
) -> dict[int, SightingRow]:
    """Sightings of the source by number, in merge order, without blobs. `home`: the canonical form of its home page;
    `again`: those of them that were read already."""
    items = {row.item for row in again}
    changed = [one for one in arriving if one.item not in items]
    same = [one for one in arriving if one.item in items]
    found = {row.id: row for row in (*again, *tx.sightings.find(source_id, _keys(changed, same), again))}
    for row in _less_alike(tx, source_id, arriving, found.values(), home):
        found.setdefault(row.id, row)
    return dict(sorted(found.items()))


def known_sighting(
    row: SightingRow, *, last_seen_at: datetime | None = None, on_own_host: bool = False, origin: str = ""
) -> Known:
    """A sighting as matching knows it. `last_seen_at`: where it was seen later than its row says."""
    return Known(
        id=row.id,
        source_id=row.source_id,
        entry_id=row.entry_id,
        item=row.item,
        upstream_id=row.upstream_id,
        canonical=row.canonical,
        path=row.path,
        title=row.title,
        whole=row.whole,
        body=row.body,
        claimed=row.claimed,
        last_seen_at=last_seen_at or row.last_seen_at,
        on_own_host=on_own_host,
        origin=origin,
        gone=row.gone_at is not None,
        recovered_id=row.upstream_id if row.recalled else "",
    )


def arriving_again(row: SightingRow) -> Arriving:
    """A known sighting as an arriving entry, without its text and enclosures."""
    return Arriving(
        item=row.item,
        upstream_id=row.upstream_id,
        canonical=row.canonical,
        path=row.path,
        title=row.title,
        whole=row.whole,
        body=row.body,
        claimed=row.claimed,
        minting_link=row.canonical,
    )


def reason_again(row: SightingRow, decision: Match) -> str:
    """Why it is what it is, with the reason for its latest id where the old one is another entry's."""
    if not decision.renumbered:
        return row.reason
    return f"{row.reason.partition(RENUMBERED)[0]}{RENUMBERED}{decision.reason}"


def enclosures(clean: CleanEntry, tracking: tuple[str, ...]) -> tuple[str, ...]:
    """The comparable forms of the addresses of its enclosures."""
    return tuple(comparable_address(one.href, tracking) for one in clean.enclosures)


def known_enclosures(tx: Transaction, sighting_id: int, tracking: tuple[str, ...]) -> tuple[str, ...]:
    return enclosures(unpack(tx.sightings.clean(sighting_id), CleanEntry), tracking)


def _keys(changed: Sequence[Arriving], same: Sequence[Arriving]) -> dict[str, list[str]]:
    """`same`: entries that did not change. Their own sightings are known; others may have their ids and links."""
    looked_up = {name: [*changed, *(same if name in LOOKUP_KEYS_AGAIN else ())] for name in LOOKUP_KEYS}
    keys = {name: sorted({getattr(one, name) for one in ones}) for name, ones in looked_up.items()}
    keys["upstream_id"] += [one.recovered_id for one in changed if one.recovered_id]
    keys["canonical"] += [alias for one in changed for alias in one.aliases]
    nameless = (one for one in changed if not (one.upstream_id or one.canonical or one.path))
    return keys | {"title": sorted({one.title for one in nameless})}


def _less_alike(
    tx: Transaction, source_id: str, arriving: Sequence[Arriving], known: Iterable[SightingRow], home: str
) -> Iterator[SightingRow]:
    """Sightings with the title of an arriving entry that nothing else identifies, and with the date of the only one."""
    items, ids, links = set(), set(), set()
    for row in known:
        items.add(row.item)
        ids.add(row.upstream_id)
        links.add(row.canonical)
    changed = [one for one in arriving if one.item not in items and not one.path]
    strange = [one for one in changed if (one.upstream_id or one.canonical) not in (ids if one.upstream_id else links)]
    titles, shown = Counter(one.title for one in arriving), Counter(one.canonical for one in arriving)
    unlinked = [one for one in changed if one.canonical in {"", home} or shown[one.canonical] > 1]
    wanted = {one.title for one in (*strange, *unlinked) if titles[one.title] == 1 and not is_generic(one.title)}
    yield from tx.sightings.titled(source_id, sorted(wanted), MOST_ALIKE)
    if len(strange) == 1 and (at := strange[0].claimed):
        yield from tx.sightings.standing_at(source_id, at)
