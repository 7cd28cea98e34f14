"""include and exclude: which entries of a source are let in."""

import pytest

from aggregator.filters import Filter, refusal
from aggregator.models import Clean, Person, Term

ENTRY = Clean(
    title="Python 3.14 released",
    summary="<p>What is <b>new</b></p>",
    content='<p>AT&amp;T and<br>others <a href="https://ads.example/">say</a></p>',
    link="https://a.example/release",
    authors=(Person("Ada"), Person("Grace", email="grace@a.example")),
    terms=(Term("py", "Python"),),
    tags=(Term("release"),),
)


@pytest.mark.parametrize(
    ("include", "exclude", "is_in"),
    [
        ([], [], True),
        ([{"title": "released"}], [], True),
        ([{"title": "Released"}], [], False),
        ([{"title": "(?i)RELEASED"}], [], True),
        ([{"title": "^released"}], [], False),
        ([{"title": "no"}, {"title": "3"}], [], True),
        ([{"title": "3", "author": "Grace"}], [], True),
        ([{"title": "3", "author": "Linus"}], [], False),
        ([{"author": "^Ada$"}], [], True),
        ([{"author": "a.example"}], [], False),
        ([{"category": "^py$"}], [], True),
        ([{"category": "^Python$"}], [], True),
        ([{"category": "^release$"}], [], True),
        ([{"link": r"a\.example/release$"}], [], True),
        ([{"content": "What is new"}], [], True),
        ([{"content": "AT&T and others"}], [], True),
        ([{"content": "ads.example"}], [], False),
        ([{"content": "href|<p>"}], [], False),
        ([], [{"title": "released"}], False),
        ([], [{"title": "released", "author": "Linus"}], True),
        ([], [{"title": "no"}, {"category": "py"}], False),
        ([{"title": "released"}], [{"author": "Ada"}], False),
    ],
)
def test_filters(include: list[Filter], exclude: list[Filter], is_in: bool) -> None:
    assert (refusal(ENTRY, include, exclude) == "") is is_in


def test_a_refusal_says_why() -> None:
    assert refusal(ENTRY, [{"title": "x"}], []) == "excluded: no filter of include holds"
    assert refusal(ENTRY, [], [{"title": "3", "author": "Ada"}]) == "excluded: title matches 3, author matches Ada"


def test_an_entry_without_a_field_has_nothing_to_match() -> None:
    assert refusal(Clean(), [{"author": ""}], [])
    assert not refusal(Clean(), [], [{"author": ""}, {"category": ""}])
