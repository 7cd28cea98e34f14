"""An old address follows its own entries: through renames that are undone, chains, cycles, splits and half renames."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregator import pipeline
from aggregator.one_shot.batch import RunOptions
from aggregator.preview.dry_run import app_on_copy
from tests.scenarios.test_category_moves import moved, publish, write
from tests.support.planet import Planet


@pytest.fixture
def own(planet: Planet) -> Planet:
    """Three posts under `a`, and one each under `other` and `media`, which are no part of it."""
    for name in ("one", "two", "three"):
        write(planet, name, "a")
    write(planet, "x", "other")
    write(planet, "y", "media")
    publish(planet)
    return planet


@pytest.mark.torture
def test_a_rename_that_was_undone_is_forgotten(own: Planet) -> None:
    mine = set(own.ids("a"))
    publish(own, Other=["a"])
    assert moved(own) == {"a": "other"}
    publish(own)
    assert moved(own) == {}
    assert set(own.ids("a")) == mine
    publish(own, Media=["a"])
    assert moved(own) == {"a": "media"}
    assert mine < set(own.ids("a"))


@pytest.mark.torture
def test_a_rename_that_was_undone_leads_nowhere_when_the_term_is_dropped(own: Planet) -> None:
    publish(own, Other=["a"])
    publish(own)
    own.config["categories"] = {"drop": ["a"]}
    own.run()
    assert moved(own) == {"a": None}
    assert own.ids("a") == []


@pytest.mark.torture
def test_a_term_that_was_dropped_in_between_leads_to_its_new_place(own: Planet) -> None:
    publish(own, Other=["a"])
    own.config["categories"] = {"drop": ["a"]}
    own.run()
    publish(own, Media=["a"])
    assert moved(own) == {"a": "media"}


@pytest.mark.torture
def test_an_undone_merge_gives_each_address_its_own_entries_again(own: Planet) -> None:
    before = {feed: set(own.ids(feed)) for feed in ("a", "other", "media")}
    publish(own, Both=["a", "other"])
    assert moved(own) == {"a": "both", "other": "both"}
    publish(own)
    assert moved(own) == {"both": "a"}
    assert {feed: set(own.ids(feed)) for feed in before} == before


@pytest.mark.torture
def test_a_split_after_a_rename_is_followed_where_most_went(planet: Planet) -> None:
    """Not where the name went: another entry that never was its own stays there."""
    for n in range(3):
        planet.post(f"{n}.md", f"---\ntitle: {n}\ndate: 2026-11-01\ncategories: [a, {'xxy'[n]}]\n---\n{n}\n")
    write(planet, "other", "other")
    publish(planet)
    mine = set(planet.ids("a"))
    publish(planet, Other=["a"])
    assert moved(planet)["a"] == "other"
    publish(planet, Left=[["a", "x"]], Right=[["a", "y"]])
    assert moved(planet)["a"] == "left"
    assert len(mine & set(planet.ids("a"))) == 2


def test_a_rename_goes_on_after_a_split_that_leaves_no_half_anywhere(planet: Planet) -> None:
    for n, term in enumerate("xyz"):
        planet.post(f"{n}.md", f"---\ntitle: {n}\ndate: 2026-11-01\ncategories: [a, {term}]\n---\n{n}\n")
    publish(planet)
    publish(planet, Other=["a"])
    publish(planet, Other=[["a", "x"]], Left=[["a", "y"]], Right=[["a", "z"]])
    assert moved(planet)["a"] == "other"


@pytest.mark.torture
def test_a_rename_in_two_runs_counts_the_entries_of_both(planet: Planet) -> None:
    """The last entry alone does not decide where the address leads."""
    for name in ("one", "two", "three"):
        write(planet, name, "a")
    publish(planet)
    for name in ("one", "two"):
        write(planet, name, "new")
    planet.run()
    assert moved(planet) == {}
    write(planet, "three", "stray")
    planet.run()
    assert moved(planet) == {"a": "new"}


@pytest.mark.torture
def test_two_names_that_are_exchanged_exchange_their_addresses(own: Planet) -> None:
    publish(own, First=["a"], Second=["other"])
    before = {feed: set(own.ids(feed)) for feed in ("first", "second")}
    publish(own, First=["other"], Second=["a"])
    assert moved(own) == {"a": "second", "other": "first"}
    assert {feed: set(own.ids(feed)) for feed in ("second", "first")} == {
        "second": before["first"],
        "first": before["second"],
    }


@pytest.mark.torture
def test_names_in_a_circle_lead_to_the_one_that_has_the_entries(own: Planet) -> None:
    for name in ("B", "C", "D", "B"):
        publish(own, **{name: ["a"]})
    assert moved(own) == {"a": "b", "c": "b", "d": "b"}
    publish(own)
    assert moved(own) == {"b": "a", "c": "a", "d": "a"}


@pytest.mark.torture
def test_an_entry_that_comes_under_the_old_name_does_not_lead_its_address_away(own: Planet) -> None:
    publish(own, Other=["a"])
    publish(own, A2=["a"])
    publish(own, Other=["a"])
    write(own, "late", "late")
    publish(own, Other=["a"], A2=["late"])
    assert moved(own) == {"a": "other"}
    publish(own, Other=["a"], Media=["late"])
    assert moved(own) == {"a": "other", "a2": "other"}


@pytest.mark.torture
def test_a_source_that_left_takes_no_address_with_it(planet: Planet) -> None:
    (planet.root / "feed.xml").write_text(
        "<rss version='2.0'><channel><title>F</title><link>https://f.example/</link><description>f</description>"
        "<item><guid>https://f.example/1</guid><title>x</title><category>a</category></item></channel></rss>"
    )
    planet.config["sources"] = [{"url": "feed.xml", "id": "f"}]
    publish(planet)
    publish(planet, Other=["a"])
    planet.config["sources"] = []
    planet.run()
    assert moved(planet) == {"a": None, "other": None}
    planet.config["sources"] = [{"url": "feed.xml", "id": "f"}]
    planet.run()
    assert moved(planet) == {"a": "other"}


NAMES = ("a", "b", "c", "x", "y")
POSTS = 5
Step = tuple[str, Any]
STEPS = st.one_of(
    st.tuples(st.just("aliases"), st.dictionaries(st.sampled_from("abc"), st.sampled_from((*NAMES, "drop")))),
    st.tuples(
        st.just("edit"),
        st.tuples(st.integers(0, POSTS - 1), st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True)),
    ),
    st.tuples(st.just("dry"), st.dictionaries(st.sampled_from("abc"), st.sampled_from(NAMES))),
)
FOLDERS = count()


def take(planet: Planet, step: Step) -> None:
    kind, what = step
    if kind == "edit":
        number, terms = what
        write(planet, f"post {number}", *terms)
        planet.run()
        return
    before = planet.config.get("categories")
    aliases: defaultdict[str, list[str]] = defaultdict(list)
    for term, name in what.items():
        if name not in what:  # else `check` refuses it
            aliases[name].append(term)
    drop = aliases.pop("drop", [])
    planet.config["categories"] = {"aliases": dict(aliases), "drop": drop}
    if kind == "aliases":
        planet.run()
        return
    with planet.app() as app, app_on_copy(app) as copy:
        planet.runner.run(pipeline.run(copy, planet.pool, RunOptions()))
    planet.config["categories"] = before or {}


@pytest.mark.portions(6)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from("abc"), min_size=POSTS, max_size=POSTS),
    st.lists(STEPS, min_size=2, max_size=5),
)
@example(list("aaabc"), [("aliases", {"a": "x"}), ("aliases", {}), ("aliases", {"a": "y"})])
def test_an_old_address_serves_no_feed_without_its_entries_while_another_has_most_of_them(
    planet: Planet, terms: list[str], steps: list[Step]
) -> None:
    planet = replace(planet, root=planet.root / str(next(FOLDERS)), config=dict(planet.config))
    planet.config["feeds"] = {"formats": ["atom"]}
    planet.root.mkdir()
    for number, term in enumerate(terms):
        write(planet, f"post {number}", term)
    planet.run()
    own: defaultdict[str, set[str]] = defaultdict(set)
    is_simple = all(len(what[1]) == 1 for kind, what in steps if kind == "edit")
    for step in [None, *steps]:
        if step:
            take(planet, step)
        shown = {feed: set(planet.ids(feed)) for feed in planet.index() if feed != "all"}
        for feed, ids in shown.items():
            own[feed] |= ids
        for feed, to in moved(planet).items():
            has_most = any(2 * len(ids & own[feed]) > len(own[feed]) for ids in shown.values())
            serves_some = bool(set(planet.ids(feed)) & own[feed])
            assert serves_some or not has_most or (to is None and not is_simple), (feed, to)


def as_stored_before(planet: Planet, **moved_to: str) -> None:
    """Turns the state into one of the version before: it knew only where the address of each category leads."""
    with closing(sqlite3.connect(planet.root / ".aggregator" / "state.db")) as state, state:
        state.execute("DELETE FROM category_departure")
        state.execute("UPDATE category SET moved_to = NULL")
        for path, to in moved_to.items():
            state.execute(
                "UPDATE category SET moved_to = (SELECT id FROM category WHERE path = ?) WHERE path = ?", (to, path)
            )


def test_addresses_of_the_version_before_stay_as_they_are(own: Planet) -> None:
    publish(own, X=["a"], Y=["other"])
    before, tree = moved(own), own.tree()
    as_stored_before(own, a="x", other="y")
    own.run()
    assert (moved(own), own.tree()) == (before, tree)
    publish(own, Z=["a"], Y=["other"])
    assert moved(own) == {"a": "z", "x": "z", "other": "y"}


@pytest.mark.torture
def test_an_undone_rename_of_the_version_before_is_forgotten(own: Planet) -> None:
    publish(own, Other=["a"])
    publish(own)
    as_stored_before(own, a="other")
    own.config["categories"] = {"drop": ["a"]}
    own.run()
    assert moved(own) == {"a": None}
