"""Requests that tell a server something, against servers on loopback."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from aggregator.errors import FetchError
from aggregator.fetch import Outgoing, Reply, Sender
from aggregator.fetch.sender import LONGEST_REPLY, PER_HOST
from tests.support.upstream import Script, Server, redirect, reply, settings

Routes = Mapping[str, bytes | Script]


def send(routes: Routes, method: str = "POST", *, body: bytes = b"", **headers: str) -> tuple[Reply, Server]:
    async def story() -> tuple[Reply, Server]:
        async with Server(routes) as server, Sender(settings(), limit=timedelta(seconds=0.3)) as ours:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await ours.send(Outgoing(method, server.url("/to?a=1"), named, body)), server

    return asyncio.run(story())


def fail(url: str, **options: Any) -> FetchError:
    async def story() -> None:
        async with Sender(settings(**options)) as ours:
            await ours.send(Outgoing("POST", url))

    with pytest.raises(FetchError) as caught:
        asyncio.run(story())
    return caught.value


def test_a_request_carries_its_headers_and_says_who_asks() -> None:
    said, server = send({"/to?a=1": reply(202, b"taken")}, "GET", content_type="text/plain", link="<x>; rel=self")
    assert (said.status, said.body, said.is_success, said.is_whole) == (202, b"taken", True, True)
    headers = {name.lower(): value for name, value in server.asked[0].headers.items()}
    assert headers["user-agent"].startswith("Tester/1.0")
    assert (headers["content-type"], headers["link"]) == ("text/plain", "<x>; rel=self")
    assert "content-length" not in headers


def test_a_body_is_sent_whole_with_its_length() -> None:
    received: list[bytes] = []

    async def story() -> Reply:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            received.extend((head, await reader.readexactly(100_000)))
            writer.write(reply(204, b""))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Sender(settings()) as ours:
            return await ours.send(Outgoing("POST", f"http://127.0.0.1:{port}/", {}, b"x" * 100_000))

    assert asyncio.run(story()).status == 204
    assert b"POST / HTTP/1.1\r\n" in received[0]
    assert b"content-length: 100000\r\n" in received[0].lower()
    assert received[1] == b"x" * 100_000


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 410, 500])
def test_any_status_is_a_reply_and_no_redirect_is_followed(status: int) -> None:
    said, server = send({"/to?a=1": redirect("/other", status)})
    assert (said.status, said.is_success, len(server.asked)) == (status, False, 1)


def test_only_the_beginning_of_a_long_reply_is_read() -> None:
    said, _ = send({"*": reply(200, b"y" * 100_000)})
    assert (said.body, said.is_whole) == (b"y" * LONGEST_REPLY, False)


async def cut(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def slow(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


def test_a_reply_that_breaks_off_has_its_status_and_is_not_whole() -> None:
    said, _ = send({"*": cut})
    assert said.status == 200


@pytest.mark.parametrize("script", [silent, slow])
def test_who_is_late_has_not_replied(script: Script) -> None:
    with pytest.raises(FetchError, match=r"no answer within 0\.3 s") as caught:
        send({"*": script})
    assert (caught.value.kind, caught.value.transient) == ("timeout", True)


REFUSED = {
    "http://127.0.0.1:1/": "forbidden-address",
    "http://[::1]/": "forbidden-address",
    "http://169.254.169.254/latest": "forbidden-address",
    "http://2130706433/": "forbidden-address",
    "http://u:p@hub.example/": "config",
    "ftp://hub.example/": "config",
    "nonsense": "config",
}


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_refused_before_anything_is_sent(url: str) -> None:
    assert fail(url, allow_networks=()).kind == REFUSED[url]


def test_a_name_that_leads_to_a_private_address_is_refused() -> None:
    async def resolve(_: str) -> Sequence[str]:
        return ["93.184.216.34", "10.0.0.1"]

    async def story() -> None:
        async with Sender(settings(allow_networks=()), resolve=resolve) as ours:
            await ours.send(Outgoing("POST", "http://hub.example/"))

    with pytest.raises(FetchError) as caught:
        asyncio.run(story())
    assert caught.value.kind == "forbidden-address"


def test_one_slow_host_does_not_delay_another() -> None:
    async def story() -> Reply:
        async with Server({"*": silent}) as slow, Server({"*": reply(200, b"")}) as quick, Sender(settings()) as ours:
            waiting = [asyncio.create_task(ours.send(Outgoing("POST", slow.url()))) for _ in range(3 * PER_HOST)]
            await asyncio.sleep(0)
            said = await asyncio.wait_for(ours.send(Outgoing("POST", quick.url())), 2)
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            return said

    assert asyncio.run(story()).is_success
