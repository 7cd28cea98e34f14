"""`server.hub`: subscriptions and deliveries over HTTP, as the checks of websub.rocks for hubs have them."""

import hashlib
import hmac
import time
from datetime import timedelta
from itertools import pairwise
from urllib.parse import quote

import pytest

from aggregator.websub.hub import LONGEST_LEASE, USUAL_LEASE
from tests.support.foreign_servers import Answered, Foreign, Received, confirm, foreign
from tests.support.own_hub import SITE, TOPIC, OwnHub
from tests.support.planet import NOON
from tests.support.serving import Client

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hub(own_hub: OwnHub) -> OwnHub:
    return own_hub


# the checks of websub.rocks/hub, by their numbers


def test_100_a_typical_request_is_confirmed_and_then_delivered(hub: OwnHub, reader: Foreign) -> None:
    assert hub.ask("subscribe", reader.url("/back")).status == 202
    assert (reader.received, hub.calls) == ([], 1)  # the answer does not wait for the callback
    hub.send_all()
    [asked] = reader.received
    challenge = asked.query["hub.challenge"]
    assert len(challenge) >= 32
    assert (asked.method, asked.query) == (
        "GET",
        {
            "hub.mode": "subscribe",
            "hub.topic": TOPIC,
            "hub.challenge": challenge,
            "hub.lease_seconds": str(int(USUAL_LEASE.total_seconds())),
        },
    )
    hub.publish("Second")
    hub.send_all()
    [delivered] = reader.of("POST")
    assert delivered.body == hub.document()
    assert b"Second" in delivered.body
    assert delivered.path == "/back"
    assert "x-hub-signature" not in delivered.headers
    assert delivered.headers["link"] == f'<{TOPIC}>; rel="self", <{hub.address}>; rel="hub"'


def test_101_with_a_secret_deliveries_are_signed(hub: OwnHub, reader: Foreign) -> None:
    hub.subscribe(reader.url("/back"), secret="hush, ¡quiet!")
    hub.publish("Second")
    hub.send_all()
    [delivered] = reader.of("POST")
    made = hmac.new("hush, ¡quiet!".encode(), delivered.body, hashlib.sha256).hexdigest()
    assert delivered.headers["x-hub-signature"] == f"sha256={made}"


def test_102_other_parameters_are_ignored(hub: OwnHub, reader: Foreign) -> None:
    form = f"foo=bar&hub.foo=hub.bar&hub.mode=subscribe&hub.topic={quote(TOPIC)}&hub.callback={quote(reader.url('/b'))}"
    assert hub.post(form.encode()).status == 202
    hub.send_all()
    assert set(reader.received[0].query) == {"hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds"}
    assert len(hub.rows()) == 1


def test_103_a_subscription_is_renewed_in_its_place(hub: OwnHub, reader: Foreign) -> None:
    hub.subscribe(reader.url("/back"), secret="one")
    hub.now += DAY
    hub.subscribe(reader.url("/back"), secret="two", lease_seconds="3600")
    [row] = hub.rows()
    assert (row.secret, row.expires_at) == ("two", NOON + DAY + HOUR)
    hub.publish("Second")
    hub.send_all()
    [delivered] = reader.of("POST")
    assert delivered.headers["x-hub-signature"].endswith(hmac.new(b"two", delivered.body, "sha256").hexdigest())


def test_104_who_unsubscribed_gets_nothing(hub: OwnHub, reader: Foreign) -> None:
    hub.subscribe(reader.url("/back"))
    assert hub.ask("unsubscribe", reader.url("/back"), lease_seconds="of no meaning here").status == 202
    assert len(hub.rows()) == 1  # until it is confirmed
    hub.send_all()
    asked = reader.of("GET")[-1].query
    assert (asked["hub.mode"], asked["hub.topic"], "hub.lease_seconds" in asked) == ("unsubscribe", TOPIC, False)
    hub.publish("Second")
    hub.send_all()
    assert (hub.rows(), reader.of("POST")) == ([], [])


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("name", ["atom.xml", "rss.xml", "feed.json"])
def test_105_and_106_each_kind_is_delivered_as_it_is_served(hub: OwnHub, reader: Foreign, name: str) -> None:
    hub.subscribe(reader.url("/back"), f"{SITE}news/{name}")
    hub.publish("Second")
    hub.send_all()
    [delivered] = reader.of("POST")
    with Client(hub.port) as client:
        served = client.ask(f"/news/{name}")
    assert (delivered.body, delivered.headers["content-type"]) == (served.body, served.headers["content-type"])
    assert delivered.headers["link"] == served.headers["link"]


# publisher: what a document and its headers name


def test_a_feed_names_this_hub_in_its_text_and_in_its_headers(hub: OwnHub) -> None:
    assert f'<link href="{hub.address}" rel="hub"/>'.encode() in hub.document()
    with Client(hub.port) as client:
        assert f'<{hub.address}>; rel="hub"' in client.ask("/news/atom.xml").headers["link"]


# leases


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("", USUAL_LEASE),
        ("3600", HOUR),
        ("1", 5 * MINUTE),
        ("0", 5 * MINUTE),
        ("99999999", LONGEST_LEASE),
        ("9" * 40, LONGEST_LEASE),
    ],
)
def test_a_lease_is_as_asked_within_limits_and_the_subscriber_hears_it(
    hub: OwnHub, reader: Foreign, asked: str, given: timedelta
) -> None:
    hub.subscribe(reader.url("/back"), lease_seconds=asked)
    assert reader.received[0].query["hub.lease_seconds"] == str(int(given.total_seconds()))
    assert hub.rows()[0].expires_at == NOON + given


def test_nothing_is_delivered_after_the_lease(hub: OwnHub, reader: Foreign) -> None:
    hub.subscribe(reader.url("/back"), lease_seconds="3600")
    hub.publish("Second")
    hub.now += HOUR
    hub.send_all()
    hub.publish("Third")
    hub.send_all()
    assert reader.of("POST") == []


# verification of intent


REFUSALS = {
    "404": Answered(404),
    "500": Answered(500),
    "a redirect": Answered(302, headers={"Location": "/elsewhere"}),
    "another text": Answered(200, b"yes, please"),
    "nothing": Answered(200),
    "a challenge and more": Answered(200, b"x" * 100_000),
}


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("how", REFUSALS)
def test_what_is_not_confirmed_changes_nothing(hub: OwnHub, reader: Foreign, how: str) -> None:
    hub.subscribe(reader.url("/back"), secret="one")
    reader.answer = lambda _: REFUSALS[how]
    before = hub.rows()
    for mode in ("subscribe", "unsubscribe"):
        assert hub.ask(mode, reader.url("/back"), secret="two").status == 202
        hub.send_all()
        assert hub.rows() == before
    assert hub.ask("subscribe", reader.url("/other")).status == 202
    hub.send_all()
    assert hub.rows() == before
    assert not [one for one in reader.received if one.path == "/elsewhere"]
    with hub.app.store.read() as tx:
        assert (tx.hub_requests.waiting(), tx.hub_requests.refused()) == (0, 2)


def test_a_callback_that_does_not_answer_is_asked_five_times(hub: OwnHub) -> None:
    with foreign() as gone:
        callback = gone.url("/back")
    hub.ask("subscribe", callback)
    times = []
    for _ in range(6):
        if next_at := hub.send_all():
            times.append(next_at - hub.now)
            hub.now = next_at
    assert times == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND]
    with hub.app.store.read() as tx:
        assert (tx.hub_requests.waiting(), tx.hub_requests.refused()) == (0, 1)


def test_the_query_of_a_callback_is_kept(hub: OwnHub, reader: Foreign) -> None:
    callback = reader.url("/back?a=%20b&hub.mode=mine")
    hub.subscribe(callback)
    assert reader.received[0].path.startswith("/back?a=%20b&hub.mode=mine&hub.mode=subscribe&hub.topic=")
    hub.publish("Second")
    hub.send_all()
    assert [one.path for one in reader.of("POST")] == ["/back?a=%20b&hub.mode=mine"]


def test_a_later_request_counts_where_the_earlier_one_still_waits(hub: OwnHub, reader: Foreign) -> None:
    hub.subscribe(reader.url("/back"))
    hub.ask("subscribe", reader.url("/back"), secret="two")
    hub.ask("unsubscribe", reader.url("/back"))
    hub.send_all()
    assert hub.rows() == []


# deliveries that fail


def failing(hub: OwnHub, reader: Foreign, answer: Answered) -> None:
    hub.subscribe(reader.url("/back"))
    reader.answer = lambda _: answer
    hub.publish("Second")
    hub.send_all()


def test_who_answers_410_gets_no_more(hub: OwnHub, reader: Foreign) -> None:
    failing(hub, reader, Answered(410))
    [row] = hub.rows()
    assert (row.ended_by, row.due_at, len(reader.of("POST"))) == ("gone", None, 1)
    hub.publish("Third")
    hub.send_all()
    assert len(reader.of("POST")) == 1


@pytest.mark.torture
def test_who_fails_for_a_week_gets_no_more_and_may_come_back(hub: OwnHub, reader: Foreign) -> None:
    failing(hub, reader, Answered(500))
    attempts = [hub.now]
    while next_at := hub.send_all():
        hub.now = next_at
        attempts.append(hub.now)
    [row] = hub.rows()
    pauses = [after - before for before, after in pairwise(attempts)]
    assert pauses[:4] == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND]
    assert max(pauses) == 6 * HOUR
    assert row.ended_by == "failed"
    assert timedelta(days=7) <= hub.now - NOON < timedelta(days=7, hours=6)
    assert 30 < len(reader.of("POST")) < 45
    reader.answer = confirm
    hub.subscribe(reader.url("/back"))
    hub.publish("Third")
    hub.send_all()
    assert b"Third" in reader.of("POST")[-1].body


@pytest.mark.torture
def test_who_comes_back_gets_what_is_new_by_then(hub: OwnHub, reader: Foreign) -> None:
    failing(hub, reader, Answered(503, headers={"Retry-After": "3600"}))
    assert hub.rows()[0].due_at == NOON + HOUR
    hub.publish("Third")
    hub.send_all()
    assert len(reader.of("POST")) == 1  # it asked for a pause
    reader.answer = confirm
    hub.now += HOUR
    assert hub.send_all() is None
    assert reader.of("POST")[-1].body == hub.document()
    [row] = hub.rows()
    assert (row.failures, row.failing_since, row.message, row.delivered_at) == (0, None, "", hub.now)


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("status", [204, 202, 299])
def test_any_success_counts(hub: OwnHub, reader: Foreign, status: int) -> None:
    failing(hub, reader, Answered(status))
    assert (hub.rows()[0].failures, hub.rows()[0].due_at) == (0, None)


@pytest.mark.torture
@pytest.mark.parametrize("status", [301, 307, 400, 404])
def test_all_else_is_a_failure_and_no_redirect_is_followed(hub: OwnHub, reader: Foreign, status: int) -> None:
    failing(hub, reader, Answered(status, headers={"Location": reader.url("/elsewhere")}))
    assert hub.rows()[0].failures == 1
    assert [one.path for one in reader.of("POST")] == ["/back"]


def test_who_hangs_delays_nobody(hub: OwnHub, reader: Foreign) -> None:
    hub.limit = timedelta(seconds=0.3)

    def hang(received: Received) -> Answered:
        if received.method == "POST":
            time.sleep(0.5)
        return confirm(received)

    with foreign(hang) as slow:
        for number in range(20):
            hub.subscribe(slow.url(f"/{number}"))
        hub.subscribe(reader.url("/back"))
        hub.publish("Second")
        hub.send_all(rounds=1)
        assert len(reader.of("POST")) == 1


def test_the_same_bytes_are_not_delivered_twice(hub: OwnHub, reader: Foreign) -> None:
    hub.subscribe(reader.url("/back"))
    (hub.app.output / "news/atom.xml").unlink()
    hub.publish("Other in all")
    with hub.app.store.write() as tx:
        tx.hub_subscriptions.changed(["news/atom.xml"], hub.now)
    hub.send_all()
    hub.send_all()
    assert len(reader.of("POST")) == 1
    with hub.app.store.write() as tx:
        tx.hub_subscriptions.changed(["news/atom.xml"], hub.now)
    hub.send_all()
    assert len(reader.of("POST")) == 1


def test_only_what_was_published_is_delivered(hub: OwnHub, reader: Foreign) -> None:
    """A file that somebody changed waits until a run repairs it."""
    hub.subscribe(reader.url("/back"))
    hub.publish("Second")
    document, file = hub.document(), hub.app.output / "news/atom.xml"
    file.write_bytes(b"<feed>forged</feed>")
    assert hub.send_all() == NOON + timedelta(seconds=2)
    assert reader.of("POST") == []
    file.write_bytes(document)
    hub.now += MINUTE
    hub.send_all()
    assert [one.body for one in reader.of("POST")] == [document]


def test_a_feed_that_ended_is_delivered_no_more(hub: OwnHub, reader: Foreign) -> None:
    hub.subscribe(reader.url("/back"))
    hub.publish("Second")
    with hub.app.store.write() as tx:
        tx.files.forget(["news/atom.xml"])
    assert hub.send_all() is None
    assert (reader.of("POST"), hub.rows()[0].due_at) == ([], None)
    assert hub.ask("subscribe", reader.url("/back")).status == 404
    assert hub.ask("unsubscribe", reader.url("/back")).status == 202
    hub.send_all()
    assert hub.rows() == []
