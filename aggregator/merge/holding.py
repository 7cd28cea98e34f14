"""Which new entries of a pull are held: a flood of old ones, or all, where their source became another site."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from aggregator.dedup import Match
from aggregator.merge.arrivals import ArrivedEntry, ArrivedPull
from aggregator.merge.context import MergeContext
from aggregator.merge.site_changes import SitePull, is_another_site
from aggregator.polling.flood_guard import FEW, Habits, suspicious
from aggregator.store import Transaction


def entries_to_hold(
    context: MergeContext,
    incoming: ArrivedPull,
    decided: Sequence[tuple[ArrivedEntry, Match]],
    claims: Mapping[int, datetime | None],
) -> tuple[Literal["held", "site"], list[int]]:
    """Why entries are held, and which. `claims`: the new entries of the pull, each with the date that it claims."""
    if is_another_site(context, incoming.tx, _site_pull(incoming, decided)):
        return "site", list(claims)
    return "held", _flood(incoming.tx, incoming, claims)


def _site_pull(incoming: ArrivedPull, decided: Sequence[tuple[ArrivedEntry, Match]]) -> SitePull:
    source, new, shown, renewed = incoming.source, [], set(), []
    for item, decision in decided:
        before = decision.again or decision.joins
        if before and before.source_id == source.id:
            shown.add(before.entry_id)
            renewed += [item.clean.link] if item.clean else []
        elif item.clean and not decision.own_entry_returned and decision.removal is None:
            new.append(item.traits(item.clean))
    pull = incoming.pull
    return SitePull(source, pull.batch_at, incoming.is_first, pull.complete, new, shown, renewed)


def _flood(tx: Transaction, incoming: ArrivedPull, claims: Mapping[int, datetime | None]) -> list[int]:
    source = incoming.source
    if incoming.is_first or source.kind != "feed" or len(claims) <= FEW:
        return []
    habits = Habits(*tx.pulls.habits(source.id, incoming.pull.batch_at))
    if not habits.are_exceeded(len(claims)):  # else all that the source ever showed is read for its newest date
        return []
    habits = replace(habits, newest=next(iter(tx.entries.newest_dates(source.id, 1)), None))
    numbers = list(claims)
    return [numbers[i] for i in suspicious(habits, list(claims.values()))]
