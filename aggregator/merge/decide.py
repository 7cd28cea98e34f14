"""What an entry shows: its winner, its dates, its categories, decided anew from its sightings.

The same function serves a sighting that just arrived, a config that changed and `regenerate`: what differs is only
which entries are asked, and whether a difference may count as an edit.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aggregator.app import App, SourcePolicy
from aggregator.clean.filters import refusal
from aggregator.codec import unpack
from aggregator.dedup.sketch import TextSketch
from aggregator.merge.category_moves import CategoryMoves
from aggregator.merge.category_tree import CategoryTree
from aggregator.merge.named_sources import NamedSources
from aggregator.merge.placement import Cleans, Placed, Told, is_told_alike, place, story
from aggregator.merge.removals import TakenDown
from aggregator.model.entry import CleanEntry
from aggregator.report import Report
from aggregator.store import EntryRow, SightingSummary, SourceRow, Transaction, Verdict
from aggregator.store.entry_content import NOWHERE
from aggregator.store.table import chunks
from aggregator.text.normalize import acceptable


class Policies(dict[str, SourcePolicy]):
    """By source, each put together where it is asked for."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __missing__(self, source_id: str) -> SourcePolicy:
        return self.setdefault(source_id, self._app.policy(source_id))


@dataclass(frozen=True, slots=True)
class MergeContext:
    """What deciding needs to know of sources, once for a whole settling.

    `homes`: the host that each source is fetched from, and the one that it says is its site's.
    """

    app: App
    category_tree: CategoryTree
    report: Report
    sources: dict[str, SourceRow]
    homes: dict[str, tuple[str, str]]
    rules_version: str = ""
    recalls: bool = False  # the published tree was learned again, and not all of it was seen since
    taken_down: TakenDown = field(default_factory=lambda: TakenDown(""))
    policies: Policies = field(init=False)
    named: NamedSources = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "policies", Policies(self.app))
        object.__setattr__(self, "named", NamedSources(self.app, self.sources))

    def policy(self, source_id: str) -> SourcePolicy:
        return self.policies[source_id]

    def shows(self, source_id: str) -> bool:
        source = self.sources[source_id]
        return source.configured and source.published

    def origin(self, row: SightingSummary) -> str:
        """Another of our sources that a sighting says it was taken from; "" where it names none."""
        found = self.named.source_of(row.origin) if row.origin else ""
        return "" if found == row.source_id else found

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
    sightings: Sequence[SightingSummary]
    placed: Placed


def decide(
    context: MergeContext,
    tx: Transaction,
    entry_ids: Iterable[int],
    at: datetime,
    *,
    edits: bool = True,
    were_touched: bool = True,
) -> None:
    """Decides each entry anew and marks the feeds that may show it otherwise. `were_touched`: something of each of
    them changed already; where it did not, only what is decided otherwise counts."""
    moves = CategoryMoves(context.category_tree)
    for chunk in chunks(sorted(set(entry_ids))):
        shapes = _load(tx, chunk)
        cleans = Cleans(tx, _needed(context, shapes, edits=edits))
        after = [_decide(context, tx, shape, cleans, at, edits=edits) for shape in shapes]
        context.category_tree.store_new(tx)
        changes = [
            (old, _noted(new))
            for old, new in zip(shapes, after, strict=True)
            if were_touched or (old.entry, old.placed) != (new.entry, new.placed)
        ]
        tx.entries.change(new.entry for old, new in changes if old.entry != new.entry)
        tx.entries.place({new.entry.id: new.placed for old, new in changes if old.placed != new.placed})
        for old, new in changes:
            moves.note(old.entry.placements, new.entry.placements)
        _mark_dirty(context, tx, changes)
    moves.merge(tx)


def reconsider(context: MergeContext, tx: Transaction, at: datetime, *, but: Container[int] = ()) -> None:
    """Decides anew, of all entries `but` some, those that the config places otherwise, or shows by another sighting.
    What is not asked about them stays unread, so that a hundred thousand take seconds."""
    again: list[int] = []
    for verdicts in tx.entries.verdicts():
        rows: defaultdict[int, list[SightingSummary]] = defaultdict(list)
        for row in tx.sightings.facets_between(verdicts[0].id, verdicts[-1].id):
            rows[row.entry_id].append(row)
        cleans = Cleans(tx, (row.id for some in rows.values() for row in some if row.terms is None))
        retold = {}
        for verdict in verdicts:
            if verdict.id in but:
                continue
            told = _retold(context, verdict, rows[verdict.id], cleans)
            if told is None:
                again.append(verdict.id)
            elif told != verdict.placements:
                retold[verdict.id] = told
        tx.entries.retell(retold)
    decide(context, tx, again, at, edits=False, were_touched=False)


def _retold(
    context: MergeContext, verdict: Verdict, rows: Sequence[SightingSummary], cleans: Cleans
) -> list[Told] | None:
    """What is told of an entry that is decided as it was; None where it is decided otherwise, or may be."""
    shown = [row for row in rows if not row.withheld and context.shows(row.source_id)]
    winner = choose_winner(context, shown, cleans)
    winner_id = winner.id if winner and not verdict.kept_back else None
    if verdict.winner_id != winner_id or any(row.recalled for row in rows):
        return None
    told = story(context.policies, shown, cleans)
    alike = len(told) == len(verdict.placements) and all(map(is_told_alike, told, verdict.placements))
    return told if alike else None


def _noted(shape: Shape) -> Shape:
    """Its page is to be published again, and archives are to be told."""
    return replace(shape, entry=replace(shape.entry, shifted=True, page_dirty=shape.entry.slug is not None))


def _mark_dirty(context: MergeContext, tx: Transaction, changes: Sequence[tuple[Shape, Shape]]) -> None:
    if not changes:
        return
    sources = dict.fromkeys(row.source_id for shape, _ in changes for row in shape.sightings)
    extra = (one.id for one in context.app.config.feeds.extra)
    tx.feeds.mark_dirty(ids=["all", *(f"source/{id_}" for id_ in sources), *extra])
    tx.feeds.mark_dirty(categories={id_ for pair in changes for shape in pair for id_ in shape.placed})


def _load(tx: Transaction, ids: Sequence[int]) -> list[Shape]:
    entries, placed = tx.entries.of(ids), tx.entries.placed(ids)
    sightings: defaultdict[int, list[SightingSummary]] = defaultdict(list)
    for row in tx.sightings.facets(ids):
        sightings[row.entry_id].append(row)
    return [Shape(entries[id_], sightings[id_], placed[id_]) for id_ in ids]


def _needed(context: MergeContext, shapes: Sequence[Shape], *, edits: bool) -> Iterator[int]:
    """The sightings whose whole drafts will be asked for."""
    by_length = context.app.config.duplicates.prefer == "longest"
    for shape in shapes:
        for row in shape.sightings:
            policy = context.policy(row.source_id)
            origin = context.policy(context.origin(row)) if row.origin else policy
            is_filtered = policy.include or policy.exclude or origin.include or origin.exclude
            is_edited = edits and shape.entry.digest not in {"", row.digest}
            is_on_a_page = policy.has_pages and not row.link and not shape.entry.slug
            is_measured = by_length and len(shape.sightings) > 1
            if row.terms is None or is_filtered or is_edited or is_on_a_page or is_measured:
                yield row.id


def _decide(
    context: MergeContext, tx: Transaction, shape: Shape, cleans: Cleans, at: datetime, *, edits: bool
) -> Shape:
    """The shape as it is from here on."""
    entry = shape.entry
    own = {row.source_id for row in shape.sightings if not row.echo}
    let_in = [row for row in shape.sightings if not _withhold(context, tx, row, own, cleans)]
    shown = [row for row in let_in if context.shows(row.source_id)]
    winner = choose_winner(context, shown, cleans)
    placed, told = place(context.policies, context.category_tree, [row for row in shown if not row.recalled], cleans)
    if any(row.recalled for row in shape.sightings):  # its feeds were learned; its terms as they came were not
        placed, told = shape.placed | placed, told or entry.placements
    values: dict[str, Any] = {"winner_id": None, "placements": told}
    if entry.kept_back == "held" and len({row.source_id for row in shown}) > 1:  # it is new to whoever shows it, too
        values |= {"kept_back": "", "kept_back_at": None}
        context.report.entries.new += 1
    if winner and not values.get("kept_back", entry.kept_back):
        values["winner_id"] = winner.id
        values |= _shown_as(context, tx, shape, winner, cleans)
        if edits and entry.digest not in {"", winner.digest} and _same_source(winner, shape):
            values |= _edited(cleans[winner.id], entry, at)
            context.report.entries.updated += 1
    return replace(shape, entry=replace(entry, **values), placed=placed)


def choose_winner(context: MergeContext, shown: Sequence[SightingSummary], cleans: Cleans) -> SightingSummary | None:
    """By `duplicates.prefer`: of the source that it names first, or the longest; else the sighting on its link's own
    site, else of the source that showed the entry first. Of one source, what is still there before what is gone, the
    first of those, the last of these."""
    if len(shown) == 1:
        return shown[0]
    first_of: dict[str, int] = {}
    for row in shown:
        first_of.setdefault(row.source_id, row.id)
    several = len(first_of) > 1

    def rank(row: SightingSummary) -> tuple[int, int, int, bool, int]:
        preferred = _preference(context.app.config.duplicates.prefer, row, cleans) if several else 0
        elsewhere = context.strangeness(row.source_id, row.canonical) if several else 0
        gone = row.gone_at is not None
        return preferred, elsewhere, first_of[row.source_id], gone, -row.id if gone else row.id

    return min(shown, key=rank, default=None)


def _preference(prefer: str | tuple[str, ...], row: SightingSummary, cleans: Cleans) -> int:
    """The smaller the better."""
    if prefer == "longest":
        dropped = unpack(row.sketch, TextSketch) if row.sketch is not None else None
        return -(len(cleans[row.id].fingerprint.text) if dropped is None else dropped.length)
    is_named = not isinstance(prefer, str) and row.source_id in prefer
    return prefer.index(row.source_id) if is_named else len(prefer)


def _withhold(context: MergeContext, tx: Transaction, row: SightingSummary, own: Container[str], cleans: Cleans) -> str:
    """Why this sighting is not shown, "" where it is; remembered for who asks. `own`: the sources that show the entry
    themselves."""
    policy = context.policy(row.source_id)
    is_gone = policy.drops_gone and row.gone_at is not None
    is_asked = row.opt_out and not policy.overrules
    is_echo = row.echo or _is_shown_at(context, row, own)
    states = {"echo": is_echo, "deleted": row.deleted_at is not None, "gone": is_gone, "asked": is_asked}
    why = next((word for word, holds in states.items() if holds), "")
    said_before = None if row.kept_in != NOWHERE else row.withheld
    for policy_ in (policy, context.policy(context.origin(row))) if context.origin(row) else (policy,):
        if not why and (policy_.include or policy_.exclude):
            why = refusal(cleans[row.id], policy_.include, policy_.exclude, said_before=said_before)
    if why != row.withheld:
        tx.sightings.change(row.id, {"withheld": why})
    return why


def _is_shown_at(context: MergeContext, row: SightingSummary, own: Container[str]) -> bool:
    """Whether the source that it was taken from shows the entry itself, or is not to be shown at all: what comes round
    through another planet adds nothing to it."""
    origin = context.origin(row)
    return bool(origin) and (origin in own or not context.sources[origin].published)


def _same_source(winner: SightingSummary, shape: Shape) -> bool:
    """An edit is the same source saying something else; another winner is none."""
    return any(row.id == shape.entry.winner_id and row.source_id == winner.source_id for row in shape.sightings)


def _edited(clean: CleanEntry, entry: EntryRow, at: datetime) -> dict[str, Any]:
    claims = (acceptable(claim, at) for claim in (clean.updated, clean.published))
    newer = next((claim for claim in claims if claim and claim > entry.updated), at)
    return {"updated": newer, "changed_at": at, "fresh_at": at}


def _shown_as(
    context: MergeContext, tx: Transaction, shape: Shape, winner: SightingSummary, cleans: Cleans
) -> dict[str, Any]:
    """The digest that the next edit is told by; and the slug of a page, for a post that has no other address."""
    values: dict[str, Any] = {"digest": "" if winner.recalled else winner.digest}
    if not shape.entry.slug and not winner.link and context.policy(winner.source_id).has_pages:
        clean = cleans[winner.id]
        name = clean.title or clean.path.rpartition("/")[2].rpartition(".")[0] or clean.path
        values["slug"] = context.category_tree.page_slug(tx, name)
    return values
