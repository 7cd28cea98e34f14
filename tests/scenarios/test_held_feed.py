"""GET /held/atom.xml: what waits for the keeper, for the keeper alone."""

import base64
import shlex
from collections.abc import Iterator
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.overrides.apply import approve_all, keep
from aggregator.store import Store
from aggregator.validate import Checker
from aggregator.web import StateReader, application_of
from aggregator.web.held_feed import HeldFeed
from aggregator.web.token import carries_token
from tests.commands.test_cli import aggregator
from tests.scenarios.test_floods import lives, migrated
from tests.support.planet import ATOM, Planet
from tests.support.running import CONFIG, TOKEN, daemon, eventually
from tests.support.serving import Client, Reply, served
from tests.support.simulation import Simulation, story

ADDRESS = "https://planet.example/held/atom.xml"
EVIL = '<p onclick="x()">Words<script>alert(1)</script> &amp; <b>more'


def basic(password: str, user: str = "me") -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


@pytest.fixture
def guests(simulation: Simulation) -> Simulation:
    simulation.planet.config["server"] = {"token": "open sesame"}
    simulation.shows(
        "guests",
        story("one", description=EVIL, category="News", author="ada@x.example (Ada)"),
        story("two", age=0.5) | {"guid": "urn:x:'; rm -rf ~"},
        approve=True,
    )
    simulation.run()
    return simulation


@pytest.fixture
def port(guests: Simulation) -> Iterator[int]:
    with guests.planet.app(guests.now) as app:
        application = application_of(app, StateReader(Store(app.store.at), app.output))
    with served(application) as port:
        yield port


def ask(port: int, method: str = "GET", path: str = "/held/atom.xml", **headers: str) -> Reply:
    with Client(port) as client:
        return client.ask(path, method, **headers)


def document(simulation: Simulation) -> bytes:
    with simulation.planet.app(simulation.now) as app:
        reader = StateReader(Store(app.store.at), app.output)
    return HeldFeed(app, reader).document()


def entries(data: bytes) -> dict[str, Any]:
    assert Checker().check(data, "atom", ADDRESS) == []
    return {entry.title: entry for entry in feedparser.parse(data).entries}


# who may read it


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(
    "headers", [TOKEN, basic("open sesame"), basic("open sesame", ""), basic("open sesame", "a b")]
)
def test_the_token_opens_it(port: int, headers: dict[str, str]) -> None:
    reply = ask(port, **headers)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    assert reply.headers["cache-control"] == "private, no-cache"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["vary"] == "Authorization"
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert sorted(entries(reply.body)) == ["About one", "About two"]
    head = ask(port, "HEAD", **headers)
    assert (head.status, head.headers["etag"], head.body) == (200, reply.headers["etag"], b"")
    for known in (reply.headers["etag"], f'"x", W/{reply.headers["etag"]}', "*"):
        again = ask(port, If_None_Match=known, **headers)
        assert (again.status, again.headers["etag"], again.body) == (304, reply.headers["etag"], b"")
        assert again.headers["cache-control"] == "private, no-cache"
    assert ask(port, If_Match='"x"', **headers).status == 412
    assert ask(port, If_Modified_Since="Mon, 01 Jan 2035 00:00:00 GMT", **headers).status == 200


WRONG = [
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer open"},
    {"Authorization": "Bearer open sesame!"},
    {"Authorization": "Digest open sesame"},
    {"Authorization": "Basic open sesame"},
    {"Authorization": "Basic ::::"},
    {"Authorization": "Basic " + base64.b64encode(b"open sesame").decode()},
    {"Authorization": "Bearer ope\u00f1 sesame"},
    basic("open"),
    basic(""),
    basic("", "open sesame"),
    basic("x:open sesame"),
]


@pytest.mark.variants(quick=4)
@pytest.mark.parametrize("headers", WRONG, ids=str)
def test_nobody_else_does(port: int, headers: dict[str, str]) -> None:
    for method, more in (("GET", {}), ("HEAD", {}), ("GET", {"If_None_Match": "*"})):
        reply = ask(port, method, **headers, **more)
        assert reply.status == 401
        assert reply.headers["www-authenticate"].startswith('Basic realm="held entries", charset="UTF-8", Bearer ')
        assert reply.headers["cache-control"] == "no-store"
        assert b"About" not in reply.body


def test_other_requests(port: int, guests: Simulation) -> None:
    reply = ask(port, "POST", **TOKEN)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    for path in ("/held", "/held/"):
        reply = ask(port, path=path)
        assert (reply.status, reply.headers["location"]) == (302, "/status#held")
    assert ask(port, path="/held/rss.xml", **TOKEN).status == 404
    assert not (guests.planet.root / "feeds/held").exists()
    with Client(port) as client:
        client.socket.sendall(
            b"GET /held/atom.xml HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n"
            b"Authorization: Bearer open sesame\r\n\r\n"
        )
        assert client.reply().status == 401


def test_without_a_token_there_is_no_such_address(guests: Simulation) -> None:
    del guests.planet.config["server"]
    with guests.planet.app(guests.now) as app:
        application = application_of(app, StateReader(Store(app.store.at), app.output))
    with served(application) as port:
        for headers in ({}, {"Authorization": "Bearer "}, basic("")):
            reply = ask(port, **headers)
            assert (reply.status, b"server.token" in reply.body) == (404, True)
        assert ask(port, path="/held/").status == 404


@given(st.text(max_size=12), st.text(alphabet=st.characters(exclude_characters=":"), max_size=12), st.text(min_size=1))
def test_only_the_token_itself_is_right(said: str, user: str, token: str) -> None:
    try:
        sent = base64.b64encode(f"{user}:{said}".encode()).decode()
        token.encode()
    except UnicodeEncodeError:
        return
    assert carries_token([f"Basic {sent}"], token, basic=True) == (said == token)
    assert not carries_token([f"Basic {sent}"], token)
    assert not carries_token([f"Basic {sent}"] * 2, token, basic=True)
    assert not carries_token([], token, basic=True)


def test_a_category_that_had_the_address_before_keeps_it(guests: Simulation) -> None:
    """`held` was no reserved slug once."""
    old = guests.planet.root / "feeds/held/atom.xml"
    old.parent.mkdir()
    old.write_text("<feed/>")
    with guests.planet.app(guests.now) as app:
        application = application_of(app, StateReader(Store(app.store.at), app.output))
    with served(application) as port:
        assert ask(port).body == b"<feed/>"


# what it says


def test_each_entry_has_its_text_its_source_and_the_commands(guests: Simulation) -> None:
    found = entries(document(guests))
    one = found["About one"]
    [content] = one.content
    assert "script" not in content.value
    assert "onclick" not in content.value
    assert "<b>more" in content.value
    assert content.value.startswith("<p>It waits for a person since 2026-11-23")
    assert "<code>aggregator entry approve https://blog.example/one</code>" in content.value
    assert "<code>aggregator entry remove https://blog.example/one</code>" in content.value
    assert (one.source.title, one.link) == ("Guests", "https://blog.example/one")
    assert [(tag.term, tag.label) for tag in one.tags] == [("waiting", "Waiting for approval")]
    assert one.id.startswith("tag:planet.example,2026-11-23:held/")
    assert (one.published, one.updated) == ("2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z")


def test_a_command_can_be_pasted_whatever_the_id_is(guests: Simulation) -> None:
    for entry in entries(document(guests)).values():
        page = etree.fromstring(f"<div>{entry.content[0].value}</div>", etree.HTMLParser())
        [command] = [one.text for one in page.iter("code") if (one.text or "").startswith("aggregator entry approve")]
        [*_, act, ref] = shlex.split(command)
        with guests.planet.app(guests.now) as app:
            assert keep(app, act, [ref])  # type: ignore[arg-type]


@pytest.mark.torture
def test_an_empty_one_is_valid_and_its_bytes_are_those_of_the_state(guests: Simulation) -> None:
    before = document(guests)
    guests.run()
    assert document(guests) == before, "it has no time of its own"
    with guests.planet.app(guests.now) as app:
        approve_all(app, "guests")
    data = document(guests)
    assert entries(data) == {}
    assert "0 entries are held or wait" in data.decode()
    assert sorted(guests.run()) == ["About one", "About two"]
    shown = {entry.id for entry in guests.entries}
    assert shown.isdisjoint(entry.id for entry in feedparser.parse(before).entries), "readers show them as new"


def test_a_planet_without_a_state(planet: Planet) -> None:
    with planet.app() as app:
        path = planet.root / "none.db"
        assert entries(HeldFeed(app, StateReader(Store(path), app.output)).document()) == {}


@pytest.mark.torture
def test_floods_and_what_a_person_holds_are_there_too(simulation: Simulation) -> None:
    items = lives(simulation)
    simulation.shows("blog", *items, *migrated(8))
    simulation.run()
    with simulation.planet.app(simulation.now) as app:
        keep(app, "hold", ["About weekday-1"])
    found = entries(document(simulation))
    assert len(found) == 9
    for title, label, why in (
        ("About weekday-1", "Held by a person", "Held by a person since"),
        ("About relic-3", "Held", "it came in a flood of old entries"),
    ):
        assert [tag.label for tag in found[title].tags] == [label]
        assert why in found[title].content[0].value
        assert "aggregator entry release" in found[title].content[0].value


def test_posts_and_excerpts(simulation: Simulation) -> None:
    simulation.planet.config["posts"] = [{"path": "posts", "approve": True}]
    simulation.planet.post("a.md", "---\ntitle: A post\ndate: 2026-11-20\n---\nIts words.\n")
    simulation.shows("short", story("long", words=400), approve=True, republish="link")
    simulation.run()
    found = entries(document(simulation))
    assert "Its words." in found["A post"].content[0].value
    assert len(found["About long"].content[0].value) < 600, "as it would be published"


@pytest.mark.torture
def test_many_entries_are_the_last_200_and_it_says_so(simulation: Simulation) -> None:
    simulation.shows("guests", *(story(f"n-{n}", age=n, words=5) for n in range(230)), approve=True)
    simulation.run()
    simulation.shows("guests", story("newest", age=0))
    simulation.run()
    data = document(simulation)
    assert len(entries(data)) == 200
    assert "About newest" in entries(data)
    assert "231 entries are held or wait" in data.decode()
    newest = next(etree.fromstring(data).iter(f"{ATOM}entry"))
    assert newest.findtext(f"{ATOM}title") == "About newest"


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("title", ["\x1b[31m\u202e", "]]>", "<script>", "&#0;", "x" * 9000, ""])
def test_hostile_titles_stay_text(simulation: Simulation, title: str) -> None:
    simulation.shows("guests", story("a") | {"title": title.replace("\x1b", ""), "guid": "urn:x:1"}, approve=True)
    simulation.run()
    assert len(entries(document(simulation))) == 1


@pytest.mark.torture
def test_the_status_page_lists_what_waits(port: int) -> None:
    body = ask(port, path="/status", Accept="text/html").body
    assert b"2 entries wait for approval" in body
    assert b"aggregator entry approve --source guests" in body


@pytest.mark.torture
def test_beside_a_daemon(tmp_path: Any) -> None:
    """It publishes what is approved, and the feed of held entries follows."""
    (tmp_path / "config.yaml").write_text(CONFIG.replace("path: posts", "path: posts, approve: true"))
    (tmp_path / "posts").mkdir()
    for n in (1, 2):
        (tmp_path / f"posts/{n}.md").write_text(f"---\ntitle: Post {n}\ndate: 2026-11-0{n}\n---\nWords of {n}.\n")
    with daemon(tmp_path) as running:

        def held() -> list[str]:
            return sorted(entries(running.ask("/held/atom.xml", **TOKEN).body))

        eventually(lambda: held() == ["Post 1", "Post 2"])
        tag = running.ask("/held/atom.xml", **TOKEN).headers["etag"]
        assert running.ask("/held/atom.xml", If_None_Match=tag, **TOKEN).status == 304
        assert running.titles() == []
        now = {"AGGREGATOR_NOW": ""}
        assert aggregator(tmp_path, "entry", "approve", "Post 2", **now).returncode == 0
        eventually(lambda: running.titles() == ["Post 2"])
        assert held() == ["Post 1"]
        reply = running.ask("/held/atom.xml", If_None_Match=tag, **TOKEN)
        assert reply.status == 200
        assert aggregator(tmp_path, "entry", "approve", "--source", "posts", **now).returncode == 0
        eventually(lambda: running.titles() == ["Post 2", "Post 1"])
        assert held() == []
        assert "1 entry waits" not in running.log
        assert "2 new entries wait for a person" in running.log
