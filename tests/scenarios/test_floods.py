"""Floods of entries are recognized: their entries are dated as old, or held."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest

from aggregator.overrides.apply import release_all
from tests.support.planet import NOON, rss
from tests.support.simulation import DAY, HOUR, Item, Simulation, atom, dated, prose, story, without


def undated(count: int, host: str = "https://archive.example") -> list[Item]:
    return [without(story(f"undated-{n}", host=host), "pubDate") for n in range(count)]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("second_in_config", [True, False])
def test_a_new_source_with_50_undated_entries_pushes_nobody_out(simulation: Simulation, second_in_config: bool) -> None:
    """They step down by a day each, so that only the first of them is as new as the pull."""
    simulation.planet.config["feeds"] = {"limit": 10}
    daily = [story(f"daily-{n}", age=n / 24) for n in range(1, 11)]
    simulation.shows("daily", *daily)
    simulation.run()
    others = list(simulation.titles)
    assert len(others) == 10
    simulation.shows("archive", *undated(50), home="https://archive.example/")
    if not second_in_config:
        simulation.planet.config["sources"].reverse()
    simulation.run()
    assert simulation.titles[:11] == ["About undated-0", *others]


@pytest.mark.torture
def test_a_document_that_is_dated_dates_its_undated_entries(simulation: Simulation) -> None:
    simulation.shows("daily", *(story(f"daily-{n}", age=n) for n in range(1, 4)))
    document = rss(*undated(3)).replace("<item>", f"<lastBuildDate>{dated(NOON - 2.5 * DAY)}</lastBuildDate><item>", 1)
    simulation.serves("archive", document)
    simulation.run()
    assert simulation.titles[:4] == ["About daily-1", "About daily-2", "About undated-0", "About daily-3"]


@pytest.mark.torture
def test_845_undated_entries_and_a_page_that_is_no_feed(simulation: Simulation) -> None:
    """The whole archive of a site without one date, whose feed then turns into the page that says `not found`."""
    simulation.planet.config["feeds"] = {"limit": 50}
    simulation.shows("daily", *(story(f"daily-{n}", age=n / 24) for n in range(1, 11)))
    simulation.shows("archive", *undated(845), home="https://archive.example/")
    simulation.run()
    assert simulation.titles[1:11] == [f"About daily-{n}" for n in range(1, 11)]
    simulation.serves("archive", "<!doctype html><html><body><h1>404</h1><ul><li>Not found</li></ul></body></html>")
    assert simulation.run() == []
    assert [problem.kind for problem in simulation.report.problems] == ["not-a-feed"]
    simulation.shows("archive", *undated(845), home="https://archive.example/")
    assert simulation.run() == []


# held


def lives(simulation: Simulation, pulls: int = 6) -> list[Item]:
    """A source that has one new entry in each of so many changed pulls; its document, the newest first."""
    items = [story(f"old-{n}", age=10 + n) for n in range(5)]
    for n in range(pulls):
        items.insert(0, story(f"weekday-{n}", age=2 - n / 24))
        simulation.shows("blog", *items)
        simulation.run()
    return items


def migrated(count: int, *, dates: bool = True) -> list[Item]:
    """Old entries of which nothing is known: no id, no link, no word."""
    items = [story(f"relic-{n}", age=100 + n, host="https://new.example", words=45) for n in range(count)]
    return items if dates else [without(item, "pubDate") for item in items]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("count", "dates"), [(500, True), (50, False)], ids=["500 dated years ago", "50 undated"])
def test_a_migration_of_old_items_is_held_and_its_new_ones_go_out(
    simulation: Simulation, count: int, dates: bool
) -> None:
    lives(simulation)
    before = simulation.titles
    fresh = [story(f"fresh-{n}", age=-0.2, host="https://new.example") for n in range(3)]
    simulation.shows("blog", *fresh, *migrated(count, dates=dates))
    assert simulation.run() == [item["title"] for item in fresh]
    assert (simulation.report.entries.held, simulation.titles) == (
        count,
        [*(item["title"] for item in fresh), *before],
    )


@pytest.mark.torture
def test_what_is_held_stays_out_of_documents_until_a_person_releases_it(simulation: Simulation) -> None:
    lives(simulation)
    before = simulation.titles
    simulation.shows("blog", *migrated(40))
    assert (simulation.run(), simulation.report.entries.held) == ([], 40)
    simulation.shows("daily", story("daily", age=-0.5), home="https://daily.example/")
    assert (simulation.run(22 * HOUR), simulation.titles) == (["About daily"], ["About daily", *before])
    assert (simulation.run(3 * HOUR), simulation.titles) == ([], ["About daily", *before])
    with simulation.planet.app(simulation.now) as app:
        release_all(app, "blog")
    assert simulation.run() == [f"About relic-{n}" for n in range(40)]
    assert simulation.titles[: 1 + len(before)] == ["About daily", *before]
    assert simulation.run() == []


@pytest.mark.torture
def test_what_is_held_and_another_source_shows_is_held_no_longer(simulation: Simulation) -> None:
    """It is old only to the source that moved; the other one's readers have it already."""
    items = lives(simulation)
    simulation.shows("blog", *items, *migrated(40))
    assert simulation.run() == []
    simulation.shows("planet", migrated(40)[7] | {"guid": "p-1"}, home="https://planet.example.org/")
    assert simulation.run() == ["About relic-7"]


@pytest.mark.torture
def test_a_held_entry_that_leaves_its_document_is_not_shown_by_that(simulation: Simulation) -> None:
    items = lives(simulation)
    before = simulation.titles
    simulation.shows("blog", *items, *migrated(40))
    simulation.run()
    simulation.shows("blog", *items)
    assert (simulation.run(), simulation.titles) == ([], before)


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("pulls", [1, 2, 4])
def test_the_first_pulls_of_a_source_are_never_held(simulation: Simulation, pulls: int) -> None:
    items = lives(simulation, pulls)
    simulation.shows("blog", *items, *migrated(60))
    assert (len(simulation.run()), simulation.report.entries.held) == (60, 0)


@pytest.mark.torture
def test_many_entries_that_are_truly_new_are_not_held(simulation: Simulation) -> None:
    items = lives(simulation)
    many = [story(f"burst-{n}", age=-0.2) for n in range(40)]
    simulation.shows("blog", *many, *items)
    assert (len(simulation.run()), simulation.report.entries.held) == (40, 0)


@pytest.mark.torture
def test_few_old_ones_are_not_held(simulation: Simulation) -> None:
    items = lives(simulation)
    simulation.shows("blog", *items, *migrated(5))
    assert (len(simulation.run()), simulation.report.entries.held) == (5, 0)


@pytest.mark.torture
def test_a_source_that_often_brings_many_may_do_so_again(simulation: Simulation) -> None:
    """The measure is the source's own: five times the most that it ever brought."""
    for n in range(7):
        simulation.shows("blog", *(story(f"batch-{n}-{i}", age=300 - 10 * n + i / 24) for i in range(10)))
        assert (len(simulation.run()), simulation.report.entries.held) == (10, 0)
    simulation.shows("blog", *migrated(45))
    assert (len(simulation.run()), simulation.report.entries.held) == (45, 0)


@pytest.mark.torture
def test_what_moved_and_is_known_by_its_words_is_not_held(simulation: Simulation) -> None:
    items = lives(simulation)
    simulation.shows(
        "blog", *(item | {"guid": f"urn:new:{n}", "link": f"https://new.example/{n}"} for n, item in enumerate(items))
    )
    assert (simulation.run(), simulation.report.entries.held, simulation.report.entries.new) == ([], 0, 0)


# our own feeds, come back


def own(simulation: Simulation, name: str) -> bytes:
    return (simulation.planet.root / "feeds" / "all" / name).read_bytes()


@pytest.mark.torture
@pytest.mark.parametrize("name", ["atom.xml", "rss.xml", "feed.json"])
def test_one_of_our_own_feeds_as_a_source_brings_nothing_ever(simulation: Simulation, name: str) -> None:
    simulation.planet.config["feeds"]["formats"] = ["atom", "rss", "json"]
    simulation.planet.post("a.md", f"---\ntitle: A post\ndate: 2026-11-20\ncategories: [News]\n---\n{prose('post')}\n")
    items = [story(f"note-{n}", age=n, category="Tea") for n in range(1, 4)]
    items[0] = without(items[0], "guid", "link")
    simulation.shows("blog", *items)
    simulation.run()
    simulation.serves("ourselves", own(simulation, name))
    for n in range(3):
        items.insert(0, story(f"news-{n}", age=-n / 24))
        simulation.shows("blog", *items)
        assert simulation.run() == [f"About news-{n}"]
        assert (simulation.report.entries.new, simulation.report.entries.updated) == (1, 0)
        simulation.serves("ourselves", own(simulation, name))
    feeds = set(simulation.planet.index())
    assert (simulation.run(), simulation.report.entries.new, simulation.report.entries.updated) == (
        [],
        0,
        0,
    )
    assert feeds == {"all", "news", "tea"}
    before = simulation.planet.tree()
    simulation.serves("ourselves", own(simulation, name))
    simulation.run()
    assert simulation.planet.tree() == before


@pytest.mark.torture
def test_our_own_feed_through_another_service_brings_nothing_either(simulation: Simulation) -> None:
    """One that puts its own address into the document and takes out who made it."""
    items = [without(story("note", 2), "guid", "link"), story("letter", 3)]
    simulation.shows("blog", *items)
    simulation.run()
    for n in range(2):
        text = own(simulation, "atom.xml").decode()
        text = re.sub(r'<link[^>]*rel="self"[^>]*>', '<link rel="self" href="https://burner.example/x"/>', text)
        simulation.serves("burner", re.sub(r"<generator.*?</generator>", "", text))
        items.insert(0, story(f"news-{n}", age=-n / 24))
        simulation.shows("blog", *items)
        assert (simulation.run(), simulation.report.entries.new) == ([f"About news-{n}"], 1)


@pytest.mark.torture
def test_our_own_feed_shows_nothing_when_what_it_carries_is_gone(simulation: Simulation) -> None:
    """Else what its only source took back would live on as our echo."""
    item = story("secret") | {"id": "tag:blog.example,2026:secret"}
    one = {"id": item["id"], "title": item["title"], "link": item["link"], "content": item["description"]}
    simulation.serves("blog", atom(one))
    simulation.run()
    simulation.serves("ourselves", own(simulation, "atom.xml"))
    simulation.run()
    simulation.serves("blog", atom(deleted={item["id"]: NOON}))
    simulation.run()
    assert simulation.titles == []


def test_a_planet_that_carries_our_entries_adds_sightings_and_what_is_its_own(simulation: Simulation) -> None:
    simulation.planet.post("a.md", f"---\ntitle: A post\ndate: 2026-11-20\n---\n{prose('post')}\n")
    simulation.shows("blog", story("letter"), story("ticket", 2))
    simulation.run()
    carried = [carried_entry(entry) for entry in simulation.entries]
    theirs = {"id": "tag:other.example,2026:1", "title": "Theirs", "link": "https://other.example/1"}
    theirs |= {"content": f"<p>{prose('theirs')}</p>", "updated": "2026-11-22T00:00:00Z"}
    simulation.serves("planet", atom(*carried, theirs, title="Another planet"))
    assert simulation.run() == ["Theirs"]
    assert (simulation.report.entries.new, simulation.report.entries.updated) == (1, 0)
    assert len(simulation.entries) == 4


def carried_entry(entry: dict[str, str]) -> Item:
    names = ("id", "title", "link", "published", "updated")
    return {name: entry[name] for name in names} | {"content": entry["summary"]}


# dates that push


def test_an_entry_dated_in_the_future_does_not_stick_on_top(simulation: Simulation) -> None:
    simulation.shows("blog", story("tomorrow", age=-30), story("yesterday"))
    simulation.run()
    simulation.shows("blog", story("today", age=-1 / 24), story("tomorrow", age=-30), story("yesterday"))
    simulation.run(2 * HOUR)
    assert simulation.titles == ["About today", "About tomorrow", "About yesterday"]


@pytest.mark.torture
def test_an_entry_whose_date_comes_later_does_not_move(simulation: Simulation) -> None:
    simulation.shows("blog", story("letter"), *undated(2))
    simulation.run()
    before = simulation.titles
    simulation.shows("blog", story("letter"), *(item | {"pubDate": dated(NOON + DAY)} for item in undated(2)))
    assert (simulation.run(2 * DAY), simulation.titles) == ([], before)


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(
    "claim", ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 0900 00:00:00 GMT", "Invalid Date", ""]
)
def test_a_date_that_cannot_be_true_is_the_time_first_seen_and_stays(simulation: Simulation, claim: str) -> None:
    simulation.shows("blog", story("first"))
    simulation.run()
    items: Sequence[Item] = [story("first"), story("odd") | {"pubDate": claim}]
    simulation.shows("blog", *items)
    assert simulation.run(timedelta(days=2)) == ["About odd"]
    assert simulation.entry("About odd").published == "2026-11-25T12:00:00Z"
    simulation.shows("blog", *reversed(items))
    assert simulation.run(DAY) == []
