"""Categories that are renamed, merged, split and dropped: every published address keeps working."""

import json
import re
from typing import Any

import pytest

from aggregator.merge.category_moves import Move, successors
from aggregator.model.category_trace import CategoryTrace
from aggregator.store.departures import NOWHERE
from aggregator.worker_pool import WorkerPool
from tests.support.planet import Planet

FEEDS = ("atom.xml", "rss.xml", "feed.json")


def publish(planet: Planet, **aliases: list[Any]) -> None:
    """Runs with these aliases; `__` in a name stands for the slash between levels."""
    planet.config["categories"] = {"aliases": {name.replace("__", "/"): terms for name, terms in aliases.items()}}
    planet.run()


def write(planet: Planet, name: str, *terms: str, text: str = "") -> None:
    head = f"title: {name}\ndate: 2026-11-01\ntags: [{', '.join(terms)}]"
    planet.post(f"{name}.md", f"---\n{head}\n---\n{text or name}\n")


def moved(planet: Planet) -> dict[str, str | None]:
    """Addresses that are no feeds of their own any more, and what each shows."""
    document = json.loads((planet.root / "feeds" / "index.json").read_bytes())
    return {row["id"]: row["moved_to"] for row in document["moved"]}


def files(planet: Planet, feed: str) -> list[bytes]:
    """Without the way to the style sheet, which is longer from deeper folders."""
    way = re.compile(rb"<\?xml-stylesheet .*\?>\n")
    return [way.sub(b"", (planet.root / "feeds" / feed / name).read_bytes()) for name in FEEDS]


@pytest.fixture
def jobs(planet: Planet) -> Planet:
    """Three posts under the term `work`, published as Jobs; one of them under `python` as well."""
    write(planet, "one", "work", "python")
    write(planet, "two", "work")
    write(planet, "three", "work")
    publish(planet, Jobs=["work"])
    return planet


def test_the_old_address_of_a_renamed_category_shows_the_new_feed_to_the_byte(jobs: Planet) -> None:
    before = jobs.ids("jobs")
    publish(jobs, Careers=["work"])
    assert jobs.ids("jobs") == jobs.ids("careers") == before
    assert files(jobs, "jobs") == files(jobs, "careers")
    assert b'href="https://planet.example/careers/atom.xml" rel="self"' in files(jobs, "jobs")[0]
    page = (jobs.root / "feeds" / "jobs" / "index.html").read_text("utf-8")
    assert 'This feed moved to <a href="https://planet.example/careers/">' in page
    assert '<link rel="canonical" href="https://planet.example/careers/">' in page
    assert "jobs" not in jobs.index()
    assert moved(jobs) == {"jobs": "careers"}


@pytest.mark.torture
def test_the_old_address_shows_later_entries(jobs: Planet) -> None:
    publish(jobs, Careers=["work"])
    write(jobs, "four", "work")
    jobs.run()
    assert len(jobs.ids("jobs")) == 4
    assert files(jobs, "jobs") == files(jobs, "careers")


def test_renamed_twice_leads_to_the_last_name_and_a_name_that_returns_takes_its_address_back(jobs: Planet) -> None:
    first = jobs.atom("jobs").feed.id
    publish(jobs, Careers=["work"])
    publish(jobs, Work=["work"])
    assert moved(jobs) == {"jobs": "work", "careers": "work"}
    assert files(jobs, "jobs") == files(jobs, "careers") == files(jobs, "work")
    publish(jobs, Jobs=["work"])
    assert moved(jobs) == {"careers": "jobs", "work": "jobs"}
    assert jobs.atom("jobs").feed.id == first
    assert files(jobs, "work") == files(jobs, "jobs")
    assert list(jobs.index()) == ["all", "jobs", "python"]


@pytest.mark.torture
def test_two_that_become_one_both_lead_there(planet: Planet) -> None:
    write(planet, "one", "k8s")
    write(planet, "two", "kubernetes")
    publish(planet)
    publish(planet, Containers=["k8s", "kubernetes"])
    assert moved(planet) == {"k8s": "containers", "kubernetes": "containers"}


def test_one_that_is_merged_into_another_that_was_there_leads_there(planet: Planet) -> None:
    write(planet, "one", "k8s", "kubernetes")
    write(planet, "two", "kubernetes")
    publish(planet)
    publish(planet, kubernetes=["k8s"])
    assert moved(planet) == {"k8s": "kubernetes"}


@pytest.mark.torture
def test_a_category_below_another_leads_there_and_so_does_what_stood_below_it(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts", "category_style": "path"}]
    planet.post("a.md", "---\ntitle: a\ndate: 2026-11-01\ncategories: [Code, Rust]\n---\na\n")
    planet.post("b.md", "---\ntitle: b\ndate: 2026-11-01\ncategories: [Code, Go]\n---\nb\n")
    publish(planet)
    publish(planet, Software__Programming=["Code"])
    assert moved(planet) == {
        "code": "software/programming",
        "code/rust": "software/programming/rust",
        "code/go": "software/programming/go",
    }
    page = (planet.root / "feeds" / "code" / "rust" / "index.html").read_text("utf-8")
    assert 'href="../../index.html"' in page
    assert 'href="../../software/index.html"' in page
    assert 'href="../../software/programming/index.html"' in page


@pytest.mark.torture
def test_one_that_is_split_leads_where_half_of_it_went(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts"}]
    for name, leaf in (("one", "a"), ("two", "a"), ("three", "b")):
        planet.post(f"{name}.md", f"---\ntitle: {name}\ndate: 2026-11-01\ncategories: [Mixed, {leaf}]\n---\n{name}\n")
    publish(planet)
    publish(planet, Left=[["Mixed", "a"]], Right=[["Mixed", "b"]])
    assert moved(planet) == {"mixed": "left", "mixed/a": "left", "mixed/b": "right"}


def test_one_that_is_scattered_is_removed_and_says_so(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts"}]
    for leaf in "abc":
        planet.post(f"{leaf}.md", f"---\ntitle: {leaf}\ndate: 2026-11-01\ncategories: [Mixed, {leaf}]\n---\n{leaf}\n")
    publish(planet)
    publish(planet, X=[["Mixed", "a"]], Y=[["Mixed", "b"]], Z=[["Mixed", "c"]])
    assert moved(planet)["mixed"] is None
    assert planet.ids("mixed") == []
    assert planet.atom("mixed").feed.subtitle == "Nothing is published here any more."


def test_one_that_is_dropped_is_removed_though_its_entries_stand_elsewhere_too(jobs: Planet) -> None:
    jobs.config["categories"] = {"drop": ["work"]}
    report = jobs.run()
    assert moved(jobs) == {"jobs": None}
    assert report.feeds.removed == 1
    assert len(jobs.ids("python")) == 1
    assert len(jobs.ids("all")) == 3


@pytest.mark.torture
def test_what_leads_to_a_removed_one_is_removed_as_well(jobs: Planet) -> None:
    publish(jobs, Careers=["work"])
    jobs.config["categories"] = {"drop": ["work"]}
    jobs.run()
    assert moved(jobs) == {"jobs": None, "careers": None}
    publish(jobs, Careers=["work"])
    assert moved(jobs) == {"jobs": "careers"}


@pytest.mark.torture
def test_a_person_who_renames_in_the_posts_renames(planet: Planet) -> None:
    for name in ("one", "two"):
        write(planet, name, "old name")
    publish(planet)
    write(planet, "one", "new name")
    planet.run()
    assert moved(planet) == {}
    write(planet, "two", "new name")
    planet.run()
    assert moved(planet) == {"old-name": "new-name"}


@pytest.mark.torture
def test_a_category_too_deep_for_a_feed_leads_to_the_one_above_that_has_one(planet: Planet) -> None:
    planet.post("a.md", "---\ntitle: a\ndate: 2026-11-01\ncategories: [Top, Middle, Leaf]\n---\na\n")
    planet.run()
    planet.config["feeds"] = {"depth": 1}
    planet.run()
    assert moved(planet) == {"top/middle": "top", "top/middle/leaf": "top"}
    assert files(planet, "top/middle/leaf") == files(planet, "top")
    assert list(planet.index()) == ["all", "top"]
    planet.config["feeds"] = {"depth": 3}
    planet.run()
    assert moved(planet) == {}


@pytest.mark.torture
def test_what_has_a_feed_keeps_it_when_more_entries_are_asked_for(jobs: Planet) -> None:
    jobs.config["feeds"] = {"min_entries": 3}
    jobs.run()
    assert list(jobs.index()) == ["all", "jobs", "python"]
    write(jobs, "five", "new")
    jobs.run()
    assert "new" not in jobs.index()


@pytest.mark.torture
def test_a_category_whose_source_left_returns_as_it_was(planet: Planet) -> None:
    (planet.root / "feed.xml").write_text(
        "<rss version='2.0'><channel><title>F</title><link>https://f.example/</link><description>f</description>"
        "<item><guid>https://f.example/1</guid><title>x</title><category>News of F</category></item></channel></rss>"
    )
    planet.config["sources"] = [{"url": "feed.xml", "id": "f"}]
    planet.run()
    before, id_ = planet.ids("news-of-f"), planet.atom("news-of-f").feed.id
    planet.config["sources"] = []
    planet.run()
    assert moved(planet) == {"news-of-f": None}
    planet.config["sources"] = [{"url": "feed.xml", "id": "f"}]
    planet.run()
    assert moved(planet) == {}
    assert (planet.ids("news-of-f"), planet.atom("news-of-f").feed.id) == (before, id_)


@pytest.mark.torture
def test_old_addresses_outlive_the_state(jobs: Planet, pool: WorkerPool) -> None:
    from aggregator.recover import recover

    publish(jobs, Careers=["work"])
    jobs.config["categories"]["drop"] = ["python"]
    jobs.run()
    before, tree = moved(jobs), jobs.tree()
    for file in (jobs.root / ".aggregator").iterdir():
        file.unlink()
    with jobs.app() as app:
        jobs.runner.run(recover(app, pool))
    jobs.run()
    assert moved(jobs) == before == {"jobs": "careers", "python": None}
    assert jobs.tree() == tree


@pytest.mark.torture
def test_a_category_that_only_loses_what_a_person_removed_is_not_renamed(jobs: Planet) -> None:
    from aggregator.overrides.apply import keep

    with jobs.app() as app:
        keep(app, "remove", [jobs.ids("python")[0]])
    jobs.run()
    assert moved(jobs) == {"python": None}


# how it is counted


def placements(*ways: tuple[str, str]) -> list[CategoryTrace]:
    """(term, path with slashes)."""
    return [CategoryTrace("s", (term,), tuple(path.split("/")) if path else (), "keep", "c:1") for term, path in ways]


@pytest.mark.parametrize(
    ("before", "after", "went"),
    [
        ("a", "b", {("a",): {("b",)}}),
        ("a", "", {("a",): set()}),
        ("a/x", "b/x", {("a",): {("b",)}, ("a", "x"): {("b", "x")}}),
        ("a/x", "a/y", {("a", "x"): {("a", "y")}}),
        ("a/x", "c/d/x", {("a",): {("c", "d")}, ("a", "x"): {("c", "d", "x")}}),
        ("a/x", "y", {("a",): {("y",)}, ("a", "x"): {("y",)}}),
        ("a/x", "x", {("a",): {("x",)}, ("a", "x"): {("x",)}}),
        ("", "b", {(): {("b",)}}),
        ("a", "a/b", {}),
        ("a", "A", {}),
    ],
)
def test_where_an_entry_of_a_category_went(before: str, after: str, went: dict[Any, Any]) -> None:
    assert successors(placements(("t", before)), placements(("t", after))) == went


def test_an_entry_counts_once_however_many_terms_led_there() -> None:
    went = successors(placements(("t", "a"), ("u", "a")), placements(("t", "b"), ("u", "b")))
    assert went == {("a",): {("b",)}}


A, B, C = 1, 2, 3
LEFT_A = frozenset({(A, B)})


@pytest.mark.parametrize(
    ("before", "move", "after"),
    [
        (set(), Move({A: frozenset({B})}, frozenset({B})), {(A, B)}),
        (set(), Move({A: frozenset()}), {(A, NOWHERE)}),
        (LEFT_A, Move({B: frozenset({C})}, frozenset({C})), {(A, C), (B, C)}),
        (LEFT_A, Move({B: frozenset()}, frozenset({C})), {(A, B), (B, NOWHERE)}),
        (LEFT_A, Move({B: frozenset({A})}, frozenset({A})), {(B, A)}),
        (LEFT_A, Move({B: frozenset()}), {(A, B), (B, NOWHERE)}),
        ({(A, B), (B, NOWHERE)}, Move({}, frozenset({B})), {(A, B)}),
        ({(A, NOWHERE)}, Move({}, frozenset({B}), appeared=frozenset({B})), {(A, B)}),
        ({(A, B), (B, NOWHERE)}, Move({}, frozenset({C}), appeared=frozenset({C})), {(A, C), (B, C)}),
        ({(A, B)}, Move({}, frozenset({B, C}), appeared=frozenset({C})), {(A, B)}),
    ],
)
def test_what_is_remembered_of_an_entry_that_moves(before: set[Any], move: Move, after: set[Any]) -> None:
    assert move.departures(before, {A, B, C}) == after


def test_what_leaves_a_category_without_an_address_is_not_remembered() -> None:
    """A source may give other terms with every pull."""
    assert Move({B: frozenset({C})}, frozenset({C})).departures({(A, B)}, {A}) == {(A, C)}


# how it is called


def test_a_category_is_called_as_the_config_spells_it_and_else_as_it_first_came(planet: Planet) -> None:
    write(planet, "one", "pyTHON", "rust")
    write(planet, "two", "Rust")
    planet.run()
    assert {row["category"][0] for row in planet.index().values() if row["category"]} == {"pyTHON", "rust"}
    publish(planet, Python=["py3"])
    assert {row["category"][0] for row in planet.index().values() if row["category"]} == {"Python", "rust"}
    assert {"Python", "rust"} <= {tag.label for entry in planet.atom().entries for tag in entry.tags}
    assert moved(planet) == {}


def test_what_the_config_names_first_comes_under_its_spelling(planet: Planet) -> None:
    write(planet, "one", "python")
    publish(planet, Python=["py3"])
    assert planet.index()["python"]["category"] == ["Python"]


@pytest.mark.torture
def test_an_extra_feed_never_takes_the_address_of_a_category(jobs: Planet) -> None:
    before = jobs.ids("jobs")
    jobs.config["feeds"] = {"extra": [{"id": "jobs", "any": ["python"]}, {"id": "snakes", "any": ["python"]}]}
    report = jobs.run()
    (problem,) = [one for one in report.problems if one.kind == "config"]
    assert "`jobs` is the address of the category Jobs already" in problem.message
    assert problem.where.startswith("config.yaml:")
    assert jobs.ids("jobs") == before
    assert list(jobs.index()) == ["all", "snakes", "jobs", "python"]


def test_the_id_of_an_extra_feed_is_no_slug(planet: Planet) -> None:
    write(planet, "one", "Jobs")
    planet.config["feeds"] = {"extra": [{"id": "jobs", "any": ["Jobs"]}]}
    planet.run()
    assert {row["category"] and row["category"][0]: id_ for id_, row in planet.index().items()} == {
        None: "jobs", "Jobs": "jobs-2",
    }  # fmt: skip
