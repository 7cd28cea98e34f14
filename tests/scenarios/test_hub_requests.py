"""Requests to our own hub over HTTP that are wrong, forbidden or too many."""

from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from aggregator.web import hub as hub_web
from aggregator.web import hub_routes
from aggregator.websub import hub as hub_module
from tests.support.foreign_servers import Foreign
from tests.support.own_hub import SITE, TOPIC, OwnHub
from tests.support.planet import Planet
from tests.support.serving import Client, served


@pytest.fixture
def hub(own_hub: OwnHub) -> OwnHub:
    return own_hub


def wrong_forms() -> dict[str, tuple[bytes, int]]:
    topic, callback = quote(TOPIC), quote("https://reader.example/back")
    whole = f"hub.mode=subscribe&hub.topic={topic}&hub.callback={callback}"
    return {
        "nothing": (b"", 400),
        "no mode": (f"hub.topic={topic}&hub.callback={callback}".encode(), 400),
        "another mode": (f"hub.mode=denied&hub.topic={topic}&hub.callback={callback}".encode(), 400),
        "publish": (f"hub.mode=publish&hub.topic={topic}&hub.url={topic}".encode(), 400),
        "no topic": (f"hub.mode=subscribe&hub.callback={callback}".encode(), 400),
        "no callback": (f"hub.mode=subscribe&hub.topic={topic}".encode(), 400),
        "twice": (f"{whole}&hub.topic=https%3A%2F%2Fother.example%2F".encode(), 400),
        "a secret of 201 bytes": (f"{whole}&hub.secret={'s' * 201}".encode(), 400),
        "a lease that is no number": (f"{whole}&hub.lease_seconds=-5".encode(), 400),
        "no UTF-8": (whole.encode() + b"&hub.secret=\xff", 400),
        "no UTF-8 behind percents": (whole.encode() + b"&hub.secret=%FF", 400),
        "hundreds of fields": (whole.encode() + b"&a=b" * 300, 400),
        "a long callback": (f"{whole}{'x' * 2100}".encode(), 400),
        "17 KiB": (whole.encode() + b"&a=" + b"x" * 17_000, 413),
    }


@pytest.mark.variants(quick=5)
@pytest.mark.parametrize("what", wrong_forms())
def test_a_wrong_form_is_refused_in_words(hub: OwnHub, what: str) -> None:
    form, status = wrong_forms()[what]
    answer = hub.post(form)
    assert answer.status == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"\n" in answer.body
    with hub.app.store.read() as tx:
        assert tx.hub_requests.waiting() == 0


TOPICS = {
    f"{SITE}nowhere/atom.xml": 404,
    f"{SITE}news/../news/atom.xml": 404,
    f"{SITE}news/index.html": 400,
    f"{SITE}index.json": 400,
    f"{SITE}news/archive/1/1/atom.xml": 400,
    SITE: 400,
    "https://planet.example.evil.example/news/atom.xml": 400,
    "https://other.example/news/atom.xml": 400,
    "news/atom.xml": 400,
    f"{TOPIC}?a=b": 400,
}


@pytest.mark.parametrize("topic", TOPICS)
def test_only_our_own_feeds_are_topics(hub: OwnHub, topic: str) -> None:
    for mode in ("subscribe", "unsubscribe"):
        assert hub.ask(mode, "https://reader.example/back", topic).status == TOPICS[topic]


def test_a_feed_is_a_topic_under_the_address_of_the_server_too(hub: OwnHub, reader: Foreign) -> None:
    """What is delivered names the one under which it is published."""
    topic = "http://127.0.0.1:8080/planet/news/atom.xml"
    hub.subscribe(reader.url("/back"), topic)
    assert reader.received[0].query["hub.topic"] == topic
    hub.publish("Second")
    hub.send_all()
    assert f'<{TOPIC}>; rel="self"' in reader.of("POST")[0].headers["link"]


CALLBACKS = {
    "https://10.0.0.1/back": 403,
    "http://169.254.169.254/latest/meta-data": 403,
    "http://[::ffff:10.0.0.1]/": 403,
    "http://2130706433/": 400,
    "ftp://reader.example/": 400,
    "javascript:alert(1)": 400,
    "https://user:pass@reader.example/": 400,
    "https://reader.example/#here": 400,
    " https://reader.example/": 400,
    "https:///back": 400,
    "back": 400,
}


@pytest.mark.variants(quick=4)
@pytest.mark.parametrize("callback", CALLBACKS)
def test_callbacks_that_are_never_asked(hub: OwnHub, callback: str) -> None:
    assert hub.ask("subscribe", callback).status == CALLBACKS[callback]


def test_a_name_that_leads_inside_is_never_asked(hub: OwnHub, reader: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name is looked up when it is asked: the answer to the request cannot tell."""

    async def resolve(_: str) -> list[str]:
        return ["10.0.0.1"]

    monkeypatch.setattr("aggregator.fetch.sender.look_up", resolve)
    assert hub.ask("subscribe", f"http://reader.example:{reader.port}/back").status == 202
    assert hub.send_all() is None
    with hub.app.store.read() as tx:
        assert tx.hub_requests.refused() == 1
    assert (hub.rows(), reader.received) == ([], [])


def test_other_methods_and_other_types_are_refused(hub: OwnHub) -> None:
    with Client(hub.port) as client:
        answer = client.ask("/websub/hub")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert hub.post(b"{}", "application/json").status == 415
    assert hub.post(b"", path="/websub/hub/").status == 404


def test_a_process_that_only_serves_is_no_hub(planet: Planet) -> None:
    planet.config["server"] = {"hub": True, "public_url": "https://planet.example/"}
    with planet.app() as app:
        [route] = hub_routes(app.config)
        with served(Starlette(routes=[route])) as port, Client(port) as client:
            assert client.ask("/websub/hub", "POST").status == 503
        assert (
            hub_routes(app.config.model_copy(update={"server": app.config.server.model_copy(update={"hub": False})}))
            == []
        )


# limits


def test_limits_of_a_topic_and_of_a_host(hub: OwnHub, reader: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.subscribe(reader.url("/1"))
    monkeypatch.setattr(hub_module, "MOST_OF_TOPIC", 1)
    answer = hub.ask("subscribe", reader.url("/2"))
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert hub.ask("subscribe", reader.url("/2"), f"{SITE}all/atom.xml").status == 202
    monkeypatch.setattr(hub_module, "MOST_OF_TOPIC", 9)
    monkeypatch.setattr(hub_module, "MOST_OF_HOST", 1)
    assert hub.ask("subscribe", reader.url("/3")).status == 429
    assert hub.ask("subscribe", "https://other.example/").status == 202
    assert hub.ask("subscribe", reader.url("/1")).status == 202  # it has its place
    assert hub.ask("unsubscribe", reader.url("/1")).status == 202


def test_limits_of_requests_that_wait(hub: OwnHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MOST_WAITING_OF_HOST", 2)
    monkeypatch.setattr(hub_module, "MOST_WAITING", 3)
    urls = [
        "https://a.example/1",
        "https://a.example/2",
        "https://a.example/3",
        "https://b.example/",
        "https://c.example/",
    ]
    assert [hub.ask("subscribe", url).status for url in urls] == [202, 202, 429, 202, 503]


def test_a_flood_of_requests_is_slowed_down(hub: OwnHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_web, "ONE_CLIENT", (3, 0.001))
    with served(Starlette(routes=hub_routes(hub.app.config, hub))) as hub.port:
        answers = [hub.post(b"") for _ in range(5)]
    assert [one.status for one in answers] == [400, 400, 400, 429, 429]
    assert answers[-1].headers["retry-after"] == "60"
