"""Subscribers of our hub that do whatever a server can do: each is decided, counted and shown, and delays no other."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from aggregator.status.report import report
from aggregator.store import HubSubscriptionRow
from tests.support.own_hub import TOPIC, OwnHub, build
from tests.support.planet import NOON, BuiltOnce, Planet
from tests.support.upstream import Script, Server, redirect, reply

HUGE = b"x" * 2**16


async def nothing(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def closes(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def resets(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def trickles(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"H")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"x-a: " + HUGE + b"\r\n")
        await writer.drain()


async def endless_success(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not writer.is_closing():
        writer.write(HUGE)
        await writer.drain()


async def endless_failure(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 9999999999\r\n\r\n")
    while not writer.is_closing():
        writer.write(HUGE)
        await writer.drain()


# What a callback does with a delivery → whether it counts as delivered, and what is said of it otherwise.
CALLBACKS: Mapping[str, tuple[bytes | Script, str]] = {
    "takes it": (reply(204, b""), ""),
    "takes it, with 70,000 words": (reply(200, HUGE), ""),
    "takes it, and never ends": (endless_success, ""),
    "takes it, and says that it is gzip": (reply(200, b"no gzip", content_encoding="gzip"), ""),
    "asks for it again": (reply(503, b"", retry_after="120"), "503 Service Unavailable"),
    "asks for it in a hundred years": (reply(429, b"", retry_after="3153600000"), "429 Too Many Requests"),
    "fails without an end": (endless_failure, "500 Internal Server Error"),
    "fails with an odd status": (reply(599, b""), "599"),
    "redirects to a private address": (redirect("http://169.254.169.254/", 307), "307 Temporary Redirect"),
    "redirects to itself": (redirect("/", 308), "308 Permanent Redirect"),
    "says nothing": (nothing, "no answer within"),
    "says a letter at a time": (trickles, "127.0.0.1"),
    "sends a head without an end": (endless_head, "header of the answer is too large"),
    "speaks no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "is not HTTP"),
    "hangs up": (closes, "hung up"),
    "resets the connection": (resets, "127.0.0.1"),
}


@pytest.fixture
def planet_of_a_hub(planet: Planet, built_once: BuiltOnce) -> Planet:
    built_once.fill(planet, build)
    return planet


def delivered(hub: OwnHub, says: bytes | Script) -> HubSubscriptionRow:
    """The subscription of the callback after one delivery; another one beside it gets its own."""

    async def story() -> None:
        async with Server({"*": says}) as strange, Server({"*": reply(200, b"")}) as usual:
            row = HubSubscriptionRow(
                0, "news/atom.xml", TOPIC, "", "h:1", "", NOON, NOON + timedelta(days=9), due_at=NOON
            )
            with hub.app.store.write() as tx:
                for one in (strange, usual):
                    tx.hub_subscriptions.put(HubSubscriptionRow(**row.values() | {"callback": one.url()}))
            await asyncio.wait_for(hub._send_all(5), 8)
            assert len(usual.asked) == 1

    hub.planet.runner.run(story())
    return hub.rows()[0]


@pytest.mark.variants(quick=4)
@pytest.mark.parametrize("what", CALLBACKS)
def test_what_a_callback_may_do(planet_of_a_hub: Planet, what: str) -> None:
    says, fault = CALLBACKS[what]
    with planet_of_a_hub.app() as app:
        hub = OwnHub(planet_of_a_hub, app, 0, limit=timedelta(seconds=0.5))
        row = delivered(hub, says)
        with app.store.read() as tx:
            shown = report(app, tx, NOON).own_hub
    assert fault in row.message
    assert bool(row.failures) == bool(row.message) == bool(fault)
    assert shown is not None
    assert [one.message for one in shown.troubles] == ([row.message] if fault else [])
    if fault:
        assert row.due_at is not None
        assert NOON < row.due_at <= NOON + timedelta(days=1)
    else:
        assert (row.due_at, row.delivered_at) == (None, NOON)
