"""A source that joins a running planet brings its newest entries; its past stands in archives and on pages."""

import shutil
from collections.abc import Iterator
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.explain import explain
from aggregator.model.entry import Entry
from aggregator.overrides.apply import keep, release_all
from aggregator.publish import archive_state
from aggregator.recover import recover
from aggregator.render.pages import PageFormat
from aggregator.status.held import all_held
from tests.support.simulation import DAY, HOUR, Item, Simulation, story, without

SITE = "https://planet.example/"


def past(count: int, *, age: float = 0.51, host: str = "https://late.example", name: str = "late") -> list[Item]:
    """Entries of a source that joins, the newest first: one an hour, ending `age` days before the first run."""
    return [story(f"{name}-{n}", age=age + n / 24, host=host) for n in range(count)]


def names(numbers: range, name: str = "late") -> list[str]:
    return [f"About {name}-{n}" for n in numbers]


@pytest.fixture
def running(simulation: Simulation) -> Simulation:
    """A planet of one source that stood for two days."""
    simulation.shows("daily", *(story(f"daily-{n}", age=1 + n) for n in range(5)))
    simulation.run()
    simulation.shows("daily", story("today", age=-1.5), *(story(f"daily-{n}", age=1 + n) for n in range(5)))
    simulation.run(2 * DAY)
    return simulation


def joins(simulation: Simulation, *items: Item, name: str = "late", **config: Any) -> list[str]:
    simulation.shows(name, *items, home=f"https://{name}.example/", **config)
    return simulation.run()


def on_page(simulation: Simulation, feed: str = "all") -> list[str]:
    page = etree.HTML((simulation.planet.root / "feeds" / feed / "index.html").read_text("utf-8"))
    return [one.text or "" for one in page.findall(".//article/header/h2/a")]


def walk(simulation: Simulation, feed: str = "all") -> Iterator[list[str]]:
    """The titles of each document from the one that people subscribe to, to the start of its archive."""
    address = f"{SITE}{feed}/atom.xml"
    while address:
        document = etree.parse(simulation.planet.root / "feeds" / address.removeprefix(SITE)).getroot()
        yield [title.text or "" for title in document.iterfind("{*}entry/{*}title")]
        older = [one.get("href", "") for one in document.iterfind("{*}link") if one.get("rel") == "prev-archive"]
        address = older[0] if older else ""


def test_a_source_that_joins_brings_its_ten_newest_entries(running: Simulation) -> None:
    before = running.titles
    assert sorted(joins(running, *past(40))) == sorted(names(range(10)))
    assert sorted(running.titles) == sorted([*before, *names(range(10))])
    counts = running.report.entries
    assert (counts.new, counts.archived, counts.held) == (10, 30, 0)


@pytest.mark.torture
def test_its_past_is_on_a_page_of_its_own_in_the_archive_at_once(running: Simulation) -> None:
    joins(running, *past(40))
    documents = list(walk(running))
    assert [len(one) for one in documents] == [16, 30]
    assert documents[1] == names(range(10, 40))
    everything = [title for one in documents for title in one]
    assert len(everything) == len(set(everything)) == 46


@pytest.mark.torture
def test_its_past_stands_on_the_page_of_the_feed_and_in_its_own_feed(running: Simulation) -> None:
    running.planet.config["feeds"] |= {"per_source": True}
    joins(running, *past(40))
    assert set(on_page(running)) >= set(names(range(40)))
    own = feedparser.parse((running.planet.root / "feeds/source/late/atom.xml").read_bytes())
    assert [entry.title for entry in own.entries] == names(range(40))


@pytest.mark.torture
def test_a_page_that_fills_up_and_the_past_are_two_pages(running: Simulation) -> None:
    running.planet.config["feeds"]["archive"] = 12
    joins(running, *past(15))
    assert [len(one) for one in walk(running)] == [16, 12, 5]
    assert list(walk(running))[2] == names(range(10, 15))


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("most", "pages"), [(1000, [55]), (20, [15, 20, 20])])
def test_a_long_past_is_one_page_of_any_size_that_a_reader_can_take(
    running: Simulation, monkeypatch: pytest.MonkeyPatch, most: int, pages: list[int]
) -> None:
    monkeypatch.setattr(archive_state, "MOST_APART", most)
    running.planet.config["feeds"]["archive"] = 20
    joins(running, *past(65))
    assert [len(one) for one in walk(running)] == [16, *pages]
    assert [title for one in list(walk(running))[1:] for title in one] == names(range(10, 65))


@pytest.mark.torture
def test_what_it_publishes_later_is_news(running: Simulation) -> None:
    joins(running, *past(40))
    fresh = story("late-news", age=-2.05, host="https://late.example")
    running.shows("late", fresh, *past(40))
    assert running.run() == ["About late-news"]
    assert running.run() == []


@pytest.mark.torture
@pytest.mark.parametrize(("backlog", "news"), [(0, 40), (3, 3), (100, 40)])
def test_the_config_says_how_many(running: Simulation, backlog: int, news: int) -> None:
    running.planet.config["feeds"]["backlog"] = backlog
    assert len(joins(running, *past(40))) == news


@pytest.mark.torture
def test_it_does_not_bind_in_the_first_day(simulation: Simulation) -> None:
    simulation.shows("daily", story("daily"))
    simulation.run()
    simulation.shows("late", *past(40), home="https://late.example/")
    assert len(simulation.run(23 * HOUR)) == 40


@pytest.mark.torture
def test_a_feed_that_the_source_founds_shows_all_of_it(running: Simulation) -> None:
    items = [item | {"category": "Tea"} for item in past(40)]
    assert len(joins(running, *items)) == 10
    tea = feedparser.parse((running.planet.root / "feeds/tea/atom.xml").read_bytes())
    assert [entry.title for entry in tea.entries] == names(range(40))


@pytest.mark.torture
def test_an_undated_past_is_no_news_either(running: Simulation) -> None:
    assert joins(running, *(without(item, "pubDate") for item in past(40))) == names(range(10))


@pytest.mark.torture
def test_posts_are_never_kept_out(running: Simulation) -> None:
    for n in range(30):
        running.planet.post(
            f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-11-{n % 20 + 1:02}\n---\nWords of post {n}.\n"
        )
    assert len(running.run()) == 30


@pytest.mark.torture
def test_an_empty_first_document_is_no_first_showing(running: Simulation) -> None:
    assert joins(running) == []
    running.shows("late", *past(40))
    assert len(running.run()) == 10


@pytest.mark.torture
def test_what_filters_leave_out_takes_no_place(running: Simulation) -> None:
    assert joins(running, *past(40), exclude=[{"title": "late-[0-9]$"}]) == names(range(10, 20))


@pytest.mark.torture
def test_sources_that_join_together_bring_their_newest_each(running: Simulation) -> None:
    running.shows("other", *past(30, host="https://other.example", name="other"), home="https://other.example/")
    new = joins(running, *past(30))
    assert sorted(new) == sorted([*names(range(10)), *names(range(10), "other")])


@pytest.mark.torture
def test_a_source_that_is_renamed_or_moved_does_not_join(running: Simulation) -> None:
    joins(running, *past(40))
    sealed = {path: one for path, one in running.planet.tree().items() if "/archive/" in path}
    source = running.planet.config["sources"][1]
    source["id"] = "renamed"
    assert running.run() == []
    source["url"] = running.upstream.serve("/moved", running.upstream.pages["/late"][2])
    assert running.run() == []
    assert {path: one for path, one in running.planet.tree().items() if "/archive/" in path} == sealed


@pytest.mark.torture
def test_an_edit_of_the_past_is_no_news(running: Simulation) -> None:
    joins(running, *past(40))
    running.shows("late", *past(39), past(40)[39] | {"description": "Quite other words."})
    assert running.run() == []
    assert running.report.entries.updated == 1


@pytest.mark.torture
def test_a_person_makes_it_news(running: Simulation) -> None:
    joins(running, *past(40))
    with running.planet.app(running.now) as app:
        keep(app, "release", ["https://late.example/late-30"])
    assert running.run() == ["About late-30"]


@pytest.mark.torture
def test_explain_says_why_it_is_in_no_document(running: Simulation) -> None:
    joins(running, *past(40))
    with running.planet.app(running.now) as app:
        [answer] = [one for one in explain(app, "https://late.example/late-30").feeds if one.id == "all"]
    assert not answer.in_
    assert answer.why == (
        "on page 1 of the archive; it was there before its source joined on 2026-11-25 13:00 (feeds.backlog);"
        " `entry release` makes it news"
    )


@pytest.mark.torture
def test_two_runs_and_a_rebuilt_tree_are_equal(running: Simulation) -> None:
    joins(running, *past(40))
    before = running.planet.tree()
    assert running.run() == []
    assert running.planet.tree() == before
    shutil.rmtree(running.planet.root / "feeds")
    running.planet.regenerate(running.now)
    assert running.planet.tree() == before


@pytest.mark.torture
def test_what_a_removal_seals_again_keeps_the_past_apart(running: Simulation) -> None:
    joins(running, *past(40))
    with running.planet.app(running.now) as app:
        keep(app, "remove", ["https://late.example/late-30"])
    assert running.run() == []
    assert [len(one) for one in walk(running)] == [16, 29]


@pytest.mark.torture
def test_a_recovered_state_keeps_it_where_it_stood(running: Simulation) -> None:
    running.planet.config["feeds"] |= {"limit": 50}
    joins(running, *past(40))
    before = running.planet.tree()
    shutil.rmtree(running.planet.root / ".aggregator")
    with running.planet.app(running.now) as app:
        running.planet.runner.run(recover(app, running.planet.pool))
    assert running.run() == []
    assert running.planet.tree() == before
    assert [len(one) for one in walk(running)] == [16, 30]
    later = past(40, host="https://third.example", name="third")
    assert joins(running, *later, name="third") == names(range(10), "third")


@pytest.mark.torture
def test_what_grows_old_on_its_way_is_counted_once(running: Simulation) -> None:
    """The page shows the newest entries whatever they are; the documents the newest that are news."""
    running.planet.config["feeds"] |= {"limit": 5, "archive": 5, "window": "1s"}
    joins(running, *past(40, age=-1.9))
    assert on_page(running)[:5] == names(range(5))
    everything = [title for one in walk(running) for title in one]
    assert sorted(set(everything)) == sorted([*names(range(40)), "About today", *names(range(5), "daily")])


@pytest.mark.torture
def test_pages_with_other_entries_than_the_documents_reuse_what_did_not_change(
    running: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.planet.config["feeds"] |= {"formats": ["atom", "rss", "json"], "limit": 25}
    joins(running, *past(40))
    made: list[str] = []
    render = PageFormat.build

    def counted(self: PageFormat, entry: Entry, *language: str) -> bytes:
        made.append(entry.clean.title)
        return render(self, entry, *language)

    monkeypatch.setattr(PageFormat, "build", counted)
    running.shows("daily", story("tonight", age=-2.05), *(story(f"daily-{n}", age=1 + n) for n in range(5)))
    assert running.run() == ["About tonight"]
    assert made == ["About tonight"]
    assert len(on_page(running)) == 29
    before = running.planet.tree()
    running.planet.regenerate(running.now)
    assert running.planet.tree() == before


# max_age


def test_what_is_too_old_at_first_sight_is_in_no_feed(simulation: Simulation) -> None:
    items = [story(f"late-{n}", age=n * 10 + 1, host="https://late.example") for n in range(1, 8)]
    assert joins(simulation, *items, max_age="30d") == names(range(1, 3))
    assert simulation.report.entries.new == 2
    assert on_page(simulation) == names(range(1, 3))
    with simulation.planet.app(simulation.now) as app:
        found = explain(app, "https://late.example/late-5")
        assert found.entry.state == "too-old"
        release = "`aggregator entry release https://late.example/late-5` publishes it"
        assert {one.why for one in found.feeds} == {
            f"older than max_age of its source when it was first seen on 2026-11-23 12:00; {release}"
        }
    simulation.planet.config["sources"][0]["max_age"] = ""
    assert simulation.run() == []
    with simulation.planet.app(simulation.now) as app:
        keep(app, "release", ["https://late.example/late-5"])
    assert simulation.run() == ["About late-5"]


@pytest.mark.torture
def test_undated_entries_are_of_no_age(simulation: Simulation) -> None:
    items = [without(story(f"late-{n}"), "pubDate") for n in range(40)]
    assert len(joins(simulation, *items, max_age="3d")) == 40


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("limited_first", [True, False])
def test_what_is_too_old_for_one_source_is_shown_by_another(simulation: Simulation, limited_first: bool) -> None:
    items = [story(f"late-{n}", age=n * 10, host="https://late.example") for n in range(1, 8)]
    simulation.shows("late", *items, home="https://late.example/", max_age="30d")
    simulation.shows("copy", *items, home="https://copy.example/")
    if not limited_first:
        simulation.planet.config["sources"].reverse()
    assert simulation.run() == names(range(1, 8))


# floods


@pytest.fixture
def flooded(running: Simulation) -> Simulation:
    """Forty entries are held."""
    items = [story(f"daily-{n}", age=1 + n) for n in range(5)]
    for n in range(6):
        items.insert(0, story(f"weekday-{n}", age=-2.1 - n / 24))
        running.shows("daily", *items)
        running.run()
    running.shows("daily", *(story(f"relic-{n}", age=100 + n, host="https://new.example") for n in range(40)), *items)
    assert running.run() == []
    assert running.report.entries.held == 40
    return running


@pytest.mark.torture
def test_a_flood_is_sealed_after_a_day_and_stays_out_of_documents(flooded: Simulation) -> None:
    before = flooded.titles
    assert flooded.run(22 * HOUR) == []
    assert list(walk(flooded)) == [before]
    assert flooded.run(3 * HOUR) == []
    counts = flooded.report.entries
    assert (counts.new, counts.held, counts.archived) == (0, 0, 40)
    assert list(walk(flooded)) == [before, names(range(40), "relic")]
    assert on_page(flooded)[-40:] == names(range(40), "relic")
    tree = flooded.planet.tree()
    assert flooded.run() == []
    assert flooded.planet.tree() == tree


@pytest.mark.torture
def test_a_person_releases_a_sealed_flood(flooded: Simulation) -> None:
    flooded.run(25 * HOUR)
    with flooded.planet.app(flooded.now) as app:
        assert len(release_all(app, "daily")) == 40
        assert release_all(app) == []
    assert flooded.run() == names(range(40), "relic")


@pytest.mark.torture
def test_a_sealed_flood_is_explained_and_in_status(flooded: Simulation) -> None:
    flooded.run(25 * HOUR)
    with flooded.planet.app(flooded.now) as app, app.store.read() as tx:
        assert {(one.state, one.until) for one in all_held(tx)} == {("flood", None)}
        assert tx.health.state_counts(flooded.now, unmapped=0).held == len(all_held(tx)) == 40
    with flooded.planet.app(flooded.now) as app:
        [answer] = [one for one in explain(app, "https://new.example/relic-3").feeds if one.id == "all"]
    assert (answer.in_, answer.why) == (
        False,
        "on page 1 of the archive; it came in a flood of old entries (2026-11-26 20:00); `entry release` makes it news",
    )


@pytest.mark.torture
def test_a_flood_that_is_released_in_time_is_news(flooded: Simulation) -> None:
    with flooded.planet.app(flooded.now) as app:
        release_all(app)
    assert flooded.run() == names(range(40), "relic")
    assert flooded.run(25 * HOUR) == []
