"""explain: everything about one entry, from the rows and rules that publish it."""

from collections.abc import Iterator
from datetime import datetime

from aggregator.app import App
from aggregator.explain.answer import EntryInfo, Explanation, MatchedSighting, Override, PlacedTerm, SightingInfo, State
from aggregator.explain.case import EntryCase, address, dropped, load_case
from aggregator.explain.copies import apart_today
from aggregator.explain.find_entry import find_entry
from aggregator.explain.membership import Membership
from aggregator.explain.problems import entry_problems
from aggregator.explain.similar_entries import also_like
from aggregator.publish.select import Selection
from aggregator.store import SightingRow
from aggregator.text.masking import unmarked


def explain(app: App, ref: str) -> Explanation:
    """Raises UsageError if `ref` names no entry, or several."""
    with app.store.read() as tx:
        case = load_case(app, tx, find_entry(tx, app, ref))
        published = tx.lookups.published_feeds()
        selection = Selection(app, tx, case.category_tree)
        plans = [plan for plan in selection.plans(set(published)) if not plan.moved_to]
        membership = Membership(case, selection, plans)
        return Explanation(
            entry=_entry(case),
            sightings=tuple(_sightings(case)),
            also_like=also_like(case),
            categories=tuple(dict.fromkeys(_categories(case, membership))),
            feeds=tuple(map(membership.of, plans)),
            overrides=tuple(_overrides(case)),
            problems=entry_problems(case, unpublished=[one.id for one in plans if published.get(one.id, True)]),
        )


def _entry(case: EntryCase) -> EntryInfo:
    row, clean = case.entry, case.clean
    direct = sorted((position, id_) for id_, position in case.placed.items() if position is not None)
    return EntryInfo(
        id=row.public_id,
        number=row.id,
        title=clean.title,
        link=address(case.app, row.slug, clean),
        published=row.published,
        updated=row.updated,
        first_seen_at=row.first_seen_at,
        changed_at=row.changed_at,
        categories=tuple(case.category_tree.labels(case.category_tree.by_id[id_]) for _, id_ in direct),
        state=_state(case),
        since=_since(case),
        joined_to=_public_ids(case, [row.joined_to]).get(row.joined_to) if row.joined_to else None,
    )


def _state(case: EntryCase) -> State:
    match case.entry.kept_back:
        case "held" | "site" | "hold" | "too-old" | "waiting" | "removed" | "joined" as kept:
            return kept
        case _:
            return "hidden" if case.entry.winner_id is None else "shown"


def _since(case: EntryCase) -> datetime | None:
    if case.entry.kept_back or case.entry.winner_id is not None:
        return case.entry.kept_back_at
    return max((row.gone_at for row in case.sightings if row.gone_at), default=None)


# sightings


def _sightings(case: EntryCase) -> Iterator[SightingInfo]:
    others, apart = _matched_sightings(case), apart_today(case)
    for row in case.sightings:
        yield SightingInfo(
            number=row.id,
            source=row.source_id,
            id=unmarked(row.upstream_id),
            link=row.link,
            path=row.path,
            title=case.cleans[row.id].title,
            first_seen_at=row.first_seen_at,
            last_seen_at=_last_seen(case, row),
            gone_at=row.gone_at,
            matched_by=row.matched_by,
            matched_to=others.get(row.matched_to) if row.matched_to else None,
            score=row.score,
            reason=row.reason,
            winner=row.id == case.entry.winner_id,
            withheld=case.withheld(row) or None,
            dropped=dropped(row) or None,
            apart_today=apart.get(row.id),
        )


def _matched_sightings(case: EntryCase) -> dict[int, MatchedSighting]:
    """The sightings that its own were matched to, by number: mostly its own, after a split also another entry's."""
    here = {row.id: row for row in case.sightings}
    missing = {row.matched_to for row in case.sightings if row.matched_to and row.matched_to not in here}
    rows = (*here.values(), *(case.tx.sightings.light(missing) if missing else ()))
    return {row.id: MatchedSighting(row.id, row.source_id, unmarked(row.upstream_id), row.link) for row in rows}


def _last_seen(case: EntryCase, row: SightingRow) -> datetime:
    """An unchanged document shows everything that the last changed one did, so its pull counts as seen."""
    source = case.sources[row.source_id]
    if row.gone_at is not None or source.last_success_at is None:
        return row.last_seen_at
    changed = case.tx.lookups.last_changed(source.id) if source.kind == "feed" else None
    is_in_last = changed is None or row.last_seen_at >= changed
    return max(row.last_seen_at, source.last_success_at) if is_in_last else row.last_seen_at


# decisions


def _categories(case: EntryCase, membership: Membership) -> Iterator[PlacedTerm]:
    for trace in case.entry.placements:
        feed = (membership.no_feed(trace.path), membership.own_feed(trace.path)) if trace.path else (None, None)
        yield PlacedTerm(trace.came, trace.path or None, trace.decider, trace.where, trace.source_id, *feed)


def _overrides(case: EntryCase) -> Iterator[Override]:
    rows = case.tx.overrides.of([case.entry.id])
    sides = [{row.entry_id, row.other_id} - {case.entry.id, None} for row in rows]
    names = _public_ids(case, [id_ for side in sides for id_ in side])
    for row, side in zip(rows, sides, strict=True):
        yield Override(row.act, row.at, next((names[id_] for id_ in side if id_ in names), None), row.sighting_id)


def _public_ids(case: EntryCase, ids: list[int | None]) -> dict[int | None, str]:
    wanted = [id_ for id_ in ids if id_ is not None]
    return {row.id: row.public_id for row in case.tx.entries.of(wanted).values()} if wanted else {}
