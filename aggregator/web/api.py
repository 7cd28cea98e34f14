"""POST /api/run and /api/sources/{id}/poll, for clients that send `server.token`; 404 where the config sets none."""

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
from aggregator.web.token import carries_token

HEADERS = {name.decode(): value.decode() for name, value in GUARDS} | {
    "cache-control": "no-store",
    "connection": "close",  # the body of a request is not read
}
NO_API = "there is no such address; set `server.token` in the config to open the API"
NO_ENGINE = "this process only serves and schedules nothing; `aggregator daemon` does both"


class Engine(Protocol):
    """What carries out the requests: the daemon's scheduler. `knows` and `refusal` may wait for a disk."""

    def knows(self, source_id: str) -> bool: ...
    def refusal(self, source_id: str) -> str:
        """Why the source cannot be polled now; "" where it can."""
        ...

    def run(self) -> None: ...
    def poll(self, source_id: str) -> None: ...


def api_routes(token: str, engine: Engine | None = None) -> Sequence[BaseRoute]:
    """An empty `token` turns the API off. Without an `engine` the answer is 503 and names `aggregator daemon`."""
    return [
        Route("/api/run", _Control(token, engine)),
        Route("/api/sources/{id}/poll", _Control(token, engine)),
        Route("/api/{rest:path}", _Control("", None)),
    ]


class _Control:
    """Answers requests of any method; does not read their body."""

    def __init__(self, token: str, engine: Engine | None) -> None:
        self._token = token
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self._check(request)
        if self._engine is None:
            raise HTTPException(503, NO_ENGINE, HEADERS)
        accepted = await self._start(self._engine, request.path_params.get("id"))
        body = f"{json.dumps(accepted)}\n"
        await Response(body, 202, HEADERS, "application/json")(scope, receive, send)

    def _check(self, request: Request) -> None:
        if not self._token:
            raise HTTPException(404, NO_API, HEADERS)
        if request.method != "POST":
            raise HTTPException(405, "this address takes POST only", HEADERS | {"allow": "POST"})
        if not carries_token(request.headers.getlist("authorization"), self._token):
            raise HTTPException(
                401,
                "the token is missing or wrong; send Authorization: Bearer …",
                HEADERS | {"www-authenticate": "Bearer"},
            )

    async def _start(self, engine: Engine, source_id: str | None) -> dict[str, str]:
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
