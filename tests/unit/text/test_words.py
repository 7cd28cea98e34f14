"""The different words of a text."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.words import LONGEST, words_of


def test_words_of_four_letters_and_more() -> None:
    assert words_of("the compiler, the compiler; and its café (2026)!") == {"compiler", "café"}


def test_pairs_of_characters_where_words_have_no_spaces() -> None:
    assert words_of("编译器很好。") == {"编译", "译器", "器很", "很好"}


def test_only_the_beginning_counts() -> None:
    assert words_of("word " * LONGEST + "last") == {"word"}


@given(st.text())
def test_any_text_has_words_or_none(text: str) -> None:
    assert all(len(word) >= 2 for word in words_of(text))
