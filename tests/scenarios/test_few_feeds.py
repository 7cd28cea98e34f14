"""Few, clear feeds: which categories get one by default, which addresses stay, and how a person ends one."""

import json
from datetime import timedelta
from typing import Any

import pytest

from aggregator.explain import explain
from aggregator.explain.answer import PlacedTerm
from aggregator.store.fact_names import FEED_RULE_TOLD
from tests.commands.test_cli import Done, aggregator, on_terminal
from tests.support.planet import NOON, Planet, rss

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def young(planet: Planet) -> Planet:
    """A planet under the default rule, whose addresses are as old as the times of its runs say."""
    planet.every_category = planet.is_settled = False
    return planet


def show(planet: Planet, id_: str, *terms: str, more: int = 0) -> None:
    """A source with an entry for each string of terms, newest last, and `more` without any."""
    entries = [
        {"title": f"{id_} {n}", "link": f"https://{id_}.example/{n}", "guid": f"{id_}-{n}", "category": term}
        | {"description": f"Words of {id_} {n}.", "pubDate": f"Mon, 23 Nov 2026 08:{n:02}:00 GMT"}
        for n, term in enumerate((*terms, *[""] * more))
    ]
    (planet.root / f"{id_}.xml").write_text(rss(*entries, title=id_, link=f"https://{id_}.example/"))
    sources = planet.config.setdefault("sources", [])
    if id_ not in [one["id"] for one in sources]:
        sources.append({"url": f"{id_}.xml", "id": id_})


def post(planet: Planet, name: str, category: str) -> None:
    planet.post(f"{name}.md", f"---\ntitle: {name}\ndate: 2026-11-01\ncategories: [{category}]\n---\nwords\n")


def feeds(planet: Planet) -> set[str]:
    return set(planet.index()) - {"all"}


def command(planet: Planet, *words: str, days: int = 0) -> Done:
    return aggregator(planet.root, *words, AGGREGATOR_NOW=(NOON + days * DAY).isoformat())


# by default


def test_two_sources_found_a_feed_by_five_entries(young: Planet) -> None:
    show(young, "one", *["Five|Four"] * 4, "Five")
    show(young, "two", "Other")
    young.run()
    assert feeds(young) == {"five"}


@pytest.mark.torture
def test_of_three_sources_one_alone_needs_ten(young: Planet) -> None:
    show(young, "one", *["Nine|Ten|Both"] * 4, *["Nine|Ten"] * 5, "Ten")
    show(young, "two", "Both")
    post(young, "hello", "Mine")
    young.run()
    assert feeds(young) == {"ten", "both", "mine"}


def test_what_the_config_names_has_a_feed(young: Planet) -> None:
    young.config["categories"] = {"aliases": {"Programming/Python": ["py"]}}
    young.config["feeds"] = {"about": {"Essays": {"title": "Essays"}}, "min_entries": 7}
    show(young, "one", "py|Essays|Declared|Odd")
    young.config["sources"][0]["categories"] = ["Declared"]
    young.run()
    assert feeds(young) == {"programming", "programming/python", "essays", "declared"}


@pytest.mark.torture
def test_an_explicit_figure_holds_for_posts_and_the_default_spares_them(young: Planet) -> None:
    post(young, "a", "Mine")
    young.run()
    assert feeds(young) == {"mine"}
    young.config["feeds"] = {"min_entries": 2}
    young.run(NOON + HOUR)
    assert feeds(young) == set()
    post(young, "b", "Mine")
    young.run(NOON + 2 * HOUR)
    assert feeds(young) == {"mine"}


def test_an_explicit_one_gives_every_category_a_feed(young: Planet) -> None:
    young.config["feeds"] = {"min_entries": 1}
    for id_ in ("one", "two", "three"):
        show(young, id_, f"Of {id_}")
    young.run()
    assert feeds(young) == {"of-one", "of-two", "of-three"}


def test_tags_stay_on_entries_and_found_no_feed(young: Planet) -> None:
    young.config["categories"] = {"unmapped": "tag", "aliases": {"Named": ["n"]}}
    show(young, "one", *["Often|n"] * 12)
    post(young, "a", "Mine")
    young.run()
    assert feeds(young) == {"named", "mine"}
    assert {tag["term"] for tag in young.atom().entries[0].tags} == {"Often", "Named"}
    trace = trace_of(young, "one 3", "Often")
    assert trace.decider == "tag"
    assert "categories.unmapped" in (trace.no_feed or "")


@pytest.mark.torture
def test_a_generic_or_dropped_term_leaves_the_categories_that_its_source_declares(young: Planet) -> None:
    young.config["categories"] = {"generic": ["News"], "drop": ["Misc"]}
    show(young, "one", "News|Misc|Other")
    young.config["sources"][0]["categories"] = ["News", "Misc"]
    young.run()
    assert feeds(young) == {"news", "misc"}


# what is said


def trace_of(planet: Planet, title: str, category: str, now: timedelta = HOUR) -> PlacedTerm:
    with planet.app(NOON + now) as app:
        return next(one for one in explain(app, title).categories if one.category == (category,))


@pytest.mark.torture
def test_explain_says_for_each_category_why_it_has_a_feed_or_not(young: Planet) -> None:
    show(young, "one", *["Ten|Five"] * 5, *["Ten"] * 5, "Few")
    show(young, "two", "Named")
    post(young, "mine", "Mine")
    young.config["categories"] = {"aliases": {"Named": ["Named"]}}
    young.run()
    why = {
        (title, category): trace_of(young, title, category)
        for title, category in (
            ("one 0", "Ten"),
            ("one 0", "Five"),
            ("one 10", "Few"),
            ("two 0", "Named"),
            ("mine", "Mine"),
        )
    }
    assert why["one 0", "Ten"].own_feed == "its terms brought 5 entries or more (feeds.min_entries)"
    assert (why["one 0", "Five"].own_feed, why["one 10", "Few"].own_feed) == (None, None)
    assert "one source alone" in (why["one 0", "Five"].no_feed or "")
    assert why["one 10", "Few"].no_feed == "fewer entries than feeds.min_entries (5)"
    assert why["two 0", "Named"].own_feed == "the config names it"
    assert why["mine", "Mine"].own_feed == "local posts use it"


def test_the_first_run_says_how_many_feeds_it_made_and_how_to_change_that(young: Planet) -> None:
    show(young, "one", *["Five"] * 5, "Odd")
    post(young, "a", "Mine")
    made = "categories with a feed: 1 that local posts use, 1 whose terms brought 5 entries or more"
    without = "without one: 1 with fewer than 5 entries"
    until = "Until 2026-11-24 12:00 UTC you can change that freely in the config"
    keys = "feeds.min_entries, categories.aliases, categories.unmapped"
    assert young.run().advice == [f"{made}; {without}. {until} ({keys}); later their addresses stay"]
    assert young.run(NOON + HOUR).advice == []


@pytest.mark.torture
def test_the_first_run_says_what_categories_without_a_feed_lack(young: Planet) -> None:
    show(young, "one", *["Ten|Nine"] * 9, "Ten|Few")
    show(young, "two", "Odd")
    show(young, "three", "Rare")
    without = "without one: 3 with fewer than 5 entries, 1 of one source alone with fewer than 10 entries."
    assert without in young.run().advice[0]


def test_the_first_run_says_which_categories_are_tags(young: Planet) -> None:
    young.config["categories"] = {"unmapped": "tag"}
    show(young, "one", "A", "B")
    assert "with a feed: none yet; without one: 2 whose terms are tags." in young.run().advice[0]


@pytest.mark.torture
def test_nothing_ends_without_a_yes(young: Planet) -> None:
    post(young, "a", "Mine")
    young.run()
    for typed in ("n\n", ""):
        done = on_terminal(young.root, "feed", "forget", "mine", typed=typed, now=NOON.isoformat())
        assert (done.returncode, "no address was ended" in done.stderr) == (0, True)
    assert feeds(young) == {"mine"}


def test_where_no_feed_is_published_the_list_says_so(young: Planet) -> None:
    with young.app():
        pass
    done = command(young, "feed", "list")
    assert (done.stdout, done.stderr) == ("", "no feed is published yet; `aggregator run` publishes\n")


@pytest.mark.torture
def test_numbers_agree_with_their_nouns(young: Planet) -> None:
    young.config["feeds"] = {"min_entries": 1}
    show(young, "one", "A")
    assert "1 whose terms brought 1 entry or more." in young.run().advice[0]
    listed = command(young, "feed", "list").stdout.splitlines()
    assert listed[0].split() == ["feed", "entries", "why", "it", "is", "there"]
    assert listed[2].endswith("its terms brought 1 entry or more (feeds.min_entries)")
    assert command(young, "feed", "forget", "a").stderr == "1 address ended; published\n"
    assert command(young, "feed", "forget", "--empty").stderr == "no such feed is in the tree; no address was ended\n"


@pytest.mark.torture
@pytest.mark.parametrize(
    ("more_sources", "after", "rule"),
    [
        (0, {}, "feeds.min_entries is 5 now"),
        (2, {}, "feeds.min_entries is 5 now, and 10 for one source alone"),
        (0, {"min_entries": 2}, "feeds.min_entries is 2"),
        (2, {"min_entries": 2}, "feeds.min_entries is 2, and 10 for one source alone"),
    ],
)
def test_an_upgrade_changes_no_feed_and_says_once_how_many_it_would_not_found(
    young: Planet, more_sources: int, after: dict[str, Any], rule: str
) -> None:
    young.config["feeds"] = {"min_entries": 1}
    show(young, "one", "A", "B", "C")
    for n in range(more_sources):
        show(young, f"other-{n}", "", "")
    young.run()
    with young.app() as app, app.store.write() as tx:  # as the program before left it
        tx.feeds.stand(tx.feeds.all(), None)
        tx.facts.set(FEED_RULE_TOLD, "")
    before, young.config["feeds"] = young.tree(), after
    report = young.run(NOON + HOUR)
    stay = f"3 feeds of categories stay that today's rule would not found ({rule})"
    assert report.advice == [f"{stay}; `aggregator feed forget --unnamed` ends their addresses"]
    assert {path: young.tree()[path] for path in before} == before
    assert young.run(NOON + 2 * HOUR).advice == []


# addresses


@pytest.mark.torture
def test_in_its_first_day_an_address_is_taken_back_without_a_trace(young: Planet) -> None:
    young.config["feeds"] = {"min_entries": 1, "archive": 2, "limit": 1}
    show(young, "one", *["Early"] * 6, more=1)
    young.run()
    assert feeds(young) == {"early"}
    young.config["categories"] = {"aliases": {"Late": ["Early"]}}
    young.run(NOON + 23 * HOUR)
    assert feeds(young) == {"late"}
    assert not [path for path in young.tree() if path.startswith("early")]
    assert "early" not in (young.root / "feeds/index.json").read_text()


def test_after_a_day_an_address_stays(young: Planet) -> None:
    young.config["feeds"] = {"min_entries": 1}
    show(young, "one", "Early|Rare")
    young.run()
    young.config["feeds"] = {}
    young.config["categories"] = {"aliases": {"Late": ["Early"]}}
    young.run(NOON + 25 * HOUR)
    assert feeds(young) == {"late", "rare"}
    assert "early/atom.xml" in young.tree()


@pytest.mark.torture
def test_feeds_that_were_taken_back_count_towards_no_limit(young: Planet) -> None:
    young.config["feeds"] = {"min_entries": 1}
    young.config["categories"] = {"most_new": 3}
    show(young, "one", "A|B|C")
    young.run()
    young.config["feeds"] = {}
    show(young, "one", *["D|E|F"] * 5, "A|B|C")
    young.run(NOON + HOUR)
    assert feeds(young) == {"d", "e", "f"}


# a person ends them


@pytest.mark.torture
def test_a_person_ends_addresses_for_good(young: Planet) -> None:
    young.config["feeds"] = {"min_entries": 1}
    show(young, "one", *["A|B|C"] * 3)
    young.run()
    done = command(young, "feed", "forget", "a", "b", "--json", days=2)
    assert (done.returncode, [one["id"] for one in json.loads(done.stdout)["feeds"]]) == (0, ["a", "b"])
    assert feeds(young) == {"c"}
    assert not [path for path in young.tree() if path.startswith(("a/", "b/"))]
    show(young, "one", *["A|B|C"] * 9)
    young.run(NOON + 3 * DAY)
    assert feeds(young) == {"c"}
    assert "feed forget" in (trace_of(young, "one 0", "A", 3 * DAY).no_feed or "")
    young.config["categories"] = {"aliases": {"A": ["A"]}}
    young.run(NOON + 4 * DAY)
    assert feeds(young) == {"a", "c"}


@pytest.mark.torture
def test_unnamed_and_empty_feeds_are_listed_and_forgotten(young: Planet) -> None:
    young.config["feeds"] = {"min_entries": 1}
    show(young, "one", *["Often|Rare"] * 2, *["Often"] * 4)
    post(young, "p", "Mine")
    young.run()
    (young.root / "posts/p.md").unlink()
    post(young, "q", "Other")
    young.config["feeds"] = {"min_entries": 5}
    young.run(NOON + 2 * DAY)
    young.config["posts"] = [{"path": "posts"}]
    rows = {one["id"]: one for one in json.loads(command(young, "feed", "list", "--json", days=2).stdout)["feeds"]}
    assert rows["often"]["why"] == "its terms brought 5 entries or more (feeds.min_entries)"
    assert (rows["rare"]["founded"], rows["often"]["founded"], rows["all"]["founded"]) == (False, True, True)
    shown = command(young, "feed", "forget", "--unnamed", "--dry-run", days=2).stdout.splitlines()
    assert shown[0] == "mine: no entries, it was published, and has no entries now"
    assert shown[1].startswith("rare: 2 entries, it was published before")
    assert "rare" in feeds(young)
    command(young, "feed", "forget", "--empty", days=2)
    assert not [path for path in young.tree() if path.startswith("mine")]
    assert "rare" in feeds(young)
    command(young, "feed", "forget", "--unnamed", days=2)
    assert "rare" not in feeds(young)
    assert "often" in feeds(young)


@pytest.mark.torture
def test_what_the_config_calls_for_is_not_forgotten(young: Planet) -> None:
    young.config["categories"] = {"aliases": {"A": ["a"]}}
    show(young, "one", "a")
    young.run()
    for id_, why in (("a", "the config names it"), ("all", "it holds every entry"), ("none", "no feed in the tree")):
        done = command(young, "feed", "forget", id_)
        assert done.returncode == 2
        assert why in done.stderr
    assert "name the feeds to forget" in command(young, "feed", "forget").stderr
