"""Hubs that do what they should, hubs that do not, and what others send to a callback."""

import hashlib
from datetime import timedelta

import pytest

from aggregator.config import load_config
from aggregator.status.report import as_json
from aggregator.store.subscriptions import MOST_ENDING
from aggregator.websub import callbacks, lease
from tests.support.hubs import CallbackServer, Hub, Listener, atom, call, header, named, rss, subscribed
from tests.support.planet import Planet, Upstream

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))
NEVER = "00000000-0000-0000-0000-000000000000"


def offered(blog: Listener, hub: Hub, upstream: Upstream, path: str = "/hub") -> dict[str, str]:
    """The form with which the blog's topic was asked for; the hub did not verify it yet."""
    upstream.serve("/feed", atom("old"), headers=header(hub.url(path), upstream.url("/feed")))
    blog.poll()
    blog.subscribe()
    return hub.forms[-1] if hub.forms else {}


# who is subscribed to


def test_the_request_says_what_the_protocol_wants(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = offered(blog, hub, upstream)
    assert set(form) == {f"hub.{name}" for name in ("mode", "topic", "callback", "lease_seconds", "secret")}
    assert form["hub.lease_seconds"] == str(10 * 86400)
    assert len(form["hub.secret"].encode()) < 200
    assert form["hub.callback"].startswith(f"{blog.planet.config['server']['public_url']}/websub/")
    assert len(form["hub.callback"].rpartition("/")[2]) >= 43  # 256 bits


SECRET_SOURCES = {
    "auth": {"auth": "basic somebody:a-password", "publish": True},
    "headers": {"headers": {"X-Key": "a-key-of-ours"}, "publish": True},
    "a parameter that looks secret": {"query": "?token=abcdef0123456789"},
    "publish: false": {"publish": False},
    "paused": {"paused": True},
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("more", [pytest.param(more, id=name) for name, more in SECRET_SOURCES.items()])
def test_no_hub_is_told_of_a_source_that_is_not_public(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer, more: dict[str, object]
) -> None:
    path = f"/feed{more.get('query', '')}"
    upstream.serve(path, atom("old"), headers=header(hub.url(), upstream.url("/feed")))
    own = {key: value for key, value in more.items() if key != "query"}
    planet.config["sources"] = [{"id": "blog", "url": upstream.url(path)} | own]
    with callback_server.listening(planet) as blog:
        blog.poll()
        blog.subscribe()
        assert (hub.asked, blog.rows) == ([], [])


@pytest.mark.torture
def test_an_address_with_a_variable_is_not_told(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.planet._loaded", lambda file, *_: load_config(file, {"KEY": "feed"}))
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), upstream.url("/feed")))
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/${KEY}"), "publish": True}]
    with callback_server.listening(planet) as blog:
        blog.poll()
        blog.subscribe()
        assert (hub.asked, blog.rows) == ([], [])


def test_without_a_public_address_sources_are_polled_as_before(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), upstream.url("/feed")))
    planet.config |= {"sources": [{"id": "blog", "url": upstream.url("/feed")}], "server": {"public_url": ""}}
    with callback_server.listening(planet) as blog:
        blog.poll()
        assert blog.subscribe() is None
        assert hub.asked == []
        [one] = blog.status.subscriptions
        assert (one.state, one.message) == ("wanted", "hubs cannot reach this server: server.public_url is not set")


def test_a_run_subscribes_to_nothing(planet: Planet, hub: Hub, upstream: Upstream) -> None:
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), upstream.url("/feed")))
    planet.config |= {
        "sources": [{"id": "blog", "url": upstream.url("/feed")}],
        "server": {"public_url": "https://planet.example/"},
    }
    planet.run()
    assert hub.asked == []


def test_a_hub_in_a_private_network_is_not_asked(
    planet: Planet, upstream: Upstream, callback_server: CallbackServer
) -> None:
    upstream.serve("/feed", atom("old"), headers=header("http://10.0.0.1/hub", upstream.url("/feed")))
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with callback_server.listening(planet) as blog:
        blog.poll()
        blog.subscribe()
        assert blog.row.state == "refused"
        assert "10.0.0.1 is not on the public Internet" in blog.row.message


@pytest.mark.torture
def test_a_source_that_leaves_the_config_leaves_its_hub(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with callback_server.listening(planet) as blog:
        form = subscribed(blog, hub, upstream)
    planet.config["sources"] = []
    del planet.config["server"]
    with callback_server.listening(planet) as blog:
        blog.poll(HOUR)
        blog.subscribe()
        blog.subscribe()
        [left] = [one for one in hub.forms if one["hub.mode"] == "unsubscribe"]
        assert left["hub.topic"] == form["hub.topic"]
        callback = f"{planet.config['server']['public_url']}/websub/{form['hub.callback'].rpartition('/')[2]}"
        assert left["hub.callback"] == callback
        assert hub.verify(left).text == "a challenge"  # it was ours
        assert hub.deliver(form | {"hub.callback": callback}, atom("new")).status == 410
        blog.subscribe(30 * DAY)
        assert blog.rows == []
        assert hub.deliver(form | {"hub.callback": callback}, atom("new")).status == 404


@pytest.mark.torture
def test_another_address_of_ours_is_told_to_hubs(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with callback_server.listening(planet) as blog:
        subscribed(blog, hub, upstream)
    planet.config["server"] = {"public_url": f"http://localhost:{callback_server.port}/"}
    with callback_server.listening(planet) as blog:
        blog.poll(HOUR)
        blog.subscribe()
        assert hub.forms[-1]["hub.callback"].startswith(f"http://localhost:{callback_server.port}/websub/")
        assert hub.verify(hub.forms[-1]).status == 200
        asked = len(hub.asked)
    with callback_server.listening(planet) as blog:
        blog.poll(2 * HOUR)
        blog.subscribe()
    assert len(hub.asked) == asked  # it is told once


# verification


@pytest.mark.torture
def test_a_hub_may_verify_before_it_answers(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    hub.before = hub.verify
    offered(blog, hub, upstream)
    assert blog.row.state == "active"


def test_a_verification_that_nobody_asked_for_is_refused(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = offered(blog, hub, upstream)
    unknown = form["hub.callback"][:-1] + ("A" if form["hub.callback"][-1] != "A" else "B")
    assert hub.verify(form | {"hub.callback": unknown}).status == 404
    assert hub.verify(form, hub_mode="unsubscribe").status == 404
    assert hub.verify(form, hub_mode="publish").status == 404
    assert hub.verify(form, hub_challenge="").status == 404
    assert hub.verify(form, hub_challenge="x" * 4000).status == 404
    assert call("GET", form["hub.callback"]).status == 404
    assert call("DELETE", form["hub.callback"]).status == 405
    assert blog.row.state == "asked"


@pytest.mark.torture
def test_a_challenge_is_echoed_as_text(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    told = hub.verify(offered(blog, hub, upstream), hub_challenge="<script>é</script>")
    assert told.text == "<script>é</script>"
    assert told.headers["content-type"].startswith("text/plain")
    assert told.headers["x-content-type-options"] == "nosniff"


@pytest.mark.torture
def test_a_second_verification_changes_nothing(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    before = blog.row
    blog.now += HOUR
    assert hub.verify(form, hub_lease_seconds="60").status == 200
    assert blog.row == before


LEASES = {
    "what was asked for": ("864000", 10 * DAY),
    "shorter": ("86400", DAY),
    "a year": (str(365 * 86400), 14 * DAY),
    "digits without end": ("9" * 5000, 14 * DAY),
    "none": ("", 10 * DAY),
    "a word": ("forever", 10 * DAY),
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("said", "held"), [pytest.param(*case, id=name) for name, case in LEASES.items()])
def test_a_lease_is_believed_for_two_weeks_at_most(
    blog: Listener, hub: Hub, upstream: Upstream, said: str, held: timedelta
) -> None:
    assert hub.verify(offered(blog, hub, upstream), hub_lease_seconds=said).status == 200
    assert blog.row.expires_at == blog.now + held


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("said", ["0", "-1"])
def test_a_lease_of_no_time_is_none(blog: Listener, hub: Hub, upstream: Upstream, said: str) -> None:
    assert hub.verify(offered(blog, hub, upstream), hub_lease_seconds=said).status == 404
    assert blog.row.state == "asked"


def test_a_lease_is_renewed_before_its_end(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    next_at = blog.subscribe()
    assert next_at is not None
    assert blog.row.expires_at is not None
    assert blog.now + 6 * DAY < next_at < blog.row.expires_at - 2 * DAY
    assert len(hub.asked) == 1
    blog.now = next_at
    blog.subscribe()
    assert hub.forms[-1] == form  # a callback and a secret are those of a subscription
    assert blog.row.state == "active"
    assert hub.verify(form).status == 200
    assert blog.row.expires_at == blog.now + 10 * DAY


@pytest.mark.torture
def test_a_hub_that_never_verifies_is_asked_again_later_each_time(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    offered(blog, hub, upstream)
    waits = []
    for _ in range(24):
        next_at = blog.subscribe()
        assert next_at is not None
        waits.append(next_at - blog.now)
        blog.now = next_at
    asked = len(hub.asked)
    assert blog.row.state in {"unverified", "asked"}
    assert blog.row.message == "the hub never verified it"
    assert max(waits) == lease.LONGEST_RETRY
    assert sorted(waits[1::2]) == waits[1::2]
    assert asked <= 13
    assert hub.verify(hub.forms[-1]).status == 200  # late is not never
    assert blog.row.state == "active"


@pytest.mark.torture
def test_a_hub_that_is_asked_in_vain_keeps_the_lease_that_it_gave(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    hub.answers["/hub"] = (500, {})
    ends = blog.row.expires_at
    assert ends is not None
    while (next_at := blog.subscribe()) is not None and next_at < ends:
        blog.now = next_at
    assert (blog.row.state, blog.row.message) == ("active", "the hub answers 500")
    assert hub.deliver(form, atom("new")).status == 202
    blog.now = ends
    assert blog.status.subscriptions[0].state == "lapsed"
    blog.subscribe()
    assert blog.row.state == "refused"


def test_what_a_hub_says_about_an_error_is_shown_without_our_secrets(
    blog: Listener, hub: Hub, upstream: Upstream
) -> None:
    hub.answers["/hub"] = (400, {"content-type": "text/plain"})
    hub.before = lambda form: setattr(
        hub, "says", f"no \x1b[31m{form['hub.secret']} at {form['hub.callback']}".encode()
    )
    form = offered(blog, hub, upstream)
    shown = str(as_json(blog.status)["subscriptions"])
    assert "the hub answers 400: no " in blog.row.message
    assert "\x1b" not in blog.row.message
    for secret in (form["hub.secret"], form["hub.callback"].rpartition("/")[2]):
        assert secret not in shown


@pytest.mark.torture
def test_a_hub_that_is_gone_is_not_asked_again(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    hub.answers["/hub"] = (410, {})
    offered(blog, hub, upstream)
    assert (blog.row.state, blog.row.next_at) == ("gone", None)
    blog.poll(DAY)
    assert blog.subscribe(30 * DAY) is None
    assert len(hub.asked) == 1
    upstream.serve("/feed", atom("old", "new"), headers=header(hub.url("/other"), upstream.url("/feed")))
    blog.poll(HOUR)
    blog.subscribe()
    assert hub.asked[-1][0] == "/other"


@pytest.mark.torture
def test_a_hub_that_denies_is_asked_again_after_a_week(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    assert hub.verify(form, hub_mode="denied", hub_reason="no\nmore", hub_challenge="").status == 200
    assert (blog.row.state, blog.row.message, blog.row.expires_at) == ("denied", "no more", None)
    assert hub.verify(form).status == 404
    assert blog.subscribe(6 * DAY) is not None
    assert len(hub.asked) == 1
    blog.subscribe(DAY)
    assert len(hub.asked) == 2
    assert hub.verify(form).status == 200


REDIRECTS = {
    "round in a circle": ("/hub", 307, "redirects more than 5 times"),
    "nowhere": ("", 308, "its Location is missing"),
    "into a private network": ("http://192.168.0.1/hub", 307, "192.168.0.1 is not on the public Internet"),
    "to another scheme": ("ftp://hub.example/", 307, "only http and https"),
    "as another request": ("/other", 303, "the hub answers 303"),
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("where", "status", "why"), [pytest.param(*case, id=name) for name, case in REDIRECTS.items()])
def test_some_redirects_of_a_hub_are_not_followed(
    blog: Listener, hub: Hub, upstream: Upstream, where: str, status: int, why: str
) -> None:
    hub.answers["/hub"] = (status, {"Location": where} if where else {})
    offered(blog, hub, upstream)
    assert blog.row.state == "refused"
    assert why in blog.row.message
    assert not [path for path, _ in hub.asked if path == "/other"]


@pytest.mark.torture
def test_a_feed_that_names_another_topic_gets_another_subscription(
    blog: Listener, hub: Hub, upstream: Upstream
) -> None:
    form = subscribed(blog, hub, upstream)
    topic = upstream.url("/new-topic")
    upstream.serve("/feed", atom("old", "new"), headers=header(hub.url(), topic))
    blog.poll(HOUR)
    blog.subscribe()
    modes = {one["hub.mode"]: one for one in hub.forms[1:]}
    assert modes["unsubscribe"]["hub.topic"] == form["hub.topic"]
    assert modes["subscribe"]["hub.topic"] == topic
    assert modes["subscribe"]["hub.callback"] != form["hub.callback"]
    assert modes["subscribe"]["hub.secret"] != form["hub.secret"]
    assert hub.deliver(form, atom("old")).status == 410


@pytest.mark.torture
def test_a_feed_that_names_another_hub_each_time_is_followed_only_so_far(
    blog: Listener, hub: Hub, upstream: Upstream
) -> None:
    for turn in range(3 * MOST_ENDING):
        upstream.serve("/feed", atom("old", f"new {turn}"), headers=header(hub.url(f"/{turn}"), upstream.url("/feed")))
        blog.poll(10 * MINUTE)
    assert len(blog.rows) <= MOST_ENDING + 1


@pytest.mark.torture
def test_a_feed_that_names_no_hub_any_more_ends_its_subscription(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    subscribed(blog, hub, upstream)
    upstream.serve("/feed", atom("old", "new"))
    blog.poll(HOUR)
    blog.subscribe()
    assert hub.forms[-1]["hub.mode"] == "unsubscribe"


# deliveries


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_each_method_of_signing_is_known_and_shown(blog: Listener, hub: Hub, upstream: Upstream, method: str) -> None:
    form = subscribed(blog, hub, upstream)
    assert hub.deliver(form, atom("new"), method).status == 202
    blog.take_in()
    assert set(blog.planet.titles()) == {"new", "old"}
    assert as_json(blog.status)["subscriptions"][0]["signature"] == method


def test_what_a_delivery_does_not_hold_is_not_gone(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    blog.planet.config["sources"][0]["every"] = "1h"
    form = subscribed(blog, hub, upstream)
    upstream.serve("/feed", atom("new", "old"), headers=header(hub.url(), upstream.url("/feed")))
    hub.deliver(form, atom("new").replace("<content>new", "<content>edited"))
    report = blog.take_in().report
    assert (report.entries.new, report.entries.held, report.problems) == (1, 0, {})
    with blog.app.store.read() as tx:
        assert all(row.gone_at is None for row in tx.sightings.find("blog", {"upstream_id": ["urn:old", "urn:new"]}))
        assert tx.pulls.habits("blog", blog.now + DAY) == (1, 0)  # a delivery is no habit
    report = blog.poll(HOUR).report  # the next poll is made, and has the last word
    assert (report.sources.changed, report.entries.updated) == (1, 1)
    assert set(blog.planet.titles()) == {"new", "old"}


@pytest.mark.torture
def test_a_delivery_edits_what_is_known(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    hub.deliver(form, atom("old").replace("<content>old", "<content>edited"))
    report = blog.take_in().report
    assert (report.entries.new, report.entries.updated) == (0, 1)
    assert "edited" in (blog.planet.root / "feeds/all/atom.xml").read_text()


@pytest.mark.torture
def test_a_tombstone_in_a_delivery_takes_nothing_away(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    space = 'xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    gone = f'<at:deleted-entry {space} ref="urn:old" when="2026-11-23T11:00:00Z"/>'
    hub.deliver(form, atom("new", links=gone))
    blog.take_in()
    assert set(blog.planet.titles()) == {"new", "old"}


@pytest.mark.torture
def test_a_flood_that_a_hub_delivers_is_held_as_one_that_is_polled(
    blog: Listener, hub: Hub, upstream: Upstream
) -> None:
    form = subscribed(blog, hub, upstream)
    for day in range(1, 8):
        upstream.serve("/feed", atom("old", *map(str, range(day))), headers=header(hub.url(), upstream.url("/feed")))
        blog.poll(DAY)
    flood = atom(*(f"flood {n}" for n in range(80))).replace("2026-11-23", "2019-01-01")
    hub.deliver(form, flood)
    assert blog.take_in().report.entries.held == 80
    assert not [title for title in blog.planet.titles() if title.startswith("flood")]


def test_a_repeated_delivery_is_dropped(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    first, second = atom("old").replace(">old<", ">one<", 1), atom("old").replace(">old<", ">two<", 1)
    for body in (first, second, first):
        assert hub.deliver(form, body).status == 202
        blog.take_in()
    assert blog.planet.titles() == ["two"]
    assert (blog.row.accepted, blog.row.repeated) == (2, 1)


@pytest.mark.torture
def test_what_was_edited_by_a_delivery_alone_is_as_the_next_poll_says(
    blog: Listener, hub: Hub, upstream: Upstream
) -> None:
    """A hub may lie, and its feed need not change for that to be noticed."""
    form = subscribed(blog, hub, upstream)
    hub.deliver(form, atom("old").replace(">old<", ">a lie<", 1))
    blog.take_in()
    assert blog.planet.titles() == ["a lie"]
    blog.poll(HOUR)
    assert blog.planet.titles() == ["old"]


def test_a_delivery_that_is_too_large_is_not_read(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    planet.config["fetch"]["max_bytes"] = 10_000
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with callback_server.listening(planet) as blog:
        form = subscribed(blog, hub, upstream)
        assert hub.deliver(form, atom("new") + " " * 10_000).status == 202
        assert hub.deliver(form, b"", **{"Content-Length": str(10**12)}).status == 202
        assert (blog.row.too_large, blog.row.accepted, blog.woken) == (2, 0, 0)


UNREADABLE = {
    "nothing": b"",
    "a page": b"<!doctype html><title>no feed</title>",
    "bytes": bytes(range(256)),
    "JSON of something else": b'{"a": [1]}',
    "half a tag": b"<rss",
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in UNREADABLE.items()])
def test_what_is_no_feed_is_counted_and_told_once(blog: Listener, hub: Hub, upstream: Upstream, body: bytes) -> None:
    form = subscribed(blog, hub, upstream)
    assert hub.deliver(form, body).status == 202
    [problem] = blog.take_in().report.problems
    assert (problem.where, problem.kind) == ("blog", "parse")
    assert problem.message.startswith("what its hub delivered cannot be read: ")
    assert blog.row.unreadable == 1
    assert blog.source().state == "ok"  # it is the hub's fault
    assert wait(blog) <= 10 * MINUTE
    assert blog.take_in().report.problems == {}


@pytest.mark.torture
def test_deliveries_that_wait_are_taken_in_by_the_next_start(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with callback_server.listening(planet) as blog:
        form = subscribed(blog, hub, upstream)
        for n in range(30):
            assert hub.deliver(form, atom(f"new {n}")).status == 202
    with callback_server.listening(planet) as blog:
        blog.now += HOUR
        assert blog.take_in().was_full
        assert not blog.take_in().was_full
    assert len(planet.titles()) == 31


@pytest.mark.torture
def test_a_hub_that_delivers_faster_than_we_read_is_asked_to_wait(
    blog: Listener, hub: Hub, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "MOST_WAITING", 3)
    form = subscribed(blog, hub, upstream)
    assert [hub.deliver(form, atom(f"new {n}")).status for n in range(5)] == [202, 202, 202, 503, 503]
    blog.take_in()
    assert hub.deliver(form, atom("new 3")).status == 202


@pytest.mark.torture
def test_a_delivery_for_a_source_that_was_paused_meanwhile_is_dropped(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with callback_server.listening(planet) as blog:
        hub.deliver(subscribed(blog, hub, upstream), atom("new"))
    planet.config["sources"][0]["paused"] = True
    with callback_server.listening(planet) as blog:
        blog.now += HOUR
        blog.take_in()
        blog.take_in()
    assert planet.titles() == ["old"]


@pytest.mark.torture
def test_what_was_delivered_is_forgotten_after_a_month(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    hub.deliver(form, atom("new"))
    blog.take_in()
    blog.now += 31 * DAY
    hub.deliver(form, atom("newer"))
    blog.take_in()
    with blog.app.store.write() as tx:
        body = atom("new").encode()
        assert tx.deliveries.add(blog.row.id, blog.now, hashlib.sha256(body).hexdigest(), "", body)


# hubs that are relied on, and dead ones


def publish(blog: Listener, hub: Hub, upstream: Upstream, *titles: str) -> None:
    upstream.serve("/feed", atom(*titles, "old"), headers=header(hub.url(), upstream.url("/feed")))


def prove(blog: Listener, hub: Hub, upstream: Upstream) -> dict[str, str]:
    """The hub was first with three news, and the source was polled since."""
    form = subscribed(blog, hub, upstream)
    for n in range(3):
        publish(blog, hub, upstream, *(f"new {m}" for m in range(n + 1)))
        blog.now += MINUTE
        hub.deliver(form, atom(f"new {n}"))
        blog.take_in()
    blog.poll(HOUR)
    return form


def wait(blog: Listener) -> timedelta:
    next_poll_at = blog.source().next_poll_at
    assert next_poll_at is not None
    return next_poll_at - blog.now


def test_only_a_hub_that_proved_itself_makes_polls_rare(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    for n in range(3):
        assert wait(blog) < 2 * HOUR
        publish(blog, hub, upstream, *(f"new {m}" for m in range(n + 1)))
        hub.deliver(form, atom(f"new {n}"))
        blog.take_in()
        blog.poll(10 * MINUTE)
    assert 6 * HOUR <= wait(blog) < 7 * HOUR
    assert blog.source().poll_reason == "hub"
    [one] = blog.status.subscriptions
    assert one.relied_on
    assert not one.silent
    [told] = blog.status.hubs
    assert (told.active, told.by_push, told.by_poll, told.silent) == (1, 3, 0, False)


@pytest.mark.torture
def test_at_the_first_miss_polls_are_as_before(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = prove(blog, hub, upstream)
    publish(blog, hub, upstream, "missed")
    blog.poll_due(7 * HOUR)
    assert "missed" in blog.planet.titles()
    assert wait(blog) < 2 * HOUR
    assert not blog.status.subscriptions[0].relied_on
    for n in range(2):
        hub.deliver(form, atom(f"again {n}"))
        blog.take_in()
    blog.poll(HOUR)
    assert wait(blog) < 2 * HOUR  # it has to prove itself anew


@pytest.mark.torture
def test_a_cron_line_stays_as_it_is(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed"), "every": "cron: 0 * * * *"}]
    with callback_server.listening(planet) as blog:
        prove(blog, hub, upstream)
        assert wait(blog) <= HOUR


LOST = {
    "it denies": lambda blog, hub, form: hub.verify(form, hub_mode="denied"),
    "it delivers something else": lambda blog, hub, form: (hub.deliver(form, b"no feed"), blog.take_in()),
    "it delivers too much": lambda blog, hub, form: hub.deliver(form, b" " * (9 * 2**20)),
}


@pytest.mark.torture
@pytest.mark.parametrize("lose", [pytest.param(lose, id=name) for name, lose in LOST.items()])
def test_a_hub_is_relied_on_no_more_when(blog: Listener, hub: Hub, upstream: Upstream, lose: object) -> None:
    form = prove(blog, hub, upstream)
    assert wait(blog) > 5 * HOUR
    lose(blog, hub, form)  # type: ignore[operator]
    assert wait(blog) < 2 * HOUR


@pytest.mark.torture
def test_a_lease_that_is_not_renewed_is_relied_on_no_more(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    prove(blog, hub, upstream)
    hub.answers["/hub"] = (500, {})
    ends = blog.row.expires_at
    assert ends is not None
    while blog.source().hub_proved:
        next_at = blog.subscribe()
        assert next_at is not None
        assert blog.now <= ends + MINUTE
        blog.now = max(next_at, blog.now)


@pytest.mark.torture
def test_a_start_relies_on_no_hub(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    planet.config["sources"] = [{"id": "blog", "url": upstream.url("/feed")}]
    with callback_server.listening(planet) as blog:
        prove(blog, hub, upstream)
        at = blog.now
    with callback_server.listening(planet) as blog:
        blog.now = at + 10 * SECOND
        assert wait(blog) < 2 * HOUR


@pytest.mark.torture
def test_a_dead_hub_is_noticed_within_three_of_its_news(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    subscribed(blog, hub, upstream)
    for n in range(3):
        assert not blog.status.hubs[0].silent
        publish(blog, hub, upstream, *(f"new {m}" for m in range(n + 1)))
        blog.poll_due(2 * HOUR)
        assert f"new {n}" in blog.planet.titles()  # nothing is lost
    [one], [told] = blog.status.subscriptions, blog.status.hubs
    assert (one.state, one.silent, told.silent, told.by_push, told.by_poll) == ("active", True, True, 0, 3)


@pytest.mark.torture
def test_a_hub_whose_topics_are_silent_together_is_noticed(
    planet: Planet, hub: Hub, upstream: Upstream, callback_server: CallbackServer
) -> None:
    planet.config["sources"] = [{"id": f"s{n}", "url": upstream.url(f"/{n}")} for n in range(3)]
    with callback_server.listening(planet) as blog:
        for n in range(3):
            upstream.serve(f"/{n}", rss(f"old {n}"), headers=header(hub.url(), upstream.url(f"/{n}")))
        blog.poll()
        blog.subscribe()
        for form in hub.forms:
            hub.verify(form)
        for n in range(3):
            assert not blog.status.hubs[0].silent
            upstream.serve(f"/{n}", rss(f"old {n}", f"new {n}"), headers=header(hub.url(), upstream.url(f"/{n}")))
            blog.poll(HOUR)
        assert blog.status.hubs[0].silent


@pytest.mark.torture
def test_a_hub_that_delivers_again_is_not_silent(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    for n in range(3):
        publish(blog, hub, upstream, *(f"new {m}" for m in range(n + 1)))
        blog.poll(2 * HOUR)
    hub.deliver(form, atom("new 3"))
    blog.take_in()
    assert not blog.status.hubs[0].silent
    assert not blog.status.subscriptions[0].silent


# what is shown


@pytest.mark.torture
def test_an_rss_cloud_is_shown(blog: Listener, upstream: Upstream) -> None:
    cloud = '<cloud domain="rpc.example" port="80" path="/notify" registerProcedure="" protocol="http-post"/>'
    upstream.serve("/feed", rss("old", links=cloud))
    blog.poll()
    assert blog.status.sources[0].cloud == "http-post rpc.example:80/notify"
    assert blog.rows == []


@pytest.mark.torture
def test_the_hub_may_be_named_by_a_json_feed(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    topic = upstream.url("/feed")
    text = (
        f'{{"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "feed_url": "{topic}",'
        f' "hubs": [{{"type": "WebSub", "url": "{hub.url()}"}}], "items": [{{"id": "1", "title": "old"}}]}}'
    )
    upstream.serve("/feed", text, headers={"Content-Type": "application/feed+json"})
    blog.poll()
    blog.subscribe()
    assert hub.forms[0]["hub.topic"] == topic


@pytest.mark.torture
def test_a_hub_without_a_topic_knows_the_feed_by_its_address(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    upstream.serve("/feed", rss("old", links=named(hub.url(), "", "atom:")))
    blog.poll()
    blog.subscribe()
    assert hub.forms[0]["hub.topic"] == upstream.url("/feed")
