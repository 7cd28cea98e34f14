"""POST /websub/hub: subscribers of our own hub ask for what they want (WebSub 5.1)."""

from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from aggregator.config import Config
from aggregator.errors import AggregatorError
from aggregator.settings import HUB_PATH, own_hub
from aggregator.web.clients import RateLimit, client_of
from aggregator.web.headers import FRESH
from aggregator.websub.hub import HubRefusedError

FORM = "application/x-www-form-urlencoded"
LONGEST_FORM = 16 * 2**10  # bytes: three addresses, percent-encoded
ONE_CLIENT = (500, 10)  # at once, and a second: a service may follow hundreds of feeds
ALL_CLIENTS = (2000, 50)
WAIT = {"retry-after": "60"}
NO_HUB = "this process only serves; `aggregator daemon` is the hub"
TAKEN = "Accepted: the callback is asked whether it wants this\n"


class Engine(Protocol):
    """What takes the requests: the daemon's scheduler. `take_request` stores a form; it waits for the disk."""

    def take_request(self, form: bytes) -> None: ...
    def deliver_soon(self) -> None: ...


def hub_routes(config: Config, engine: Engine | None = None) -> list[BaseRoute]:
    """None without `server.hub`. Without an `engine` the answer is 503 and names `aggregator daemon`."""
    return [Route(f"/{HUB_PATH}", _Hub(engine))] if own_hub(config) else []


class _Hub:
    """Answers requests of any method."""

    def __init__(self, engine: Engine | None) -> None:
        self._engine = engine
        self._one_client = RateLimit(*ONE_CLIENT)
        self._all_clients = RateLimit(*ALL_CLIENTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        engine = self._checked(request)
        try:
            form = await _form(request)
        except ClientDisconnect:
            return
        try:
            await run_in_threadpool(engine.take_request, form)
        except HubRefusedError as error:
            waits = WAIT if error.status in {429, 503} else {}
            raise HTTPException(error.status, str(error), FRESH | waits) from error
        except AggregatorError as error:
            raise HTTPException(503, "the state cannot be written at the moment", FRESH | WAIT) from error
        engine.deliver_soon()
        await PlainTextResponse(TAKEN, 202, FRESH)(scope, receive, send)

    def _checked(self, request: Request) -> Engine:
        closing = FRESH | {"connection": "close"}  # the body is not read
        if request.method != "POST":
            raise HTTPException(405, "this is a WebSub hub; it takes POST only", closing | {"allow": "POST"})
        if self._engine is None:
            raise HTTPException(503, NO_HUB, closing)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise HTTPException(415, f"a hub takes a form as {FORM}", closing)
        if not (self._one_client.allows(client_of(request.scope)) and self._all_clients.allows("")):
            raise HTTPException(429, "too many requests; try again later", closing | WAIT)
        return self._engine


async def _form(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_FORM:
            most = f"the form has more than {LONGEST_FORM:,} bytes"
            raise HTTPException(413, most, FRESH | {"connection": "close"})
    return body
