"""Requests that tell a foreign server something: pings, subscriptions, verifications and deliveries.

They are guarded as pulls are. No redirect is followed, and only the beginning of an answer is read. There is no gap
between requests to one host: a hub has as much to tell it as there is news.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

import aiohttp
import httpx

from aggregator.errors import FetchError
from aggregator.fetch import errors
from aggregator.fetch.client import FetchSettings
from aggregator.fetch.dns import GuardedResolver, Resolve, look_up
from aggregator.fetch.host_queue import HostQueue
from aggregator.fetch.messages import response_headers
from aggregator.fetch.network_guard import Guard
from aggregator.fetch.transport import Transport
from aggregator.fetch.url import host, parse, place, user_info

MOST_AT_ONCE = 128
PER_HOST = 8
LONGEST_REPLY = 4096  # bytes: an echoed challenge, or what a hub says about an error
LIMIT = timedelta(seconds=10)  # for a whole exchange


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request: GET, or POST with a body."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers`: names in lower case; `body`: its first bytes, at most LONGEST_REPLY; `is_whole`: these are all."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Sender:
    """An asynchronous context manager. `limit`: for a whole exchange, without the wait for a turn; `resolve` is for
    tests."""

    def __init__(self, settings: FetchSettings, *, limit: timedelta = LIMIT, resolve: Resolve | None = None) -> None:
        self._settings = settings
        self._limit = limit
        self._guard = Guard(settings.allow_networks)
        self._connecting = min(settings.connect_timeout, limit)
        self._resolver = GuardedResolver(self._guard, resolve or look_up, self._connecting)
        self._hosts = HostQueue(concurrency=MOST_AT_ONCE, per_host=PER_HOST, gap=timedelta(0))
        self._transport = Transport(self._guard, self._resolver, limit=self._connecting, gap=timedelta(seconds=1))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    def check(self, url: str) -> None:
        """Raises FetchError for an address that `send` would refuse before it looks up its name."""
        address = parse(url)
        if user_info(url):
            raise FetchError("config", "an address with a user name or password is not used", transient=False)
        self._guard.check_host(host(address))

    async def send(self, request: Outgoing) -> Reply:
        """The reply, whatever its status. Raises FetchError where there is none."""
        self.check(request.url)
        address = parse(request.url)
        async with self._hosts.turn(place(address)):
            try:
                async with asyncio.timeout(self._limit.total_seconds()):
                    return await self._exchange(request, address)
            except aiohttp.ConnectionTimeoutError as error:
                raise errors.slow_connect(host(address), self._connecting) from error
            except TimeoutError as error:
                raise self._too_slow(host(address)) from error
            except FetchError:
                raise
            except Exception as error:  # a library's exception over foreign bytes fails this request alone
                raise errors.from_exception(error, host(address)) from error

    def _too_slow(self, name: str) -> FetchError:
        return FetchError("timeout", f"{name}: no answer within {self._limit.total_seconds():g} s", transient=True)

    async def _exchange(self, request: Outgoing, address: httpx.URL) -> Reply:
        own = {"accept": "*/*", "accept-encoding": "identity", "user-agent": self._settings.user_agent}
        headers = httpx.Headers(own | dict(request.headers), encoding="utf-8")
        sent = httpx.Request(request.method, address, headers=headers, content=request.body or None)
        response = await self._transport.handle_async_request(sent)
        try:
            body, is_whole = await _beginning(response)
            return Reply(response.status_code, response_headers(response.headers.raw), body, is_whole)
        finally:
            await response.aclose()


async def _beginning(response: httpx.Response) -> tuple[bytes, bool]:
    """A body that breaks off is not whole; the status counts all the same."""
    body = bytearray()
    with suppress(FetchError, aiohttp.ClientError, httpx.HTTPError):
        async for data in response.aiter_raw():
            body += data
            if len(body) > LONGEST_REPLY:
                return bytes(body[:LONGEST_REPLY]), False
        return bytes(body), True
    return bytes(body), False
