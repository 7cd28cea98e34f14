"""include and exclude: which entries of a source are refused."""

import time

import pytest

from aggregator.clean.filters import Filter, refusal
from aggregator.html.plain_text import plain_text
from aggregator.model.document import CategoryTerm, Person
from aggregator.model.entry import CleanEntry

ENTRY = CleanEntry(
    title="Python 3.14 released",
    summary="<p>What is <b>new</b></p>",
    content='<p>AT&amp;T and<br>others <a href="https://ads.example/">say</a></p>',
    link="https://a.example/release",
    authors=(Person("Ada"), Person("Grace", email="grace@a.example")),
    terms=(CategoryTerm("py", "Python"),),
    tags=(CategoryTerm("release"),),
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


def test_a_refusal_has_a_reason() -> None:
    assert refusal(ENTRY, [{"title": "x"}], []) == "excluded: no filter of include holds"
    assert refusal(ENTRY, [], [{"title": "3", "author": "Ada"}]) == "excluded: title matches 3, author matches Ada"


def test_an_entry_without_a_field_has_nothing_to_match() -> None:
    assert refusal(CleanEntry(), [{"author": ""}], [])
    assert not refusal(CleanEntry(), [], [{"author": ""}, {"category": ""}])


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "(a|a?)+$", r"(\w+\s?)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"]
)
def test_no_pattern_hangs_a_run(pattern: str) -> None:
    """A megabyte of the worst input takes milliseconds."""
    hostile = CleanEntry(title="a" * 2**20 + "!", content="<p>" + "a" * 2**20 + "!</p>")
    plain_text(hostile.content)  # what is shared by all patterns is none of their time
    began = time.process_time()
    refusal(hostile, [{"title": pattern}], [{"title": pattern}])
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("pattern", "title", "is_in"),
    [
        (r"^\w+$", "новости", True),
        (r"^\w+$", "新媒体", True),
        (r"\d{4}", "٢٠٢٦", True),
        (r"^a\sb$", "a\u3000b", True),
        ("новости", "НОВОСТИ", False),
        ("(?i)новости", "НОВОСТИ", True),
        (r"\bAI\b", "about AI, again", True),
        (r"\bAI\b", "SAID", False),
        ("^.{2}$", "👩!", True),
        ("a", "\ud800a", True),
        ("^.a$", "\udfffa", True),
        ("^$", "", True),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        ("(?m)^b$", "a\nb", True),
    ],
)
def test_what_a_pattern_means(pattern: str, title: str, is_in: bool) -> None:
    assert (refusal(CleanEntry(title=title), [{"title": pattern}], []) == "") is is_in
