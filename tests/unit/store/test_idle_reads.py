"""What tells a run that it has nothing to do, beside what a transaction says, on both databases."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from aggregator.errors import StateError
from aggregator.model.published import FileRow, Stamp
from aggregator.polling import Refusals
from aggregator.store import PostFileRow, SourceRow, Store

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(state_at: Path | str) -> Iterator[Store]:
    with closing(Store(state_at)) as one:
        one.open()
        yield one


def feed(id_: str, **more: object) -> SourceRow:
    return SourceRow(id=id_, kind="feed", url=f"https://{id_}.example/", position=0, **more)  # type: ignore[arg-type]


def test_a_source_is_due_when_a_run_would_claim_it(store: Store) -> None:
    turns = [None, NOON - SECOND, NOON, NOON + SECOND]
    with store.write() as tx:
        tx.hosts.put("paused:443", Refusals("b", NOON, 1, NOON + SECOND))
        tx.hosts.put("free:443", Refusals("b", NOON, 1, NOON))
        tx.sources.add(feed("a"))
    kinds = [
        ("feed", True, "ok", ""),
        ("feed", True, "failing", "paused:443"),
        ("feed", True, "new", "free:443"),
        ("feed", True, "gone", ""),
        ("feed", True, "paused", ""),
        ("feed", False, "ok", ""),
        ("posts", True, "ok", ""),
    ]
    found = set()
    for (kind, configured, state, host), turn, due in product(kinds, turns, turns):
        with store.write() as tx:
            case = {"kind": kind, "configured": configured, "state": state, "host": host}
            tx.sources.change("a", **case, next_poll_at=turn, due_at=due)
        with store.idle_reads() as reads:
            is_due = reads.is_source_due(NOON)
        with store.write() as tx:
            claimed = tx.sources.claim(NOON, until=NOON + SECOND, token="t", punctual=True)
            tx.sources.release()
        assert is_due == bool(claimed), (case, turn, due)
        found.add(is_due)
    assert found == {True, False}


def test_it_reads_what_a_transaction_reads(store: Store) -> None:
    with store.write() as tx:
        tx.sources.add(SourceRow("posts", "posts", "posts", 0, listing="abc"))
        tx.sources.add(feed("blog"))
        tx.posts.replace("posts", [PostFileRow("posts", "a.md", "s", "waiting", waits_until=NOON)])
        tx.facts.set("a", "b")
        tx.files.add([("index.html", ""), ("all/atom.xml", "all")])
        tx.files.change({"index.html": FileRow("0a", Stamp(5, 2**50))})
        tx.pings.changed({"all/atom.xml": "0b"}, NOON)
    with store.read() as tx, store.idle_reads() as reads:
        assert reads.files() == tx.files.rows()
        assert reads.facts()["a"] == "b"
        assert reads.facts()["revision"] == str(tx.facts.revision)
        assert reads.ids() == {"posts", "blog"}
        assert [reads.listing(one) for one in ("posts", "blog", "other")] == ["abc", "", ""]
        for at in (NOON - SECOND, NOON, NOON + SECOND):
            assert reads.is_post_due("posts", at) == tx.posts.is_due("posts", at) == (at >= NOON)
            assert reads.is_ping_due(at) == bool(tx.pings.due(at, 1)) == (at >= NOON)
        assert not reads.is_post_due("blog", NOON)


def test_it_needs_no_open_store_and_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    store.open()
    store.close()
    with store.idle_reads() as reads:
        assert not reads.is_source_due(NOON)
    assert [file.name for file in tmp_path.iterdir()] == ["state.db"]


def test_a_state_that_has_to_be_made_or_upgraded_first_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    with pytest.raises(StateError, match="cannot be read"), store.idle_reads():
        pass
    assert not list(tmp_path.iterdir())
    store.open()
    with store.write() as tx:
        tx._connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StateError, match="newest schema"), store.idle_reads():
        pass
    store.close()
