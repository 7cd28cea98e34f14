"""Limits on the feeds that upstream terms found; existing feeds stay."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from aggregator.categories.feed_quota import MOST_OF_SOURCE, found_feeds
from aggregator.explain import explain
from aggregator.model.problems import Problem
from aggregator.preview.dry_run import app_on_copy
from aggregator.preview.plan import plan
from aggregator.recover import recover
from aggregator.report import Report
from aggregator.store import Store
from aggregator.worker_pool import WorkerPool
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)


def entry(host: str, n: int, *terms: str) -> dict[str, str]:
    link = f"https://{host}.example/{n}"
    found = {"title": f"{host} {n}", "link": link, "guid": link, "description": f"Words of {n} at {host}."}
    return found | {"pubDate": f"Mon, 23 Nov 2026 08:{n:02}:00 GMT", "category": "|".join(terms)}


def many(host: str, count: int) -> list[dict[str, str]]:
    """Ten terms an entry, each of them new."""
    return [entry(host, n, *(f"{host} {n} {k}" for k in range(10))) for n in range((count + 9) // 10)]


def founding(planet: Planet, most: int, **feeds: Sequence[dict[str, str]]) -> None:
    """A planet of these feeds, in this order."""
    planet.config["categories"] = {"most_new": most}
    planet.config["sources"] = [{"url": f"{id_}.xml", "id": id_} for id_ in feeds]
    show(planet, **feeds)


def show(planet: Planet, **feeds: Sequence[dict[str, str]]) -> None:
    for id_, entries in feeds.items():
        (planet.root / f"{id_}.xml").write_text(rss(*entries, title=id_, link=f"https://{id_}.example/"))


def run(planet: Planet, hours: int = 0) -> Report:
    return planet.run(NOON + hours * HOUR, force=True)


def categories(planet: Planet) -> set[str]:
    return {row["category"][-1] for row in planet.index().values() if row["category"]}


def problems(report: Report) -> list[Problem]:
    return [one for one in report.problems if one.kind == "category"]


# the rule


@given(
    st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True), max_size=300),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 60)),
    st.integers(0, 250),
)
def test_no_source_and_no_state_gets_more_than_it_may(
    sources: list[list[str]], standing: dict[str, int], most: int
) -> None:
    candidates = list(enumerate(sources))
    founding = found_feeds(candidates, standing, most)
    given_ = Counter(founding.founders.values())
    assert founding.founders.keys() | founding.refused.keys() == dict(candidates).keys()
    assert not founding.founders.keys() & founding.refused.keys()
    assert given_.total() <= max(0, most - sum(standing.values()))
    assert all(standing.get(one, 0) + count <= MOST_OF_SOURCE for one, count in given_.items())
    assert all(founder in sources[id_] for id_, founder in founding.founders.items())
    for id_, full in founding.refused.items():
        before = Counter(standing) + Counter(one for at, one in founding.founders.items() if at < id_)
        assert all(before[one] >= MOST_OF_SOURCE for one in sources[id_]) if full else before.total() >= most


# what becomes of a planet


def test_a_small_feed_with_many_terms_founds_forty_feeds_and_one_problem_says_so(planet: Planet) -> None:
    founding(planet, 200, big=[entry("big", n, *(f"t{n}x{k}" for k in range(20))) for n in range(15)])
    report = run(planet)
    assert len(planet.index()) == 41
    assert categories(planet) == {f"t{n}x{k}" for n in range(2) for k in range(20)}
    [problem] = problems(report)
    assert problem.where == "big"
    assert problem.message.startswith("260 of its terms have no feed")
    assert "categories.most_new" in problem.message
    tags = {tag.term for one in planet.atom().entries for tag in one.tags}
    assert tags == {f"t{n}x{k}" for n in range(15) for k in range(20)}


def test_all_sources_together_found_no_more_than_the_config_says(planet: Planet) -> None:
    founding(planet, 7, one=many("one", 5), two=many("two", 5))
    report = run(planet)
    assert len(categories(planet)) == 7
    assert categories(planet) == {f"one 0 {k}" for k in range(7)}
    [problem] = problems(report)
    assert problem.where.startswith("config.yaml:")
    assert problem.message.startswith("13 terms that no rule names have no feed")
    assert "may found 7 feeds (categories.most_new)" in problem.message


def test_none_may_be_founded_at_all(planet: Planet) -> None:
    founding(planet, 0, one=many("one", 5))
    run(planet)
    assert planet.index().keys() == {"all"}


@pytest.mark.torture
def test_runs_regenerate_and_plans_keep_founded_feeds(planet: Planet, pool: WorkerPool) -> None:
    founding(planet, 12, one=many("one", 10), two=many("two", 10))
    run(planet)
    before = planet.tree()
    assert problems(run(planet, 1)) == problems(planet.regenerate(NOON + 2 * HOUR)) != []
    assert planet.tree() == before
    with planet.app(NOON + 3 * HOUR) as app, app_on_copy(app) as rehearsal:
        planned = planet.runner.run(plan(rehearsal, pool))
    assert planned.feeds == ()
    assert [one.kind for one in planned.problems] == ["category"]
    assert planet.tree() == before


@pytest.mark.torture
def test_a_plan_shows_the_feeds_that_the_run_then_founds(planet: Planet, pool: WorkerPool) -> None:
    founding(planet, 3, one=many("one", 10))
    run(planet)
    planet.config["categories"]["most_new"] = 5
    with planet.app(NOON + HOUR) as app, app_on_copy(app) as rehearsal:
        planned = planet.runner.run(plan(rehearsal, pool))
    assert [one.id for one in planned.feeds if one.change == "appears"] == ["one-0-3", "one-0-4"]
    linking = [one for one in planned.feeds if one.change != "appears"]  # their pages link to the new ones
    assert [one.id for one in linking] == ["all", "one-0-0", "one-0-1", "one-0-2"]
    assert all(one.looks and not (one.entries_in or one.entries_out) for one in linking)
    run(planet, 1)
    assert categories(planet) == {f"one 0 {k}" for k in range(5)}


@pytest.mark.torture
def test_who_has_a_feed_keeps_it(planet: Planet) -> None:
    founding(planet, 8, one=many("one", 10))
    run(planet)
    planet.config["categories"]["most_new"] = 2
    show(planet, one=[*many("one", 10), entry("one", 50, "later")])
    [problem] = problems(run(planet, 1))
    assert problem.message.startswith("3 terms")
    assert categories(planet) == {f"one 0 {k}" for k in range(8)}


@pytest.mark.torture
def test_what_the_config_names_counts_for_nothing(planet: Planet) -> None:
    founding(planet, 1, one=[entry("one", 1, "py", "Free", "About", "Any", "new", "newer")])
    planet.config["categories"]["aliases"] = {"Languages/Python": ["py"]}
    planet.config["sources"][0]["categories"] = ["Own/Path"]
    planet.config["sources"][0]["aliases"] = {"Mine": ["Free"]}
    planet.config["feeds"] = {"about": {"About": {"title": "About it"}}, "extra": [{"id": "x", "any": ["Any"]}]}
    report = run(planet)
    named = {"Languages", "Python", "Own", "Path", "Mine", "About", "Any"}
    assert categories(planet) == named | {"new"}
    assert problems(report)[0].message.startswith("1 terms")


def test_what_an_alias_leaves_below_its_category_is_named_by_nobody(planet: Planet) -> None:
    founding(planet, 1, one=[entry("one", n, "Code", f"leaf {n}") for n in range(4)])
    planet.config["sources"][0]["category_style"] = "path"
    planet.config["categories"]["aliases"] = {"Programming": [["Code"]]}
    run(planet)
    assert planet.index().keys() == {"all", "programming", "programming/leaf-0"}
    assert set(planet.titles("programming")) == {f"one {n}" for n in range(4)}


def test_local_posts_found_as_many_as_they_like(planet: Planet) -> None:
    founding(planet, 1, one=many("one", 10))
    for n in range(3):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ncategories: [Mine, Own {n}]\n---\nWords {n}.\n")
    run(planet)
    assert categories(planet) == {"Mine", "Own 0", "Own 1", "Own 2", "one 0 0"}


@pytest.mark.torture
def test_a_term_that_was_refused_gets_its_feed_once_somebody_names_it(planet: Planet) -> None:
    founding(planet, 2, one=many("one", 10))
    run(planet)
    planet.config["categories"]["aliases"] = {"one 0 7": ["whatever"]}
    planet.post("a.md", "---\ntitle: A\ncategories: [one 0 9]\n---\nWords.\n")
    [problem] = problems(run(planet, 1))
    assert categories(planet) == {"one 0 0", "one 0 1", "one 0 7", "one 0 9"}
    assert problem.message.startswith("6 terms")
    assert planet.titles("one-0-7") == ["one 0"]
    del planet.config["categories"]["aliases"]
    run(planet, 2)
    assert categories(planet) == {"one 0 0", "one 0 1", "one 0 7", "one 0 9"}


@pytest.mark.torture
def test_aliases_for_founded_terms_free_places(planet: Planet) -> None:
    founding(planet, 3, one=many("one", 10))
    run(planet)
    planet.config["categories"]["aliases"] = {"Ones": ["one 0 0", "one 0 1"]}
    run(planet, 1)
    assert categories(planet) == {"Ones", "one 0 2", "one 0 3", "one 0 4"}


@pytest.mark.torture
def test_terms_that_change_with_every_poll_found_no_more(planet: Planet) -> None:
    """Their old addresses stand, and count."""
    founding(planet, 5, one=[entry("one", 1, "a0", "b0")])
    for n in range(6):
        show(planet, one=[entry("one", 1, f"a{n}", f"b{n}")])
        run(planet, n)
    folders = {path.name for path in (planet.root / "feeds").iterdir() if path.is_dir()}
    assert len(folders - {"all", "health", "static"}) == 5


@pytest.mark.torture
def test_a_term_of_a_full_source_gets_its_feed_by_another_one(planet: Planet) -> None:
    greedy = [*many("one", 40), entry("one", 50, "python")]
    founding(planet, 200, one=greedy, two=[entry("two", 1, "other")])
    run(planet)
    assert "python" not in categories(planet)
    show(planet, two=[entry("two", 1, "other"), entry("two", 2, "Python")])
    assert not problems(run(planet, 1))
    assert "python" in categories(planet)
    assert len(planet.ids("python")) == 2


@pytest.mark.torture
def test_a_source_that_was_renamed_still_has_what_it_founded(planet: Planet) -> None:
    founding(planet, 200, one=many("one", 50))
    run(planet)
    planet.config["sources"][0]["id"] = "another"
    [problem] = problems(run(planet, 1))
    assert (problem.where, problem.message[:15]) == ("another", "10 of its terms")
    assert len(categories(planet)) == MOST_OF_SOURCE


@pytest.mark.torture
def test_a_source_that_left_the_config_frees_places(planet: Planet) -> None:
    founding(planet, 5, one=many("one", 10), two=many("two", 10))
    run(planet)
    assert categories(planet) == {f"one 0 {k}" for k in range(5)}
    planet.config["sources"] = planet.config["sources"][1:]
    run(planet, 1)
    assert categories(planet) == {f"two 0 {k}" for k in range(5)}


@pytest.mark.torture
def test_an_entry_of_a_refused_category_stays_in_the_feeds_above(planet: Planet) -> None:
    founding(planet, 2, one=[entry("one", n, "Top", f"leaf {n}", "deep") for n in range(4)])
    planet.config["sources"][0]["category_style"] = "path"
    run(planet)
    assert planet.index().keys() == {"all", "top", "top/leaf-0"}
    assert set(planet.titles("top")) == {f"one {n}" for n in range(4)}
    with planet.app() as app:
        found = explain(app, "https://one.example/3")
    assert {one.id for one in found.feeds if one.in_} == {"all", "top"}
    assert found.categories[0].category == ("Top", "leaf 3", "deep")
    assert "sources founded 2 feeds" in (found.categories[0].no_feed or "")
    assert "categories.most_new" in (found.categories[0].no_feed or "")


@pytest.mark.torture
def test_the_page_above_names_a_feed_that_comes_later(planet: Planet) -> None:
    founding(planet, 1, one=[entry("one", 1, "Top", "leaf")])
    planet.config["sources"][0]["category_style"] = "path"
    run(planet)
    page = planet.root / "feeds" / "top" / "index.html"
    assert 'href="leaf/index.html"' not in page.read_text()
    planet.config["categories"]["most_new"] = 2
    run(planet, 1)
    assert 'href="leaf/index.html"' in page.read_text()


@pytest.mark.torture
def test_feeds_of_a_state_before_count_for_nothing_and_stay(planet: Planet) -> None:
    founding(planet, 200, one=many("one", 30))
    run(planet)
    before = set(planet.index())
    with planet.app() as app, app.store.write() as tx:
        for statement in (
            "UPDATE category SET founder = ''",
            "DELETE FROM category_source",
        ):  # as its upgrade leaves it
            tx.facts._connection.execute(text(statement))
    planet.config["categories"]["most_new"] = 4
    show(planet, one=[*many("one", 30), entry("one", 50, *(f"later {k}" for k in range(9)))])
    [problem] = problems(run(planet, 1))
    assert problem.message.startswith("5 terms")
    assert before < set(planet.index())
    assert len(planet.index()) == len(before) + 4


@pytest.mark.torture
def test_a_recovered_state_continues_counting(planet: Planet, pool: WorkerPool) -> None:
    founding(planet, 6, one=many("one", 10), two=[entry("two", 1, "one 0 2", "other")])
    planet.post("a.md", "---\ntitle: A\ncategories: [Mine]\n---\nWords.\n")
    run(planet)
    before = categories(planet)
    (planet.root / ".aggregator" / "state.db").unlink()
    with planet.app(NOON + HOUR) as app:
        planet.runner.run(recover(app, pool))
    [problem] = problems(run(planet, 2))
    assert categories(planet) == before == {"Mine", *(f"one 0 {k}" for k in range(6))}
    assert problem.message.startswith("5 terms")


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("is_remote", [False, True])
def test_categories_of_a_reading_list_count_only_where_it_is_remote(
    planet: Planet, upstream: Upstream, is_remote: bool
) -> None:
    feeds = "".join(f'<outline text="f{n}"><outline xmlUrl="{upstream.url(f"/{n}")}"/></outline>' for n in range(3))
    opml = f'<opml version="2.0"><body>{feeds}</body></opml>'
    for n in range(3):
        upstream.serve(f"/{n}", rss(entry(f"h{n}", n, "x"), title=f"h{n}", link=f"https://h{n}.example/"))
    (planet.root / "list.opml").write_text(opml)
    planet.config["sources"] = [{"opml": upstream.serve("/l", opml) if is_remote else "list.opml", "id": "l"}]
    planet.config["categories"] = {"most_new": 1}
    run(planet)
    assert len(categories(planet)) == (1 if is_remote else 4)


@pytest.mark.torture
def test_the_index_of_a_lost_state_is_what_it_was(planet: Planet, pool: WorkerPool) -> None:
    """A tag that has no feed gets none by recovering."""
    founding(planet, 2, one=[entry("one", n, f"tag {n}") for n in range(5)])
    run(planet)
    before: Any = json.loads((planet.root / "feeds" / "index.json").read_bytes())["feeds"]
    (planet.root / ".aggregator" / "state.db").unlink()
    with planet.app(NOON + HOUR) as app:
        planet.runner.run(recover(app, pool))
    run(planet, 2)
    after: Any = json.loads((planet.root / "feeds" / "index.json").read_bytes())["feeds"]
    assert [row["id"] for row in after] == [row["id"] for row in before]


def test_sources_that_wait_are_few(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    store.open()
    from aggregator.categories import Name
    from aggregator.merge.category_tree import CategoryTree

    with store.write() as tx:
        category_tree = CategoryTree(tx)
        for n in range(20):
            category_tree.get_or_create((Name("term"),), f"s{n}")
        category_tree.store_new(tx)
        assert tx.categories.waiting() == {1: tuple(f"s{n}" for n in range(8))}
        tx.categories.found({1: "s3"})
        assert tx.categories.waiting() == {}
        assert tx.categories.all()[0].founder == "s3"
    store.close()
