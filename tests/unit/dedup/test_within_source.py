"""Rules within a source: aliases of posts, entries with a title alone, removed entries."""

from collections.abc import Sequence
from typing import Any

import pytest

from aggregator.dedup import Matcher
from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, Removed
from aggregator.dedup.decision import Match
from tests.support.document_series import LONG, OTHER, Planet, day, e

OLD = "a.example/old"
POST = Arriving("new file", path="new.md", canonical="a.example/new", title="T", aliases=("a.example/none", OLD))
SEEN = Known(7, "posts", 3, "old file", path="old.md", canonical=OLD, title="S")


def decide(one: Arriving, known: Sequence[Known], **how: Any) -> Match:
    return Matcher([one], CandidateIndex(known), CandidateIndex(), lambda _: "", **how).decide(one)


def test_a_post_that_names_the_link_of_one_that_is_gone_is_that_post() -> None:
    match = decide(POST, [SEEN])
    assert (match.rule, match.again) == ("link", SEEN)
    assert match.reason == f"it names {OLD}, which this source showed before, as its alias"


@pytest.mark.parametrize(
    ("mine", "theirs", "is_post"), [("", "", True), ("1", "", True), ("", "1", True), ("1", "2", False)]
)
def test_where_both_have_an_id_an_alias_says_nothing(mine: str, theirs: str, *, is_post: bool) -> None:
    one = Arriving("new file", mine, POST.canonical, "new.md", aliases=POST.aliases)
    seen = Known(7, "posts", 3, "old file", theirs, OLD, "old.md")
    assert (decide(one, [seen]).rule == "link") is is_post


def test_an_alias_takes_over_no_post_that_is_still_there() -> None:
    assert decide(POST, [SEEN], present=frozenset({"old.md"})).rule == "new"
    assert decide(POST, [SEEN], complete=False).rule == "new"


# neither an id nor a link


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ((LONG, 1), (OTHER, 1), "the date agrees"),
        ((LONG, 1), (f"{LONG} edited", 2), "half of the text agrees"),
        ((LONG, None), (f"{LONG} edited", 2), "half of the text agrees"),
        ((LONG, None), ("", 2), "one of them says no more"),
        (("", 1), (LONG, None), "one of them says no more"),
        ((LONG, 1), (OTHER, 2), ""),
        ((LONG, None), (OTHER, None), ""),
        ((LONG, 1), ("", 2), ""),
    ],
)
def test_an_entry_with_a_title_alone_is_known_by_its_date_or_half_of_its_text(
    before: tuple[str, int | None], after: tuple[str, int | None], why: str
) -> None:
    """Without either, a bulletin under the title of the last one is a new entry."""
    planet = Planet()
    documents = ([e("a", title="Bulletin", text=words, at=at and day(at))] for words, at in (before, after))
    [(first, _)], [(second, decision)] = (planet.pull("source", document) for document in documents)
    assert (second == first) is bool(why)
    reason = f"neither has an id or a link, the title is the same, and {why}"
    assert decision.reason == (reason if why else "nothing known is like it")


# a removed entry

TEXT = Arriving("item", "1", "a.example/1", title="T")


def test_what_a_person_removed_is_recognized_last() -> None:
    seen = Known(7, "other", 3, "x")
    removed = Removed("its link", "link", seen)
    match = decide(TEXT, [], removed_of=lambda _: removed)
    assert (match.rule, match.joins, match.score, match.removal) == ("link", seen, None, None)
    assert match.reason == "its link is that of an entry that a person removed"
    own = Known(8, "own", 4, "item")
    assert decide(TEXT, [own], removed_of=lambda _: removed).again == own


def test_the_text_of_a_removed_entry_is_the_same_text() -> None:
    removed = Removed("its text", "fingerprint", Known(7, "other", 3, "x"))
    assert decide(TEXT, [], removed_of=lambda _: removed).score == 1.0


def test_a_removed_entry_of_which_digests_are_left_is_named_by_its_number() -> None:
    match = decide(TEXT, [], removed_of=lambda _: Removed("its id", "guid", number=12))
    assert (match.rule, match.joins, match.again, match.removal) == ("new", None, None, 12)


def test_what_a_feed_of_ours_shows_is_not_looked_for_among_removed_entries() -> None:
    match = decide(TEXT, [], is_ours=True, removed_of=lambda _: Removed("its id", "guid", number=12))
    assert (match.removal, match.ignored) == (None, True)
