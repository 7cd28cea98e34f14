"""GET /status for keepers: a page, or the document of `aggregator status --json`; and what keeps the page alive."""

import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from aggregator.codec import readable_json
from aggregator.errors import AggregatorError
from aggregator.health.survey import as_json
from aggregator.house import House
from aggregator.render.status import StatusPage, script
from aggregator.server.headers import FRESH
from aggregator.server.preferences import weighed
from aggregator.server.reading import Reading
from aggregator.server.surveying import Surveyor
from aggregator.server.watching import PAUSE, Teller, Watch

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'sha256-{style}'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
CANNOT = "the state cannot be read at the moment"


def routes_of(house: House, reading: Reading) -> list[BaseRoute]:
    """`reading` is for these routes alone."""
    surveyor = Surveyor(house, reading)
    page = StatusPage(house.site())
    live = script()

    def status(request: Request) -> Response:
        try:
            found = surveyor.status()
        except AggregatorError:
            return PlainTextResponse(CANNOT, 503, headers=FRESH | {"retry-after": "5"})
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

    watch = Watch(Teller(surveyor.progress, surveyor.written), pause=PAUSE)
    return [
        Route("/status", answer),
        Route("/status/live.js", code),
        Route("/status/events", watch, methods=["GET"]),
    ]


def prefers_json(accept: str) -> bool:
    """Whether it is liked better than a page (RFC 9110 12.5.1): who likes anything gets the page."""
    members = (weighed(member, is_media_type=True) for member in accept.split(","))
    weights = {name: weight for name, weight in members if "/" in name}
    page = max(weights.get(name, 0.0) for name in ("text/html", "application/xhtml+xml", "text/*"))
    return weights.get("application/json", weights.get("application/*", 0.0)) > page


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
