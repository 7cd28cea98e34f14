"""A site that was taken over: its lapsed domain comes back as a casino, and no reader sees it."""

import json
import random
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from aggregator.errors import UsageError
from aggregator.explain.explain import explain
from aggregator.maintenance.clock import accept_now
from aggregator.overrides import apply as overrides
from aggregator.overrides.apply import trust
from aggregator.render.status_page import StatusPage
from aggregator.status.report import as_json, report
from tests.commands.test_cli import Done, aggregator
from tests.support.planet import NOON, Planet, Upstream
from tests.support.samples import SITE
from tests.support.simulation import DAY, HOUR, Item, Simulation, dated
from tests.support.site_histories import split, text_of
from tests.support.site_marks import play
from tests.support.site_texts import HONEST, SPAM, Subject

PORTIONS = 80


@pytest.mark.torture
@pytest.mark.parametrize("number", range(PORTIONS))
def test_the_marks_of_a_portion(planet: Planet, upstream: Upstream, number: int) -> None:
    """A take-over and some six honest histories; `make bench` counts all of them."""
    marks = play(planet, upstream, [make() for half in split() for make in half[number::PORTIONS]])
    assert not marks.missed
    assert len(marks.wronged) <= 1  # of all five hundred two may be


# one source


def post(
    name: str,
    age: float = 0,
    *,
    links: str = "https://known.example/",
    category: str = "Notes",
    subject: Subject = HONEST["programming"],
) -> Item:
    """`age`: days before the first run."""
    link = f"https://blog.example/{name}"
    text = text_of(random.Random(name), subject, 12)
    words = f'<p>{name}: {text} <a href="{links}{name}">there</a></p>'
    at = {"pubDate": dated(NOON - age * DAY)}
    return {"title": f"About {name}", "link": link, "guid": link, "description": words, "category": category} | at


def spam(name: str, age: float = 0) -> Item:
    return post(name, age, links="https://casino.example/", category="Casino", subject=SPAM["casino-en"])


def lives(simulation: Simulation, pulls: int = 6, name: str = "blog") -> list[Item]:
    """A source with a new post every other day; what it shows, the newest first."""
    items = [post(f"{name}-old-{n}", age=5 + n) for n in range(12)]
    for n in range(pulls):
        items.insert(0, post(f"{name}-weekday-{n}", age=-2 * n))
        simulation.shows(name, *items)
        simulation.run(2 * DAY)
    return items


def taken_over(simulation: Simulation, count: int = 12, *, age: float = -19) -> list[Item]:
    """The domain has lapsed and is back: all that it shows is spam."""
    items = [spam(f"jackpot-{n}", age - n / 100) for n in range(count)]
    simulation.shows("blog", *items)
    simulation.run(8 * DAY)
    return items


def states(simulation: Simulation) -> dict[str, int]:
    with closing(sqlite3.connect(simulation.planet.root / ".aggregator" / "state.db")) as state:
        return dict(state.execute("SELECT kept_back, count(*) FROM entry GROUP BY 1").fetchall())


def status(simulation: Simulation) -> Any:
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        return json.loads(json.dumps(as_json(report(app, tx, simulation.now))))


def test_a_casino_goes_to_no_reader_and_is_told(simulation: Simulation) -> None:
    lives(simulation)
    before = simulation.titles
    taken_over(simulation)
    assert simulation.titles == before
    assert (simulation.report.entries.new, simulation.report.entries.held) == (0, 12)
    [problem] = simulation.report.problems
    assert (problem.where, problem.kind) == ("blog", "held")
    assert "12 of its last 12 new entries lead to sites that it never led to" in problem.message
    assert "`aggregator source trust blog`" in problem.message
    assert "`aggregator source pause blog`" in problem.message
    [source] = status(simulation)["sources"]
    assert source["other_site_since"] == "2026-12-13T11:00:00Z"
    assert "have only categories that it never had" in source["evidence"]
    held = status(simulation)["held"]
    assert {(one["source"], one["state"], one["until"]) for one in held} == {("blog", "site", None)}
    health = [one for one in simulation.planet.atom("health").entries if "another site" in one.title]
    assert len(health) == 1
    assert "lead to sites that it never led to" in health[0].summary
    with simulation.planet.app(simulation.now) as app:
        told = explain(app, "About jackpot-3")
    assert told.entry.state == "site"
    assert all("`source trust blog`" in feed.why for feed in told.feeds if not feed.in_)


@pytest.mark.torture
def test_the_run_after_it_changes_nothing(simulation: Simulation) -> None:
    lives(simulation)
    taken_over(simulation)
    before = simulation.planet.tree()
    assert simulation.run() == []
    assert simulation.planet.tree() == before
    assert simulation.report.problems == {}


@pytest.mark.torture
def test_from_there_on_all_its_new_entries_are_held(simulation: Simulation) -> None:
    """Whatever they are like, and however long it takes."""
    lives(simulation)
    items = taken_over(simulation)
    simulation.shows("blog", post("as-if-nothing-were", -30), *items)
    assert simulation.run(10 * DAY) == []
    simulation.shows("blog", post("as-if-nothing-were-either", -90), *items)
    assert simulation.run(60 * DAY) == []
    assert states(simulation)["site"] == 14


@pytest.mark.torture
def test_one_a_day_is_held_from_the_third(simulation: Simulation) -> None:
    """The first two stay where they are: nothing told them from guests."""
    items = lives(simulation)
    simulation.run(8 * DAY)
    new = []
    for n in range(7):
        items.insert(0, spam(f"jackpot-{n}", -20 - n))
        simulation.shows("blog", *items)
        new += simulation.run(DAY)
    assert new == ["About jackpot-0", "About jackpot-1"]
    assert states(simulation)["site"] == 5


@pytest.mark.torture
def test_a_person_trusts_it(simulation: Simulation) -> None:
    """What was held comes out at its dates. What it shows by then is what it is known for."""
    lives(simulation)
    items = taken_over(simulation)
    with simulation.planet.app(simulation.now) as app:
        done = trust(app, "blog")
        assert (done.was_held, len(done.released)) == (True, 12)
        again = trust(app, "blog")
    assert (again.was_held, list(again.released)) == (False, [])
    assert len(simulation.run()) == 12
    assert simulation.titles[0] == "About jackpot-11"
    entry = simulation.entry("About jackpot-3")
    assert entry.published == "2026-12-12T12:43:12Z"
    assert [one["evidence"] for one in status(simulation)["sources"]] == [""]
    for n in range(3):
        items.insert(0, spam(f"more-{n}", -22 - n))
        simulation.shows("blog", *items)
        assert simulation.run(DAY) == [f"About more-{n}"]


@pytest.mark.torture
def test_single_entries_are_released_without_trust(simulation: Simulation) -> None:
    lives(simulation)
    taken_over(simulation)
    with simulation.planet.app(simulation.now) as app:
        [done] = overrides.keep(app, "release", ["About jackpot-3"])
        overrides.keep(app, "remove", ["About jackpot-4"])
        assert overrides.release_all(app) == []
    assert done.state == ""
    assert simulation.run() == ["About jackpot-3"]
    simulation.run(8 * DAY)
    assert states(simulation) | {"": 0} == {"": 0, "site": 10, "removed": 1}


@pytest.mark.torture
def test_a_source_that_is_unknown_cannot_be_trusted(simulation: Simulation) -> None:
    lives(simulation)
    with simulation.planet.app(simulation.now) as app, pytest.raises(UsageError, match="no run has pulled other yet"):
        trust(app, "other")


@pytest.mark.torture
def test_the_commands_that_tell_and_end_it(simulation: Simulation) -> None:
    """Beside a process that holds the state, as a daemon does."""
    lives(simulation)
    taken_over(simulation)
    folder, now = simulation.planet.root, f"{simulation.now:%Y-%m-%dT%H:%M:%SZ}"

    def command(*words: str) -> Done:
        return aggregator(folder, *words, AGGREGATOR_NOW=now)

    told = " ".join(command("status").stdout.split())
    assert "blog: seems to be another site since 2026-12-13 11:00: 12 of its last 12 new entries lead" in told
    assert "`aggregator source trust blog` publishes them, `aggregator source pause blog` stops pulling it" in told
    assert "blog: 12 entries held, since it seems to be another site" in told
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        page = StatusPage(SITE).page(report(app, tx, simulation.now), 1, "n").decode()
    assert "Seems to be another site since" in page
    assert "<code>aggregator source trust blog</code>" in page
    told = " ".join(command("explain", "About jackpot-3").stdout.split())
    assert "its source blog seems to be another site since 2026-12-13 11:00 (12 of its last 12" in told
    with simulation.planet.app(simulation.now):  # which locks the state
        assert command("entry", "release", "About jackpot-3").returncode == 0
        done = json.loads(command("source", "trust", "blog", "--json").stdout)
        assert (done["id"], done["was_held"], len(done["released"])) == ("blog", True, 11)
        again = command("source", "trust", "blog")
    assert (again.returncode, again.stderr) == (0, "blog is not held as another site; nothing was changed\n")
    unknown = command("source", "trust", "blob")
    assert (unknown.returncode, "did you mean blog?" in unknown.stderr) == (2, True)
    assert len(simulation.run()) == 12


@pytest.mark.torture
def test_a_paused_source_keeps_what_is_held(simulation: Simulation) -> None:
    lives(simulation)
    taken_over(simulation)
    simulation.planet.config["sources"][0]["paused"] = True
    assert simulation.run(9 * DAY) == []
    assert states(simulation)["site"] == 12
    told = aggregator(simulation.planet.root, "status", AGGREGATOR_NOW=f"{simulation.now:%Y-%m-%dT%H:%M:%SZ}").stdout
    assert "source trust blog" in told
    assert "source pause blog" not in told


@pytest.mark.torture
def test_a_clock_that_is_set_right_forgets_what_it_remembered(simulation: Simulation) -> None:
    """Its times are packed. What stands then is known."""
    lives(simulation)
    with simulation.planet.app(simulation.now - DAY) as app:
        accept_now(app)
        with app.store.read() as tx:
            assert tx.site_memories.get("blog") is None
    simulation.now -= DAY
    taken_over(simulation, age=-18)
    assert states(simulation)["site"] == 12


# redesigns and people who write about something else


@pytest.mark.torture
def test_a_redesign_shows_its_old_posts(simulation: Simulation) -> None:
    """Another title and another address say nothing while half of the old posts are there."""
    items = lives(simulation)
    away = [item | {"link": item["link"].replace("blog.example", "moved.example")} for item in items]
    new = [post(f"new-{n}", -20, category="Journal") | {"link": f"https://moved.example/{n}"} for n in range(4)]
    simulation.shows("blog", *new, *away, home="https://moved.example/")
    there = simulation.upstream.serve("/there", simulation.upstream.pages["/blog"][2]).replace("127.0.0.1", "localhost")
    simulation.upstream.serve("/blog", b"", status=301, headers={"Location": there})
    assert len(simulation.run(8 * DAY)) == 4
    assert "site" not in states(simulation)


@pytest.mark.torture
def test_a_source_that_is_hardly_known_is_not_judged(simulation: Simulation) -> None:
    lives(simulation, pulls=4)
    taken_over(simulation)
    assert simulation.report.entries.new == 12
    assert "site" not in states(simulation)


# other sources


@pytest.mark.torture
@pytest.mark.parametrize("first", ["the casino", "the neighbor"])
def test_a_hostile_source_holds_no_neighbor(simulation: Simulation, first: str) -> None:
    """It shows a neighbor's posts, before or after the neighbor. They stand at the neighbor, in its words."""
    lives(simulation)
    neighbors = lives(simulation, name="neighbor")
    news = [post(f"neighbor-news-{n}", -43) for n in range(2)]
    items = [spam(f"jackpot-{n}", -43) for n in range(12)]
    if first == "the casino":
        simulation.shows("blog", *news, *items)
        simulation.run(20 * DAY)
        simulation.shows("neighbor", *news, *neighbors)
    else:
        simulation.shows("neighbor", *news, *neighbors)
        simulation.run(20 * DAY)
        simulation.shows("blog", *news, *items)
    simulation.run(HOUR)
    shown = [entry for entry in simulation.entries if "neighbor-news" in entry.title]
    assert len(shown) == 2
    assert {entry.source.title for entry in shown} == {"Neighbor"}
    assert not any("jackpot" in title for title in simulation.titles)
    assert [one["id"] for one in status(simulation)["sources"] if one["other_site_since"]] == ["blog"]
    assert not any(link.rel == "related" for entry in shown for link in entry.links)


# states of former versions


@pytest.mark.torture
def test_an_upgrade_holds_nobody(simulation: Simulation) -> None:
    """What a state without memory holds is known, whatever it is; what comes later is judged."""
    items = lives(simulation)
    items = [spam(f"jackpot-{n}", -12) for n in range(4)] + items
    simulation.shows("blog", *items)
    with closing(sqlite3.connect(simulation.planet.root / ".aggregator" / "state.db")) as state, state:
        state.execute("UPDATE source SET site_memory = NULL, changed_pulls = 2")
    simulation.run()
    with closing(sqlite3.connect(simulation.planet.root / ".aggregator" / "state.db")) as state, state:
        state.execute("UPDATE source SET site_memory = NULL, changed_pulls = 9")
    simulation.shows("blog", spam("jackpot-5", -13), *items)
    assert simulation.run(DAY) == ["About jackpot-5"]
    assert "site" not in states(simulation)
