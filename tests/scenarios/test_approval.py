"""`approve: true`: new entries of a source or folder wait until a person approves them."""

import json
from typing import Any

import pytest

from aggregator.app import App
from aggregator.errors import UsageError
from aggregator.explain.explain import explain
from aggregator.maintenance.prune import prune
from aggregator.overrides.apply import OverrideResult, approve_all, approve_listed, join, keep, split
from aggregator.recover import recover
from aggregator.status.held import all_held
from aggregator.status.report import as_json, report
from aggregator.store import EntryRow, Transaction
from tests.support.planet import NOON, Planet
from tests.support.simulation import DAY, HOUR, Item, Simulation, prose, story, without


def waiting(simulation: Simulation) -> list[str]:
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        return [one.title for one in all_held(tx) if one.state == "waiting"]


def act(simulation: Simulation, what: Any, *refs: str) -> list[OverrideResult]:
    with simulation.planet.app(simulation.now) as app:
        return keep(app, what, refs)


def approve(simulation: Simulation, *titles: str) -> None:
    act(simulation, "approve", *titles)


def row_of(simulation: Simulation, title: str) -> EntryRow:
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        found = explain(app, title).entry
        return tx.entries.of([found.number])[found.number]


def set_key(simulation: Simulation, source: str, **keys: Any) -> None:
    [config] = [one for one in simulation.planet.config["sources"] if one["id"] == source]
    config |= keys


@pytest.fixture
def guests(simulation: Simulation) -> Simulation:
    """A source that stands and one whose two entries wait, from its first pull on."""
    simulation.shows("own", story("own-1", age=2, host="https://own.example"), home="https://own.example/")
    simulation.shows("guests", story("one", age=1), story("two", age=0.5), approve=True)
    assert simulation.run() == ["About own-1"]
    return simulation


def test_a_first_pull_waits_whole_and_the_run_says_so(guests: Simulation) -> None:
    assert (guests.report.entries.new, guests.report.entries.held) == (1, 2)
    [problem] = guests.report.problems
    assert (problem.where, problem.kind) == ("guests", "held")
    assert "2 new entries wait" in problem.message
    assert "`aggregator entry approve`" in problem.message
    assert sorted(waiting(guests)) == ["About one", "About two"]
    assert guests.run() == []
    assert not guests.report.problems
    assert guests.report.entries.held == 0


def test_what_is_approved_is_published_at_its_date_and_counts_as_seen_now(guests: Simulation) -> None:
    guests.shows("guests", story("three", age=0.2), story("one", age=1), story("two", age=0.5))
    guests.run()
    guests.now += 2 * DAY
    before = row_of(guests, "About three")
    approve(guests, "About three")
    after = row_of(guests, "About three")
    assert (after.published, after.updated, after.first_seen_at) == (
        before.published,
        before.updated,
        before.first_seen_at,
    )
    assert after.fresh_at == guests.now
    assert guests.run() == ["About three"]
    assert sorted(waiting(guests)) == ["About one", "About two"]


@pytest.mark.torture
def test_an_entry_of_a_first_pull_stays_at_its_date(guests: Simulation) -> None:
    """As without approval: a source's past floods nobody."""
    approve(guests, "About one")
    entry = row_of(guests, "About one")
    assert entry.fresh_at == entry.published
    assert guests.run() == ["About one"]


@pytest.mark.torture
def test_a_late_approval_reaches_subscribers_through_the_window(simulation: Simulation) -> None:
    simulation.planet.config["feeds"] |= {"limit": 3}
    simulation.shows("guests", story("first", age=40), approve=True)
    simulation.shows("daily", *(story(f"day-{n}", age=n) for n in range(1, 9)), home="https://daily.example/")
    simulation.run()
    simulation.shows("guests", story("guest", age=20), story("first", age=40))
    assert simulation.run() == []
    simulation.run(5 * DAY)
    approve(simulation, "About guest")
    assert simulation.run() == ["About guest"]


@pytest.mark.torture
def test_edits_of_what_was_approved_go_on_being_published(guests: Simulation) -> None:
    approve(guests, "About one")
    guests.run()
    new_id = story("one", age=1, title="About one, edited") | {"guid": "another"}
    guests.shows("guests", story("two", age=0.5, title="About two, edited"), new_id)
    guests.run()
    assert guests.titles == ["About one, edited", "About own-1"]
    assert waiting(guests) == ["About two, edited"]
    guests.shows("guests", story("two", age=0.5), new_id | {"title": "About one, edited again"})
    guests.run()
    assert guests.report.entries.updated == 1
    assert guests.titles == ["About one, edited again", "About own-1"]


@pytest.mark.torture
def test_an_article_under_the_id_of_an_approved_one_waits(guests: Simulation) -> None:
    """The ids are places: each of the three articles that were approved gives its id to another one."""

    def numbered(day: int, *topics: str) -> list[Item]:
        items = (story(topic, age=-day - n / 24, title=f"The {topic} in the valley") for n, topic in enumerate(topics))
        return [item | {"guid": str(place)} for place, item in enumerate(items)]

    guests.shows("numbers", *numbered(1, "owl", "fox", "elk"), approve=True)
    guests.run(3 * DAY)
    act(guests, "approve", *(f"The {name} in the valley" for name in ("owl", "fox", "elk")))
    assert len(guests.run()) == 3
    before = guests.titles
    guests.shows("numbers", *numbered(3, "crow", "bear", "newt"))
    assert guests.run(DAY) == []
    assert guests.titles == before
    assert len(waiting(guests)) == 5


@pytest.mark.torture
def test_what_waits_goes_on_waiting_after_the_key_is_taken_off(guests: Simulation) -> None:
    """Also when the source shows it under another id."""
    set_key(guests, "guests", approve=False)
    assert guests.run() == []
    guests.shows("guests", story("one", age=1) | {"guid": "another"}, story("two", age=0.5), story("three", age=0.1))
    assert guests.run() == ["About three"]
    assert sorted(waiting(guests)) == ["About one", "About two"]
    approve(guests, "About one", "About two")
    assert guests.run() == ["About two", "About one"]


@pytest.mark.torture
def test_turning_it_on_binds_new_entries_only(simulation: Simulation) -> None:
    simulation.shows("blog", story("one", age=1))
    simulation.run()
    tree = simulation.planet.tree()
    set_key(simulation, "blog", approve=True)
    assert simulation.run() == []
    assert simulation.planet.tree() == tree
    simulation.shows("blog", story("two", age=0.1), story("one", age=1, description="<p>Other words of it</p>"))
    assert simulation.run() == []
    assert simulation.report.entries.updated == 1
    assert (simulation.titles, waiting(simulation)) == (["About one"], ["About two"])


@pytest.mark.torture
def test_regenerate_and_another_config_let_nothing_out(guests: Simulation) -> None:
    guests.planet.regenerate(guests.now)
    guests.planet.config["categories"] = {"aliases": {"Stories": ["about"]}}
    set_key(guests, "guests", categories=["Stories"], republish="excerpt")
    assert guests.run() == []
    assert sorted(waiting(guests)) == ["About one", "About two"]
    assert set(guests.planet.index()) == {"all"}, "terms of what waits found no feed"


# the same entry at several sources


@pytest.mark.torture
def test_a_source_that_needs_no_approval_speaks_for_itself(guests: Simulation) -> None:
    copy = story("one", age=1, title="About one, as the agency has it", category="News")
    guests.shows("agency", copy | {"author": "a@agency.example (Ada)"}, home="https://agency.example/")
    assert guests.run() == ["About one, as the agency has it"]
    shown = guests.entry("About one, as the agency has it")
    assert shown.source.title == "Agency"
    assert not [link for link in shown.links if link.rel == "related"], "the guest is not named either"
    assert waiting(guests) == ["About two"]
    guests.shows("guests", story("one", age=1, title="SPAM", category="SPAM"), story("two", age=0.5))
    guests.run()
    assert "SPAM" not in (guests.planet.root / "feeds/all/atom.xml").read_text()
    approve(guests, "About one, as the agency has it")
    guests.run()
    assert [trace for trace in row_of(guests, "agency has it").placements if "SPAM" in trace.came]


@pytest.mark.torture
def test_a_copy_at_a_source_with_approval_adds_nothing_to_an_entry_that_stands(simulation: Simulation) -> None:
    one = story("one", age=1, host="https://guests.example")
    simulation.shows("agency", one, home="https://agency.example/")
    simulation.run()
    simulation.shows("guests", one | {"title": "SPAM"}, home="https://guests.example/", approve=True)
    assert simulation.run() == []
    assert (simulation.titles, waiting(simulation)) == (["About one"], [])
    assert simulation.report.entries.held == 0
    with simulation.planet.app(simulation.now) as app:
        guest = next(row for row in explain(app, "About one").sightings if row.source == "guests")
    assert guest.withheld is not None
    assert "approv" in guest.withheld
    simulation.planet.config["sources"] = [one for one in simulation.planet.config["sources"] if one["id"] != "agency"]
    simulation.run()
    assert (simulation.titles, waiting(simulation)) == ([], ["SPAM"]), "only the guest shows it now, so it waits"


@pytest.mark.torture
def test_a_planet_that_names_the_source_does_not_get_round_its_approval(guests: Simulation) -> None:
    source = '<source url="{}">Guests</source>'.format(guests.upstream.url("/guests"))
    item = story("one", age=1)
    document = (
        '<rss version="2.0"><channel><title>Planet</title><link>https://other.example/</link>'
        f"<item><title>{item['title']}</title><link>{item['link']}</link><guid>{item['guid']}</guid>"
        f"<description>{item['description'].replace('<', '&lt;')}</description>{source}</item></channel></rss>"
    )
    guests.serves("planet", document)
    assert guests.run() == []
    assert sorted(waiting(guests)) == ["About one", "About two"]


@pytest.mark.torture
def test_each_source_is_approved_for_itself(guests: Simulation) -> None:
    guests.shows("more", story("one", age=1, title="One of more"), home="https://more.example/", approve=True)
    guests.run()
    with guests.planet.app(guests.now) as app:
        approve_all(app, "more")
    guests.run()
    assert guests.titles == ["One of more", "About own-1"]
    assert waiting(guests) == ["About two"]


# what a person does


def test_bulk_by_source_and_by_list(guests: Simulation) -> None:
    with guests.planet.app(guests.now) as app:
        with app.store.read() as tx:
            [one, *_] = all_held(tx)
        assert [done.entry for done in approve_listed(app, [one.entry, "unknown"])] == [one.entry]
        assert approve_listed(app, [one.entry]) == []
        assert len(approve_all(app, "guests")) == 1
        assert approve_all(app, "own") == []
    assert sorted(guests.run()) == ["About one", "About two"]


@pytest.mark.torture
def test_every_act_on_what_waits(guests: Simulation) -> None:
    with pytest.raises(UsageError, match="waits for approval"):
        act(guests, "release", "About one")
    with pytest.raises(UsageError, match="needs an entry that waits for approval"):
        approve(guests, "About own-1")
    act(guests, "hold", "About one")
    act(guests, "release", "About one")
    act(guests, "remove", "About two")
    assert guests.run() == []
    assert waiting(guests) == ["About one"]
    act(guests, "restore", "About two")
    assert guests.run() == []
    assert sorted(waiting(guests)) == ["About one", "About two"]
    act(guests, "remove", "About two")
    approve(guests, "About one")
    assert guests.run() == ["About one"]
    guests.shows("guests", story("one"), story("two") | {"guid": "again"})
    assert guests.run() == []
    assert waiting(guests) == []
    with guests.planet.app(guests.now) as app:
        told = explain(app, "About one")
    assert [one.act for one in told.overrides] == ["hold", "release", "approve"]


@pytest.mark.torture
def test_a_split_or_join_lets_nothing_out(guests: Simulation) -> None:
    guests.shows("own", story("own-1", age=2, host="https://own.example"), story("one", age=1, title="Own one"))
    guests.run()
    assert guests.titles == ["Own one", "About own-1"]
    with guests.planet.app(guests.now) as app:
        split(app, "Own one", "guests")
    assert guests.run() == []
    assert sorted(waiting(guests)) == ["About one", "About two"]
    with guests.planet.app(guests.now) as app:
        join(app, "About own-1", "About two")
    assert guests.run() == []
    assert (guests.titles, waiting(guests)) == (["Own one", "About own-1"], ["About one"])


# what else happens meanwhile


@pytest.mark.torture
def test_what_its_source_withdraws_waits_no_longer(guests: Simulation) -> None:
    set_key(guests, "guests", exclude=[{"title": "About one"}])
    guests.run()
    assert waiting(guests) == ["About two"]
    guests.planet.config["sources"] = [one for one in guests.planet.config["sources"] if one["id"] != "guests"]
    guests.run()
    assert waiting(guests) == []
    guests.shows("guests", story("one", age=1), story("two", age=0.5))
    assert guests.run() == []
    assert sorted(waiting(guests)) == ["About one", "About two"]


@pytest.mark.torture
def test_an_unpublished_source_has_nothing_that_waits(guests: Simulation) -> None:
    set_key(guests, "guests", publish=False)
    guests.run()
    assert waiting(guests) == []
    set_key(guests, "guests", publish=True)
    assert guests.run() == []
    assert sorted(waiting(guests)) == ["About one", "About two"]


@pytest.mark.torture
def test_a_flood_waits_as_everything_does(simulation: Simulation) -> None:
    simulation.shows("guests", story("seed", age=50), approve=True)
    items: list[Item] = []
    for n in range(6):
        items.insert(0, story(f"weekday-{n}", age=2 - n / 24))
        simulation.shows("guests", *items)
        simulation.run()
    relics = [without(story(f"relic-{n}", host="https://x.example"), "pubDate") for n in range(40)]
    simulation.shows("guests", *relics, *items)
    assert (simulation.run(), simulation.report.entries.held) == ([], 40)
    assert simulation.run(2 * DAY) == []
    assert len(waiting(simulation)) == 46


@pytest.mark.torture
def test_retention_prunes_nothing_that_waits(simulation: Simulation) -> None:
    """Nor the guest's copy beside what another source shows on a sealed page."""
    simulation.planet.config |= {"retention": "30d"}
    simulation.planet.config["feeds"] |= {"limit": 2, "archive": 2, "window": "1s"}
    own = [story(f"own-{n}", age=n) for n in range(12)]
    simulation.shows("own", *own)
    simulation.shows("guests", story("guest", age=9), own[8] | {"title": "SPAM"}, approve=True)
    simulation.run()
    simulation.now += 400 * DAY
    with simulation.planet.app(simulation.now) as app:
        assert prune(app, simulation.now).entries > 4
        with app.store.read() as tx:
            kept = {title for title in ("About guest", "About own-8", "About own-9") if _is_whole(app, tx, title)}
    assert kept == {"About guest", "About own-8"}


def _is_whole(app: App, tx: Transaction, title: str) -> bool:
    return all(row.kept_in is None for row in tx.sightings.light_of(explain(app, title).entry.number))


def test_status_explain_and_metrics(guests: Simulation) -> None:
    with guests.planet.app(guests.now) as app:
        with app.store.read() as tx:
            status = report(app, tx, guests.now)
            assert tx.health.state_counts(guests.now, unmapped=0).held == 2
            assert list(tx.health.held()) == [], "the public health feed does not tell what waits"
        told = explain(app, "About one")
    [group] = status.held
    assert (group.state, group.command, group.until) == ("waiting", "aggregator entry approve --source guests", None)
    assert {(one["state"], one["source"], one["until"]) for one in as_json(status)["held"]} == {
        ("waiting", "guests", None)
    }
    assert told.entry.state == "waiting"
    [everything] = [feed for feed in told.feeds if feed.id == "all"]
    assert not everything.in_
    assert "waits for a person since" in everything.why
    assert "entry approve" in everything.why


# posts and reading lists


@pytest.mark.torture
def test_posts_of_a_folder_wait(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts", "approve": True}]
    file = planet.post("a.md", "---\ntitle: A guest writes\ndate: 2026-11-20\n---\nWords.\n")
    report_ = planet.run()
    assert (report_.entries.held, planet.titles()) == (1, [])
    assert not (planet.root / "feeds/entries").exists()
    with planet.app() as app:
        keep(app, "approve", ["A guest writes"])
    planet.run(NOON + HOUR)
    assert planet.titles() == ["A guest writes"]
    file.write_text(file.read_text().replace("Words", "Other words"))
    assert planet.run(NOON + 2 * HOUR).entries.updated == 1
    planet.post("b.md", "---\ntitle: Another\ndate: 2026-11-21\n---\nMore words.\n")
    planet.run(NOON + 3 * HOUR)
    (planet.root / "posts/b.md").unlink()
    planet.run(NOON + 4 * HOUR)
    with planet.app() as app, app.store.read() as tx:
        assert all_held(tx) == [], "a post that went does not wait"


def test_feeds_of_a_reading_list_wait(simulation: Simulation) -> None:
    simulation.shows("listed", story("one"))
    [feed] = simulation.planet.config["sources"]
    outline = f'<outline type="rss" xmlUrl="{feed["url"]}"/>'
    url = simulation.upstream.serve("/list", f'<opml version="2.0"><body>{outline}</body></opml>')
    simulation.planet.config["sources"] = [{"opml": url, "id": "list", "approve": True}]
    assert simulation.run() == []
    assert waiting(simulation) == ["About one"]


# a state that changes


@pytest.mark.torture
@pytest.mark.parametrize("change", [{"id": "visitors"}, {"url": "/moved"}])
def test_a_renamed_or_moved_source_keeps_what_was_decided(guests: Simulation, change: dict[str, str]) -> None:
    approve(guests, "About one")
    guests.run()
    if "url" in change:
        change = {"url": guests.upstream.serve("/moved", guests.upstream.pages["/guests"][2]), "id": "guests"}
    set_key(guests, "guests", **change)
    assert guests.run() == []
    assert (guests.titles, waiting(guests)) == (["About one", "About own-1"], ["About two"])
    guests.upstream.pages["/moved"] = guests.upstream.pages["/guests"]
    assert guests.run() == []


@pytest.mark.torture
def test_a_state_that_was_lost_and_recovered(guests: Simulation) -> None:
    """What was published stands; what waited waits again."""
    approve(guests, "About one")
    guests.run()
    (guests.planet.root / ".aggregator/state.db").unlink()
    with guests.planet.app(guests.now) as app:
        guests.planet.runner.run(recover(app, guests.planet.pool))
    assert guests.run() == []
    assert (guests.titles, waiting(guests)) == (["About one", "About own-1"], ["About two"])


@pytest.mark.torture
def test_a_source_cannot_approve_itself(guests: Simulation) -> None:
    """Whatever it does to ids, links, dates and texts."""
    for n in range(4):
        items = [
            story("one", age=1, title=f"SPAM {n}") | {"guid": f"g{n}"},
            story("two", age=-n, description=f"<p>{prose(f'spam {n}')}</p>"),
            without(story(f"other-{n}", description=story("one")["description"]), "guid"),
        ]
        guests.shows("guests", *items)
        assert guests.run() == []
        guests.shows("guests")
        assert guests.run() == []
    assert guests.titles == ["About own-1"]
    assert "SPAM" not in json.dumps(guests.planet.index())
