"""The server as one ASGI application: routes of the program itself, and the published tree for every other path."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.app import App
from aggregator.settings import hub_of
from aggregator.store import Store
from aggregator.web.fast_path import AtOnce, at_once_of
from aggregator.web.files import ServedFiles
from aggregator.web.headers import FRESH, LONGEST_AGE
from aggregator.web.held import held_routes
from aggregator.web.held_feed import ID, HeldFeed
from aggregator.web.metrics import Measures, measures_of, route_of
from aggregator.web.paths import address_of
from aggregator.web.state_reader import MovedFeeds, StateReader
from aggregator.web.status import routes_of
from aggregator.web.tree import Answer, Site, TreeAnswers, plain


def unplanned() -> float:
    """Nobody knows when the next run starts: `serve` runs beside cron."""
    return LONGEST_AGE


def application_of(
    app: App,
    reading: StateReader,
    *,
    next_change: Callable[[], float] = unplanned,
    late: Callable[[], str] = str,
    measures: Measures | None = None,
    routes: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """`next_change`: seconds until the tree may change; `late`: why the tree may be behind, "" where it is not;
    `measures`: the counters of this process, where they exist already; `routes`: further routes of the program.

    The tree is served from the root whatever the path of site.url is: a proxy strips that path. Redirects begin with
    the path of server.public_url, which is the address that clients use.
    """
    config = app.config
    prefix = urlsplit(config.server.public_url).path.rstrip("/") + "/"
    site = Site(config.site.url, hub_of(config), prefix)
    status_reader = StateReader(Store(app.store.at), app.output)
    held_feed = HeldFeed(app, StateReader(Store(app.store.at), app.output))
    has_old_feed = (app.output / ID).is_dir()  # of a category that got this slug before it was reserved
    own_measures = measures or measures_of(app)
    moved, counts = MovedFeeds(reading.moved), own_measures.tally.tree
    tree = TreeAnswers(site, ServedFiles(app.output), moved, next_change, counts, lambda: reading.gone_pages)
    return application(
        tree,
        trouble=lambda: reading.trouble() or late(),
        routes=[
            route_of(own_measures),
            *routes_of(app, status_reader),
            *([] if has_old_feed else held_routes(config.server.token, held_feed, f"{prefix}status")),
            *routes,
        ],
        answered=own_measures.tally.count_program,
    )


def worker_application(app: App, measures: Measures, trouble: Callable[[], str], *, publishes: bool) -> ASGIApp:
    """What a worker serves: /healthz, /readyz and /metrics; where it publishes, the tree and /status, too. `trouble`:
    why it is not ready, "" where it is."""
    if publishes:
        reading = StateReader(Store(app.store.at), app.output)
        return application_of(app, reading, late=trouble, measures=measures)
    no_tree = PlainTextResponse("Not Found: this worker publishes nothing\n", 404)
    return application(no_tree, trouble=trouble, routes=[route_of(measures)])


def application(
    tree: ASGIApp,
    *,
    trouble: Callable[[], str],
    routes: Sequence[BaseRoute] = (),
    answered: Callable[[int], None] = lambda _: None,
) -> ASGIApp:
    """`trouble` returns why the server is not ready, "" where it is; it may wait for a disk. `routes` are further
    routes of the program, at paths whose first level no feed can have. `answered` is called with the status of each
    answer of the program's routes.

    Requests for files bypass Starlette: most requests poll feeds, and Starlette would add to each of them.
    """

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok", headers=FRESH)

    def readyz(_: Request) -> Response:
        why_not = trouble()
        return PlainTextResponse(why_not or "ok", 503 if why_not else 200, headers=FRESH)

    own = [Route("/healthz", healthz), Route("/readyz", readyz), *routes]
    starlette = Starlette(routes=own, exception_handlers={HTTPException: _refuse})
    starlette.router.redirect_slashes = False  # it would trust the Host header
    own_levels = {_first_level(path) for route in own if (path := getattr(route, "path", ""))}

    return _Split(tree, at_once_of(tree), starlette, own_levels, answered)


@dataclass(frozen=True, slots=True)
class _Split:
    """Passes requests to the program's routes, whose paths begin with `own_levels`, or to the tree."""

    tree: ASGIApp
    tree_at_once: AtOnce
    program: ASGIApp
    own_levels: Collection[str]
    answered: Callable[[int], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _first_level(scope["path"]) not in self.own_levels:
            await self.tree(scope, receive, send)
        else:
            await self.program(scope, receive, _counting(send, self.answered))

    def at_once(self, method: bytes, path: bytes, headers: Mapping[bytes, bytes]) -> Answer | None:
        """See FastPathProtocol. `path`: as the request has it."""
        address = address_of(path)
        is_own = address is None or address.partition("/")[0] in self.own_levels
        return None if is_own else self.tree_at_once(method, path, headers)


class Front:
    """An ASGI application that passes requests to another one, which can be replaced while the sockets stay open."""

    def __init__(self) -> None:
        self.application: ASGIApp = Starlette()

    def at_once(self, method: bytes, path: bytes, headers: Mapping[bytes, bytes]) -> Answer | None:
        return at_once_of(self.application)(method, path, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.application(scope, receive, send)


def _counting(send: Send, answered: Callable[[int], None]) -> Send:
    async def count_and_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered(message["status"])
        await send(message)

    return count_and_send


def _first_level(path: str) -> str:
    return path[1:].partition("/")[0]


def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for HTTPException only
    answer = plain(error.status_code, error.detail)
    headers = {name.decode(): value.decode() for name, value in answer.headers} | dict(error.headers or {})
    return Response(answer.body, error.status_code, headers)
