"""`status`, its JSON and its page, about hubs that are told of feeds and about our own hub."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from aggregator.cli.status_websub import outbox_lines, own_hub_lines
from aggregator.doctor.state import check_own_feeds
from aggregator.model.status import Status
from aggregator.render.status_page import StatusPage
from aggregator.settings import site_of
from aggregator.status.report import as_json, report
from aggregator.store import HubRequestRow, HubSubscriptionRow, Pinged, Store
from aggregator.web import StateReader
from aggregator.web.metrics import StateCounter
from tests.support.json_reference import schema
from tests.support.planet import NOON, BuiltOnce, Planet, Upstream

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HUB = "https://hub.example/?user=planet"
OWN = "https://planet.example/websub/hub"
NEWS, ALL = "news/atom.xml", "all/atom.xml"


@pytest.fixture
def built(planet: Planet, built_once: BuiltOnce) -> Planet:
    def build(planet: Planet, _: Upstream) -> None:
        planet.post("a.md", "---\ntitle: First\ndate: 2026-11-01\ncategories: [News]\n---\nWords.\n")
        planet.run()

    built_once.fill(planet, build)
    return planet


def checks(planet: Planet) -> list[tuple[str, str]]:
    with planet.app(NOON + HOUR) as app:
        return [(one.state, one.message) for one in check_own_feeds(app)]


def counts(planet: Planet) -> tuple[int, int, int]:
    with planet.app(NOON + HOUR) as app:
        found = StateCounter(app, StateReader(Store(app.store.at), app.output)).counts()
    assert found is not None
    return found.pings, found.subscriptions, found.failing_subscriptions


def status_of(planet: Planet) -> tuple[Status, str]:
    """The status an hour after noon, and its page; its JSON is as the reference says."""
    with planet.app(NOON + HOUR) as app, app.store.read() as tx:
        found = report(app, tx, app.clock())
        said = json.loads(json.dumps(as_json(found)))
        assert not list(Draft202012Validator(schema("status", closed=True)).iter_errors(said))
        return found, StatusPage(site_of(app.config)).page(found, 1, "nonce").decode()


def test_without_hubs_nothing_is_said_of_them(built: Planet) -> None:
    found, page = status_of(built)
    assert (found.outbox, found.own_hub) == (None, None)
    assert not {"outbox", "own_hub"} & as_json(found).keys()
    assert not [*outbox_lines(None), *own_hub_lines(None)]
    assert 'id="outbox"' not in page
    assert 'id="own-hub"' not in page
    assert (checks(built), counts(built)) == ([], (0, 0, 0))


def test_what_the_hub_has_to_hear_of(built: Planet) -> None:
    built.config["feeds"] |= {"hub": HUB}
    found, page = status_of(built)
    assert list(outbox_lines(found.outbox)) == [f"hub {HUB} knows all documents; nothing was told yet"]
    assert "knows all documents; told last never" in page
    with built.app(NOON) as app, app.store.write() as tx:
        tx.pings.changed({NEWS: "a", ALL: "b"}, NOON)
        fault = "it answered 503 Service Unavailable"
        tx.pings.record([Pinged(NEWS, "a", 503, fault, NOON + 2 * HOUR, 3), Pinged(ALL, "b", 204)], NOON + HOUR / 2)
    found, page = status_of(built)
    assert list(outbox_lines(found.outbox)) == [
        (
            f"hub {HUB} has 1 document to hear of since 2026-11-23 12:00: {fault} (3 in a row);"
            " told last 2026-11-23 12:30; told again 2026-11-23 14:00"
        ),
    ]
    assert as_json(found)["outbox"] == {
        "hub": HUB,
        "waiting": 1,
        "feeds": (NEWS,),
        "since": "2026-11-23T12:00:00Z",
        "next": "2026-11-23T14:00:00Z",
        "sent": "2026-11-23T12:30:00Z",
        "status": 503,
        "message": fault,
        "failures": 3,
    }
    assert f"{fault} (3 in a row)" in page
    assert checks(built) == [("note", f"{HUB} has 1 document to hear of: {fault}")]
    assert counts(built) == (1, 0, 0)


@pytest.fixture
def hub(built: Planet) -> Planet:
    """Our own, with subscribers in every state."""
    built.config["server"] = {"hub": True, "public_url": "https://planet.example/"}
    row = HubSubscriptionRow(
        0, NEWS, f"https://planet.example/{NEWS}", "", "reader.example:443", "hush", NOON, NOON + 5 * DAY
    )
    request = HubRequestRow(
        0, "subscribe", NEWS, row.topic, "https://r.example/secret", "r.example:443", "hush", 9, NOON, NOON
    )
    with built.app(NOON) as app, app.store.write() as tx:
        for number in range(3):
            tx.hub_subscriptions.put(replace(row, callback=f"https://reader.example/secret{number}", delivered_at=NOON))
        failing = replace(row, failures=4, failing_since=NOON - DAY, due_at=NOON + DAY, status=500)
        tx.hub_subscriptions.put(replace(failing, callback="https://reader.example/secret8", message="it answered 500"))
        tx.hub_subscriptions.put(replace(row, callback="https://s.example/secret", path=ALL))
        for name in ("gone", "failed"):
            ended = replace(row, callback=f"https://{name}.example/secret", ended_at=NOON, ended_by=name)
            tx.hub_subscriptions.put(ended)
        tx.hub_subscriptions.put(replace(row, callback="https://late.example/", expires_at=NOON))
        tx.hub_requests.put(request)
        tx.hub_requests.put(replace(request, callback="https://t.example/secret", due_at=None))
    return built


def test_who_subscribes_to_our_own_hub(hub: Planet) -> None:
    found, page = status_of(hub)
    assert list(own_hub_lines(found.own_hub)) == [
        (
            f"own hub {OWN}: 5 subscriptions, 1 failing, 1 waiting for a delivery, 1 asked and not confirmed yet,"
            " 1 refused in a day, 1 gone in a month, 1 given up in a month, after a week of failures"
        ),
        f"  https://planet.example/{NEWS}: 4 subscribers",
        f"  https://planet.example/{ALL}: 1 subscriber",
        (
            f"  reader.example:443 does not take https://planet.example/{NEWS}: it answered 500"
            " (since 2026-11-22 12:00, 4 times)"
        ),
    ]
    said = as_json(found)["own_hub"]
    assert said["topics"][1] == {
        "topic": f"https://planet.example/{NEWS}",
        "subscribers": 4,
        "failing": 1,
        "waiting": 1,
        "delivered": "2026-11-23T12:00:00Z",
    }
    assert said["troubles"][0]["host"] == "reader.example:443"
    assert "5 subscriptions, 1 failing, 1 waiting for a delivery" in page
    assert checks(hub) == [("ok", f"{OWN} has 5 subscriptions, 1 of them failing")]
    assert counts(hub) == (0, 5, 1)
    for text in (page, str(said)):  # callbacks and what signs deliveries are nobody's business
        assert "hush" not in text
        assert "secret" not in text
