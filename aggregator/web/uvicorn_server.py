"""Runs uvicorn on uvloop until a stop event is set."""

import asyncio
import contextlib
import logging
import resource
import signal
import socket
from collections.abc import Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.web.fast_path import FastPathProtocol, at_once_of

MOST_CONNECTIONS = 4000
GRACE = 3  # seconds for answers under way
KEEP_ALIVE = 5  # seconds a connection may be idle; feed readers return much later


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def serve_until_signal(
    application: ASGIApp, sockets: Sequence[socket.socket], *, log_access: bool = False
) -> None:
    """Shuts down cleanly at SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    await serve(application, sockets, stop, log_access=log_access)


async def serve(
    application: ASGIApp, sockets: Sequence[socket.socket], stop: asyncio.Event, *, log_access: bool = False
) -> None:
    """Accepts connections from `sockets` until `stop` is set, then closes them. The caller handles signals.
    `log_access`: the logger uvicorn.access gets a record for each answer."""
    protocol = partial(FastPathProtocol, at_once=at_once_of(application))
    server = _Server(_config(_with_stop(application, stop), protocol, log_access=log_access))
    serving = asyncio.create_task(server.serve(list(sockets)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving


def _with_stop(application: ASGIApp, stop: asyncio.Event) -> ASGIApp:
    """Passes `stop` as `state["stop"]`, so that endless answers can end."""

    async def pass_stop(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["stop"] = stop
        await application(scope, receive, send)

    return pass_stop


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Does nothing: the caller handles signals."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Aborts connections that are not done after GRACE, so that no task has to be canceled."""
        cut = asyncio.get_running_loop().call_later(GRACE, self._cut_off)
        await super().shutdown(sockets)
        cut.cancel()

    def _cut_off(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _config(application: ASGIApp, protocol: Any, *, log_access: bool) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=protocol,
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
    """Raises the soft limit of descriptors. A third of them are for connections: refused connections take some, too,
    and so do files and the state.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * MOST_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft // 3)
