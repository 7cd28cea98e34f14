"""GET /status: a page, or the document of `aggregator status --json`; and the script and events that update it."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.app import App
from aggregator.codec import readable_json
from aggregator.config import Config
from aggregator.errors import AggregatorError
from aggregator.render.status_page import StatusPage, script
from aggregator.settings import site_of
from aggregator.status.report import as_json
from aggregator.web.events import PAUSE, EventSender, EventStream
from aggregator.web.headers import FRESH
from aggregator.web.negotiation import weighed
from aggregator.web.own_hosts import is_own_host, plain_name
from aggregator.web.state_reader import StateReader
from aggregator.web.status_cache import StatusCache

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'sha256-{style}'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
NOT_OURS = (
    "Misdirected Request: this page answers under names of this machine and of its network, under addresses, and under"
    " the hosts of site.url and server.public_url\n"
)
UNREADABLE = "the state cannot be read at the moment"


def routes_of(app: App, reader: StateReader) -> list[BaseRoute]:
    """`reader` must serve these routes only."""
    cache = StatusCache(app, reader)
    page = StatusPage(site_of(app.config))
    live = script()
    own = own_hosts(app.config)

    def status(request: Request) -> Response:
        if not is_own_host(request.headers.get("host", ""), own):
            return PlainTextResponse(NOT_OURS, 421, headers=FRESH)
        try:
            found = cache.status()
        except AggregatorError:
            return PlainTextResponse(UNREADABLE, 503, headers=FRESH | {"retry-after": "5"})
        headers = FRESH | {"vary": "Accept"}
        if prefers_json(",".join(request.headers.getlist("accept"))):
            return Response(readable_json(as_json(found)) + "\n", headers=headers, media_type="application/json")
        nonce = secrets.token_urlsafe(16)
        headers["content-security-policy"] = POLICY.format(nonce=nonce, style=page.style_digest)
        body = page.page(found, _number(request.query_params.get("page", "")), nonce)
        return Response(body, headers=headers, media_type="text/html")

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(status, request)

    async def code(_: Request) -> Response:
        return Response(live, headers=FRESH, media_type="text/javascript")

    stream = EventStream(EventSender(cache.progress, cache.version), pause=PAUSE)

    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        if is_own_host(host.decode("latin-1"), own):
            await stream(scope, receive, send)
        else:
            await PlainTextResponse(NOT_OURS, 421, headers=FRESH)(scope, receive, send)

    return [
        Route("/status", answer),
        Route("/status/live.js", code),
        Route("/status/events", _Application(events), methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Application:
    """An ASGI endpoint; Starlette would call a plain function with a request."""

    answer: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.answer(scope, receive, send)


def own_hosts(config: Config) -> frozenset[str]:
    """The host names of server.public_url and site.url."""
    urls = (config.server.public_url, config.site.url)
    return frozenset(plain_name(host) for url in urls if (host := urlsplit(url).hostname))


def prefers_json(accept: str) -> bool:
    """Whether JSON has a greater weight than HTML (RFC 9110 12.5.1); `*/*` gets the page."""
    members = (weighed(member, is_media_type=True) for member in accept.split(","))
    weights = {name: weight for name, weight in members if "/" in name}
    page = max(weights.get(name, 0.0) for name in ("text/html", "application/xhtml+xml", "text/*"))
    return weights.get("application/json", weights.get("application/*", 0.0)) > page


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
