"""The sketch of a text that was dropped: equality, and how similar another text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedup.similarity import overlap, similarity
from aggregator.dedup.sketch import (
    SAMPLE,
    TextSketch,
    has_text,
    is_same,
    length_of,
    overlap_with,
    similarity_to,
    sketch_of,
)
from tests.support.simulation import prose

WORDS = st.lists(st.sampled_from([f"w{n}" for n in range(40)]), max_size=120).map(" ".join)


@given(WORDS, WORDS)
def test_a_sketch_tells_equality_and_similarity(text: str, other: str) -> None:
    sketch = sketch_of(text)
    assert is_same(text, sketch)
    assert is_same(other, sketch) == is_same(other, text) == (text == other)
    assert has_text(sketch) == has_text(text) == bool(text)
    assert length_of(sketch) == length_of(text) == len(text)
    if sketch.grams <= SAMPLE:
        assert overlap_with(other, sketch) == pytest.approx(overlap(other, text))
        assert similarity_to(other, sketch) == pytest.approx(similarity(other, text))
    assert 0 <= overlap_with(other, sketch) <= 1


def test_a_signature_of_a_long_text_distinguishes_halves_from_quarters() -> None:
    words = prose("long", 2000).split()
    sketch = sketch_of(" ".join(words))
    assert len(sketch.sample) == SAMPLE
    for share in (1.0, 0.75, 0.5, 0.25, 0.0):
        at = int(share * len(words))
        other = " ".join([*words[:at], *prose("other", len(words) - at).split()])
        assert overlap_with(other, sketch) == pytest.approx(share, abs=0.2)
        assert similarity_to(other, sketch) == pytest.approx(share / (2 - share), abs=0.2)
    assert overlap_with(" ".join(words), sketch) == similarity_to(" ".join(words), sketch) == 1


@pytest.mark.parametrize(("one", "other"), [("a b c d", "a b c e"), ("a b c d e", "c d e"), ("a b c", "x y z")])
def test_a_text_that_is_there_is_compared_itself(one: str, other: str) -> None:
    assert overlap_with(one, other) == overlap(one, other) == overlap(other, one) == overlap_with(one, sketch_of(other))
    assert similarity_to(one, other) == similarity(one, other) == similarity_to(one, sketch_of(other))


def test_shares_of_3_grams() -> None:
    assert (overlap("a b c d", "a b c e"), similarity("a b c d", "a b c e")) == (1 / 2, 1 / 3)
    assert (overlap("a b c d e", "c d e"), similarity("a b c d e", "c d e")) == (1 / 3, 1 / 3)
    assert [overlap("", ""), overlap("a", ""), similarity("", ""), similarity("", "a")] == [0.0] * 4


def test_a_text_that_was_empty_has_no_sketch() -> None:
    assert sketch_of("") == TextSketch(0, "", 0, ())
    assert is_same("", sketch_of(""))
    assert not is_same("a", sketch_of(""))


def test_another_text_of_the_same_length_is_not_the_same() -> None:
    assert not is_same("one two four", sketch_of("one two five"))
    assert not is_same("one two", sketch_of("one two five"))


def test_a_sketch_is_made_as_states_hold_it() -> None:
    """Made otherwise, it would be compared with sketches that nobody makes any more."""
    sketch = TextSketch(25, "d536778277302d0c01b02418de633b73", 3, (602997503, 1360303291, 2452763870))
    assert sketch_of("the quick brown fox jumps") == sketch
