"""The health of sources as runs publish it: a page, a feed, and the status."""

import json
from datetime import timedelta
from typing import Any

import pytest

from aggregator.validate import Checker
from tests.commands.test_cli import aggregator, on_terminal, report
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def subscribe(planet: Planet, upstream: Upstream, **config: Any) -> None:
    """One source, `blog`, with one entry."""
    url = upstream.serve("/blog", rss(story("one"), title="A & <b>B</b>"))
    planet.config["sources"] = [{"url": url, "id": "blog"} | config]


def fail(upstream: Upstream, status: int = 503) -> None:
    upstream.pages["/blog"] = (status, {"Content-Type": "text/plain"}, b"<script>no</script>")


def health_titles(planet: Planet) -> list[str]:
    """What the feed says, the newest first."""
    return [str(entry.title) for entry in planet.atom("health").entries]


def kinds(planet: Planet) -> list[str]:
    return [str(entry.tags[0].term) for entry in planet.atom("health").entries]


def page(planet: Planet) -> str:
    return (planet.root / "feeds" / "health" / "index.html").read_text("utf-8")


def health_files(planet: Planet) -> dict[str, str]:
    return {path: digest for path, digest in planet.tree().items() if path.startswith("health/")}


def test_a_broken_source_and_its_return_are_published_once_each(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    good = upstream.pages["/blog"]
    planet.run()
    well = health_files(planet)
    assert well.keys() == {"health/atom.xml", "health/index.html"}
    assert health_titles(planet) == []
    fail(upstream)
    for hour in (1, 2):  # may pass by itself
        planet.run(NOON + hour * HOUR, force=True)
        assert health_files(planet) == well
    planet.run(NOON + 3 * HOUR, force=True)
    broken = health_files(planet)
    assert health_titles(planet) == ["A & B is broken"]
    assert "broken since <time" in page(planet)
    for hour in (4, 5):
        planet.run(NOON + hour * HOUR, force=True)
        planet.regenerate(NOON + hour * HOUR)
        assert health_files(planet) == broken
    upstream.pages["/blog"] = good
    planet.run(NOON + 30 * HOUR, force=True)
    assert health_titles(planet) == ["A & B is back", "A & B is broken"]
    ids = [entry.id for entry in planet.atom("health").entries]
    assert len(set(ids)) == 2
    assert all(one.startswith("tag:planet.example,2026-11-23:health/") for one in ids)
    assert planet.atom("health").feed.id == "tag:planet.example,2026-11-23:feed/health"
    assert planet.atom("health").feed.updated == "2026-11-24T18:00:00Z"
    assert "script" not in page(planet)
    assert planet.ids() == [entry.id for entry in planet.atom().entries]
    assert all("broken" not in title for title in planet.titles())
    checker = Checker()
    for form, path in (("atom", "atom.xml"), ("html", "index.html")):
        data = (planet.root / "feeds" / "health" / path).read_bytes()
        assert checker.check(data, form, f"https://planet.example/health/{path}") == []


@pytest.mark.torture
def test_every_entry_of_the_feed_has_its_place_on_the_page(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    fail(upstream, 410)
    planet.run(NOON + HOUR, force=True)
    planet.run(NOON + 25 * HOUR, force=True)
    [entry] = planet.atom("health").entries
    assert entry.tags[0].term == "gone"
    address, _, fragment = entry.link.partition("#")
    assert address == "https://planet.example/health/"
    assert f'<li id="{fragment}">' in page(planet)


@pytest.mark.torture
def test_a_new_address_is_published_and_a_new_name_is_not(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    body = upstream.pages["/blog"][2]
    planet.config["sources"][0]["url"] = upstream.serve("/moved", body)
    planet.run(NOON + HOUR)
    assert kinds(planet) == ["moved"]
    planet.config["sources"][0]["id"] = "renamed"
    planet.run(NOON + 2 * HOUR)
    assert kinds(planet) == ["moved"]
    [entry] = planet.atom("health").entries
    assert f"Its address is {upstream.url('/moved')} now." in entry.content[0].value


@pytest.mark.torture
def test_a_source_recognized_under_another_address_keeps_its_history(planet: Planet, upstream: Upstream) -> None:
    """Without an id of its own it is known by what it shows."""
    url = upstream.serve("/blog", rss(*(story(f"{n}") for n in range(3))))
    planet.config["sources"] = [{"url": url}]
    planet.run()
    planet.config["sources"] = [{"url": upstream.serve("/elsewhere", upstream.pages["/blog"][2])}]
    planet.run(NOON + HOUR)
    assert kinds(planet) == ["moved"]


@pytest.mark.torture
def test_silence_is_published_and_ends_with_a_new_entry(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    planet.run(NOON + 29 * DAY, force=True)
    assert kinds(planet) == []
    for day in (31, 40):
        planet.run(NOON + day * DAY, force=True)
        assert kinds(planet) == ["silent"]
    assert "silent since" in page(planet)
    upstream.serve("/blog", rss(story("two", -41), story("one")))
    planet.run(NOON + 41 * DAY, force=True)
    assert kinds(planet) == ["silent"]
    assert "silent since" not in page(planet)
    planet.run(NOON + 80 * DAY, force=True)
    assert kinds(planet) == ["silent"]  # 42 days between two entries: it may take its time
    planet.run(NOON + (41 + 5 * 42) * DAY, force=True)
    assert kinds(planet) == ["silent", "silent"]


@pytest.mark.torture
def test_held_entries_are_published_with_their_number(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    for hour in range(6):
        upstream.serve("/blog", rss(*(story(f"new-{n}", -n / 24) for n in range(hour + 1))))
        planet.run(NOON + hour * HOUR, force=True)
    upstream.serve("/blog", rss(*(story(f"old-{n}", 400 + n) for n in range(20))))
    planet.run(NOON + 7 * HOUR, force=True)
    assert kinds(planet) == ["held"]
    assert "20 entries are held" in planet.atom("health").entries[0].content[0].value
    planet.run(NOON + 8 * HOUR, force=True)
    assert kinds(planet) == ["held"]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    "config", [{"publish": False}, {"auth": "bearer x"}, {"headers": {"X-Key": "x"}, "publish": True}]
)
def test_what_is_not_for_everybody_is_in_no_health_file(
    planet: Planet, upstream: Upstream, config: dict[str, Any]
) -> None:
    subscribe(planet, upstream, title="Secret name", **config)
    fail(upstream)
    for hour in range(4):
        planet.run(NOON + hour * HOUR, force=True)
    assert health_titles(planet) == []
    for path in health_files(planet):
        text = (planet.root / "feeds" / path).read_text("utf-8")
        assert "Secret" not in text
        assert "127.0.0.1" not in text
    with planet.app() as app, app.store.read() as tx:
        assert [event.kind for event in tx.health.events(10)] == ["broke"]


@pytest.mark.torture
def test_the_events_of_a_source_leave_with_it_and_return_as_they_were(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    fail(upstream)
    for hour in range(4):
        planet.run(NOON + hour * HOUR, force=True)
    before = health_files(planet)
    assert health_titles(planet) == [f"{upstream.url('/blog').removeprefix('http://')} is broken"]
    sources, planet.config["sources"] = planet.config["sources"], []
    planet.run(NOON + 5 * HOUR)
    assert health_titles(planet) == []
    assert "blog" not in page(planet).replace("blogs", "")
    planet.config["sources"] = sources
    planet.run(NOON + 6 * HOUR)
    assert health_files(planet) == before


@pytest.mark.torture
def test_an_address_with_a_secret_is_not_published(
    planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_SECRET", "s3cr3t")
    upstream.serve("/s3cr3t/feed", rss(story("one"), title="Paid"))
    planet.config["sources"] = [{"url": upstream.url("/${FEED_SECRET}/feed"), "id": "paid"}]
    (planet.root / "config.yaml").write_text(json.dumps(planet.config))
    assert aggregator(planet.root, "run", AGGREGATOR_NOW="2026-11-23T12:00:00Z").returncode == 0
    upstream.pages["/s3cr3t/feed"] = (301, {"Location": "/s3cr3t/feed"}, b"")
    assert aggregator(planet.root, "run", "--force", AGGREGATOR_NOW="2026-11-23T13:00:00Z").returncode == 0
    done = aggregator(planet.root, "status", "--json", AGGREGATOR_NOW="2026-11-23T14:00:00Z")
    [source] = report(done)["sources"]
    assert source["url"] == upstream.url("/${FEED_SECRET}/feed")
    assert source["kind"] == "redirect"
    assert "${FEED_SECRET}" in source["message"]
    assert "s3cr3t" not in done.stdout


@pytest.mark.torture
def test_status_counts_pulls_as_the_run_did(planet: Planet, upstream: Upstream) -> None:
    """Folders of posts are read, in steps; only sources are pulled."""
    subscribe(planet, upstream)
    for n in range(3):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-11-01\n---\nWords {n}.\n")
    told = planet.run()
    [batch] = report(aggregator(planet.root, "status", "--json"))["runs"]
    assert (batch["pulled"], batch["changed"]) == (told.sources.polled, told.sources.changed) == (1, 1)
    assert batch["new"] == told.entries.new
    planet.post("3.md", "---\ntitle: Post 3\ndate: 2026-11-02\n---\nWords 3.\n")
    planet.run(NOON + timedelta(minutes=1))
    assert "run 2026-11-23 12:01: posts read: 1 new" in aggregator(planet.root, "status").stdout


@pytest.mark.torture
def test_status_shows_the_same_on_a_terminal_as_on_the_page(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    fail(upstream, 404)
    planet.run(NOON + HOUR, force=True)
    now = {"AGGREGATOR_NOW": "2026-11-23T14:00:00Z"}
    wide = aggregator(planet.root, "status", COLUMNS="100", **now).stdout
    assert "█" in wide
    assert "  There is nothing at its address. Find the feed's new address" in wide
    assert "run 2026-11-23 13:00: 1 pulled: 1 failed" in wide
    assert "\x1b[" not in wide
    narrow = on_terminal(planet.root, "status", width=40, now=now["AGGREGATOR_NOW"]).stdout
    assert "█" not in narrow
    assert "blog: status: the server answered 404 Not Found: " in narrow
    document = report(aggregator(planet.root, "status", "--json", **now))
    [source] = document["sources"]
    assert source["means"] == "There is nothing at its address."
    assert (len(source["days"]), sum(source["days"]), sum(document["days"])) == (30, 1, 1)
    assert [run["pulled"] for run in document["runs"]] == [1, 1]
    assert document["runs"][1]["new"] == 1


def test_the_index_leads_there(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    text = (planet.root / "feeds" / "index.html").read_text("utf-8")
    assert 'rel="alternate" type="application/atom+xml" title="Health of the sources" href="health/atom.xml"' in text
    assert '<a href="health/index.html">' in text
    assert "health" not in planet.index()
