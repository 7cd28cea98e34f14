"""What an entry shows: its winner, its dates, its categories, decided anew from its sightings.

The same function serves a sighting that just arrived, a config that changed and `regenerate`: what differs is only
which entries are asked, and whether a difference may count as an edit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aggregator.categories import Placement, key_of, place_terms
from aggregator.codec import unpack
from aggregator.filters import refusal
from aggregator.house import House, Policy
from aggregator.models import Clean
from aggregator.normalize import acceptable
from aggregator.report import Report
from aggregator.shelf import Shelf
from aggregator.store import EntryRow, SightingRow, SourceRow, Transaction

Placed = dict[int, tuple[int | None, Any]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What deciding needs to know of sources, once for a whole settling.

    `homes`: the host that each source is fetched from, and the one that it says is its site's.
    """

    house: House
    shelf: Shelf
    report: Report
    sources: dict[str, SourceRow]
    homes: dict[str, tuple[str, str]]
    rules_version: str = ""
    recalls: bool = False  # the published tree was learned again, and not all of it was seen since
    _policies: dict[str, Policy] = field(default_factory=dict)

    def policy(self, source_id: str) -> Policy:
        if source_id not in self._policies:
            self._policies[source_id] = self.house.policy(source_id)
        return self._policies[source_id]

    def shows(self, source_id: str) -> bool:
        source = self.sources[source_id]
        return source.configured and source.published

    def strangeness(self, source_id: str, canonical: str) -> int:
        """How far a link leads from its source: 0 to the site that it is fetched from, or one above or below it; 1 to
        the site that it only says is its own; 2 elsewhere."""
        fetched, claimed = self.homes.get(source_id, ("", ""))
        there = canonical.partition("/")[0].removeprefix("www.")
        return 0 if _is_one_site(fetched, there) else 1 if _is_one_site(claimed, there) else 2


def _is_one_site(host: str, other: str) -> bool:
    return bool(host and other) and (host == other or host.endswith(f".{other}") or other.endswith(f".{host}"))


@dataclass(frozen=True, slots=True)
class Shape:
    """One entry before it is decided."""

    entry: EntryRow
    sightings: Sequence[SightingRow]
    placed: Placed


def decide(desk: Desk, tx: Transaction, entry_ids: Iterable[int], at: datetime, *, edits: bool = True) -> None:
    """Decides each entry anew and marks the feeds that may show it otherwise."""
    shapes = _load(tx, sorted(set(entry_ids)))
    placed: dict[int, Placed] = {}
    rows = [_decide(desk, tx, shape, placed, at, edits=edits) for shape in shapes]
    desk.shelf.store_new(tx)
    tx.entries.change(rows)
    tx.entries.place({shape.entry.id: after for shape in shapes if (after := placed[shape.entry.id]) != shape.placed})
    sources = dict.fromkeys(row.source_id for shape in shapes for row in shape.sightings)
    extra = (one.id for one in desk.house.config.feeds.extra)
    if shapes:
        tx.feeds.mark_dirty(ids=["all", *(f"source/{id_}" for id_ in sources), *extra])
    tx.feeds.mark_dirty(categories={id_ for shape in shapes for id_ in (*shape.placed, *placed[shape.entry.id])})


def _load(tx: Transaction, ids: Sequence[int]) -> list[Shape]:
    entries, placed = tx.entries.of(ids), tx.entries.placed(ids)
    sightings: defaultdict[int, list[SightingRow]] = defaultdict(list)
    for row in tx.sightings.of_entries(ids):
        sightings[row.entry_id].append(row)
    return [Shape(entries[id_], sightings[id_], placed[id_]) for id_ in ids]


def _decide(
    desk: Desk, tx: Transaction, shape: Shape, placed: dict[int, Placed], at: datetime, *, edits: bool
) -> EntryRow:
    entry = shape.entry
    cleans = {row.id: unpack(row.clean, Clean) for row in shape.sightings}
    let_in = [row for row in shape.sightings if not _withhold(desk, tx, row, cleans[row.id])]
    shown = [row for row in let_in if desk.shows(row.source_id)]
    winner = choose_winner(desk, shown, cleans)
    placed[entry.id], story = _place(desk, [row for row in shown if not row.recalled], cleans)
    if any(row.recalled for row in shape.sightings):  # its feeds were learned; its terms as they came were not
        placed[entry.id], story = shape.placed | placed[entry.id], story or entry.placements
    values: dict[str, Any] = {"winner_id": None, "placements": story, "page_dirty": True}
    if entry.kept_back == "held" and len({row.source_id for row in shown}) > 1:  # it is new to whoever shows it, too
        entry = replace(entry, kept_back="", kept_back_at=None)
        desk.report.entries.new += 1
    if winner and not entry.kept_back:
        values["winner_id"] = winner.id
        values |= _shown_as(desk, tx, shape, winner, cleans[winner.id])
        if edits and entry.digest not in {"", winner.digest} and _same_source(winner, shape):
            values |= _edited(cleans[winner.id], entry, at)
            desk.report.entries.updated += 1
    return replace(entry, **values)


def choose_winner(desk: Desk, shown: Sequence[SightingRow], cleans: Mapping[int, Clean]) -> SightingRow | None:
    """By `duplicates.prefer`: of the source that it names first, or the longest; else the sighting on its link's own
    site, else of the source that showed the entry first. Of one source, what is still there before what is gone, the
    first of those, the last of these."""
    first_of: dict[str, int] = {}
    for row in shown:
        first_of.setdefault(row.source_id, row.id)
    several = len(first_of) > 1

    def rank(row: SightingRow) -> tuple[int, int, int, bool, int]:
        preferred = _preference(desk.house.config.duplicates.prefer, row, cleans[row.id]) if several else 0
        elsewhere = desk.strangeness(row.source_id, row.canonical) if several else 0
        gone = row.gone_at is not None
        return preferred, elsewhere, first_of[row.source_id], gone, -row.id if gone else row.id

    return min(shown, key=rank, default=None)


def _preference(prefer: str | tuple[str, ...], row: SightingRow, clean: Clean) -> int:
    """The smaller the better."""
    if prefer == "longest":
        return -len(clean.fingerprint.text)
    is_named = not isinstance(prefer, str) and row.source_id in prefer
    return prefer.index(row.source_id) if is_named else len(prefer)


def _withhold(desk: Desk, tx: Transaction, row: SightingRow, clean: Clean) -> str:
    """Why this sighting is not shown, "" where it is; remembered for who asks."""
    policy = desk.policy(row.source_id)
    is_gone = policy.drops_gone and row.gone_at is not None
    states = {"echo": row.echo, "deleted": row.deleted_at is not None, "gone": is_gone}
    why = next((word for word, holds in states.items() if holds), "")
    why = why or refusal(clean, policy.include, policy.exclude)
    if why != row.withheld:
        tx.sightings.change(row.id, {"withheld": why})
    return why


def _same_source(winner: SightingRow, shape: Shape) -> bool:
    """An edit is the same source saying something else; another winner is none."""
    return any(row.id == shape.entry.winner_id and row.source_id == winner.source_id for row in shape.sightings)


def _edited(clean: Clean, entry: EntryRow, at: datetime) -> dict[str, Any]:
    claims = (acceptable(claim, at) for claim in (clean.updated, clean.published))
    newer = next((claim for claim in claims if claim and claim > entry.updated), at)
    return {"updated": newer, "changed_at": at, "fresh_at": at}


def _shown_as(desk: Desk, tx: Transaction, shape: Shape, winner: SightingRow, clean: Clean) -> dict[str, Any]:
    """The digest that the next edit is told by; and the slug of a page, for a post that has no other address."""
    values: dict[str, Any] = {"digest": "" if winner.recalled else winner.digest}
    if not shape.entry.slug and not clean.link and desk.policy(winner.source_id).has_pages:
        name = clean.title or clean.path.rpartition("/")[2].rpartition(".")[0] or clean.path
        values["slug"] = desk.shelf.page_slug(tx, name)
    return values


def _place(desk: Desk, shown: Sequence[SightingRow], cleans: dict[int, Clean]) -> tuple[Placed, list[Any]]:
    """The categories of all that is shown, united; and each term's way there."""
    placed: Placed = {}
    story: list[Any] = []
    seen: set[tuple[str, ...]] = set()
    for row in shown:
        policy, clean = desk.policy(row.source_id), cleans[row.id]
        for placement in place_terms(clean.terms, clean.tags, policy.style, policy.rules):
            story.append(_told(row.source_id, placement))
            key = key_of(placement.path)
            if key and key not in seen and len(seen) < policy.rules.most:
                seen.add(key)
                _put(placed, desk.shelf, placement, len(seen))
    return placed, story


def _put(placed: Placed, shelf: Shelf, placement: Placement, position: int) -> None:
    *above, last = shelf.reach(placement.path)
    for category in above:
        placed.setdefault(category.id, (None, None))
    placed[last.id] = (position, [[name.term, name.scheme] for name in placement.path])


def _told(source_id: str, placement: Placement) -> list[Any]:
    path = [name.shown for name in placement.path]
    return [source_id, list(placement.came), path, placement.decider, placement.where]
