"""GET and POST /websub/{callback}: hubs verify subscriptions, and deliver (WebSub 5.3, 7)."""

import asyncio
from collections.abc import Callable, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from aggregator.app import App
from aggregator.errors import AggregatorError
from aggregator.web.headers import FRESH
from aggregator.websub.callbacks import CallbackAnswer, Delivery, accept, verify, why_refused

MOST_BODIES = 8  # that are read at once: each may be as large as fetch.max_bytes
DRAINED = 8  # times the largest body: so much of a larger one is read to its end
RETRY = {"retry-after": "60"}
UNUSED = {"connection": "close"}  # the body of the request is not read to its end


def callback_routes(app: App, delivered: Callable[[], None]) -> Sequence[BaseRoute]:
    """`delivered` is called when something waits to be taken in. A path of one level that is named otherwise, such as
    that of our own hub, must have its route before these."""
    return [Route("/websub/{callback}", _Callbacks(app, delivered))]


class _Callbacks:
    def __init__(self, app: App, delivered: Callable[[], None]) -> None:
        self._app = app
        self._delivered = delivered
        self._bodies = asyncio.Semaphore(MOST_BODIES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = await self._answer(request)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        callback = request.path_params["callback"]
        try:
            match request.method:
                case "GET":
                    return _response(await run_in_threadpool(verify, self._app, callback, dict(request.query_params)))
                case "POST":
                    return await self._take(request, callback)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except AggregatorError as error:
            raise HTTPException(503, "the state cannot be used at the moment", FRESH | RETRY | UNUSED) from error
        raise HTTPException(405, "this address takes GET and POST only", FRESH | UNUSED | {"allow": "GET, POST"})

    async def _take(self, request: Request, callback: str) -> Response:
        refusal = await run_in_threadpool(why_refused, self._app, callback)
        if refusal:
            return _response(refusal, UNUSED)
        if self._bodies.locked():
            return _response(CallbackAnswer(503, "too many deliveries at once"), RETRY | UNUSED)
        async with self._bodies:
            headers = request.headers
            body = await _body(request, self._app.config.fetch.max_bytes)
            delivery = Delivery(headers.get("x-hub-signature", ""), headers.get("content-type", ""), body)
            answer = await run_in_threadpool(accept, self._app, callback, delivery)
        if answer.has_news:
            self._delivered()
        return _response(answer, UNUSED if body is None else {})


async def _body(request: Request, most: int) -> bytes | None:
    """None where it is larger. The rest is dropped as it comes, up to a limit: a hub that is cut off in the middle of
    its request reads no answer, and sends it again."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 19 or int(announced) > most * DRAINED):
        return None
    body, size = bytearray(), 0
    async for data in request.stream():
        size += len(data)
        if size <= most:
            body += data
        elif size > most * DRAINED:
            break
        else:
            body.clear()
    return bytes(body) if size <= most else None


def _response(answer: CallbackAnswer, more: dict[str, str] | None = None) -> Response:
    """Plain text with `nosniff`, because it may echo what the request says."""
    return PlainTextResponse(answer.text, answer.status, headers=FRESH | (more or {}))
