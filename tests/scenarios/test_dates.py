"""Dates as publishers write them: read whole, in one order, and told of where they cannot be read."""

from datetime import datetime
from html import escape

import pytest

from aggregator.model.problems import Problem
from tests.support.planet import NOON, Planet, rss
from tests.support.simulation import DAY, Simulation, story


def problems(simulation: Simulation) -> list[str]:
    return [one.message for one in simulation.report.problems if one.kind == "date"]


def published(simulation: Simulation) -> dict[str, str]:
    return {entry.title.removeprefix("About "): entry.published for entry in simulation.entries}


def test_dates_of_every_notation_are_published(simulation: Simulation) -> None:
    dates = {
        "half": "Sun, 15 Nov 2026 9:15 PM",
        "dots": "16:07 05.11.2026",
        "german": "Mi, 4 Nov. 2026 00:00:00 +0200",
        "long": "Tuesday, November 3rd, 2026 - 10:20",
        "chinese": "2026年11月2日 下午3:20",
        "unix": "1793491200",
    }
    simulation.shows("blog", *(story(name, pubDate=date) for name, date in dates.items()))
    simulation.run()
    assert problems(simulation) == []
    assert published(simulation) == {
        "half": "2026-11-15T21:15:00Z",
        "dots": "2026-11-05T16:07:00Z",
        "german": "2026-11-03T22:00:00Z",
        "long": "2026-11-03T10:20:00Z",
        "chinese": "2026-11-02T15:20:00Z",
        "unix": "2026-11-01T00:00:00Z",
    }


@pytest.mark.torture
def test_a_date_that_cannot_be_read_is_told_of_once_for_each_shape_and_not_again(simulation: Simulation) -> None:
    unread = [story(f"old-{n}", pubDate=f"Foo, {n} Bar 2026") for n in range(30, 34)]
    simulation.shows("blog", *unread, story("other", pubDate="yesterday"), story("good", 3))
    simulation.run()
    assert problems(simulation) == [
        "About old-30: not a date: Foo, 30 Bar 2026",
        "About other: not a date: yesterday",
    ]
    assert [one.where for one in simulation.report.problems] == ["blog", "blog"]
    simulation.shows("blog", story("new", 0), *unread)
    simulation.run()
    assert problems(simulation) == []
    simulation.shows("blog", story("newer", pubDate="today"), *unread)
    simulation.run()
    assert problems(simulation) == ["About newer: not a date: today"]


def test_a_date_of_the_feed_that_cannot_be_read_is_told_of(simulation: Simulation) -> None:
    document = rss(story("one", 1)).replace("<item>", "<lastBuildDate>a while ago</lastBuildDate><item>", 1)
    simulation.serves("blog", document)
    simulation.run()
    assert problems(simulation) == ["the feed: not a date: a while ago"]


def in_order(name: str, date: datetime, layout: str) -> dict[str, str]:
    return story(name, pubDate=date.strftime(layout))


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("layout", ["%d/%m/%Y", "%m/%d/%Y"], ids=["day-first", "month-first"])
def test_an_order_that_was_proved_holds_for_later_pulls(simulation: Simulation, layout: str) -> None:
    """1 October proves nothing, 17 October does; later pulls show what is ambiguous alone."""
    first = [in_order(f"a{day}", datetime(2026, 10, day), layout) for day in (17, 1)]  # noqa: DTZ001
    simulation.shows("blog", *first)
    simulation.run()
    assert published(simulation) == {"a17": "2026-10-17T00:00:00Z", "a1": "2026-10-01T00:00:00Z"}
    simulation.shows("blog", in_order("b", datetime(2026, 11, 2), layout))  # noqa: DTZ001
    simulation.run()
    assert published(simulation)["b"] == "2026-11-02T00:00:00Z"
    assert problems(simulation) == []


@pytest.mark.torture
def test_an_order_that_is_assumed_is_told_of_and_a_later_proof_dates_no_entry_anew(simulation: Simulation) -> None:
    known = story("known", pubDate="05/01/2026")
    simulation.shows("blog", known)
    simulation.run()
    assert problems(simulation) == [
        "About known: which number is the day is not known: 05/01/2026 is read as 2026-01-05"
    ]
    simulation.shows("blog", story("proof", pubDate="05/17/2026"), story("new", pubDate="05/02/2026"), known)
    simulation.run()  # checks that no known entry moves
    assert problems(simulation) == []
    assert published(simulation) == {
        "known": "2026-01-05T00:00:00Z",
        "proof": "2026-05-17T00:00:00Z",
        "new": "2026-05-02T00:00:00Z",
    }
    assert simulation.report.entries.updated == 0


def test_dates_in_the_future_tell_the_order(simulation: Simulation) -> None:
    simulation.shows("blog", story("one", pubDate="11/12/2026"))  # 11 December is not yet
    simulation.run()
    assert published(simulation) == {"one": "2026-11-12T00:00:00Z"}
    simulation.run(40 * DAY)
    simulation.shows("blog", story("two", pubDate="12/01/2026"), story("one", pubDate="11/12/2026"))
    simulation.run()
    assert published(simulation)["two"] == "2026-12-01T00:00:00Z"


def test_the_language_of_the_feed_tells_the_order(simulation: Simulation) -> None:
    document = rss(story("one", pubDate="05/01/2026"))
    simulation.serves("blog", document.replace("<item>", "<language>en-us</language><item>", 1))
    simulation.run()
    assert published(simulation) == {"one": "2026-05-01T00:00:00Z"}
    assert problems(simulation) == []


def test_dates_of_posts(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts", "timezone": "Asia/Shanghai"}]
    posts = {"a": "5. November 2026", "b": "2026-11-04 3:20 PM", "c": "03/11/2026", "d": "Invalid Date"}
    for name, date in posts.items():
        planet.post(f"{name}.md", f"---\ntitle: {name}\ndate: {escape(date)}\n---\nText of {name}.\n")
    report = planet.run()
    found = {head.title: head.published for head in planet.heads()}
    assert found["a"] == "2026-11-04T16:00:00Z"
    assert found["b"] == "2026-11-04T07:20:00Z"
    assert found["c"] == "2026-11-02T16:00:00Z"
    assert [(one.where.rpartition("/")[2], one.message) for one in report.problems if one.kind == "date"] == [
        ("c.md:3", "date: which number is the day is not known: 03/11/2026 is read as 2026-11-03"),
        ("d.md:3", "date: not a date: Invalid Date"),
    ]
    assert all(isinstance(one, Problem) for one in planet.run(NOON + DAY).problems)
