"""What was filled into a sentence is found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.sentence_gaps import filled_gaps


@pytest.mark.parametrize(
    ("sentence", "text", "values"),
    [
        ("{name} is back", "A blog is back", {"name": "A blog"}),
        ("{name} is back", "A {blog} is back is back", {"name": "A {blog} is back"}),
        ("{name} is back", "A blog is gone", None),
        ("{name} is back", "", None),
        ("Entries of {name} are held", "Entries of  are held", {"name": ""}),
        ("Entries of {name} are held", "Entries of are held", None),
        ("{means} (It answers {status}.)", "Wait. (It answers 404.)", {"means": "Wait.", "status": "404"}),
        ("since {day}, {n} days", "since 2026-11-01, 29 days", {"day": "2026-11-01", "n": "29"}),
        ("to {address}", "to https://x.example/", {"address": "https://x.example/"}),
    ],
)
def test_the_values_of_a_sentence(sentence: str, text: str, values: dict[str, str] | None) -> None:
    assert filled_gaps(sentence, text) == values


@given(st.text(), st.text(), st.text())
def test_what_is_found_makes_the_same_text(one: str, other: str, text: str) -> None:
    sentence = "{one} (Its server: {other}.)"
    made = sentence.format(one=one, other=other)
    found = filled_gaps(sentence, made)
    assert found is not None
    assert sentence.format(**found) == made
    assert filled_gaps(sentence, text) is None or text.endswith(".)")
