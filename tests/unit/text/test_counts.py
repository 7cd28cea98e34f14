"""A number with its noun."""

import pytest

from aggregator.text.counts import count_of


@pytest.mark.parametrize(
    ("count", "words", "text"),
    [
        (0, ("feed",), "0 feeds"),
        (1, ("feed",), "1 feed"),
        (1200, ("feed",), "1,200 feeds"),
        (1, ("entry is", "entries are"), "1 entry is"),
        (2, ("entry is", "entries are"), "2 entries are"),
    ],
)
def test_one_thing_is_singular(count: int, words: tuple[str, ...], text: str) -> None:
    assert count_of(count, *words) == text
