"""The server process: uvicorn on uvloop, until it is told to stop."""

import asyncio
import contextlib
import logging
import resource
import signal
import socket
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.web.http_limits import GuardedProtocol

MOST_CONNECTIONS = 4000
GRACE = 3  # seconds to end what is being answered
KEEP_ALIVE = 5  # seconds a connection may be idle: who polls comes back much later


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def serve_until_told(application: ASGIApp, sockets: Sequence[socket.socket], *, log_access: bool = False) -> None:
    """Ends in order with SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    await serve(application, sockets, stop, log_access=log_access)


async def serve(
    application: ASGIApp, sockets: Sequence[socket.socket], stop: asyncio.Event, *, log_access: bool = False
) -> None:
    """Takes connections from `sockets`, which are closed at the end, until `stop` is set; signals are the caller's.
    `log_access`: each answer is a record of the logger uvicorn.access, for who listens to it."""
    server = _Server(_config(_telling(application, stop), log_access=log_access))
    serving = asyncio.create_task(server.serve(list(sockets)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving


def _telling(application: ASGIApp, stop: asyncio.Event) -> ASGIApp:
    """Answers that have no end of their own hear of the end by `state["stop"]`."""

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["stop"] = stop
        await application(scope, receive, send)

    return told


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are the caller's."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Who is not done after the grace is cut off, so that nothing need be canceled."""
        cut = asyncio.get_running_loop().call_later(GRACE, self._cut_off)
        await super().shutdown(sockets)
        cut.cancel()

    def _cut_off(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _config(application: ASGIApp, *, log_access: bool) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=GuardedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level=logging.INFO if log_access else logging.ERROR,
        access_log=log_access,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_most_connections(),
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE + 2,
    )


def _most_connections() -> int:
    """Each takes a descriptor, beyond the limit as well; files and the state need some, too. A process may have more
    than it begins with, if it asks.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * MOST_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft // 3)
