"""POST /api/run and /api/sources/{id}/poll, for who knows `server.token`; where it is not set there are none."""

import hmac
import json
from collections.abc import Sequence
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from aggregator.errors import AggregatorError
from aggregator.web.headers import GUARDS

HEADERS = {name.decode(): value.decode() for name, value in GUARDS} | {
    "cache-control": "no-store",
    "connection": "close",  # whatever is sent as a body is not read
}
NO_API = "there is no such address; `server.token` in the config opens it"
NO_ENGINE = "nothing is scheduled in this process, which only serves; `aggregator daemon` does both"


class Engine(Protocol):
    """Whoever runs and polls. `knows` and `refusal` may wait for a disk."""

    def knows(self, source_id: str) -> bool: ...
    def refusal(self, source_id: str) -> str:
        """Why the source is not asked, whoever wants it to be; "" where it may be."""
        ...

    def run(self) -> None: ...
    def poll(self, source_id: str) -> None: ...


def api_routes(token: str, engine: Engine | None = None) -> Sequence[BaseRoute]:
    """`token` "" = off; without an `engine` they say who has one."""
    return [
        Route("/api/run", _Control(token, engine)),
        Route("/api/sources/{id}/poll", _Control(token, engine)),
        Route("/api/{rest:path}", _Control("", None)),
    ]


class _Control:
    """Answers for any method; nothing of the request's body is read."""

    def __init__(self, token: str, engine: Engine | None) -> None:
        self._token = token
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self._check(request)
        if self._engine is None:
            raise HTTPException(503, NO_ENGINE, HEADERS)
        taken = await self._take(self._engine, request.path_params.get("id"))
        body = f"{json.dumps(taken)}\n"
        await Response(body, 202, HEADERS, "application/json")(scope, receive, send)

    def _check(self, request: Request) -> None:
        if not self._token:
            raise HTTPException(404, NO_API, HEADERS)
        if request.method != "POST":
            raise HTTPException(405, "this address takes POST only", HEADERS | {"allow": "POST"})
        given = request.headers.getlist("authorization")
        kind, _, secret = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        same = hmac.compare_digest(secret.strip().encode(), self._token.encode())
        if kind.lower() != "bearer" or not same:
            raise HTTPException(
                401, "say who you are: Authorization: Bearer …", HEADERS | {"www-authenticate": "Bearer"}
            )

    async def _take(self, engine: Engine, source_id: str | None) -> dict[str, str]:
        if source_id is None:
            engine.run()
            return {"taken": "run"}
        if not engine.knows(source_id):
            raise HTTPException(404, "no source has this id", HEADERS)
        try:
            refusal = await run_in_threadpool(engine.refusal, source_id)
        except AggregatorError as error:
            raise HTTPException(503, "the state cannot be read at the moment", HEADERS) from error
        if refusal:
            raise HTTPException(409, refusal, HEADERS)
        engine.poll(source_id)
        return {"taken": "poll", "source": source_id}
