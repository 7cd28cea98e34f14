"""Which entry is this? Series of documents, in which a letter names the entry that each item is."""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.dedup import CandidateIndex, Known
from aggregator.dedup.document_state import DocumentState, IdsPolicy
from tests.support.document_series import LONG, OTHER, Planet, Shown, check, day, e, pulls, text


def wordpress(things: str, scheme: str = "http", host: str = "a.example", **more: Any) -> list[Shown]:
    """An ordinary feed: permalinks as guids, newest first."""
    return [
        e(
            thing,
            id=f"{scheme}://{host}/{thing}",
            link=f"{host}/{thing}",
            title=f"On {thing}",
            text=text(thing),
            at=day(-ord(thing)),
            **more,
        )
        for thing in things
    ]


def posts(*paths_and_titles: tuple[str, str, str], words: str = LONG) -> list[Shown]:
    return [e(thing, path=path, title=title, text=f"{words} {thing}") for thing, path, title in paths_and_titles]


VERSES = [[e(f"{n}", id=f"v{n}", link="a.example/verse", title=f"Psalm {n}", text=text(f"v{n}"))] for n in range(4)]

ONE_SOURCE = {
    "nothing changes": pulls(wordpress("cba"), wordpress("cba")),
    "a window that rolls": pulls(wordpress("cba"), wordpress("dcb"), wordpress("edc")),
    "an edit of title and text keeps the id": pulls(
        [e("a", id="1", link="a.example/1", title="Old", text=LONG)],
        [e("a", id="1", link="a.example/1", title="New", text=OTHER)],
    ),
    "an edit of the link keeps the id": pulls(
        [e("a", id="1", link="a.example/1")], [e("a", id="1", link="a.example/x")]
    ),
    "an entry that comes back": pulls(wordpress("ba"), wordpress("b"), wordpress("ba")),
    "http becomes https": pulls(wordpress("cba"), wordpress("cba", "https")),
    "http becomes https while an entry is edited": pulls(
        [e("a", id="http://a.example/1", link="a.example/1", title="T", text=LONG, at=day(0))],
        [e("a", id="https://a.example/1", link="a.example/1", title="Other", text=OTHER, at=day(0))],
    ),
    "a host changes, links and ids with it": pulls(wordpress("fedcba"), wordpress("fedcba", host="www.a.example")),
    "a host changes while a new entry appears": pulls(wordpress("fedcba"), wordpress("gfedcb", host="b.example")),
    "all guids are new, the links are the same": pulls(
        [e(x, id=f"old-{x}", link=f"a.example/{x}", title=f"On {x}", text=text(x)) for x in "abcd"],
        [e(x, id=f"new-{x}", link=f"a.example/{x}", title=f"On {x}", text=text(x)) for x in "abcd"],
    ),
    "guids churn at every pull": pulls(
        *([e(x, id=f"{n}-{x}", link=f"a.example/{x}", title=f"On {x}", text=text(x)) for x in "abcd"] for n in range(4))
    ),
    "guids are dropped": pulls(
        [e(x, id=f"id-{x}", link=f"a.example/{x}", title=f"On {x}") for x in "abc"],
        [e(x, link=f"a.example/{x}", title=f"On {x}") for x in "abc"],
    ),
    "guids are added": pulls(
        [e(x, link=f"a.example/{x}", title=f"On {x}") for x in "abc"],
        [e(x, id=f"id-{x}", link=f"a.example/{x}", title=f"On {x}") for x in "abc"],
    ),
    "without ids the link is the identity": pulls(
        [e("a", link="a.example/1", title="Old", text=LONG)], [e("a", link="a.example/1", title="New", text=OTHER)]
    ),
    "a verse of the day has one link and is new each time": pulls(*VERSES),
    "a verse of the day under one title is new each time": pulls(
        *([replace(one, title="Verse of the day", at=day(n)) for one in verse] for n, verse in enumerate(VERSES))
    ),
    "a verse of the day with one small text is new each time": pulls(
        *([replace(one, text="Read more", at=day(n)) for one in verse] for n, verse in enumerate(VERSES))
    ),
    "two entries of one text churn together, each to its own": pulls(
        [e(x, id=f"old-{x}", link=f"a.example/old/{x}", title=x, text=LONG, at=day(-ord(x))) for x in "abcd"],
        [e(x, id=f"new-{x}", link=f"a.example/new/{x}", title=x, text=LONG, at=day(-ord(x))) for x in "abcd"],
    ),
    "two entries alike in all but their dates churn together, each to its own": pulls(
        [e(x, id=f"old-{x}", link=f"a.example/old/{x}", title="T", text=LONG, at=day(-ord(x))) for x in "abcd"],
        [e(x, id=f"new-{x}", link=f"a.example/new/{x}", title="T", text=LONG, at=day(-ord(x))) for x in "abcd"],
    ),
    "a weekly thread has the same long text each week": pulls(
        *([e(f"{n}", id=f"w{n}", link=f"a.example/w{n}", title=f"Week {n}", text=LONG, at=day(n))] for n in range(4))
    ),
    "an undated weekly thread, too": pulls(
        *([e(f"{n}", id=f"w{n}", link=f"a.example/w{n}", title=f"Week {n}", text=LONG)] for n in range(4))
    ),
    "one that was published again under a new id and link": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG, at=day(-3))],
        [e("a", id="2", link="a.example/2", title="T", text=LONG, at=day(-3))],
    ),
    "a title alone tells nothing": pulls(
        [e("a", id="1", link="a.example/1", title="SP", at=day(-3))],
        [e("b", id="2", link="a.example/2", title="SP", at=day(-2))],
    ),
    "the same words while the first is still there": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG)],
        [
            e("b", id="2", link="a.example/2", title="T", text=LONG),
            e("a", id="1", link="a.example/1", title="T", text=LONG),
        ],
    ),
    "the same words while the first is still there, edited": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG)],
        [
            e("b", id="2", link="a.example/2", title="T", text=LONG),
            e("a", id="1", link="a.example/1", title="T", text=f"{LONG} edited"),
        ],
    ),
    "the same words while the first, which has no id, is still there, edited": pulls(
        [e("a", link="a.example/1", title="T", text=LONG)],
        [
            e("b", link="a.example/2", title="T", text=LONG),
            e("a", link="a.example/1", title="T", text=f"{LONG} edited"),
        ],
    ),
    "two with the words of four that are gone are no site that moved": pulls(
        [e(x, id=x, link=f"a.example/{x}", title="T", text=LONG, at=day(-ord(x))) for x in "abcd"],
        [e(x, id=x, link=f"a.example/{x}", title="T", text=LONG, at=day(ord(x))) for x in "ef"],
    ),
    "the same words as one that lives on under a newer id": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG, at=day(-3))],
        [e("a", id="2", link="a.example/1", title="T", text=LONG, at=day(-3))],
        [
            e("b", id="3", link="a.example/3", title="T", text=LONG, at=day(-3)),
            e("a", id="2", link="a.example/1", title="T", text=LONG, at=day(-3)),
        ],
    ),
    "letter by letter the same twice": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG)] * 2,
        [e("a", id="1", link="a.example/1", title="T", text=LONG)] * 2,
        [e("a", id="1", link="a.example/1", title="T", text=LONG)],
    ),
    "letter by letter the same twice, later": pulls(wordpress("ba"), [*wordpress("ba"), *wordpress("ba")]),
    "without an id the same twice": pulls([e("a", link="a.example/1", title="T", text=LONG)] * 2),
    "without an id and with another summary twice": pulls(
        [e("a", link="a.example/1", title="T", text="One"), e("a", link="a.example/1", title="T", text="Two")],
        [e("a", link="a.example/1", title="T", text="One"), e("a", link="a.example/1", title="T", text="Two")],
    ),
    "one id twice with another text": pulls(
        [
            e("a", id="1", link="a.example/1", title="T", text="One"),
            e("a", id="1", link="a.example/1", title="T", text="Two"),
        ],
        [
            e("a", id="1", link="a.example/1", title="T", text="One"),
            e("a", id="1", link="a.example/1", title="T", text="Two"),
        ],
    ),
    "the edited copy of an id stands before the old one": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG)],
        [
            e("a", id="1", link="a.example/1", title="T", text=OTHER),
            e("a", id="1", link="a.example/1", title="T", text=LONG),
        ],
        [
            e("a", id="1", link="a.example/1", title="T", text=OTHER),
            e("a", id="1", link="a.example/1", title="T", text=LONG),
        ],
    ),
    "one id for all": pulls(
        [e(x, id="0", link=f"a.example/{x}", title=f"On {x}", text=text(x)) for x in "ba"],
        [e(x, id="0", link=f"a.example/{x}", title=f"On {x}", text=text(x)) for x in "dcba"],
        [e(x, id="0", link=f"a.example/{x}", title=f"On {x}!", text=text(x)) for x in "edcb"],
    ),
    "one id for all, and an edit of title and text": pulls(
        [e(x, id="0", link=f"a.example/{x}", title=f"On {x}", text=text(x)) for x in "ba"],
        [
            e("b", id="0", link="a.example/b", title="Anew", text=OTHER),
            e("a", id="0", link="a.example/a", title="On a", text=text("a")),
        ],
    ),
    "one id and one link for all": pulls(
        [e(x, id="0", link="a.example/log", title=f"On {x}", text=text(x)) for x in "ba"],
        [e(x, id="0", link="a.example/log", title=f"On {x}", text=text(x)) for x in "cba"],
        [e(x, id="0", link="a.example/log", title=f"On {x}", text=text(x)) for x in "dcb"],
    ),
    "no id and one link for all": pulls(
        [e(x, link="a.example/log", title=f"On {x}", text=text(x)) for x in "ba"],
        [e(x, link="a.example/log", title=f"On {x}", text=text(x)) for x in "cba"],
        [e(x, link="a.example/log", title=f"On {x}", text=text(x)) for x in "dcb"],
        [e(x, link="a.example/log", title=f"On {x}", text=text(x) + " edited") for x in "dcb"],
    ),
    "one id and one link for all, and the first is edited beside a new one": pulls(
        [e("a", id="0", link="a.example/log", title="On a", text=LONG)],
        [
            e("b", id="0", link="a.example/log", title="On b", text=OTHER),
            e("a", id="0", link="a.example/log", title="On a", text=f"{LONG} edited"),
        ],
    ),
    "no id and one link for all, and the first is edited beside a new one": pulls(
        [e("a", link="a.example/log", title="On a", text=LONG)],
        [
            e("b", link="a.example/log", title="On b", text=OTHER),
            e("a", link="a.example/log", title="On a", text=f"{LONG} edited"),
        ],
    ),
    "no id and one link for all, and a new one stands alone": pulls(
        [e(x, link="a.example/log", title=f"On {x}", text=text(x)) for x in "ba"],
        [e("c", link="a.example/log", title="On c", text=text("c"))],
    ),
    "no id, one link and one title for all": pulls(
        [e(x, link="a.example/log", title="Update", text=text(x), at=day(ord(x))) for x in "ba"],
        [e(x, link="a.example/log", title="Update", text=text(x), at=day(ord(x))) for x in "cba"],
        [e(x, link="a.example/log", title="Update", text=text(x), at=day(ord(x))) for x in "dcb"],
    ),
    "no id, no date, one link and one title for all": pulls(
        [e(x, link="a.example/log", title="Update", text=text(x)) for x in "ba"],
        [e(x, link="a.example/log", title="Update", text=text(x)) for x in "cba"],
    ),
    "neither id nor link": pulls(
        [e(x, title=f"On {x}", text=text(x), at=day(-9)) for x in "ba"],
        [e(x, title=f"On {x}", text=text(x), at=day(-9)) for x in "cba"],
        [e(x, title=f"Upon {x}", text=text(x), at=day(-9)) for x in "cba"],
    ),
    "a document that broke off takes nothing away": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG, at=day(-3))],
        [e("b", id="2", link="a.example/2", title="T", text=LONG, at=day(-3))],
        complete=False,
    ),
    "ids: guid, and the words churn as they like": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG)],
        [e("b", id="2", link="a.example/1", title="T", text=OTHER), e("a", id="1", link="a.example/2", title="U")],
        ids="guid",
    ),
    "ids: guid, one id twice is one entry": pulls(
        [e("a", id="1", link="a.example/1", title="T"), e("a", id="1", link="a.example/2", title="U")], ids="guid"
    ),
    "ids: link, and the ids churn as they like": pulls(
        [e("a", id="1", link="a.example/1", title="T", text=LONG)],
        [e("a", id="2", link="a.example/1", title="U", text=OTHER)],
        [e("b", id="2", link="a.example/2", title="U", text=OTHER), e("a", id="3", link="a.example/1", title="V")],
        ids="link",
    ),
    "ids: link, one link twice is one entry": pulls(
        [e("a", id="1", link="a.example/1", title="T"), e("a", id="2", link="a.example/1", title="U")], ids="link"
    ),
    "ids: link, the id where there is none": pulls(
        [e("a", id="1", title="T"), e("b", id="2", title="T")],
        [e("a", id="1", title="U"), e("b", id="2", title="V")],
        ids="link",
    ),
    "ids: link, and the site moved": pulls(wordpress("dcba"), wordpress("dcba", host="b.example"), ids="link"),
}

FOLDER = {
    "a post that was edited": pulls(posts(("a", "x.md", "T")), posts(("a", "x.md", "U"))),
    "a short post whose title was edited": pulls(
        [e("a", path="x.md", title="T", text="Hello")], [e("a", path="x.md", title="U", text="Hello")]
    ),
    "another post under the old name": pulls(
        [e("a", path="x.md", title="T", text=LONG)], [e("b", path="x.md", title="U", text=OTHER)]
    ),
    "the same name in another folder": pulls(
        [e("a", path="a/SP.md", title="SP", text=LONG), e("b", path="b/SP.md", title="SP", text=OTHER)],
        [e("a", path="a/SP.md", title="SP", text=LONG), e("b", path="b/SP.md", title="SP", text=OTHER)],
    ),
    "a post that moved": pulls(posts(("a", "x.md", "T")), posts(("a", "y/z.md", "T"))),
    "a post that moved under a new title": pulls(posts(("a", "x.md", "T")), posts(("a", "y/z.md", "U"))),
    "a post that moved, and another took its name": pulls(
        [e("a", path="x.md", title="T", text=LONG)],
        [e("b", path="x.md", title="U", text=OTHER), e("a", path="y.md", title="T", text=LONG)],
    ),
    "a post with a link that moved, and another took its name": pulls(
        [e("a", path="x.md", link="a.example/1", title="T", text=LONG)],
        [e("b", path="x.md", title="U", text=OTHER), e("a", path="y.md", link="a.example/1", title="T", text=LONG)],
    ),
    "a post crawled again under another name": pulls(
        posts(("a", "x.md", "T")), posts(("a", "x.md", "T"), ("a", "y.md", "T"))
    ),
    "one crawled again while the first is not read": [
        ("source", [e("a", path="x.md", title="T", text=LONG)], {}),
        ("source", [e("a", path="y.md", title="T", text=LONG)], {"present": frozenset({"x.md"})}),
    ],
    "the same text under another title is another post of a series": [
        ("source", [e("a", path="x.md", title="T", text=LONG)], {}),
        ("source", [e("b", path="y.md", title="U", text=LONG)], {"present": frozenset({"x.md"})}),
    ],
    "pictures without words": pulls(
        [e(x, path=f"{x}.md", title="Photo", text=f'<img src="https://i.example/{x}.jpg">') for x in "abc"],
        [e(x, path=f"{x}.md", title="Photo", text=f'<img src="https://i.example/{x}.jpg">') for x in "abc"],
    ),
    "titles without anything": pulls([e(x, path=f"{x}.md", title="SP") for x in "abc"]),
    "two posts about one article": [
        ("source", [e("a", path="x.md", link="b.example/1", title="T", text=LONG)], {}),
        (
            "source",
            [e("b", path="y.md", link="b.example/1", title="U", text=OTHER)],
            {"present": frozenset({"x.md"})},
        ),
    ],
    "one id in two files": [
        ("source", [e("a", id="1", path="x.md", title="T", text=LONG)], {}),
        ("source", [e("a", id="1", path="y.md", title="T", text=OTHER)], {"present": frozenset({"x.md"})}),
    ],
    "a post that is given an id": pulls(
        [e("a", path="x.md", title="T", text=LONG)], [e("a", id="1", path="x.md", title="T", text=LONG)]
    ),
    "a post with an id that moved and was written anew": pulls(
        [e("a", id="1", path="x.md", title="T", text=LONG)], [e("a", id="1", path="y.md", title="U", text=OTHER)]
    ),
    "a post that was away for a while": pulls(posts(("a", "x.md", "T")), [], posts(("a", "x.md", "T"))),
}

TWO_SOURCES = {
    "one article in two feeds of its site": [
        ("main", [e("a", id="1", link="a.example/1", title="T", own=True)], {}),
        ("tag", [e("a", id="x1", link="a.example/1", title="T | Site", own=True)], {}),
    ],
    "two link blogs that point at one article": [
        ("one", [e("a", id="1", link="c.example/1", title="Worth reading", text=LONG)], {}),
        ("two", [e("b", id="2", link="c.example/1", title="Nonsense", text=OTHER)], {}),
    ],
    "two aggregators with only their buttons for a text": [
        ("one", [e("a", id="1", link="c.example/1", title="Show: my program", text="Comments")], {}),
        ("two", [e("b", id="2", link="c.example/1", title="A program by N. N.", text="Comments")], {}),
    ],
    "a planet and the blog itself": [
        ("planet", [e("a", id="p1", link="b.example/1", title="Hello: World", text=LONG)], {}),
        ("blog", [e("a", id="1", link="b.example/1", title="Hello World", text=LONG, own=True)], {}),
    ],
    "near the same text under another title": [
        ("planet", [e("a", id="p1", link="b.example/1", title="N. N.: Hello", text=LONG)], {}),
        ("blog", [e("a", id="1", link="b.example/1", title="Hello", text=LONG + " more", own=True)], {}),
    ],
    "releases on one page": [
        ("one", [e("a", id="1", link="c.example/news", title="Version 1.2 is out", text=LONG)], {}),
        ("two", [e("b", id="2", link="c.example/news", title="Version 1.3 is out", text=OTHER)], {}),
    ],
    "an id that another source uses": [
        ("victim", [e("a", id="https://a.example/1", link="a.example/1", title="T", text=LONG)], {}),
        ("thief", [e("b", id="https://a.example/1", link="b.example/1", title="Spam", text=OTHER)], {}),
    ],
    "an id and the words of another source": [
        ("one", [e("a", id="tag:a.example,2020:1", link="a.example/1", title="T", text=LONG)], {}),
        ("two", [e("a", id="tag:a.example,2020:1", link="b.example/?1", title="T", text=LONG)], {}),
    ],
    "a number is no id that two sources share": [
        ("one", [e("a", id="1", link="a.example/1", title="T", text=LONG)], {}),
        ("two", [e("b", id="1", link="b.example/1", title="T", text=LONG)], {}),
    ],
    "the home page is no article": [
        ("one", [e("a", id="1", link="a.example/blog", title="T", text=LONG)], {}),
        ("two", [e("b", id="2", link="a.example/blog", title="T", text=LONG)], {"home": "a.example/blog"}),
    ],
    "a link that stands on two entries of one source": [
        ("one", [e("a", id="1", link="a.example/1", title="T"), e("b", id="2", link="a.example/1", title="U")], {}),
        ("two", [e("c", id="3", link="a.example/1", title="T")], {}),
    ],
    "a link that the new source shows twice": [
        ("one", [e("a", id="1", link="a.example/1", title="T")], {}),
        ("two", [e("b", id="2", link="a.example/1", title="T"), e("c", id="3", link="a.example/1", title="U")], {}),
    ],
    "nothing joins where that is switched off": [
        ("one", [e("a", id="1", link="a.example/1", title="T", text=LONG)], {}),
        ("two", [e("b", id="2", link="a.example/1", title="T", text=LONG)], {"across_sources": "off"}),
    ],
}


@pytest.mark.parametrize("pulls", [pytest.param(pulls, id=name) for name, pulls in ONE_SOURCE.items()])
def test_one_source_shows_the_same_thing_again_and_different_things_apart(pulls: Any) -> None:
    check(pulls)


@pytest.mark.parametrize("pulls", [pytest.param(pulls, id=name) for name, pulls in FOLDER.items()])
def test_a_folder_of_posts(pulls: Any) -> None:
    check(pulls)


@pytest.mark.parametrize("pulls", [pytest.param(pulls, id=name) for name, pulls in TWO_SOURCES.items()])
def test_two_sources_join_only_by_evidence(pulls: Any) -> None:
    check(pulls)
    if "that the new source shows twice" not in str(pulls):
        check([(source, shown, how) for source, shown, how in pulls * 2])


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (e("", id="1", link="x/1", title="T"), e("", id="1", link="x/1", title="U"), "guid"),
        (e("", link="x/1", title="T"), e("", link="x/1", title="U"), "link"),
        (e("", id="1", link="x/1", title="T"), e("", id="2", link="x/1", title="T"), "link"),
        (e("", path="a.md", title="T", text="x"), e("", path="a.md", title="T", text="y"), "path"),
        (
            e("", id="1", link="x/1", title="T", text=LONG),
            e("", id="2", link="x/2", title="T", text=LONG),
            "fingerprint",
        ),
        (e("", id="1", link="x/1", title="T"), e("", id="2", link="x/2", title="U"), "new"),
    ],
)
def test_a_match_names_its_rule(before: Shown, after: Shown, rule: str) -> None:
    planet = Planet()
    planet.pull("source", [before])
    [(_, decision)] = planet.pull("source", [after])
    assert decision.rule == rule
    assert decision.reason
    assert decision.again is None or decision.joins is None


def test_a_sighting_seen_again_is_no_join() -> None:
    """Edits change a sighting in its place; churned ids make another sighting of the same entry."""
    planet = Planet()
    planet.pull("source", wordpress("a"))
    [(_, edited)] = planet.pull("source", [replace(wordpress("a")[0], title="Edited")])
    [(_, churned)] = planet.pull("source", wordpress("a", scheme="https"))
    assert edited.again
    assert churned.joins


def test_an_incomplete_document_marks_nothing_gone() -> None:
    pulls = DocumentState([], CandidateIndex(), str, complete=False)
    assert not pulls.is_gone(Known(1, "s", 1, "x"))
    assert pulls.is_gone(Known(1, "s", 1, "x", gone=True))


CROWDS = {
    "one text": lambda n: e("", id=f"{n}", link=f"a.example/{n}", title="T", text=LONG),
    "one text, no id, one link": lambda n: e("", link="a.example/1", title=f"{n}", text=LONG),
    "one id": lambda n: e("", id="0", link=f"a.example/{n}", title=f"{n}", text=text(f"{n}", 9)),
    "one id and one link": lambda n: e("", id="0", link="a.example/1", title=f"{n}", text=text(f"{n}", 9)),
    "no id": lambda n: e("", link=f"a.example/{n}", title=f"{n}", text=text(f"{n}", 9)),
    "nothing": lambda n: e("", title=f"{n}"),
    "one title and link, no id": lambda n: e("", link="a.example/1", title="T", text=text(f"{n}", 9)),
    "one word": lambda n: e("", id=f"{n}", link=f"a.example/{n}", title="T", text="x"),
    "posts of one text": lambda n: e("", path=f"{n}.md", title="T", text=LONG),
}


def steps(action: Callable[[], object]) -> int:
    """How many steps of the interpreter the rules take, which no other process influences."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        if not frame.f_globals["__name__"].startswith("aggregator."):
            return None
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("crowd", CROWDS)
def test_many_similar_entries_do_not_cost_quadratic_time(crowd: str) -> None:
    costs = []
    steps(lambda: Planet().pull("source", [CROWDS[crowd](0)]))  # Python 3.12.1 counts nothing the first time
    for size in (60, 120):
        planet = Planet()
        planet.pull("source", [CROWDS[crowd](n) for n in range(size)])
        edited = [replace(shown := CROWDS[crowd](n), title=f"{shown.title} edited") for n in range(size)]
        costs.append(steps(lambda: planet.pull("source", edited)))  # noqa: B023 - called at once
    assert 0 < costs[1] < 2.7 * costs[0]


claims = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["", "1", "2", "https://a.example/1"]),
        "link": st.sampled_from(["", "a.example/1", "a.example/2"]),
        "title": st.sampled_from(["", "T", "U"]),
        "text": st.sampled_from(["", "x", LONG, OTHER]),
        "at": st.sampled_from([None, day(-1), day(-2), day(400)]),
        "path": st.just(""),
    }
)
documents = st.lists(st.lists(claims, max_size=5), max_size=4)


@pytest.mark.portions(3)
@settings(max_examples=50, deadline=None)
@given(documents, st.sampled_from(["auto", "guid", "link"]), st.booleans())
def test_laws_of_every_history(history: list[list[dict[str, Any]]], ids: IdsPolicy, complete: bool) -> None:
    """An item that was read before is never new, repetitions become stable, and equal histories give equal entries."""
    planet, again = Planet(), Planet()
    for shown in history:
        document = [Shown("", **one) for one in shown]
        known = {seen.item for seen in planet.seen}
        found = planet.pull("source", document, ids=ids, complete=complete)
        assert [entry for entry, _ in found] == [
            entry for entry, _ in again.pull("source", document, ids=ids, complete=complete)
        ]
        for one, (_, decision) in zip(document, found, strict=True):
            assert decision.again or one.arriving().item not in known
        repeated = planet.pull("source", document, ids=ids, complete=complete)
        again.pull("source", document, ids=ids, complete=complete)
        assert [entry for entry, _ in repeated] == [entry for entry, _ in found]
        assert all(decision.again for _, decision in repeated)
