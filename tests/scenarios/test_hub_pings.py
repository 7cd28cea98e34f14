"""`feeds.hub`: what the hub is told, when, and what happens where it does not listen."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from lxml import etree

from aggregator import pipeline
from aggregator.one_shot.batch import RunOptions
from aggregator.preview.dry_run import app_on_copy
from aggregator.store import PingRow
from aggregator.websub.pings import AT_ONCE, ping_hub
from tests.support.foreign_servers import Answered, Foreign, foreign
from tests.support.planet import NOON, BuiltOnce, Planet, Upstream, report_of_idle_run

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
POST = "---\ntitle: {0}\ndate: 2026-11-01\ncategories: [{1}]\n---\nWords of {0}.\n"
SITE = "https://planet.example/"
FORMATS = ("atom.xml", "feed.json", "rss.xml")


@pytest.fixture(scope="session")
def server() -> Iterator[Foreign]:
    """As long as the planet that is built once: it knows the port."""
    with foreign() as one:
        yield one


@pytest.fixture
def hub(server: Foreign) -> Foreign:
    server.answer = lambda _: Answered(204)
    server.received.clear()
    return server


@pytest.fixture
def told(planet: Planet, hub: Foreign, built_once: BuiltOnce) -> Planet:
    """Its hub knows all that it published at noon."""

    def build(planet: Planet, _: Upstream) -> None:
        planet.config["feeds"] = {"hub": hub.url("/ping?a=1")}
        planet.post("a.md", POST.format("First", "News"))
        planet.run()

    built_once.fill(planet, build)
    hub.received.clear()
    return planet


def topics(hub: Foreign) -> list[str]:
    """Paths of the documents that the hub heard of, since the last question."""
    forms = [one.form for one in hub.received]
    hub.received.clear()
    assert all(
        form == {"hub.mode": "publish", "hub.url": form["hub.url"], "hub.topic": form["hub.url"]} for form in forms
    )
    return sorted(form["hub.url"].removeprefix(SITE) for form in forms)


def rows(planet: Planet) -> list[PingRow]:
    with planet.app() as app, app.store.read() as tx:
        return tx.pings.waiting()


def test_the_hub_hears_of_every_document_of_a_feed_and_of_nothing_else(told: Planet, hub: Foreign) -> None:
    told.config["feeds"]["hub"] = hub.url("/ping?a=2")
    told.run(NOON + MINUTE)
    [first, *_] = hub.received
    assert (first.method, first.path) == ("POST", "/ping?a=2")
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    feeds = [f"{feed}/{name}" for feed in ("all", "news") for name in FORMATS]
    assert topics(hub) == sorted([*feeds, "health/atom.xml"])
    assert rows(told) == []


def test_the_hub_hears_only_of_feeds_whose_bytes_changed(told: Planet, hub: Foreign) -> None:
    told.run(NOON + MINUTE)
    assert topics(hub) == []
    told.post("b.md", POST.format("Second", "Other"))
    told.run(NOON + HOUR)
    assert topics(hub) == sorted(f"{feed}/{name}" for feed in ("all", "other") for name in FORMATS)


def test_every_feed_names_the_hub_and_itself(told: Planet, hub: Foreign) -> None:
    """websub.rocks, publisher: the links in Atom and RSS; those of HTTP are in test_tree.py."""
    tree, link = told.root / "feeds", "{http://www.w3.org/2005/Atom}link"
    for name, head in (("atom.xml", "."), ("rss.xml", "channel")):
        place = etree.parse(str(tree / "news" / name)).find(head)
        assert place is not None
        found = [(one.get("rel"), one.get("href")) for one in place.findall(link)]
        assert sorted(pair for pair in found if pair[0] in {"hub", "self"}) == [
            ("hub", hub.url("/ping?a=1")),
            ("self", f"{SITE}news/{name}"),
        ]
    document = json.loads((tree / "news/feed.json").read_bytes())
    assert document["hubs"] == [{"type": "WebSub", "url": hub.url("/ping?a=1")}]
    assert document["feed_url"] == f"{SITE}news/feed.json"


def test_sealed_pages_are_never_told(told: Planet, hub: Foreign) -> None:
    told.config["feeds"] |= {"limit": 2, "archive": 3}
    for number in range(5):
        told.post(f"{number}.md", POST.format(f"Post {number}", "News").replace("11-01", f"10-{number + 1:02d}"))
    told.run(NOON + HOUR)
    assert list((told.root / "feeds").rglob("archive/*/*/atom.xml"))
    assert not [topic for topic in topics(hub) if "archive" in topic]


def test_a_file_that_is_only_restored_is_no_news(told: Planet, hub: Foreign) -> None:
    (told.root / "feeds/news/atom.xml").unlink()
    told.run(NOON + HOUR)
    assert (told.root / "feeds/news/atom.xml").exists()
    assert topics(hub) == []


@pytest.mark.torture
def test_a_hub_that_fails_is_told_later_each_time_and_the_run_says_so(told: Planet, hub: Foreign) -> None:
    hub.answer = lambda _: Answered(503, b"<b>busy</b>")
    told.post("b.md", POST.format("Second", "News"))
    report = told.run(NOON + HOUR)
    [problem] = report.problems
    assert (problem.where, problem.kind, problem.transient, report.failed) == ("feeds.hub", "hub", True, False)
    assert problem.message == (
        f"the hub {hub.url('/ping?a=1')} was not told of 6 documents that changed:"
        " it answered 503 Service Unavailable; it is told later"
    )
    assert {(row.failures, row.status, row.due_at) for row in rows(told)} == {(1, 503, NOON + HOUR + 5 * SECOND)}
    topics(hub)
    told.run(NOON + HOUR + 4 * SECOND)
    assert topics(hub) == []  # not yet
    told.run(NOON + HOUR + 5 * SECOND)
    assert len(topics(hub)) == 6
    assert {(row.failures, row.due_at) for row in rows(told)} == {(2, NOON + HOUR + 15 * SECOND)}
    hub.answer = lambda _: Answered(202)
    assert not told.run(NOON + HOUR + 15 * SECOND).problems
    assert (len(topics(hub)), rows(told)) == (6, [])


@pytest.mark.torture
def test_a_hub_in_trouble_is_not_asked_by_hundreds(told: Planet, hub: Foreign) -> None:
    hub.answer = lambda _: Answered(503)
    for number in range(30):
        told.post(f"{number}.md", POST.format(number, f"Topic {number}"))
    told.run(NOON + HOUR)
    waiting = rows(told)
    assert (len(waiting), len(topics(hub))) == (93, AT_ONCE)
    assert {row.due_at for row in waiting} == {NOON + HOUR + 5 * SECOND}
    told.run(NOON + HOUR + 5 * SECOND)
    assert len(topics(hub)) == AT_ONCE
    assert {row.due_at for row in rows(told)} == {NOON + HOUR + 15 * SECOND}
    hub.answer = lambda _: Answered(204)
    told.run(NOON + HOUR + 15 * SECOND)
    assert (len(topics(hub)), rows(told)) == (93, [])


@pytest.mark.torture
def test_a_hub_that_fails_now_and_then_is_not_left_alone_for_long(told: Planet, hub: Foreign) -> None:
    calls = count()
    hub.answer = lambda _: Answered(503 if next(calls) % 3 == 0 else 204)
    for number in range(5):
        told.post(f"{number}.md", POST.format(number, "News"))
        told.run(NOON + HOUR + number * MINUTE)
    assert {row.failures for row in rows(told)} <= {0, 1}


def test_a_document_that_the_hub_refuses_holds_no_other_back(told: Planet, hub: Foreign) -> None:
    hub.answer = lambda one: Answered(400 if "news/rss.xml" in one.form["hub.url"] else 204)
    told.post("b.md", POST.format("Second", "News"))
    told.run(NOON + HOUR)
    assert len(topics(hub)) == 6
    assert [(row.path, row.status) for row in rows(told)] == [("news/rss.xml", 400)]


def test_a_hub_may_ask_for_a_pause(told: Planet, hub: Foreign) -> None:
    hub.answer = lambda _: Answered(429, headers={"Retry-After": "7200"})
    told.post("b.md", POST.format("Second", "News"))
    told.run(NOON + HOUR)
    assert {row.due_at for row in rows(told)} == {NOON + 3 * HOUR}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("status", [301, 400, 404, 500])
def test_no_answer_but_success_counts(told: Planet, hub: Foreign, status: int) -> None:
    hub.answer = lambda _: Answered(status, headers={"Location": hub.url("/other")})
    told.post("b.md", POST.format("Second", "News"))
    told.run(NOON + HOUR)
    assert {row.status for row in rows(told)} == {status}
    assert {one.path for one in hub.received} == {"/ping?a=1"}  # no redirect is followed


def test_the_address_of_a_hub_passes_the_guard(planet: Planet, hub: Foreign) -> None:
    planet.config["feeds"] = {"hub": hub.url()}
    planet.config["fetch"]["allow_networks"] = []
    planet.post("a.md", POST.format("First", "News"))
    [problem] = planet.run().problems
    assert "127.0.0.1 is not on the public Internet" in problem.message
    assert hub.received == []


@pytest.mark.torture
def test_what_the_hub_did_not_hear_in_time_waits_for_the_next_run(told: Planet, hub: Foreign) -> None:
    told.post("b.md", POST.format("Second", "News"))
    told.regenerate(NOON + HOUR)  # no network
    assert (topics(hub), len(rows(told))) == ([], 6)
    with told.app(NOON + HOUR) as app:
        assert told.runner.run(ping_hub(app, timedelta(0))) == []
    assert len(rows(told)) >= 1  # what had begun may have ended
    told.run(NOON + HOUR)
    assert rows(told) == []


@pytest.mark.torture
def test_what_waits_is_told_by_a_run_that_has_nothing_else_to_do(told: Planet, hub: Foreign) -> None:
    """See aggregator/one_shot/idle_run.py."""
    told.post("b.md", POST.format("Second", "News"))
    told.run(NOON + HOUR)
    told.run(NOON + HOUR)
    with told.app(NOON + HOUR) as app:
        assert report_of_idle_run(app) is not None
        with app.store.write() as tx:
            tx.pings.changed({"news/atom.xml": "new"}, NOON)
        assert report_of_idle_run(app) is None


@pytest.mark.torture
def test_a_document_that_is_gone_is_not_told(told: Planet, hub: Foreign) -> None:
    hub.answer = lambda _: Answered(500)
    told.post("b.md", POST.format("Second", "News"))
    told.run(NOON + HOUR)
    told.config["feeds"]["formats"] = ["atom"]
    told.run(NOON + 2 * HOUR)
    assert {Path(row.path).name for row in rows(told)} == {"atom.xml"}


@pytest.mark.torture
def test_another_hub_is_told_of_all_and_no_entry_comes_back(told: Planet, hub: Foreign) -> None:
    entries = [(one.id, one.published, one.title) for one in told.heads("news")]
    before = told.atom("news").feed.updated
    topics(hub)
    with foreign(lambda _: Answered(200)) as other:
        told.config["feeds"]["hub"] = other.url()
        report = told.run(NOON + HOUR)
        assert (topics(hub), len(topics(other))) == ([], 7)
        assert (report.entries.new, report.entries.updated) == (0, 0)
        assert [(one.id, one.published, one.title) for one in told.heads("news")] == entries
        assert told.atom("news").feed.updated == before
        del told.config["feeds"]["hub"]
        told.run(NOON + 2 * HOUR)
        assert (topics(other), rows(told)) == ([], [])
        assert b'rel="hub"' not in (told.root / "feeds/news/atom.xml").read_bytes()


def test_a_dry_run_tells_nobody(told: Planet, hub: Foreign) -> None:
    told.post("b.md", POST.format("Second", "News"))
    with told.app(NOON + HOUR) as app, app_on_copy(app) as preview:
        told.runner.run(pipeline.run(preview, told.pool, RunOptions()))
    assert topics(hub) == []
