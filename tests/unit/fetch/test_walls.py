"""Pages that test for browsers or ask for consent."""

import asyncio

import httpx
import pytest

from aggregator.errors import FetchError
from aggregator.fetch import Request, walls
from tests.support.upstream import Script, Server, fetcher, redirect, reply

HERE = httpx.URL("https://feeds.example/rss")
WALLS = {
    "Cloudflare": b"<title>Just a moment...</title><script>window._cf_chl_opt = {cvId: '3'};</script>",
    "Anubis": b'<title>Een moment</title><script id="anubis_challenge" type="application/json">{}</script>',
    "go-away": b'<link rel="stylesheet" href="/.well-known/.x/git/go-away/cmd/go-away/assets/style.css">',
    "DataDome": b"<script>var dd={'host':'geo.captcha-delivery.com'}</script>",
    "Imperva": b"<iframe>Request unsuccessful. Incapsula incident ID: 5-6</iframe>",
    "PerimeterX": b'<div id="px-captcha"></div>',
    "AWS": b"<script>window.gokuProps = {};</script>",
    "Google": b'<form action="https://consent.google.com/save" method="POST">',
    "YouTube": b'<title>Before you continue to YouTube</title><form action="https://consent.youtube.com/save">',
    "Yahoo": b'<form action="/v2/collectConsent?sessionId=3_cc" method="post">',
    "DPG Media": b"<title>DPG Media Privacy Gate</title>",
}
NO_WALLS = {
    "a page behind Cloudflare": b'<p>Hello</p><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>',
    "a page behind Imperva": b'<p>Hello</p><script src="/_Incapsula_Resource?SWJIYLWA=1"></script>',
    "a page about walls": b"<h1>Just a moment...</h1><p>Checking your browser, they say</p>",
    "a page that names its feed": b'<link rel=alternate type="application/rss+xml"><p>geo.captcha-delivery.com</p>',
    "a page that moved": b"<p>This blog has moved</p>",
}


def html(page: bytes) -> bytes:
    return b"<!DOCTYPE html><html><head>" + page + b"</head></html>"


@pytest.mark.parametrize("name", WALLS)
def test_a_challenge_is_a_wall_whatever_its_status(name: str) -> None:
    assert walls.replaces_document(html(WALLS[name]), {}, asked=HERE, here=HERE)
    assert walls.shows_wall(html(WALLS[name]))


@pytest.mark.parametrize("name", NO_WALLS)
def test_an_ordinary_page_is_none(name: str) -> None:
    assert not walls.replaces_document(html(NO_WALLS[name]), {}, asked=HERE, here=HERE)


@pytest.mark.parametrize("page", WALLS.values())
def test_a_feed_may_speak_of_walls(page: bytes) -> None:
    feed = b"<rss><channel><description><![CDATA[" + html(page) + b"]]></description></channel></rss>"
    assert not walls.replaces_document(feed, {}, asked=HERE, here=HERE)


def test_a_page_at_a_host_of_consent_is_a_wall_if_a_redirect_led_there() -> None:
    there = httpx.URL("https://consent.example/v2")
    assert walls.replaces_document(html(b"<p>Cookies?</p>"), {}, asked=HERE, here=there)
    assert not walls.replaces_document(html(b"<p>Cookies?</p>"), {}, asked=there, here=there)
    assert not walls.replaces_document(b"<rss/>", {}, asked=HERE, here=there)


@pytest.mark.parametrize(
    "headers",
    [{"cf-mitigated": "challenge"}, {"x-vercel-mitigated": "challenge"}, {"x-amzn-waf-action": "captcha"}],
)
def test_a_wall_that_names_itself(headers: dict[str, str]) -> None:
    assert walls.names_wall(headers)
    assert walls.replaces_document(html(b""), headers, asked=HERE, here=HERE)


def test_an_ordinary_refusal_is_no_wall() -> None:
    assert not walls.names_wall({"server": "cloudflare", "cf-ray": "8"})
    assert not walls.names_wall({"server": "ddos-guard"})
    assert not walls.shows_wall(b"<h1>403 Forbidden</h1><hr>nginx")
    assert walls.shows_wall(b"<title>Just a moment...</title>")


@pytest.mark.parametrize("body", [WALLS["Anubis"], b" " * 1000 + WALLS["YouTube"]])
def test_a_pull_that_meets_one_with_200_fails_as_with_403(body: bytes) -> None:
    async def story() -> None:
        routes: dict[str, bytes | Script] = {"/": redirect("/gate"), "/gate": reply(200, html(body))}
        async with Server(routes) as server, fetcher() as ours:
            await ours.fetch(Request(server.url("/")))

    with pytest.raises(FetchError) as caught:
        asyncio.run(story())
    assert (caught.value.kind, caught.value.status, caught.value.transient) == ("bot-wall", 200, False)
    assert "200" in caught.value.message
