"""GET /held/atom.xml: the keeper's feed of held entries, for requests with `server.token`; 404 where the config sets
none."""

import threading

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from aggregator.errors import AggregatorError
from aggregator.web.conditional import Precondition, evaluate
from aggregator.web.headers import FRESH, GUARDS
from aggregator.web.held_feed import HeldFeed, entity_tag
from aggregator.web.media_types import file_type_of
from aggregator.web.token import carries_token

# A client may keep what it got, but has to ask each time whether it still holds; nobody between may keep it.
HEADERS = {name.decode(): value.decode() for name, value in GUARDS} | {
    "cache-control": "private, no-cache",
    "vary": "Authorization",
}
FILE = "held/atom.xml"
CHALLENGES = 'Basic realm="held entries", charset="UTF-8", Bearer realm="held entries"'
NO_FEED = "there is no such address; set `server.token` in the config to open the feed of held entries"


def held_routes(token: str, feed: HeldFeed, status: str = "/status") -> list[BaseRoute]:
    """An empty `token` turns the feed off. `status`: the path of the status page, which lists the same entries."""

    async def page(_: Request) -> Response:
        return RedirectResponse(f"{status}#held", 302, headers=FRESH)

    return [
        Route(f"/{FILE}", _Answers(token, feed)),
        *(Route(path, page) for path in ("/held", "/held/") if token),
    ]


class _Answers:
    """Answers requests of any method."""

    def __init__(self, token: str, feed: HeldFeed) -> None:
        self._token = token
        self._feed = feed
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self._check(request)
        try:
            document = await run_in_threadpool(self._document)
        except AggregatorError as error:
            unreadable = FRESH | {"retry-after": "5"}
            raise HTTPException(503, "the state cannot be read at the moment", unreadable) from error
        await _answer(request, document)(scope, receive, send)

    def _check(self, request: Request) -> None:
        if not self._token:
            raise HTTPException(404, NO_FEED, FRESH)
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(405, "this address takes GET and HEAD only", FRESH | {"allow": "GET, HEAD"})
        if not carries_token(request.headers.getlist("authorization"), self._token, basic=True):
            wrong = "the token is missing or wrong; send it as a Bearer token or as the password of Basic"
            raise HTTPException(401, wrong, FRESH | {"www-authenticate": CHALLENGES})

    def _document(self) -> bytes:
        with self._lock:
            return self._feed.document()


def _answer(request: Request, document: bytes) -> Response:
    tag = entity_tag(document)
    headers = HEADERS | {"etag": tag.decode()}
    asked = {name: value for name, value in request.headers.raw if name in {b"if-match", b"if-none-match"}}
    match evaluate(tag, 0, asked):
        case Precondition.UNCHANGED:
            return Response(status_code=304, headers=headers)
        case Precondition.FAILED:
            return Response(status_code=412, headers=headers)
        case _:
            return Response(document, headers=headers, media_type=file_type_of(FILE).media_type)
