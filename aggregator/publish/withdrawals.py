"""How withdrawals reach subscribers: tombstones in Atom for 30 days, stubs in RSS and JSON Feed for 7.

What a feed tells depends on rows alone. When the time of a row is over, it changes, and its feed is published again.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.app import App
from aggregator.model.entry import CleanEntry
from aggregator.model.feed import Feed
from aggregator.model.withdrawal import MOST_STUBS, Stub, Tombstone
from aggregator.store import EntryRow, Transaction, WithdrawalRow
from aggregator.store.fact_names import TAKEDOWN_SETTINGS
from aggregator.text.removed_text import removed_text


def end_withdrawals(app: App, tx: Transaction, at: datetime) -> None:
    """Ends what was told long enough, and marks the feeds dirty that say less now, or otherwise by the config."""
    stale = tx.withdrawals.ended(at)
    if stale:
        tx.withdrawals.end(at)
    settings = app.config.takedown.model_dump_json()
    if tx.facts.get(TAKEDOWN_SETTINGS) != settings:
        stale += tx.withdrawals.feeds()
        tx.facts.set(TAKEDOWN_SETTINGS, settings)
    tx.feeds.mark_dirty(ids=stale)


def are_ended(app: App, at: datetime) -> bool:
    """Whether a feed has to be published again because something was told long enough."""
    with app.store.read() as tx:
        return bool(tx.withdrawals.ended(at))


def with_withdrawals(
    app: App, tx: Transaction, feeds: Iterable[Feed], entry_ids: Iterable[Sequence[int]]
) -> list[Feed]:
    """The feeds with what they tell. `entry_ids`: of each, the numbers of its entries in feed order."""
    placed = list(zip(feeds, entry_ids, strict=True))
    told = tx.withdrawals.of_feeds(dict.fromkeys(feed.id for feed, _ in placed))
    return [_telling(app, tx, feed, ids, told[feed.id]) if feed.id in told else feed for feed, ids in placed]


def _telling(app: App, tx: Transaction, feed: Feed, ids: Sequence[int], told: Sequence[WithdrawalRow]) -> Feed:
    """A withdrawal is a significant change of the feed (RFC 4287 4.2.15)."""
    wish = app.config.takedown
    buried = told if wish.tombstones else ()
    replaced = [one for one in told if one.is_stubbed][:MOST_STUBS] if wish.stubs else []
    return replace(
        feed,
        updated=max([feed.updated, *(one.withdrawn_at for one in (*buried, *replaced))]),
        tombstones=tuple(Tombstone(one.public_id, one.withdrawn_at) for one in buried),
        stubs=_placed(tx, ids, replaced, removed_text(feed.language)),
    )


def _placed(
    tx: Transaction, ids: Sequence[int], replaced: Sequence[WithdrawalRow], text: str
) -> tuple[tuple[int, Stub], ...]:
    """A stub for each, in feed order, with the number of the feed's entries before it."""
    if not replaced:
        return ()
    rows = tx.entries.of(ids)
    ranks = [_rank(rows[id_]) for id_ in ids]
    in_order = sorted(replaced, key=lambda one: one.rank)
    return tuple((bisect_left(ranks, one.rank), _stub(one, text)) for one in in_order)


def _rank(row: EntryRow) -> tuple[float, float, int, int]:
    return -row.published.timestamp(), -row.first_seen_at.timestamp(), row.place, row.id


def _stub(one: WithdrawalRow, text: str) -> Stub:
    """Nothing of the entry but its id and date."""
    return Stub(
        id=one.public_id,
        link="",
        published=one.published,
        updated=one.withdrawn_at,
        first_seen_at=one.first_seen_at,
        changed_at=one.withdrawn_at,
        clean=CleanEntry(title=text, summary=text, texts=("summary",)),
        is_permalink=one.permalink,
    )
