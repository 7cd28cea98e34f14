"""HTTP/1.1 with a fast path: a request for a file that the server knows is answered as soon as it is read.

uvicorn makes a task, a scope and a cycle of messages of each request. That costs four times what the answer costs.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from aggregator.web.headers import Header
from aggregator.web.http_limits import GuardedProtocol
from aggregator.web.tree import Answer

# Method, path as written and headers of a request → its answer, None where it is not known without waiting.
AtOnce = Callable[[bytes, bytes, Mapping[bytes, bytes]], Answer | None]

# A body, or an answer that is more than one message.
_UNUSUAL = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


def at_once_of(application: Any) -> AtOnce:
    """What an ASGI application answers at once: nothing, unless it says so."""
    answer: AtOnce = getattr(application, "at_once", lambda *_: None)
    return answer


class FastPathProtocol(GuardedProtocol):
    """All other requests are answered by the ASGI application, as uvicorn does it: those with a body, with two lines of
    one header, of HTTP/1.0, that end the connection or wait for an answer before them, that are logged, and those above
    the limit of connections."""

    def __init__(self, *args: Any, at_once: AtOnce, **options: Any) -> None:
        super().__init__(*args, **options)
        # uvicorn logs also where nobody asked for it, if any handler is at its logger, as those of pytest are
        self.access_log = self.access_log and self.config.access_log
        self._at_once = at_once
        self._is_answered = False

    def begin_answer(self) -> None:
        method, path, headers = self.parser.get_method(), self.url.partition(b"?")[0], dict(self.headers)
        answer = self._at_once(method, path, headers) if self._is_usual(headers) else None
        if answer is None:
            super().begin_answer()
            return
        date, head = _lines(tuple(self.server_state.default_headers)), _lines(answer.headers)
        body = b"" if method == b"HEAD" else answer.body
        self.transport.write(b"".join((STATUS_LINE[answer.status], date, head, b"\r\n", body)))
        self._is_answered = True
        self.keep_alive()

    def on_message_complete(self) -> None:
        if self._is_answered:  # there is no cycle that would have to hear of it
            self._is_answered, self._in_head = False, True
        else:
            super().on_message_complete()

    def _is_usual(self, headers: Mapping[bytes, bytes]) -> bool:
        cycle, limit = self.cycle, self.limit_concurrency
        return (
            (cycle is None or cycle.response_complete)
            and not (self.access_log or self.flow.write_paused or self.transport.is_closing())
            and (not limit or (len(self.connections) < limit and len(self.tasks) < limit))
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and self.url.startswith(b"/")
            and len(headers) == len(self.headers)
            and _UNUSUAL.isdisjoint(headers)
        )


@lru_cache(1024)  # most answers are of the same few files, and the date is that of a second
def _lines(headers: tuple[Header, ...]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
