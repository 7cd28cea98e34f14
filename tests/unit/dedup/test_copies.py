"""Copies and uses of one template: what tells two texts apart that share most of their words."""

import random
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedup.compared_titles import Titled, comparable_titles
from aggregator.dedup.copies import Copy, compare
from aggregator.dedup.repeated_shingles import RepeatedShingles
from aggregator.dedup.replaced_words import Change, replaced_words, title_changes
from aggregator.dedup.shingles import first_tokens, shingles, tokens

WORDS = ["".join(letters) for letters in product("bdfklmnprst", "aeiou", "bdfklmnprst", "aeiou")]


def words(seed: str, count: int) -> str:
    return " ".join(random.Random(seed).sample(WORDS, count))


def with_words(text: str, **at: str) -> str:
    """The text with other words at these places (`w10="north"`)."""
    parts = text.split()
    for place, word in at.items():
        parts[int(place[1:])] = word
    return " ".join(parts)


SHORT, LONG = words("short", 60), words("long", 240)
WARNING = Copy("yellow warning", SHORT, "north.example/1")
REPORT = Copy("a long report of the day", LONG, "north.example/1")


def other(copy: Copy, **changed: object) -> Copy:
    return replace(copy, link="south.example/1", **changed)  # type: ignore[arg-type]


# (why they are two, one, the other); "" = they are one
PAIRS: dict[str, tuple[str, Copy, Copy]] = {
    "the same text": ("", WARNING, other(WARNING)),
    "another audio": (
        "their enclosures differ",
        replace(WARNING, files=("a.example/1.mp3",)),
        other(WARNING, files=("b.example/1.mp3",)),
    ),
    "one audio behind a counter": (
        "",
        replace(WARNING, files=("a.example/1.mp3",)),
        other(WARNING, files=("count.example/a.example/1.mp3",)),
    ),
    "only one has a file": ("", replace(WARNING, files=("a.example/1.mp3",)), other(WARNING)),
    "another picture under a short text": (
        "their pictures differ",
        replace(WARNING, pictures=("a.example/1.png",)),
        other(WARNING, pictures=("b.example/1.png",)),
    ),
    "another picture under a long text": (
        "",
        replace(REPORT, pictures=("a.example/1.png",)),
        other(REPORT, pictures=("b.example/1.png",)),
    ),
    "two pages of one site": ("two pages of one site", WARNING, replace(WARNING, link="www.north.example/2")),
    "one page of one site": ("", WARNING, replace(WARNING, title="yellow warning!")),
    "a long article in two sections": ("", REPORT, replace(REPORT, link="north.example/2")),
    "a long article in two sections, edited": (
        "two pages of one site",
        REPORT,
        replace(REPORT, link="north.example/2", text=with_words(LONG, w7="edited")),
    ),
    "another headline over a short text": ("share few words", WARNING, other(WARNING, title="storm from the sea")),
    "another headline over a long text": ("", REPORT, other(REPORT, title="what happened")),
    "another place in the titles": (
        "their titles differ (north / south)",
        replace(WARNING, title="yellow warning for the north"),
        other(WARNING, title="yellow warning for the south"),
    ),
    "a place in one title": ("differ (nothing / north)", WARNING, other(WARNING, title="yellow warning north")),
    "a number in one title": ("differ (nothing / 7)", WARNING, other(WARNING, title="yellow warning 7")),
    "brackets": (
        "differ in brackets",
        replace(REPORT, title="report of the day (north)"),
        other(REPORT, title="report of the day (south)"),
    ),
    "one place in like titles of long texts": (
        "in one place alone (north / south)",
        replace(REPORT, title="report of the day, north"),
        other(REPORT, title="report of the day, south"),
    ),
    "more than one place in like titles of long texts": (
        "",
        replace(REPORT, title="old mill on the river burns down at night"),
        other(REPORT, title="fire in the old mill on the river at night"),
    ),
    "the name of the site": ("", WARNING, other(WARNING, title="yellow warning | south news", site="south news")),
    "the address of the site": ("", WARNING, other(WARNING, title="yellow warning (south.example)")),
    "a label": ("", WARNING, other(WARNING, title="[update] yellow warning")),
    "the headline in the text": ("", replace(WARNING, title=first_tokens(SHORT, 5)), other(WARNING, title="news")),
    "a word in the place of another": (
        "other words in the same place",
        replace(WARNING, text=with_words(SHORT, w30="north")),
        other(WARNING, text=with_words(SHORT, w30="south")),
    ),
    "a word in another spelling": (
        "",
        replace(WARNING, text=with_words(SHORT, w30="harbour")),
        other(WARNING, text=with_words(SHORT, w30="harbor")),
    ),
    "one word of a hundred": (
        "",
        replace(WARNING, text=words("a hundred", 120)),
        other(WARNING, text=with_words(words("a hundred", 120), w50="corrected")),
    ),
    "one number of a hundred words": (
        "other words in the same place",
        replace(WARNING, text=with_words(words("a hundred", 100), w50="12")),
        other(WARNING, text=with_words(words("a hundred", 100), w50="13")),
    ),
    "the names of the titles in long texts": (
        "by which their titles differ",
        replace(REPORT, title="harbour is released", text=with_words(LONG, w100="harbour")),
        other(REPORT, title="lantern is released", text=with_words(LONG, w100="lantern")),
    ),
    "all names of unlike titles in long texts": (
        "by which their titles differ",
        replace(REPORT, title="rovers beat albion", text=with_words(LONG, w100="rovers", w101="beat", w102="albion")),
        other(REPORT, title="wanderers beat city", text=with_words(LONG, w100="wanderers", w101="beat", w102="city")),
    ),
    "a word that is always another": (
        "other words in the same places",
        replace(REPORT, text=with_words(LONG, w50="butter", w150="butter")),
        other(REPORT, text=with_words(LONG, w50="oil", w150="oil")),
    ),
    "figures of another day": (
        "other numbers in the same places",
        replace(REPORT, text=with_words(LONG, w50="1", w100="2", w150="3")),
        other(REPORT, text=with_words(LONG, w50="4", w100="5", w150="6")),
    ),
    "a name and a number": (
        "other numbers in the same places",
        replace(REPORT, text=with_words(LONG, w50="1", w100="north")),
        other(REPORT, text=with_words(LONG, w50="4", w100="south")),
    ),
    "one figure that grew": (
        "",
        replace(REPORT, text=with_words(LONG, w50="12")),
        other(REPORT, text=with_words(LONG, w50="14")),
    ),
}


@pytest.mark.parametrize(("why", "one", "two"), PAIRS.values(), ids=PAIRS)
def test_what_tells_two_apart(why: str, one: Copy, two: Copy) -> None:
    likeness = compare(one, two)
    assert likeness.score >= 0.85
    assert why in likeness.apart
    assert bool(why) == bool(likeness.apart)


@pytest.mark.parametrize(("one", "two"), [pair[1:] for pair in PAIRS.values()], ids=PAIRS)
def test_comparing_is_mutual(one: Copy, two: Copy) -> None:
    assert compare(one, two).score == compare(two, one).score
    assert bool(compare(one, two).apart) == bool(compare(two, one).apart)


def test_an_excerpt_is_compared_with_the_beginning() -> None:
    excerpt = other(REPORT, text=f"{first_tokens(LONG, 60)} [...]\nread more")
    assert compare(REPORT, excerpt).score > 0.9
    assert not compare(REPORT, excerpt).apart
    assert compare(REPORT, other(REPORT, text=first_tokens(LONG, 60))).score < 0.5


def test_what_stands_around_a_whole_text_counts_half() -> None:
    """But for the byline these are one text; a third more is another text."""
    assert compare(WARNING, other(WARNING, text=f"{words('by', 10)} {SHORT}")).score > 0.9
    assert compare(WARNING, other(WARNING, text=f"{SHORT} {words('more', 40)}")).score < 0.85


def test_what_a_source_repeats_weighs_nothing() -> None:
    footer = words("footer", 200)
    notes = [f"{words(name, 20)}\n{footer}" for name in ("bees", "bridges", "books")]
    one, two = RepeatedShingles(enumerate(notes[:2])), RepeatedShingles(enumerate(notes[1:]))
    mine = Copy("bees", notes[0], repeated=one.beside(0, notes[0]))
    theirs = Copy("books", notes[2], repeated=two.beside(1, notes[2]))
    assert compare(replace(mine, repeated=frozenset()), replace(theirs, repeated=frozenset())).score > 0.8
    assert compare(mine, theirs).score < 0.1


def test_an_entry_does_not_repeat_itself() -> None:
    repeated = RepeatedShingles([("edited", SHORT), ("edited", f"{SHORT} again"), ("other", LONG)])
    assert repeated.beside("edited", SHORT) == frozenset()
    assert repeated.beside("copy", SHORT) == shingles(SHORT)


@given(st.text(), st.text())
def test_no_text_stops_comparing(one: str, two: str) -> None:
    likeness = compare(Copy(one, two), Copy(two, one))
    assert 0 <= likeness.score <= 1
    assert title_changes(one, one) == []
    assert replaced_words(one, one) == []


@pytest.mark.parametrize(
    ("text", "count", "first"),
    [("one, two; three", 2, "one, two"), ("今天，天气很好", 3, "今天，天"), ("one", 5, ""), ("one", 0, "")],
)
def test_the_first_tokens_of_a_text(text: str, count: int, first: str) -> None:
    assert first_tokens(text, count) == first


def test_tokens_are_words_or_characters() -> None:
    assert tokens("don't «stop», 1.2") == ("don", "t", "stop", "1", "2")
    assert tokens("今天 go 天气很好") == tuple("今天go天气很好")
    assert tokens("อากาศดี")[0] == "อ"
    assert tokens("今天 go") == ("今天", "go")  # half is not most
    assert tokens("今天天 gogo") == ("今天天", "gogo")


@pytest.mark.parametrize(
    ("one", "two", "spelling"),
    [("colour", "color", True), ("color", "colour", True), ("organise", "organize", True),
     ("recieve", "receive", True), ("per cent", "percent", True), ("north", "south", False),
     ("austria", "australia", False), ("version1", "version2", False), ("s3", "s8", False), ("kiev", "kyiv", False)],
)  # fmt: skip
def test_a_spelling_is_no_other_word(one: str, two: str, spelling: bool) -> None:
    assert Change(tuple(one.split()), tuple(two.split())).is_spelling is spelling


def test_what_was_replaced_is_recognized_by_the_two_words_on_each_side() -> None:
    one, two = "a b c north d e f south g h i", "a b c east d e f west g h i"
    assert [(change.old, change.new) for change in replaced_words(one, two)] == [
        (("north",), ("east",)),
        (("south",), ("west",)),
    ]
    nearer = [text.replace("d e f", "d e") for text in (one, two)]
    assert [str(change) for change in replaced_words(*nearer)] == ["north d e south / east d e west"]


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (Titled("title | site", "site", ""), Titled("title", "", ""), True),
        (Titled("title of the site", "site", ""), Titled("title of the", "", ""), False),
        (Titled("title (2.4)", "", ""), Titled("title", "", ""), False),
        (Titled("title (web2.example)", "", ""), Titled("title", "", ""), True),
        (Titled("【快讯】港口开放", "", ""), Titled("港口开放", "", ""), True),
        (Titled("【北部】大风预警", "", ""), Titled("【南部】大风预警", "", ""), False),
        (Titled("[", "", ""), Titled("title", "", ""), False),
    ],
)
def test_titles_are_compared_without_what_is_put_around_them(one: Titled, two: Titled, same: bool) -> None:
    first, second = comparable_titles(one, two)
    assert (first == second) is same
