"""Decides what an entry shows, from its sightings: winner, dates and categories.

`decide` serves new sightings, a changed config and `regenerate` alike. They differ only in which entries are decided,
and whether a difference counts as an edit.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from aggregator.clean.filters import refusal
from aggregator.merge.approval import fresh_from, kept_back_after
from aggregator.merge.category_moves import CategoryMoves
from aggregator.merge.context import MergeContext
from aggregator.merge.other_sources import is_shown_elsewhere
from aggregator.merge.placement import Cleans, PlacedCategories, place, trace_terms
from aggregator.merge.winner import choose_winner
from aggregator.merge.withdrawals import Verdict, record_withdrawals
from aggregator.model.category_trace import CategoryTrace
from aggregator.model.entry import CleanEntry
from aggregator.store import Decision, EntryRow, SightingSummary, Transaction
from aggregator.store.chunks import chunks
from aggregator.store.entry_content import NOWHERE
from aggregator.store.tables.entries import WAITING
from aggregator.text.normalize import acceptable
from aggregator.text.post_names import post_name

NO_ENTRIES: Mapping[int, EntryRow] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EntryState:
    """One entry with its sightings and categories."""

    entry: EntryRow
    sightings: Sequence[SightingSummary]
    placed: PlacedCategories


@dataclass(frozen=True, slots=True)
class DecidedEntry:
    """What was decided about one entry. `withheld`: by sighting, why it is not shown, "" where it is;
    `is_released`: it was held, too old or waited, and another source shows it now; `is_edited`: what it shows was
    edited."""

    after: EntryState
    withheld: Mapping[int, str]
    is_released: bool
    is_edited: bool


def decide(
    context: MergeContext,
    tx: Transaction,
    entry_ids: Iterable[int],
    at: datetime,
    *,
    edits: bool = True,
    were_touched: bool = True,
    new: Mapping[int, EntryRow] = NO_ENTRIES,
) -> list[int]:
    """Decides each entry and marks the feeds that may change; returns the entries that it released. `were_touched`:
    something of each entry changed already; if not, only entries with another decision count as changed. `new`: those
    that are not stored yet; they are stored as decided."""
    released: list[int] = []
    moves = CategoryMoves(context.category_tree)
    for chunk in chunks(sorted(set(entry_ids))):
        states = _load(tx, chunk, new)
        cleans = Cleans(tx, _needed(context, states, edits=edits))
        decided = [_decide(context, tx, state, cleans, at, edits=edits) for state in states]
        context.category_tree.store_new(tx)
        for state, one in zip(states, decided, strict=True):
            _store_reasons(tx, state, one)
        record_withdrawals(context, tx, map(_verdict, states, decided), at)
        released += [one.after.entry.id for one in decided if one.is_released]
        context.report.entries.updated += sum(one.is_edited for one in decided)
        changes = [
            (old, _marked(one.after))
            for old, one in zip(states, decided, strict=True)
            if were_touched or (old.entry, old.placed) != (one.after.entry, one.after.placed)
        ]
        tx.entries.add(after.entry for _, after in changes if after.entry.id in new)
        tx.entries.change(
            after.entry for old, after in changes if old.entry != after.entry and after.entry.id not in new
        )
        tx.entries.place({after.entry.id: after.placed for old, after in changes if old.placed != after.placed})
        for old, after in changes:
            if old.entry.id in new:
                moves.enter(after.placed)
            else:
                traces = old.entry.placements, after.entry.placements
                moves.record(old.entry.id, (old.placed, after.placed), traces)
        moves.store_departures(tx)
        _mark_dirty(context, tx, changes)
    context.report.entries.new += len(released)
    moves.store(tx)
    return released


def reconsider(context: MergeContext, tx: Transaction, at: datetime, *, but: Container[int] = ()) -> None:
    """Decides those of all entries, `but` some, again whose categories or winner differ under the present config. It
    reads only what that needs, so that a hundred thousand entries take seconds."""
    again: list[int] = []
    for verdicts in tx.entries.decisions():
        rows: defaultdict[int, list[SightingSummary]] = defaultdict(list)
        for row in tx.sighting_summaries.between(verdicts[0].id, verdicts[-1].id):
            rows[row.entry_id].append(row)
        cleans = Cleans(tx, (row.id for some in rows.values() for row in some if row.terms is None))
        new_traces = {}
        for verdict in verdicts:
            if verdict.id in but:
                continue
            traces = _unchanged_traces(context, verdict, rows[verdict.id], cleans)
            if traces is None:
                again.append(verdict.id)
            elif traces != verdict.placements:
                new_traces[verdict.id] = traces
        tx.entries.replace_placements(new_traces)
    decide(context, tx, again, at, edits=False, were_touched=False)


def _unchanged_traces(
    context: MergeContext, verdict: Decision, rows: Sequence[SightingSummary], cleans: Cleans
) -> list[CategoryTrace] | None:
    """The traces of an entry whose decision stays as it was; None where it differs, or may."""
    shown = [row for row in rows if not row.withheld and context.shows(row.source_id)]
    winner = choose_winner(context, shown, cleans)
    winner_id = winner.id if winner and not verdict.kept_back else None
    if verdict.winner_id != winner_id or any(row.recalled for row in rows):
        return None
    traces = trace_terms(context.policies, shown, cleans)
    alike = len(traces) == len(verdict.placements) and all(map(CategoryTrace.leads_as, traces, verdict.placements))
    return traces if alike else None


def _marked(state: EntryState) -> EntryState:
    """Marks the page of the entry, and its archive pages, to be published again."""
    return replace(state, entry=replace(state.entry, shifted=True, page_dirty=state.entry.slug is not None))


def _mark_dirty(context: MergeContext, tx: Transaction, changes: Sequence[tuple[EntryState, EntryState]]) -> None:
    if not changes:
        return
    sources = dict.fromkeys(row.source_id for state, _ in changes for row in state.sightings)
    extra = (one.id for one in context.app.config.feeds.extra)
    categories = {id_ for pair in changes for state in pair for id_ in state.placed}
    tx.feeds.mark_dirty(ids=["all", *(f"source/{id_}" for id_ in sources), *extra], categories=categories)


def _verdict(state: EntryState, decided: DecidedEntry) -> Verdict:
    before = next((row for row in state.sightings if row.id == state.entry.winner_id), None)
    return Verdict(decided.after.entry, before, decided.withheld[before.id] if before else "")


def _store_reasons(tx: Transaction, state: EntryState, decided: DecidedEntry) -> None:
    """Stores why sightings are not shown, for `explain`."""
    for row in state.sightings:
        if row.withheld != decided.withheld[row.id]:
            tx.sightings.change(row.id, {"withheld": decided.withheld[row.id]})


def _load(tx: Transaction, ids: Sequence[int], new: Mapping[int, EntryRow]) -> list[EntryState]:
    stored = [id_ for id_ in ids if id_ not in new]
    entries, placed = {**new, **tx.entries.of(stored)}, tx.entries.placed(stored)
    sightings: defaultdict[int, list[SightingSummary]] = defaultdict(list)
    for row in tx.sighting_summaries.of_entries(ids):
        sightings[row.entry_id].append(row)
    return [EntryState(entries[id_], sightings[id_], placed.get(id_, {})) for id_ in ids]


def _needed(context: MergeContext, states: Sequence[EntryState], *, edits: bool) -> Iterator[int]:
    """The sightings whose clean drafts will be read."""
    by_length = context.app.config.duplicates.prefer == "longest"
    for state in states:
        for row in state.sightings:
            policy = context.policy(row.source_id)
            origin = context.policy(context.origin(row)) if row.origin else policy
            is_filtered = policy.include or policy.exclude or origin.include or origin.exclude
            is_edited = edits and state.entry.digest not in {"", row.digest}
            is_on_a_page = policy.has_pages and not row.link and not state.entry.slug
            is_measured = by_length and len(state.sightings) > 1
            if row.terms is None or is_filtered or is_edited or is_on_a_page or is_measured:
                yield row.id


def _decide(
    context: MergeContext, tx: Transaction, state: EntryState, cleans: Cleans, at: datetime, *, edits: bool
) -> DecidedEntry:
    entry = state.entry
    own = {row.source_id for row in state.sightings if not row.echo and not (entry.winner_id and _waits(row))}
    reasons = {row.id: _why_withheld(context, row, own, cleans) for row in state.sightings}
    withheld = reasons | {row.id: WAITING for row in state.sightings if _waits(row)}
    withheld |= _of_other_sites(context, state, withheld)
    showable = [row for row in state.sightings if not reasons[row.id] and context.shows(row.source_id)]
    shown = [row for row in showable if not withheld[row.id]]
    winner = choose_winner(context, shown, cleans)
    placed, traces = place(context.policies, context.category_tree, [row for row in shown if not row.recalled], cleans)
    if any(row.recalled for row in state.sightings):  # its feeds were recovered, its terms were not
        placed, traces = state.placed | placed, traces or entry.placements
    values: dict[str, Any] = {"winner_id": None, "placements": traces}
    is_edited = False
    kept_back = kept_back_after(entry.kept_back, is_shown=bool(shown), is_waiting=bool(showable))
    if is_shown_elsewhere(context, entry, state.sightings, shown):
        kept_back = ""
    is_released = bool(winner and entry.kept_back and not kept_back)
    if kept_back != entry.kept_back:
        values |= {"kept_back": kept_back, "kept_back_at": at if kept_back else None}
    if is_released and entry.kept_back == WAITING:
        values["fresh_at"] = fresh_from(entry, at)
    if winner and not kept_back:
        values["winner_id"] = winner.id
        values |= _winner_values(context, tx, state, winner, cleans)
        is_edited = edits and entry.digest not in {"", winner.digest} and _same_source(winner, state)
        if is_edited:
            values |= _edited(cleans[winner.id], entry, at)
    after = replace(state, entry=replace(entry, **values), placed=placed)
    return DecidedEntry(after, withheld, is_released, is_edited)


def _waits(row: SightingSummary) -> bool:
    """Whether a person has to approve it first."""
    return row.withheld == WAITING


def _of_other_sites(context: MergeContext, state: EntryState, withheld: Mapping[int, str]) -> dict[int, str]:
    """The sightings of sources that became other sites, where another source shows the entry: that one is shown."""
    counting = [row for row in state.sightings if not withheld[row.id]]
    strange = [row for row in counting if context.is_of_other_site(row)]
    others = any(context.shows(row.source_id) for row in counting if row not in strange)
    return {row.id: "site" for row in strange} if others else {}


def _why_withheld(context: MergeContext, row: SightingSummary, own: Container[str], cleans: Cleans) -> str:
    """Why this sighting is not shown, "" where it is. `own`: the sources that show the entry themselves."""
    policy = context.policy(row.source_id)
    is_gone = policy.drops_gone and row.gone_at is not None
    is_opted_out = row.opt_out and not policy.ignores_opt_out
    is_own = row.echo or _is_shown_at(context, row, own)
    states = {"echo": is_own, "deleted": row.deleted_at is not None, "gone": is_gone, "asked": is_opted_out}
    why = next((word for word, holds in states.items() if holds), "")
    reason_before = None if row.kept_in != NOWHERE else row.withheld
    for policy_ in (policy, context.policy(context.origin(row))) if context.origin(row) else (policy,):
        if not why and (policy_.include or policy_.exclude):
            why = refusal(cleans[row.id], policy_.include, policy_.exclude, reason_before=reason_before)
    return why


def _is_shown_at(context: MergeContext, row: SightingSummary, own: Container[str]) -> bool:
    """Whether the source that it was taken from shows the entry itself, or is unpublished: a copy through another
    planet adds nothing."""
    origin = context.origin(row)
    return bool(origin) and (origin in own or not context.sources[origin].published)


def _same_source(winner: SightingSummary, state: EntryState) -> bool:
    """Whether the winner is still of the same source: only then is a difference an edit."""
    return any(row.id == state.entry.winner_id and row.source_id == winner.source_id for row in state.sightings)


def _edited(clean: CleanEntry, entry: EntryRow, at: datetime) -> dict[str, Any]:
    claims = (acceptable(claim, at) for claim in (clean.updated, clean.published))
    newer = next((claim for claim in claims if claim and claim > entry.updated), at)
    return {"updated": newer, "changed_at": at, "fresh_at": at}


def _winner_values(
    context: MergeContext, tx: Transaction, state: EntryState, winner: SightingSummary, cleans: Cleans
) -> dict[str, Any]:
    """The digest that the next edit is recognized by, and the slug of a page for a post without another address."""
    values: dict[str, Any] = {"digest": "" if winner.recalled else winner.digest}
    if not state.entry.slug and not winner.link and context.policy(winner.source_id).has_pages:
        clean = cleans[winner.id]
        name = clean.slug or clean.title or post_name(clean.path).stem
        values["slug"] = context.category_tree.page_slug(tx, name)
    return values
