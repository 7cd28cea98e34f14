"""A redirect to an address that is slow for backtracking patterns delays no other source, and no later command.

Commands are timed by CPU time, because the machine may be busy.
"""

import json
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.text.urls import LONGEST
from tests.commands.test_cli import Done, aggregator
from tests.laws.test_growth import at_most
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.running import CONFIG, daemon, eventually

SECONDS = 2.0
KEYS = "?" * 6000 + "key" * 2000
FAR = f"ftp://x/{KEYS}"
NEIGHBORS = [f"neighbor-{number}" for number in range(5)]


def serve_neighbors(upstream: Upstream) -> str:
    """Five good feeds; the sources of a config."""
    for name in NEIGHBORS:
        upstream.serve(f"/{name}", rss({"title": name, "guid": f"urn:{name}", "link": f"https://blog.example/{name}"}))
    return "sources:\n" + "".join(f"  - {{id: {name}, url: '{upstream.url(f'/{name}')}'}}\n" for name in NEIGHBORS)


def serve_redirects(upstream: Upstream) -> str:
    """In every form that led there; the sources of a config."""
    targets = {"far": FAR, "web": upstream.url(f"/feed{KEYS}"), "relative": f"/feed{KEYS}"}
    upstream.serve(f"/feed{KEYS}", rss({"title": "astray", "guid": "urn:astray"}))
    lines = []
    for status in (301, 302):
        for name, target in targets.items():
            upstream.serve(f"/{name}{status}", b"", status=status, headers={"Location": target})
            lines.append(f"  - {{id: {name}{status}, url: '{upstream.url(f'/{name}{status}')}'}}\n")
    return "".join(lines)


def quickly(folder: Path, *words: str) -> Done:
    """The answer of a command that may take SECONDS of CPU time."""
    began = time.process_time()
    with at_most(SECONDS):
        done = aggregator(folder, *words)
    assert time.process_time() - began < SECONDS
    return done


def test_other_sources_are_published_and_the_problem_is_reported(tmp_path: Path, upstream: Upstream) -> None:
    config = CONFIG + serve_neighbors(upstream) + serve_redirects(upstream)
    (tmp_path / "config.yaml").write_text(config)
    (tmp_path / "posts").mkdir()
    report = json.loads(quickly(tmp_path, "run", "--json").stdout)
    assert (report["sources"]["changed"], report["sources"]["failed"]) == (5, 6)
    assert {(one["kind"], len(one["message"]) < 500) for one in report["problems"]} == {("redirect", True)}
    assert all(f"{LONGEST:,} are the most" in one["message"] for one in report["problems"])
    assert "astray" not in (tmp_path / "feeds/all/atom.xml").read_text()

    sources = json.loads(quickly(tmp_path, "status", "--json").stdout)["sources"]
    messages = [one["message"] for one in sources if one["message"]]
    assert len(messages) == 6
    assert all(f"{LONGEST:,} are the most: " in message for message in messages)


def test_what_the_version_before_stored_hangs_nothing(tmp_path: Path, upstream: Upstream) -> None:
    config = CONFIG + serve_neighbors(upstream)
    (tmp_path / "config.yaml").write_text(config)
    (tmp_path / "posts").mkdir()
    quickly(tmp_path, "run")
    stored = upstream.url(f"/feed{KEYS}")
    with closing(sqlite3.connect(tmp_path / ".aggregator/state.db")) as state, state:
        state.execute("UPDATE source SET moved_url = ? WHERE id = 'neighbor-0'", [stored])
        state.execute("UPDATE source SET move_target = ?, move_answers = 2 WHERE id = 'neighbor-1'", [FAR])
        state.execute("UPDATE source SET state = 'failing', error_message = ? WHERE id = 'neighbor-2'", [f"to {FAR} "])
    for words in (("status",), ("status", "--json"), ("source", "list"), ("source", "list", "--json")):
        assert quickly(tmp_path, *words).returncode in {0, 1}
    assert quickly(tmp_path, "explain", "neighbor-0").returncode == 0

    upstream.asked.clear()
    assert quickly(tmp_path, "run", "--force").returncode == 0
    assert sorted(path for path, _ in upstream.asked) == [f"/{name}" for name in NEIGHBORS]
    with closing(sqlite3.connect(tmp_path / ".aggregator/state.db")) as state:
        assert set(state.execute("SELECT moved_url, move_target FROM source")) == {("", "")}


@pytest.mark.torture
def test_the_daemon_answers_publishes_and_ends(tmp_path: Path, upstream: Upstream) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG + serve_neighbors(upstream) + serve_redirects(upstream))
    with daemon(tmp_path, environment={"AGGREGATOR_NOW": ""}) as running:
        eventually(lambda: sorted(running.titles()) == NEIGHBORS)
        eventually(lambda: running.log.count("are the most") >= 6)
        assert running.ask("/healthz").body == b"ok"
        assert running.ask("/status", accept="application/json").status == 200
        status, seconds = running.end(signal.SIGTERM)
    assert (status, seconds < 10) == (0, True)
    assert max(map(len, running.log.splitlines())) < 2000


LONG = f"https://blog.example/{'x' * LONGEST}"


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("name", ["link", "enclosure", "comments"])
def test_an_entry_keeps_all_but_the_link_that_is_too_long(planet: Planet, upstream: Upstream, name: str) -> None:
    item = {"title": "One", "guid": "urn:one", "link": "https://blog.example/one", "description": "Words"}
    document = rss(item | {name: LONG}) if name != "enclosure" else rss(item)
    document = document.replace("</item>", f'<enclosure url="{LONG}"/></item>') if name == "enclosure" else document
    planet.config["sources"] = [{"id": "blog", "url": upstream.serve("/feed", document)}]
    report = planet.run()
    (problem,) = report.problems
    assert (problem.where, problem.kind) == ("blog", "parse")
    assert problem.message.startswith("One: its ")
    assert f"{len(LONG):,} characters" in problem.message
    assert len(problem.message) < 300
    (entry,) = planet.atom().entries
    assert (entry.title, entry.summary) == ("One", "Words")
    assert LONG not in (planet.root / "feeds/all/atom.xml").read_text()
    assert not planet.run(NOON, force=True).problems


def test_a_feed_keeps_all_but_the_addresses_of_its_own_that_are_too_long(planet: Planet, upstream: Upstream) -> None:
    links = "".join(f'<link rel="{rel}" href="{LONG}"/>' for rel in ("self", "hub", "alternate"))
    head = f"<title>Upstream</title><id>urn:feed</id><icon>{LONG}</icon><logo>{LONG}</logo>{links}"
    content = f'<content type="html">&lt;a href="{LONG}"&gt;there&lt;/a&gt;</content>'
    entry = f"<entry><id>urn:one</id><title>One</title><updated>2026-11-01T00:00:00Z</updated>{content}</entry>"
    document = f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{entry}</feed>'
    planet.config["sources"] = [{"id": "blog", "url": upstream.serve("/feed", document)}]
    messages = [problem.message.partition(" is left out")[0] for problem in planet.run().problems]
    assert messages == [
        *(f"the feed: its {what}" for what in ("site", "own address", "icon", "logo", "hub")),
        "One: its <a>",
    ]
    assert "there" in planet.atom().entries[0].content[0].value


def test_many_overlong_addresses_are_reported_briefly(planet: Planet, upstream: Upstream) -> None:
    items = [{"title": str(number), "guid": f"urn:{number}", "link": f"{LONG}{number}"} for number in range(40)]
    planet.config["sources"] = [{"id": "blog", "url": upstream.serve("/feed", rss(*items))}]
    messages = [problem.message for problem in planet.run().problems]
    assert len(messages) == 6
    assert messages[-1] == "… and 35 more addresses that are left out"
