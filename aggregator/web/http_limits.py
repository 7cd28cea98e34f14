"""HTTP/1.1 with limits for slow and long requests, which uvicorn has not."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_NO_HOST = b'/?#@\\ \t,"<>'  # bytes that separate a host from what is beside it (RFC 3986 3.2)
TOO_LONG = b"the request is too long\n"


class _RefusedError(Exception):
    """Ends the reading of a request."""


class GuardedProtocol(HttpToolsProtocol):
    """Closes connections whose request is late or too long, or whose client does not read the answer."""

    REQUEST_SECONDS = 30.0  # from the start of a connection, or from the last answer, to the end of the next request
    CHECK_SECONDS = 10.0  # between checks; a client that reads no byte in between is cut off
    LONGEST_HEAD = 32 * 2**10

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting_since: float | None = None
        self._unsent = 0
        self._head = 0  # bytes of a head that came with earlier reads
        self._read = 0  # bytes of the last read
        self._in_head = True
        # The server's connections with an incomplete request, the longest waiting first.
        self._queue: dict[GuardedProtocol, None] = vars(self.server_state).setdefault("waiting", {})
        self._check_timer: asyncio.TimerHandle | None = None
        self._idle_until: float | None = None  # after an answer without a cycle, until the next request begins
        self._idle_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        if self.limit_concurrency and len(self.connections) >= self.limit_concurrency:
            self._drop_slowest()
        if self.limit_concurrency and len(self.connections) > 2 * self.limit_concurrency:
            transport.abort()  # above the limit requests get 503; above twice the limit no answer
            return
        self._wait()
        self._check_timer = self.loop.call_later(self.CHECK_SECONDS, self._check_progress)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._check_timer, self._idle_timer):
            if timer:
                timer.cancel()
        self._queue.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        was_in_head, self._read = self._in_head, len(data)
        super().data_received(data)
        if was_in_head and self._in_head:
            self._head += len(data)
            if self._head > self.LONGEST_HEAD and not self.transport.is_closing():
                self._refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head, self._idle_until = True, 0, None

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._head + self._read > self.LONGEST_HEAD and self._is_head_too_long():
            self._refuse()
            raise _RefusedError
        if not self._has_one_host():
            self.send_400_response("A request must have exactly one Host header.")
            raise _RefusedError
        self.begin_answer()

    def begin_answer(self) -> None:
        """The head of the request is within the limits."""
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True
        if self.cycle.response_complete:
            self._wait()
        else:
            self._waiting_since = None
            self._queue.pop(self, None)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait()

    def keep_alive(self) -> None:
        """Takes the place of on_response_complete after an answer that had no cycle. uvicorn starts a timer with each
        answer and cancels it with the next request, which costs a tenth of a short answer. This one runs on, and looks
        at its end whether the connection was idle."""
        self.server_state.total_requests += 1
        self._wait()
        self._idle_until = self.loop.time() + self.timeout_keep_alive
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_at(self._idle_until, self._check_idle)

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():  # it was not refused before
            super().send_400_response(msg)

    def _has_one_host(self) -> bool:
        """RFC 9112 3.2: exactly one Host header, in HTTP/1.0 at most one, without bytes that no host has."""
        hosts = [value for name, value in self.headers if name == b"host"]
        if not hosts:
            return bool(self.parser.get_http_version() == "1.0")
        return len(hosts) == 1 and hosts[0] == hosts[0].translate(None, _NO_HOST)

    def _is_head_too_long(self) -> bool:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.LONGEST_HEAD

    def _wait(self) -> None:
        self._waiting_since = self.loop.time()
        self._queue.pop(self, None)
        self._queue[self] = None

    def _drop_slowest(self) -> None:
        """Closes the connection that waited longest, so that thousands of slow clients do not block others."""
        if slowest := next(iter(self._queue), None):
            slowest.drop()

    def drop(self) -> None:
        self._queue.pop(self, None)
        self.connections.discard(self)
        self.transport.abort()

    def _refuse(self) -> None:
        head = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
        length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(TOO_LONG)
        self.transport.write(head + length + TOO_LONG)
        self.transport.close()

    def _check_idle(self) -> None:
        """Closes the connection if no request began in time."""
        self._idle_timer = None
        if self._idle_until is None:
            return
        if self.loop.time() < self._idle_until:
            self._idle_timer = self.loop.call_at(self._idle_until, self._check_idle)
        else:
            self.timeout_keep_alive_handler()

    def _check_progress(self) -> None:
        """Closes the connection if its client is too slow."""
        since, unsent = self._waiting_since, self.transport.get_write_buffer_size()
        is_late = since is not None and self.loop.time() - since > self.REQUEST_SECONDS
        is_stuck = unsent > 0 and unsent == self._unsent
        if is_late or is_stuck:
            self.transport.abort()
            return
        self._unsent = unsent
        self._check_timer = self.loop.call_later(self.CHECK_SECONDS, self._check_progress)
