"""Which entries are in a feed: every way of searching gives the same ones in the same order."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.explain.membership import admits
from aggregator.model.backlog import NEVER, Backlog, is_kept_out
from aggregator.store import CategoryRow, EntryRow, SightingRow, SourceRow, Store, Transaction, feed_members
from aggregator.store.feed_members import FeedFilter
from tests.support.planet import NOON

CATEGORIES, ENTRIES = range(1, 7), range(1, 61)
DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def tx(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transaction]:
    if request.param == "sqlite":
        store = Store(tmp_path_factory.mktemp("members") / "state.db")
    else:
        name: str = request.getfixturevalue("database")
        server = request.getfixturevalue("postgresql")
        server.empty(name)
        store = Store(server.create(f"{name}_members", name))
    store.open()
    with store.write() as writing:
        fill(writing, random.Random(1))
    with store.read() as reading:
        yield reading
    store.close()


def fill(tx: Transaction, choice: random.Random) -> None:
    """Entries in some categories each, seen at one or two sources; one in ten is not shown."""
    for n, source in enumerate("ab"):
        tx.sources.add(SourceRow(source, "feed", f"https://{source}.example/", n))
    tx.categories.add(CategoryRow(id_, None, f"{id_}", f"{id_}", f"{id_}", f"{id_}", 1) for id_ in CATEGORIES)
    tx.entries.add(entry(id_, choice) for id_ in ENTRIES)
    tx.sightings.add(
        sighting(number, id_, source, choice)
        for number, (id_, source) in enumerate(
            ((id_, source) for id_ in ENTRIES for source in choice.choice(["a", "b", "ab"])), start=1
        )
    )
    first = {row.entry_id: row.id for row in reversed(tx.sightings.of_entries(list(ENTRIES)))}
    rows = tx.entries.of(ENTRIES).values()
    tx.entries.change(shown_by(row, first[row.id] if row.id % 10 else None) for row in rows)
    for n, backlog in enumerate(get_args(Backlog)[:3]):
        tx.entries.set_backlog(choice.sample(ENTRIES, 12), backlog, NOON - n * DAY)
    tx.entries.place({id_: dict.fromkeys(choice.sample(CATEGORIES, choice.randrange(4)), (1, None)) for id_ in ENTRIES})


def entry(id_: int, choice: random.Random) -> EntryRow:
    published = NOON - choice.randrange(20) * DAY  # many share a date
    fresh = published if id_ % 3 else NOON - choice.randrange(4) * DAY
    return EntryRow(id_, f"urn:{id_}", published, published, NOON, NOON, fresh, id_ % 7, "", [])


def shown_by(row: EntryRow, winner: int | None) -> EntryRow:
    names = {name: value for name, value in row.values().items() if name != "winner_id"}
    return EntryRow(winner_id=winner, **names)


def sighting(id_: int, entry_id: int, source: str, choice: random.Random) -> SightingRow:
    words: dict[str, Any] = dict.fromkeys(
        ("upstream_id", "link", "canonical", "path", "digest", "whole", "body", "title"), ""
    )
    return SightingRow(
        id=id_,
        source_id=source,
        entry_id=entry_id,
        item=f"{id_}",
        claimed=None,
        draft=b"",
        clean=b"",
        rules_version="",
        source_updated=None,
        matched_by="new",
        matched_to=None,
        score=None,
        reason="",
        place=0,
        first_seen_at=NOON,
        last_seen_at=NOON,
        withheld=choice.choice(["", "", "gone"]),
        **words,
    )


some = st.none() | st.lists(st.sampled_from([*CATEGORIES, -1]), min_size=1, max_size=3, unique=True).map(tuple)
members = st.builds(
    FeedFilter, some, some, some, st.none() | st.sampled_from([("a",), ("b",), ("a", "b"), ("nobody",)])
)  # fmt: skip


@pytest.mark.torture
@given(members, st.sampled_from([1, 5, 100]))
def test_a_large_category_is_searched_as_a_small_one(tx: Transaction, which: FeedFilter, most: int) -> None:
    few = feed_members.FeedMembers(tx.feed_members._connection)
    found = few.newest(which, most), few.fresh(which, 2 * DAY, most)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed_members, "MANY", 1)
        many = feed_members.FeedMembers(tx.feed_members._connection)
        assert (many.newest(which, most), many.fresh(which, 2 * DAY, most)) == found
    for rows in found:
        assert [row.rank for row in rows] == sorted(row.rank for row in rows)
        assert len(rows) <= most


@pytest.mark.portions(4)
@settings(max_examples=10)
@given(members)
def test_membership_of_one_entry_agrees_with_the_feed(tx: Transaction, which: FeedFilter) -> None:
    placed = tx.entries.placed(list(ENTRIES))
    shows: dict[int, set[str]] = {id_: set() for id_ in ENTRIES}
    for row in tx.sightings.of_entries(list(ENTRIES)):
        shows[row.entry_id] |= {row.source_id} if not row.withheld else set()
    shown = [row.id for row in tx.entries.of(ENTRIES).values() if row.winner_id]
    admitted = {id_ for id_ in shown if admits(which, placed[id_], shows[id_])}
    assert {row.id for row in tx.feed_members.newest(which, 1000)} == admitted


@pytest.mark.portions(2)
@settings(max_examples=20)
@given(members, st.sampled_from([None, *(NOON - n * DAY for n in range(-1, 4)), NEVER]))
def test_documents_leave_out_what_the_rule_for_one_entry_says(
    tx: Transaction, which: FeedFilter, since: datetime | None
) -> None:
    backlogs, every = tx.entries.backlogs(ENTRIES), tx.feed_members.newest(which, 1000)
    kept_out = {id_ for id_, one in backlogs.items() if since is not None and is_kept_out(*one, since)}
    news = [row for row in every if row.id not in kept_out]
    assert tx.feed_members.newest(which, 1000, since) == news
    assert tx.feed_members.newest(which, 5, since) == news[:5]
    assert tx.feed_members.few(which, 1000, since) in (None, [row.id for row in news])
    latest = max((row.fresh_at for row in news), default=NOON)
    fresh = [row for row in news if row.fresh_at >= latest - 2 * DAY]
    assert tx.feed_members.fresh(which, 2 * DAY, 1000, since) == fresh


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_counts_end_at_the_limit(tx: Transaction, most: int) -> None:
    full = {id_: len(tx.feed_members.newest(FeedFilter(all_of=(id_,)), 1000)) for id_ in CATEGORIES}
    assert tx.feed_members.counts(most) == {id_: min(count, most) for id_, count in full.items()}


@pytest.mark.parametrize("most", [0, 1, 3, 1000])
def test_few_returns_a_small_category_in_order(tx: Transaction, most: int) -> None:
    found = {}
    for id_ in (*CATEGORIES, -1):
        whole = [row.id for row in tx.feed_members.newest(FeedFilter(all_of=(id_,)), 1000)]
        found[id_] = tx.feed_members.few(FeedFilter(all_of=(id_,)), most)
        assert found[id_] == (whole if len(whole) <= most else None)
    assert (None in found.values()) is (most < 1000)
    assert tx.feed_members.few(FeedFilter(), 1000) is None
