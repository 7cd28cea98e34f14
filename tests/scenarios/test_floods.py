"""What would push everything else out of a reader's list is known for what it is: old, or held."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.support.planet import NOON, rss
from tests.support.scenes import DAY, HOUR, Item, Scene, atom, dated, prose, story, without


def undated(count: int, host: str = "https://archive.example") -> list[Item]:
    return [without(story(f"undated-{n}", host=host), "pubDate") for n in range(count)]


@pytest.mark.parametrize("second_in_config", [True, False])
def test_a_new_source_with_50_undated_entries_pushes_nobody_out(document_state: Scene, second_in_config: bool) -> None:
    """They step down by a day each, so that only the first of them is as new as the pull."""
    document_state.planet.config["feeds"] = {"limit": 10}
    daily = [story(f"daily-{n}", age=n / 24) for n in range(1, 11)]
    document_state.shows("daily", *daily)
    document_state.run()
    others = list(document_state.titles)
    assert len(others) == 10
    document_state.shows("archive", *undated(50), home="https://archive.example/")
    if not second_in_config:
        document_state.planet.config["sources"].reverse()
    document_state.run()
    assert document_state.titles[:11] == ["About undated-0", *others]


def test_a_document_that_is_dated_dates_its_undated_entries(document_state: Scene) -> None:
    document_state.shows("daily", *(story(f"daily-{n}", age=n) for n in range(1, 4)))
    document = rss(*undated(3)).replace("<item>", f"<lastBuildDate>{dated(NOON - 2.5 * DAY)}</lastBuildDate><item>", 1)
    document_state.serves("archive", document)
    document_state.run()
    assert document_state.titles[:4] == ["About daily-1", "About daily-2", "About undated-0", "About daily-3"]


def test_845_undated_entries_and_a_page_that_is_no_feed(document_state: Scene) -> None:
    """The whole archive of a site without one date, whose feed then turns into the page that says `not found`."""
    document_state.planet.config["feeds"] = {"limit": 50}
    document_state.shows("daily", *(story(f"daily-{n}", age=n / 24) for n in range(1, 11)))
    document_state.shows("archive", *undated(845), home="https://archive.example/")
    document_state.run()
    assert document_state.titles[1:11] == [f"About daily-{n}" for n in range(1, 11)]
    document_state.serves("archive", "<!doctype html><html><body><h1>404</h1><ul><li>Not found</li></ul></body></html>")
    assert document_state.run() == []
    assert [problem.kind for problem in document_state.report.problems] == ["not-a-feed"]
    document_state.shows("archive", *undated(845), home="https://archive.example/")
    assert document_state.run() == []


# held


def lives(document_state: Scene, pulls: int = 6) -> list[Item]:
    """A source that has one new entry in each of so many changed pulls; its document, the newest first."""
    items = [story(f"old-{n}", age=10 + n) for n in range(5)]
    for n in range(pulls):
        items.insert(0, story(f"weekday-{n}", age=2 - n / 24))
        document_state.shows("blog", *items)
        document_state.run()
    return items


def migrated(count: int, *, dates: bool = True) -> list[Item]:
    """Old entries of which nothing is known: no id, no link, no word."""
    items = [story(f"relic-{n}", age=100 + n, host="https://new.example", words=45) for n in range(count)]
    return items if dates else [without(item, "pubDate") for item in items]


@pytest.mark.parametrize(("count", "dates"), [(500, True), (50, False)], ids=["500 dated years ago", "50 undated"])
def test_a_migration_of_old_items_is_held_and_its_new_ones_go_out(
    document_state: Scene, count: int, dates: bool
) -> None:
    lives(document_state)
    before = document_state.titles
    fresh = [story(f"fresh-{n}", age=-0.2, host="https://new.example") for n in range(3)]
    document_state.shows("blog", *fresh, *migrated(count, dates=dates))
    assert document_state.run() == [item["title"] for item in fresh]
    assert (document_state.report.entries.held, document_state.titles) == (
        count,
        [*(item["title"] for item in fresh), *before],
    )


def test_what_is_held_comes_in_after_a_day_without_protest_below_what_is_newer(document_state: Scene) -> None:
    lives(document_state)
    before = document_state.titles
    document_state.shows("blog", *migrated(40))
    assert (document_state.run(), document_state.report.entries.held) == ([], 40)
    document_state.shows("daily", story("daily", age=-0.5), home="https://daily.example/")
    assert (document_state.run(22 * HOUR), document_state.titles) == (["About daily"], ["About daily", *before])
    assert document_state.run(3 * HOUR) == [f"About relic-{n}" for n in range(40)]
    assert document_state.titles[: 1 + len(before)] == ["About daily", *before]
    assert document_state.run() == []


def test_what_is_held_and_another_source_shows_is_held_no_longer(document_state: Scene) -> None:
    """It is old only to the source that moved; the other one's readers have it already."""
    items = lives(document_state)
    document_state.shows("blog", *items, *migrated(40))
    assert document_state.run() == []
    document_state.shows("planet", migrated(40)[7] | {"guid": "p-1"}, home="https://planet.example.org/")
    assert document_state.run() == ["About relic-7"]


def test_a_held_entry_that_leaves_its_document_is_not_shown_by_that(document_state: Scene) -> None:
    items = lives(document_state)
    before = document_state.titles
    document_state.shows("blog", *items, *migrated(40))
    document_state.run()
    document_state.shows("blog", *items)
    assert (document_state.run(), document_state.titles) == ([], before)


@pytest.mark.parametrize("pulls", [1, 2, 4])
def test_the_first_pulls_of_a_source_are_never_held(document_state: Scene, pulls: int) -> None:
    items = lives(document_state, pulls)
    document_state.shows("blog", *items, *migrated(60))
    assert (len(document_state.run()), document_state.report.entries.held) == (60, 0)


def test_many_entries_that_are_truly_new_are_not_held(document_state: Scene) -> None:
    items = lives(document_state)
    many = [story(f"burst-{n}", age=-0.2) for n in range(40)]
    document_state.shows("blog", *many, *items)
    assert (len(document_state.run()), document_state.report.entries.held) == (40, 0)


def test_few_old_ones_are_not_held(document_state: Scene) -> None:
    items = lives(document_state)
    document_state.shows("blog", *items, *migrated(5))
    assert (len(document_state.run()), document_state.report.entries.held) == (5, 0)


def test_a_source_that_often_brings_many_may_do_so_again(document_state: Scene) -> None:
    """The measure is the source's own: five times the most that it ever brought."""
    for n in range(7):
        document_state.shows("blog", *(story(f"batch-{n}-{i}", age=300 - 10 * n + i / 24) for i in range(10)))
        assert (len(document_state.run()), document_state.report.entries.held) == (10, 0)
    document_state.shows("blog", *migrated(45))
    assert (len(document_state.run()), document_state.report.entries.held) == (45, 0)


def test_what_moved_and_is_known_by_its_words_is_not_held(document_state: Scene) -> None:
    items = lives(document_state)
    document_state.shows(
        "blog", *(item | {"guid": f"urn:new:{n}", "link": f"https://new.example/{n}"} for n, item in enumerate(items))
    )
    assert (document_state.run(), document_state.report.entries.held, document_state.report.entries.new) == ([], 0, 0)


# our own feeds, come back


def own(document_state: Scene, name: str) -> bytes:
    return (document_state.planet.root / "feeds" / "all" / name).read_bytes()


@pytest.mark.parametrize("name", ["atom.xml", "rss.xml", "feed.json"])
def test_one_of_our_own_feeds_as_a_source_brings_nothing_ever(document_state: Scene, name: str) -> None:
    document_state.planet.config["feeds"]["formats"] = ["atom", "rss", "json"]
    document_state.planet.post(
        "a.md", f"---\ntitle: A post\ndate: 2026-11-20\ncategories: [News]\n---\n{prose('post')}\n"
    )
    items = [story(f"note-{n}", age=n, category="Tea") for n in range(1, 4)]
    items[0] = without(items[0], "guid", "link")
    document_state.shows("blog", *items)
    document_state.run()
    document_state.serves("ourselves", own(document_state, name))
    for n in range(3):
        items.insert(0, story(f"news-{n}", age=-n / 24))
        document_state.shows("blog", *items)
        assert document_state.run() == [f"About news-{n}"]
        assert (document_state.report.entries.new, document_state.report.entries.updated) == (1, 0)
        document_state.serves("ourselves", own(document_state, name))
    feeds = set(document_state.planet.index())
    assert (document_state.run(), document_state.report.entries.new, document_state.report.entries.updated) == (
        [],
        0,
        0,
    )
    assert feeds == {"all", "news", "tea"}
    before = document_state.planet.tree()
    document_state.serves("ourselves", own(document_state, name))
    document_state.run()
    assert document_state.planet.tree() == before


def test_our_own_feed_through_another_service_brings_nothing_either(document_state: Scene) -> None:
    """One that puts its own address into the document and takes out who made it."""
    items = [without(story("note", 2), "guid", "link"), story("letter", 3)]
    document_state.shows("blog", *items)
    document_state.run()
    for n in range(2):
        text = own(document_state, "atom.xml").decode()
        text = re.sub(r'<link[^>]*rel="self"[^>]*>', '<link rel="self" href="https://burner.example/x"/>', text)
        document_state.serves("burner", re.sub(r"<generator.*?</generator>", "", text))
        items.insert(0, story(f"news-{n}", age=-n / 24))
        document_state.shows("blog", *items)
        assert (document_state.run(), document_state.report.entries.new) == ([f"About news-{n}"], 1)


def test_our_own_feed_shows_nothing_when_what_it_carries_is_gone(document_state: Scene) -> None:
    """Else what its only source took back would live on as our echo."""
    item = story("secret") | {"id": "tag:blog.example,2026:secret"}
    one = {"id": item["id"], "title": item["title"], "link": item["link"], "content": item["description"]}
    document_state.serves("blog", atom(one))
    document_state.run()
    document_state.serves("ourselves", own(document_state, "atom.xml"))
    document_state.run()
    document_state.serves("blog", atom(deleted={item["id"]: NOON}))
    document_state.run()
    assert document_state.titles == []


def test_a_planet_that_carries_our_entries_adds_sightings_and_what_is_its_own(document_state: Scene) -> None:
    document_state.planet.post("a.md", f"---\ntitle: A post\ndate: 2026-11-20\n---\n{prose('post')}\n")
    document_state.shows("blog", story("letter"), story("ticket", 2))
    document_state.run()
    carried = [carried_entry(entry) for entry in document_state.entries]
    theirs = {"id": "tag:other.example,2026:1", "title": "Theirs", "link": "https://other.example/1"}
    theirs |= {"content": f"<p>{prose('theirs')}</p>", "updated": "2026-11-22T00:00:00Z"}
    document_state.serves("planet", atom(*carried, theirs, title="Another planet"))
    assert document_state.run() == ["Theirs"]
    assert (document_state.report.entries.new, document_state.report.entries.updated) == (1, 0)
    assert len(document_state.entries) == 4


def carried_entry(entry: dict[str, str]) -> Item:
    names = ("id", "title", "link", "published", "updated")
    return {name: entry[name] for name in names} | {"content": entry["summary"]}


# dates that push


def test_an_entry_dated_in_the_future_does_not_stick_on_top(document_state: Scene) -> None:
    document_state.shows("blog", story("tomorrow", age=-30), story("yesterday"))
    document_state.run()
    document_state.shows("blog", story("today", age=-1 / 24), story("tomorrow", age=-30), story("yesterday"))
    document_state.run(2 * HOUR)
    assert document_state.titles == ["About today", "About tomorrow", "About yesterday"]


def test_an_entry_whose_date_comes_later_does_not_move(document_state: Scene) -> None:
    document_state.shows("blog", story("letter"), *undated(2))
    document_state.run()
    before = document_state.titles
    document_state.shows("blog", story("letter"), *(item | {"pubDate": dated(NOON + DAY)} for item in undated(2)))
    assert (document_state.run(2 * DAY), document_state.titles) == ([], before)


@pytest.mark.parametrize(
    "claim", ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 0900 00:00:00 GMT", "Invalid Date", ""]
)
def test_a_date_that_cannot_be_true_is_the_time_first_seen_and_stays(document_state: Scene, claim: str) -> None:
    document_state.shows("blog", story("first"))
    document_state.run()
    items: Sequence[Item] = [story("first"), story("odd") | {"pubDate": claim}]
    document_state.shows("blog", *items)
    assert document_state.run(timedelta(days=2)) == ["About odd"]
    assert document_state.entry("About odd").published == "2026-11-25T12:00:00Z"
    document_state.shows("blog", *reversed(items))
    assert document_state.run(DAY) == []
