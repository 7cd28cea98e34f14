"""What of a source's pulls is remembered for ever."""

from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aggregator.polling.flood_guard import KNOWN_AFTER
from aggregator.polling.pull_retention import PastPull, superfluous
from aggregator.store import SourceRow, Store
from tests.support.planet import NOON

KEPT = 4


def past(*words: tuple[str, int]) -> list[PastPull]:
    """The newest first; the words are the oldest first."""
    return [PastPull(i, NOON + timedelta(hours=i), outcome, new) for i, (outcome, new) in enumerate(words)][::-1]


def test_the_last_stay_and_what_says_nothing_goes() -> None:
    pulls = past(*[("unchanged", 0)] * 7)
    assert superfluous(pulls, KEPT) == [2, 1, 0]
    assert superfluous(pulls[:KEPT], KEPT) == []


def test_the_last_good_one_stays_however_long_ago() -> None:
    assert superfluous(past(("unchanged", 0), ("unchanged", 0), *[("failed", 0)] * 9), KEPT) == [6, 5, 4, 3, 2, 0]


def test_the_first_changed_and_the_most_fruitful_stay() -> None:
    few = [("changed", 1)] * (KNOWN_AFTER + KEPT)
    assert superfluous(past(("changed", 50), ("changed", 1), ("changed", 9), *few), KEPT) == [6, 5, 4, 3, 1]


OUTCOMES = st.tuples(st.sampled_from(["changed", "unchanged", "failed"]), st.integers(0, 9))


def known(store: Store, before: datetime) -> tuple[datetime | None, bool, int]:
    """What merge reads: the last good pull, whether habits are known, and the most new entries."""
    with store.read() as tx:
        changed, most = tx.pulls.habits("a", before)
        return tx.pulls.previous_success("a", before), changed >= KNOWN_AFTER, most if changed >= KNOWN_AFTER else 0


def test_merge_reads_the_same_before_and_after(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    store.open()
    with store.write() as tx:
        tx.sources.add(SourceRow("a", "feed", "https://a.example/", 0))

    @given(st.lists(OUTCOMES, max_size=40))
    def answered(words: list[tuple[str, int]]) -> None:
        with store.write() as tx:
            tx.pulls.forget([one.id for one in tx.pulls.of("a")])
            for one in past(*words)[::-1]:
                new = one.new if one.outcome == "changed" else 0
                tx.pulls.add(source_id="a", batch_at=one.batch_at, outcome=one.outcome, new=new)
        later = NOON + timedelta(days=9)
        before = known(store, later)
        with store.write() as tx:
            tx.pulls.forget(superfluous(tx.pulls.of("a"), KEPT))
        assert known(store, later) == before

    answered()
    store.close()
