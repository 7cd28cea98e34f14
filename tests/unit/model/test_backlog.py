"""Which feeds keep an entry out of their documents."""

from datetime import timedelta

import pytest

from aggregator.model.backlog import binding_since, is_kept_out
from tests.support.planet import NOON

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("backlog", "at", "feed", "kept_out"),
    [
        ("", NOON + 9 * DAY, "all", False),
        ("past", NOON + DAY, "all", True),
        ("past", NOON + DAY - SECOND, "all", False),
        ("past", NOON + 9 * DAY, "source/blog", False),
        ("past", NOON + 9 * DAY, "tea/green", True),
        ("flood", NOON, "all", True),
        ("flood", NOON, "source/blog", True),
        ("recovered", NOON, "all", True),
    ],
)
def test_a_feed_binds_a_day_after_it_was_recorded(backlog: str, at: object, feed: str, kept_out: bool) -> None:
    assert is_kept_out(backlog, at, binding_since(feed, NOON)) is kept_out  # type: ignore[arg-type]
