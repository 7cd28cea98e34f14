"""The same entry in other sources: our own entries that come back, named sources, links, ids and removed entries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.dedup import Matcher
from aggregator.dedup.across_sources import AcrossPolicy
from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, Neighbor
from aggregator.dedup.copies import Copy
from aggregator.dedup.decision import Match
from tests.support.document_series import LONG, OTHER, START

PAGE = "b.example/1"
GIVEN = "tag:planet.example,2026:1"
ONE = Arriving("item", canonical=PAGE, title="an owl in the attic")
SEEN = Known(7, "blog", 3, "x", canonical=PAGE, title="an owl in the attic")


def decide(one: Arriving, *seen: Known, known: Sequence[Known] = (), **how: Any) -> Match:
    """What the one entry of a document of the source `planet` is taken for. `texts`: of the sightings, by number."""
    texts = how.pop("texts", {})
    return Matcher(
        [one],
        CandidateIndex(known),
        CandidateIndex(seen),
        lambda number: texts.get(number, ""),
        source_id="planet",
        **how,
    ).decide(one)


# an entry of ours that comes back

OURS = Arriving("item", given=GIVEN)
PUBLISHED = Known(7, "blog", 3, "x", given=GIVEN)
AGREEING: list[dict[str, Any]] = [{"canonical": PAGE}, {"title": "an owl"}, {"whole": "digest"}]


@pytest.mark.parametrize("same", AGREEING)
def test_an_id_of_ours_comes_back_where_link_title_or_text_agrees(same: dict[str, Any]) -> None:
    match = decide(replace(OURS, **same), replace(PUBLISHED, **same))
    assert (match.rule, match.joins and match.joins.id, match.own_entry_returned) == ("guid", 7, True)
    assert match.reason == f"our own entry {GIVEN}, come back"


@pytest.mark.parametrize("same", [{}, *AGREEING])
def test_an_id_of_ours_can_be_forged(same: dict[str, Any]) -> None:
    """What neither says agrees with nothing."""
    other: dict[str, Any] = {name: f"{value} of somebody else" for name, value in same.items()}
    assert decide(replace(OURS, **other), replace(PUBLISHED, **same)).rule == "new"


@pytest.mark.parametrize("says", ["entry", "document"])
def test_where_a_feed_of_ours_is_named_the_id_is_enough(says: str) -> None:
    match = decide(replace(OURS, is_ours=says == "entry"), PUBLISHED, is_ours=says == "document")
    assert (match.rule, match.own_entry_returned, match.ignored) == ("guid", True, False)


def test_where_a_feed_of_ours_is_named_link_and_title_are_enough() -> None:
    match = decide(replace(ONE, is_ours=True), SEEN)
    assert (match.rule, match.joins, match.own_entry_returned) == ("link", SEEN, True)
    assert match.reason == "our own entry by its link and title, come back"
    assert not decide(ONE, SEEN).own_entry_returned


@pytest.mark.parametrize("other", [{"title": "quite another thing"}, {"canonical": "b.example/2"}])
def test_where_a_feed_of_ours_is_named_nothing_else_is_compared(other: dict[str, Any]) -> None:
    one = replace(ONE, upstream_id="tag:b.example,2026:1", whole="w", origin="blog", is_ours=True)
    seen = replace(SEEN, upstream_id="tag:b.example,2026:1", whole="w")
    match = decide(replace(one, **other), seen)
    assert (match.rule, match.ignored) == ("new", True)


# a source that is named

NAMING: list[tuple[dict[str, Any], dict[str, Any]]] = [({"origin": "blog"}, {}), ({}, {"origin": "planet"})]


@pytest.mark.parametrize(("mine", "theirs"), NAMING)
@pytest.mark.parametrize("key", ["upstream_id", "given"])
def test_an_entry_of_a_named_source_is_found_by_its_id(mine: dict[str, Any], theirs: dict[str, Any], key: str) -> None:
    """Whichever of the two was there first names the other."""
    same: dict[str, Any] = {key: "17"}
    one, seen = Arriving("item", **same, **mine), Known(7, "blog", 3, "x", **same, **theirs)
    match = decide(one, seen, across_sources="off")
    assert (match.rule, match.joins, match.own_entry_returned) == ("guid", seen, False)
    named = "blog" if mine else "planet"
    assert match.reason == f"taken from source {named}, as it says, which shows the same id"


@pytest.mark.parametrize(("mine", "theirs"), NAMING)
def test_an_entry_of_a_named_source_is_found_by_link_and_title(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    seen = replace(SEEN, **theirs)
    match = decide(replace(ONE, **mine), seen, across_sources="off")
    assert (match.rule, match.joins) == ("link", seen)
    named = "blog" if mine else "planet"
    assert match.reason == f"taken from source {named}, as it says, which shows the same link and title"
    assert decide(replace(ONE, title="quite another thing", **mine), seen, across_sources="off").rule == "new"


@pytest.mark.parametrize(("mine", "theirs"), [({}, {}), ({"origin": "third"}, {}), ({}, {"origin": "third"})])
def test_a_source_that_is_not_named_is_not_believed(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    one, seen = replace(ONE, upstream_id="17", **mine), replace(SEEN, upstream_id="17", **theirs)
    assert decide(one, seen, across_sources="off").rule == "new"


def test_a_document_without_a_source_is_named_by_nobody() -> None:
    matcher = Matcher([ONE], CandidateIndex(), CandidateIndex([SEEN]), lambda _: "", across_sources="off")
    assert matcher.decide(ONE).rule == "new"


# the same link

LINKED = replace(ONE, title="worth reading")


def test_the_same_link_joins_with_a_site_a_title_or_a_text() -> None:
    own = decide(replace(LINKED, on_own_host=True), replace(SEEN, on_own_host=True))
    assert (own.rule, own.score, own.reason) == ("link", None, "source blog shows the same link, both on its own site")
    titled = decide(ONE, SEEN)
    assert (titled.rule, titled.score) == ("link", None)
    assert titled.reason == "source blog shows the same link, under the same title"
    alike = decide(replace(LINKED, text=LONG, body="b"), replace(SEEN, body="c"), texts={7: LONG})
    assert (alike.rule, alike.score) == ("link", 1.0)
    assert alike.reason == "source blog shows the same link, with near the same text"


@pytest.mark.parametrize("hosts", [(True, False), (False, True)])
def test_the_same_link_on_the_site_of_one_of_them_is_not_enough(hosts: tuple[bool, bool]) -> None:
    assert decide(replace(LINKED, on_own_host=hosts[0]), replace(SEEN, on_own_host=hosts[1])).rule == "new"


@pytest.mark.parametrize(
    ("mine", "theirs", "text"), [("b", "c", OTHER), ("", "c", LONG), ("b", "", LONG), ("b", "c", LONG[:300])]
)
def test_the_same_link_under_other_words_is_another_entry(mine: str, theirs: str, text: str) -> None:
    assert decide(replace(LINKED, text=LONG, body=mine), replace(SEEN, body=theirs), texts={7: text}).rule == "new"


def test_the_threshold_is_a_similarity_that_is_enough() -> None:
    """Of three 3-grams, both texts have one."""
    one, seen, texts = replace(LINKED, text="a b c d", body="b"), replace(SEEN, body="c"), {7: "a b c e"}
    assert decide(one, seen, texts=texts, threshold=1 / 3).score == pytest.approx(1 / 3)
    assert decide(one, seen, texts=texts, threshold=0.34).rule == "new"


def test_a_link_that_one_source_has_on_two_entries_is_that_of_none() -> None:
    twice = (SEEN, replace(SEEN, id=8, entry_id=4))
    assert decide(ONE, *twice).rule == "new"
    assert decide(ONE, SEEN, replace(SEEN, id=8)).joins == SEEN  # two sightings of one entry
    third = replace(SEEN, id=9, source_id="third", entry_id=5)
    assert decide(ONE, *twice, third).joins == third


def test_a_link_that_the_source_itself_showed_before_is_no_evidence() -> None:
    mine = Known(1, "planet", 1, "y", upstream_id="2", canonical=PAGE, title="something", gone=False)
    assert decide(replace(ONE, upstream_id="1"), SEEN, known=[mine]).rule == "new"


@pytest.mark.parametrize("policy", ["link", "near"])
def test_links_and_ids_are_compared_unless_that_is_switched_off(policy: AcrossPolicy) -> None:
    assert decide(ONE, SEEN, across_sources=policy).rule == "link"
    assert decide(ONE, SEEN, across_sources="off").rule == "new"


# the same id


def test_a_public_id_with_the_same_words_is_one_entry() -> None:
    id_ = "https://b.example/1"
    one, seen = Arriving("item", id_, whole="w"), Known(7, "blog", 3, "x", id_, whole="w")
    match = decide(one, seen, across_sources="link")
    assert (match.rule, match.joins, match.score) == ("guid", seen, 1.0)
    assert match.reason == "source blog shows the same id with the same words"
    assert decide(one, replace(seen, whole="v")).rule == "new"
    assert decide(replace(one, upstream_id="1"), replace(seen, upstream_id="1")).rule == "new"
    assert decide(replace(one, whole=""), replace(seen, whole="")).rule == "new"


# a text that a person removed

NEAR = Arriving("item", title="a storm", text=LONG, own_text=LONG, body="b", dated=START)


def neighbor(number: int, title: str = "a storm", days: float = 0, *, removed: bool = False) -> Neighbor:
    seen = Known(number, "blog", number, "x", title=title)
    dated = START + timedelta(days=days)
    return Neighbor(seen, Copy("a storm", LONG), Copy(title, LONG), dated, is_removed=removed)


def near(*neighbors: Neighbor, one: Arriving = NEAR) -> int | None:
    """The number of the sighting that it joins."""
    match = decide(one, neighbors_of=lambda _: neighbors)
    return match.joins.id if match.joins else None


def test_a_removed_text_is_recognized_at_any_age() -> None:
    assert near(neighbor(7, days=400)) is None
    assert near(neighbor(7, days=400, removed=True)) == 7
    assert near(neighbor(7), one=replace(NEAR, dated=None)) is None
    assert near(neighbor(7, removed=True), one=replace(NEAR, dated=None)) == 7


def test_a_removed_text_is_recognized_under_another_title_but_for_one_of_a_series() -> None:
    assert near(neighbor(7, title="storm 2", removed=True), one=replace(NEAR, title="storm 1")) is None
    assert near(neighbor(7, title="hail in the valley", removed=True)) == 7


def test_what_a_source_shows_comes_before_what_was_removed() -> None:
    assert near(neighbor(4, removed=True), neighbor(7)) == 7
    assert near(neighbor(4, removed=True), neighbor(7, days=400)) == 4
    assert near(neighbor(4, removed=True), neighbor(3, removed=True), neighbor(7, days=400)) == 3


def test_no_neighbor_is_no_match() -> None:
    assert near() is None
    assert near(neighbor(7, days=400), neighbor(8, days=-400)) is None
