"""Which categories get a feed of their own."""

import pytest

from aggregator.categories.own_feeds import FeedRule, Ground, Lack, Usage

DEFAULT = FeedRule(5)
MANY = FeedRule(5, sources=3)


@pytest.mark.parametrize(
    ("rule", "usage", "is_named", "ground", "lack"),
    [
        (DEFAULT, Usage(0), True, None, "few"),
        (DEFAULT, Usage(1), True, "named", "few"),
        (DEFAULT, Usage(1, 1, has_post=True), False, "posts", "few"),
        (DEFAULT, Usage(4, 4), False, None, "few"),
        (DEFAULT, Usage(5, 1), False, "entries", None),
        (FeedRule(5, sources=2), Usage(5, 1), False, "entries", None),
        (MANY, Usage(5, 1), False, None, "one source"),
        (MANY, Usage(5, 2), False, "entries", None),
        (MANY, Usage(9, 1), False, None, "one source"),
        (MANY, Usage(10), False, "entries", None),
        (MANY, Usage(4, 3), False, None, "few"),
        # an explicit figure
        (FeedRule(1, True, 40), Usage(1, 1), False, "entries", None),
        (FeedRule(3, True, 40), Usage(3, 1), False, None, "one source"),
        (FeedRule(20, True, 40), Usage(19, 9), False, None, "few"),
        (FeedRule(20, True, 40), Usage(20), False, "entries", None),
        (FeedRule(3, True), Usage(2, 1, has_post=True), False, None, "few"),
        (FeedRule(3, True), Usage(3, 1, has_post=True), False, "posts", None),
        (FeedRule(3, True), Usage(1), True, "named", "few"),
        # terms that no rule names are tags
        (FeedRule(5, terms_found=False), Usage(100, 9), False, None, "tag"),
        (FeedRule(5, terms_found=False), Usage(1, 1, has_post=True), False, "posts", "tag"),
        (FeedRule(5, terms_found=False), Usage(1), True, "named", "tag"),
    ],
)
def test_the_rule(rule: FeedRule, usage: Usage, is_named: bool, ground: Ground | None, lack: Lack | None) -> None:
    assert rule.ground(usage, is_named=is_named) == ground
    assert rule.lack(usage) == lack
