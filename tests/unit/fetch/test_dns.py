"""Lookups of names: guarded, bounded, and no obstacle to the end of the program."""

import asyncio
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest

from aggregator.errors import FetchError
from aggregator.fetch import Fetcher, Request, Resolve, look_up
from aggregator.fetch.dns import GuardedResolver
from aggregator.fetch.network_guard import Guard
from tests.support import paths
from tests.support.upstream import LOOPBACK, Server, reply, settings


def answers(*addresses: str) -> Resolve:
    async def resolve(host: str) -> Sequence[str]:
        return addresses

    return resolve


async def never(host: str) -> Sequence[str]:
    await asyncio.Event().wait()
    return ()


async def broken(host: str) -> Sequence[str]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def resolve(source: Resolve, host: str = "feeds.example") -> list[str]:
    resolver = GuardedResolver(Guard(LOOPBACK), source, timedelta(seconds=0.05))
    return [result["host"] for result in asyncio.run(resolver.resolve(host, 80))]


def test_all_addresses_are_tried() -> None:
    assert resolve(answers("8.8.8.8", "2606:4700::1111")) == ["8.8.8.8", "2606:4700::1111"]


def test_localhost_may_be_both_addresses_where_loopback_is_open() -> None:
    assert resolve(answers("::1", "127.0.0.1")) == ["::1", "127.0.0.1"]


@pytest.mark.parametrize(
    ("source", "kind", "transient"),
    [
        (answers("8.8.8.8", "192.168.0.1"), "forbidden-address", False),
        (answers("::ffff:10.0.0.1"), "forbidden-address", False),
        (answers(), "dns", True),
        (answers("rubbish"), "dns", True),
        (never, "dns", True),
        (broken, "dns", True),
    ],
)
def test_a_bad_answer_has_its_error_kind(source: Resolve, kind: str, transient: bool) -> None:
    with pytest.raises(FetchError, match=r"feeds\.example") as caught:
        resolve(source)
    assert (caught.value.kind, caught.value.transient) == (kind, transient)


def test_the_system_knows_localhost_and_no_nonsense() -> None:
    assert set(asyncio.run(look_up("localhost"))) <= {"127.0.0.1", "::1"}
    for name in ("a" * 70 + ".example", "a..example", ""):
        with pytest.raises((OSError, UnicodeError)):
            asyncio.run(look_up(name or "\udc80"))


def test_the_answer_may_change_but_what_is_dialed_was_checked() -> None:
    """A name that alternates between a public and an inner address: every inner answer is refused."""

    async def story() -> list[str]:
        flips = iter([("10.0.0.1",), ("127.0.0.1",)] * 20)

        async def flip(host: str) -> Sequence[str]:
            return next(flips)

        async with Server({"/": reply()}) as server:
            kinds = []
            for _ in range(20):
                async with Fetcher(settings(), resolve=flip) as fetcher:
                    kinds.append(await outcome(fetcher, server.url("/", host="feeds.example")))
            assert len(server.asked) == 10
        return kinds

    assert asyncio.run(story()) == ["forbidden-address", "200"] * 10


async def outcome(fetcher: Fetcher, url: str) -> str:
    try:
        return str((await fetcher.fetch(Request(url))).status)
    except FetchError as error:
        return error.kind


def test_a_hanging_lookup_costs_connect_timeout_and_is_named() -> None:
    async def story() -> FetchError:
        limits = settings(connect_timeout=timedelta(seconds=0.1))
        async with Fetcher(limits, resolve=never) as fetcher:
            with pytest.raises(FetchError, match="name server") as caught:
                await fetcher.fetch(Request("http://feeds.example/"))
        return caught.value

    started = time.monotonic()
    error = asyncio.run(story())
    assert (error.kind, error.transient) == ("dns", True)
    assert time.monotonic() - started < 2


@pytest.mark.torture
def test_the_program_ends_at_once_though_a_lookup_hangs() -> None:
    program = """
        import asyncio, socket, time
        from datetime import timedelta
        socket.getaddrinfo = lambda *a, **k: time.sleep(60)
        from aggregator.errors import FetchError
        from aggregator.fetch import Fetcher, FetchSettings, Request

        async def main():
            settings = FetchSettings(user_agent="Tester/1.0", connect_timeout=timedelta(seconds=0.05))
            async with Fetcher(settings) as fetcher:
                waiting = asyncio.create_task(fetcher.fetch(Request("http://other.example/")))
                try:
                    await fetcher.fetch(Request("http://feeds.example/"))
                except FetchError as error:
                    print(error.kind, end="")
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

        asyncio.run(main())
    """
    root = paths.PROJECT
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (run.stdout, run.stderr, run.returncode) == ("dns", "", 0)
