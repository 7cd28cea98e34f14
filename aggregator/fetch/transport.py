"""httpx on aiohttp's connector: a third of the cost of httpx's own transport, and names go through our guard.

It differs from `AiohttpTransport` in three ways. URLs are sent as written, because yarl would turn `%7E` into `~` and
break signed ones. aiohttp's own exceptions are raised, because the mapped ones lose the cause. Responses are read by
`response_reader`, which mends what curl mends.
"""

import ssl
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, cast

import aiohttp
import certifi
import httpx
import yarl
from aiohttp.client_proto import ResponseHandler
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream

from aggregator.fetch.connection import LenientProtocol
from aggregator.fetch.dns import GuardedResolver
from aggregator.fetch.network_guard import Guard
from aggregator.fetch.response_reader import ReceivedBody


class Transport(AiohttpTransport):
    """No proxy, no cookie, no netrc, no redirect, no decoding. The session opens with the first request.

    `limit`: time to connect, including the lookup of the name, all of its addresses, and TLS. `gap`: pause between
    requests to one host.
    """

    def __init__(self, guard: Guard, resolver: GuardedResolver, *, limit: timedelta, gap: timedelta) -> None:
        # Certificates are loaded with the first https request: reading two stores takes 50 ms.
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.set_alpn_protocols(["http/1.1"])
        self._trusts = False
        # Long enough for the next request to the same host; longer would exhaust file descriptors with thousands of
        # hosts.
        idle = gap.total_seconds() + 1
        super().__init__(
            verify=self._tls,
            trust_env=False,
            client=lambda: _session(_connector(guard, resolver, self._tls, idle)),
        )
        self._timeout = aiohttp.ClientTimeout(total=None, connect=limit.total_seconds())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        if request.url.scheme == "https" and not self._trusts:
            _trust(self._tls)
            self._trusts = True
        response = await self.client.request(
            request.method,
            yarl.URL(str(request.url), encoded=True),
            headers=request.headers,
            data=request.content or None,
            allow_redirects=False,
            timeout=self._timeout,
        )
        return httpx.Response(
            response.status,
            headers=response.raw_headers,
            stream=AiohttpResponseStream(response),
            request=request,
            extensions={"body": response.content},
        )


def was_cut(response: httpx.Response) -> bool:
    """Whether the body, of which all that came has been read, ended before its announced end."""
    body = response.extensions["body"]
    return isinstance(body, ReceivedBody) and body.was_cut


def _connector(guard: Guard, resolver: GuardedResolver, context: ssl.SSLContext, idle: float) -> aiohttp.TCPConnector:
    return _Connector(
        limit=0,  # HostQueue limits requests
        resolver=resolver,
        socket_factory=guard.open_socket,
        ssl=context,
        keepalive_timeout=idle,
    )


class NoCookies(aiohttp.DummyCookieJar):
    """Does not parse cookies either: the library's regular expression could backtrack over foreign text."""

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: yarl.URL) -> None:
        pass


class _Connector(aiohttp.TCPConnector):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = partial(cast("type[ResponseHandler]", LenientProtocol), loop=self._loop)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=NoCookies(),
        auto_decompress=False,
        trust_env=False,
    )


def _trust(context: ssl.SSLContext) -> None:
    """The machine's certificates (for intranets), and Mozilla's list (for containers without a store)."""
    context.load_default_certs()
    context.load_verify_locations(certifi.where())
