"""Cookies that a redirect sets: which go back where, and how many."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from aggregator.errors import FetchError
from aggregator.fetch import Request
from aggregator.fetch.cookies import Cookies
from tests.support.upstream import Script, Server, fetcher, reply

NOW = datetime(2026, 11, 29, tzinfo=UTC)
HOME = "https://www.example.org/a/feed"


def cookies(*headers: str, url: str = HOME) -> Cookies:
    kept = Cookies()
    kept.take(httpx.URL(url), [(b"Set-Cookie", header.encode()) for header in headers], NOW)
    return kept


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        (["a=1"], "a=1"),
        (["a=1", "b=2"], "a=1; b=2"),
        (["a=1", "a=2"], "a=2"),
        (['a="q=r"; HttpOnly; SameSite=Lax'], 'a="q=r"'),
        (["a="], "a="),
        (["a=1; Secure"], "a=1"),
        (["a=1; Domain=example.org"], "a=1"),
        (["a=1; Domain=.EXAMPLE.org"], "a=1"),
        (["a=1; Domain=other.org"], ""),
        (["a=1; Domain=ample.org"], ""),
        (["a=1; Path=/"], "a=1"),
        (["a=1; Path=/a"], "a=1"),
        (["a=1; Path=/b"], ""),
        (["a=1; Path=/a/f"], ""),
        (["a=1; Path=senseless"], "a=1"),
        (["a=1; Path=/", "b=2; Path=/a/"], "b=2; a=1"),
        (["a=1; Max-Age=60"], "a=1"),
        (["a=1; Max-Age=0"], ""),
        (["a=1; Max-Age=-1"], ""),
        (["a=1", "a=1; Max-Age=0"], ""),
        (["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], ""),
        (["a=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT"], "a=1"),
        (["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9"], "a=1"),
        (["a=1; Expires=soon"], "a=1"),
        (["a"], ""),
        (["=1"], ""),
        (["", ";", "; Path=/"], ""),
        (["a=ü"], ""),
        (["a=1\r\nX: y"], ""),
        (["a\0=1"], ""),
    ],
)
def test_what_goes_back_to_the_address_that_set_it(headers: list[str], sent: str) -> None:
    assert cookies(*headers).for_request(httpx.URL(HOME)) == sent


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://www.example.org/a/feed",
        "https://www.example.org:8443/a/feed",
        "https://example.org/a/feed",
        "https://a.www.example.org/a/feed",
        "https://other.org/a/feed",
    ],
)
def test_no_other_origin_gets_any(elsewhere: str) -> None:
    assert cookies("a=1; Domain=example.org; Path=/").for_request(httpx.URL(elsewhere)) == ""


def test_a_secure_cookie_does_not_come_over_http() -> None:
    plain = "http://www.example.org/"
    assert cookies("a=1; Secure", "b=2", url=plain).for_request(httpx.URL(plain)) == "b=2"


def test_few_and_short_ones_are_kept() -> None:
    many = cookies(*(f"a{number}=1" for number in range(50))).for_request(httpx.URL(HOME))
    assert len(many.split("; ")) == 20
    assert cookies("a=" + "x" * 4095).for_request(httpx.URL(HOME)) != ""
    assert cookies("a=" + "x" * 4096, "b=2").for_request(httpx.URL(HOME)) == "b=2"
    assert cookies("a=" + "x" * 4000, "b=" + "x" * 100, "c=3").for_request(httpx.URL(HOME)).endswith("x; c=3")


def test_it_is_known_whether_anything_changed() -> None:
    kept, url = Cookies(), httpx.URL(HOME)
    assert not kept.take(url, [(b"set-cookie", b"nonsense")], NOW)
    assert kept.take(url, [(b"set-cookie", b"a=1")], NOW)
    assert not kept.take(url, [(b"set-cookie", b"a=1; Secure")], NOW)
    assert kept.take(url, [(b"set-cookie", b"a=2")], NOW)


# ── in a pull ───────────────────────────────────────────────────────────────────────────────────────────────


def sends_back(location: str, cookie: str) -> bytes:
    return reply(302, b"", location=location, set_cookie=cookie)


class Doorkeeper(Server):
    """Redirects to the same address until its cookie comes back."""

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> bool:
        has_cookie = b"seen=1" in head
        self.routes = {"*": reply(200) if has_cookie else sends_back("/feed", "seen=1; Path=/")}
        return await super()._answer(head, writer)


def test_a_redirect_to_itself_that_sets_a_cookie_is_followed_once_with_it() -> None:
    async def story() -> list[str | None]:
        async with Doorkeeper({}) as server, fetcher() as ours:
            for _ in range(2):  # the second pull knows nothing of the first
                answer = await ours.fetch(Request(server.url("/feed")))
                assert (answer.status, answer.moved_to) == (200, "")
            return [asked.headers.get("cookie") for asked in server.asked]

    assert asyncio.run(story()) == [None, "seen=1", None, "seen=1"]


def test_it_follows_the_cookies_of_the_config() -> None:
    async def story() -> list[str | None]:
        async with Doorkeeper({}) as server, fetcher() as ours:
            await ours.fetch(Request(server.url("/feed"), headers={"Cookie": "own=1"}))
            return [asked.headers.get("cookie") for asked in server.asked]

    assert asyncio.run(story()) == ["own=1", "own=1; seen=1"]


def test_the_same_cookie_again_is_a_circle() -> None:
    async def story() -> int:
        async with Server({"*": sends_back("/", "a=1")}) as server, fetcher() as ours:
            with pytest.raises(FetchError, match="in a circle"):
                await ours.fetch(Request(server.url("/")))
            return len(server.asked)

    assert asyncio.run(story()) == 2


def test_ever_new_cookies_end_after_five_redirects() -> None:
    class Baker(Server):
        async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> bool:
            self.routes = {"*": sends_back("/", f"a={len(self.asked)}")}
            return await super()._answer(head, writer)

    async def story() -> int:
        async with Baker({}) as server, fetcher() as ours:
            with pytest.raises(FetchError, match="not followed"):
                await ours.fetch(Request(server.url("/")))
            return len(server.asked)

    assert asyncio.run(story()) == 6


def test_an_ordinary_redirect_gets_no_cookie_back() -> None:
    async def story() -> list[str | None]:
        async with Server({"/a": sends_back("/b", "a=1; Path=/"), "/b": reply()}) as server, fetcher() as ours:
            await ours.fetch(Request(server.url("/a")))
            return [asked.headers.get("cookie") for asked in server.asked]

    assert asyncio.run(story()) == [None, None]


class Border(Server):
    """Sends to another origin, and lets in who comes back with its own cookie."""

    away = ""

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> bool:
        answer = reply(200) if b"home=1" in head else sends_back(self.away, "home=1; Path=/; Domain=127.0.0.1")
        self.routes = {"*": answer}
        return await super()._answer(head, writer)


def test_another_origin_sees_none_and_its_own_stay_there() -> None:
    async def story() -> list[tuple[str, str | None]]:
        away_routes: dict[str, bytes | Script] = {}
        async with Border({}) as home, Server(away_routes) as away, fetcher() as ours:
            home.away = away.url("/c")
            away_routes["/c"] = sends_back(home.url("/a"), "away=1; Path=/")
            await ours.fetch(Request(home.url("/a")))
            return [(asked.target, asked.headers.get("cookie")) for asked in home.asked + away.asked]

    assert asyncio.run(story()) == [("/a", None), ("/a", "home=1"), ("/c", None)]
