"""The HTTP of one pull: a request in; a usable answer or a FetchError out."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

import aiohttp
import httpx

from aggregator.errors import FetchError, PutOffError
from aggregator.fetch import errors, walls
from aggregator.fetch.decoding import Body, too_large
from aggregator.fetch.dns import GuardedResolver, Resolve, look_up, slow_lookup
from aggregator.fetch.document_shape import is_whole
from aggregator.fetch.host_queue import HostQueue
from aggregator.fetch.messages import (
    Answer,
    Request,
    Validators,
    request_headers,
    response_headers,
    validators,
)
from aggregator.fetch.network_guard import Guard, Network
from aggregator.fetch.redirects import REDIRECTS, Trail
from aggregator.fetch.transport import Transport, was_cut
from aggregator.fetch.url import host, place

Refused = Callable[[FetchError], Awaitable[None]]
Enter = Callable[[str], Awaitable[None]]

_CUT = "the connection ended before the body did, but the document is whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """`fetch` of the config. `timeout` limits a whole pull, without the time in which it waits for its turn."""

    concurrency: int = 64
    per_host: int = 2
    gap: timedelta = timedelta(seconds=1)
    connect_timeout: timedelta = timedelta(seconds=5)
    timeout: timedelta = timedelta(seconds=30)
    max_bytes: int = 8 * 2**20
    allow_networks: tuple[Network, ...] = ()
    user_agent: str


async def everyone(_: str) -> None:
    """An `Enter` that lets every request in."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Fetcher:
    """One per run; an asynchronous context manager. `resolve` and `now` are for tests."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        resolve: Resolve | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._settings = settings
        self._now = now
        self._guard = Guard(settings.allow_networks)
        self._resolver = GuardedResolver(self._guard, resolve or look_up, settings.connect_timeout)
        self._hosts = HostQueue(concurrency=settings.concurrency, per_host=settings.per_host, gap=settings.gap)
        self._paused: dict[str, datetime] = {}
        self._transport = Transport(self._guard, self._resolver, limit=settings.connect_timeout, gap=settings.gap)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    def pause_host(self, host: str, until: datetime) -> None:
        """Sends no request to `host` (host:port) before `until`; requests that wait for their turn there fail, too."""
        self._paused[host] = until

    async def fetch(
        self,
        request: Request,
        *,
        refused: Refused | None = None,
        enter: Enter = everyone,
        begun: Callable[[], None] = lambda: None,
        ended: Callable[[float], None] = lambda _: None,
    ) -> Answer:
        """Raises FetchError, and PutOffError while the host is paused. A redirect to another host waits for a turn
        there; waiting for turns does not count towards the timeout. `begun` is called at the start of each turn,
        `ended` at its end with the seconds that it took. `refused` is awaited for an error answer before the next
        request to that host has its turn, so that it can pause the host. `enter` is awaited before a turn at each
        host:port: where other processes ask hosts, too, it waits for the host, or raises PutOffError.
        """
        trail = Trail(request.url)
        left = self._settings.timeout.total_seconds()
        while True:
            self._guard.check_host(host(trail.here))
            here = place(trail.here)
            await enter(here)
            async with self._hosts.turn(here, partial(self._refuse_paused, here)):
                begun()
                started = asyncio.get_running_loop().time()
                try:
                    answer = await self._fetch_from_host(request, trail, left)
                except FetchError as error:
                    if refused and error.host:
                        await refused(error)
                    raise
                finally:
                    took = asyncio.get_running_loop().time() - started
                    ended(took)
                left -= took
            if answer is not None:
                return answer

    def _refuse_paused(self, here: str) -> None:
        until = self._paused.get(here)
        if until and self._now() < until:
            raise PutOffError(here, until)

    async def _fetch_from_host(self, request: Request, trail: Trail, left: float) -> Answer | None:
        """All hops at one host, within `left` seconds; None when a redirect leads to another host."""
        here, answer = place(trail.here), None
        try:
            async with asyncio.timeout(left):
                while answer is None and place(trail.here) == here:
                    answer = await self._fetch_hop(request, trail)
        except TimeoutError as error:
            raise errors.timed_out(host(trail.here), self._settings.timeout) from error
        return answer

    async def _fetch_hop(self, request: Request, trail: Trail) -> Answer | None:
        """One exchange; None after a redirect."""
        name = host(trail.here)
        try:
            return await self._exchange(request, trail)
        except aiohttp.ConnectionTimeoutError as error:
            raise self._too_slow(name) from error
        except FetchError:
            raise
        except Exception as error:  # a library's exception over foreign bytes fails this pull, not the run
            raise errors.from_exception(error, name) from error

    def _too_slow(self, name: str) -> FetchError:
        limit = self._settings.connect_timeout
        if self._resolver.is_looking_up(name):
            return slow_lookup(name, limit.total_seconds())
        return errors.slow_connect(name, limit)

    async def _exchange(self, request: Request, trail: Trail) -> Answer | None:
        cookies = trail.cookies.for_request(trail.here) if trail.has_returned else ""
        headers = request_headers(request, self._settings.user_agent, at_home=trail.at_home, cookies=cookies)
        response = await self._transport.handle_async_request(httpx.Request("GET", trail.here, headers=headers))
        try:
            return await self._handle(request, trail, response)
        finally:
            await response.aclose()

    async def _handle(self, request: Request, trail: Trail, response: httpx.Response) -> Answer | None:
        headers, status = response_headers(response.headers.raw), response.status_code
        if status in REDIRECTS:
            has_new_cookie = trail.cookies.take(trail.here, response.headers.raw, self._now())
            trail.follow(status, headers.get("location", ""), may_return=has_new_cookie)
            return None
        if status == 304 and request.validators != Validators():
            return self._answer(request, trail, response, headers)
        if status in {200, 203}:  # 203: a proxy on the way has changed something (RFC 9110 15.3.4)
            body = await self._read(response, headers)
            answer = self._answer(request, trail, response, headers, body)
            if not walls.replaces_document(answer.body, headers, asked=trail.start, here=trail.here):
                return answer
            refusal = errors.bot_wall(status, headers, self._now())
        else:
            refusal = await self._refusal(status, headers, response)
        refusal.host = place(trail.here)
        raise refusal

    def _answer(
        self,
        request: Request,
        trail: Trail,
        response: httpx.Response,
        headers: Mapping[str, str],
        body: Body | None = None,
    ) -> Answer:
        kept = Validators() if body else request.validators
        content, is_cut = body.finish() if body else b"", was_cut(response)
        if is_cut and not is_whole(content):
            raise errors.truncated(host(trail.here))
        return Answer(
            status=200 if body else 304,
            url=str(trail.here),
            moved_to=trail.moved_to,
            body=content,
            content_type=headers.get("content-type", ""),
            validators=validators(response.headers.raw, kept),
            headers=headers,
            received=body.received if body else 0,
            note=_CUT if is_cut else "",
        )

    async def _read(self, response: httpx.Response, headers: Mapping[str, str]) -> Body:
        limit = self._settings.max_bytes
        body = Body(headers.get("content-encoding", ""), limit)
        announced = headers.get("content-length", "")
        if announced.isdecimal() and len(announced) < 20 and int(announced) > limit:
            raise too_large(limit)
        async for data in response.aiter_raw():
            body.feed(data)
        return body

    async def _refusal(self, status: int, headers: Mapping[str, str], response: httpx.Response) -> FetchError:
        walled = walls.names_wall(headers)
        if not walled and walls.may_be_wall(status, headers):
            walled = walls.shows_wall(await _peek(response, headers))
        refusal = errors.bot_wall if walled else errors.from_status
        return refusal(status, headers, self._now())


async def _peek(response: httpx.Response, headers: Mapping[str, str]) -> bytes:
    """The beginning of a page, or b"" if it cannot be read."""
    try:
        body = Body(headers.get("content-encoding", ""), walls.PEEK)
    except FetchError:
        return b""
    with suppress(FetchError, aiohttp.ClientError, httpx.HTTPError):  # the status suffices without it
        async for data in response.aiter_raw():
            body.feed(data)
    return body.so_far()
