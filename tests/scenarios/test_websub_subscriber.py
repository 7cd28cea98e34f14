"""What a subscriber must do, check by check as https://websub.rocks/subscriber numbers them, over real HTTP."""

import pytest

from tests.support.hubs import Hub, Listener, Told, atom, header, named, rss, subscribed
from tests.support.planet import Upstream


def asked_for(blog: Listener, hub: Hub) -> tuple[str, str]:
    """The path of the hub that was asked, and the topic."""
    blog.poll()
    blog.subscribe()
    [(path, form)] = hub.asked
    assert form["hub.mode"] == "subscribe"
    assert hub.verify(form).text == "a challenge"
    assert blog.row.state == "active"
    return path, form["hub.topic"]


# 1xx: discovery


def test_100_headers_name_hub_and_topic(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    topic = upstream.url("/feed")
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), topic))
    assert asked_for(blog, hub) == ("/hub", topic)


def test_101_a_page_names_hub_and_topic(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    """It is no feed, so that its deliveries tell nothing but that there is something to poll."""
    topic = upstream.url("/feed")
    page = f"<!doctype html><html><head><title>Blog</title>{named(hub.url(), topic)}</head><body>posts</body></html>"
    upstream.serve("/feed", page, headers={"Content-Type": "text/html; charset=utf-8"})
    assert asked_for(blog, hub) == ("/hub", topic)
    assert hub.deliver(hub.forms[0], page).status == 202


def test_102_an_atom_feed_names_hub_and_topic(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    topic = upstream.url("/feed")
    upstream.serve("/feed", atom("old", links=named(hub.url(), topic)))
    assert asked_for(blog, hub) == ("/hub", topic)


def test_103_an_rss_feed_names_hub_and_topic(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    topic = upstream.url("/feed")
    upstream.serve("/feed", rss("old", links=named(hub.url(), topic, "atom:")))
    assert asked_for(blog, hub) == ("/hub", topic)


def test_104_headers_come_before_the_document(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    topic = upstream.url("/feed")
    upstream.serve(
        "/feed", atom("old", links=named(hub.url("/wrong"), topic + "?wrong")), headers=header(hub.url(), topic)
    )
    assert asked_for(blog, hub) == ("/hub", topic)


# 2xx: subscribing


def test_200_the_topic_is_what_the_feed_calls_itself(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    topic = upstream.url("/feed?self=other")
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), topic))
    assert asked_for(blog, hub) == ("/hub", topic)


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("status", [pytest.param(302, id="201"), pytest.param(301, id="202")])
def test_the_topic_is_where_a_redirect_leads(blog: Listener, hub: Hub, upstream: Upstream, status: int) -> None:
    topic = upstream.serve("/new", atom("old"), headers=header(hub.url(), upstream.url("/new")))
    upstream.serve("/feed", "", status=status, headers={"Location": "/new"})
    assert asked_for(blog, hub) == ("/hub", topic)


@pytest.mark.torture
@pytest.mark.parametrize(
    "status", [pytest.param(307, id="203"), pytest.param(308, id="204"), pytest.param(302), pytest.param(301)]
)
def test_a_hub_may_redirect_to_another(blog: Listener, hub: Hub, upstream: Upstream, status: int) -> None:
    topic = upstream.url("/feed")
    upstream.serve("/feed", atom("old"), headers=header(hub.url("/old"), topic))
    hub.answers["/old"] = (status, {"Location": "/hub"})
    blog.poll()
    blog.subscribe()
    [(_, first), (path, form)] = hub.asked
    assert (path, form) == ("/hub", first)
    assert hub.verify(form).status == 200
    assert blog.row.state == "active"


def test_205_another_topic_is_not_verified(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    topic = upstream.url("/feed")
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), topic))
    blog.poll()
    blog.subscribe()
    [form] = hub.forms
    assert hub.verify(form, hub_topic=topic + "?another").status == 404
    assert blog.row.state == "asked"


# 3xx: deliveries


def test_300_a_delivery_is_acknowledged_and_published(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    assert hub.deliver(form, atom("new")).status == 202
    assert blog.woken == 1
    assert blog.take_in().report.entries.new == 1
    assert set(blog.planet.titles()) == {"new", "old"}


def refused(blog: Listener, told: Told) -> None:
    assert told.status == 202  # who forges one learns nothing
    assert blog.woken == 0
    blog.take_in()
    assert blog.planet.titles() == ["old"]


def test_301_a_delivery_with_a_wrong_signature_is_dropped(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    refused(blog, hub.deliver(form | {"hub.secret": "another"}, atom("new")))
    assert blog.row.forged == 1


def test_302_a_delivery_without_a_signature_is_dropped(blog: Listener, hub: Hub, upstream: Upstream) -> None:
    form = subscribed(blog, hub, upstream)
    refused(blog, hub.deliver(form, atom("new"), signature=""))
    assert blog.row.unsigned == 1
