"""What is over by itself, and when."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from aggregator.publish.time_changes import has_time_changes
from aggregator.store import Transaction, WithdrawalRow
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def shown(planet: Planet, upstream: Upstream) -> Planet:
    """One entry of one source, published at NOON for the first time."""
    text = rss({"title": "One", "guid": "https://x.example/1"})
    planet.config["sources"] = [{"id": "s", "url": upstream.serve("/feed", text)}]
    planet.is_settled = False
    planet.run()
    return planet


def _nothing(_: Transaction) -> None:
    pass


def _held(tx: Transaction) -> None:
    tx.entries.keep_back([1], "held", NOON)


def _failing(tx: Transaction) -> None:
    tx.sources.change("s", state="failing", failures=1, state_since=NOON)


def _withdrawn(tx: Transaction) -> None:
    row = WithdrawalRow("all", "https://x.example/0", None, "removed", NOON, True, True, NOON, NOON, 0)
    tx.withdrawals.add([row])


@pytest.mark.parametrize(
    ("begin", "lasts"),
    [(_nothing, timedelta(days=30)), (_held, DAY), (_failing, DAY), (_withdrawn, timedelta(days=7))],
    ids=["silence", "held", "failing", "withdrawn"],
)
def test_it_is_over_after_its_time(shown: Planet, begin: Callable[[Transaction], None], lasts: timedelta) -> None:
    with shown.app() as app, app.store.write() as tx:
        begin(tx)

    def is_over(at: datetime) -> bool:
        with shown.app() as app, app.store.read() as tx:
            return has_time_changes(tx, at, at)

    assert not is_over(NOON + lasts - HOUR)
    assert is_over(NOON + lasts)


def test_an_address_is_settled_once(shown: Planet) -> None:
    with shown.app() as app, app.store.read() as tx:
        assert not has_time_changes(tx, NOON, NOON + DAY - HOUR)
        assert has_time_changes(tx, NOON + DAY - HOUR, NOON + DAY)
        assert not has_time_changes(tx, NOON + DAY, NOON + 2 * DAY)
