"""Hubs and callbacks on loopback: they record what is sent to them, and answer as the test says."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Received:
    """`headers`: names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))


@dataclass(frozen=True)
class Answered:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def confirm(received: Received) -> Answered:
    """What a subscriber says that wanted all this: it repeats the challenge, and takes what is delivered."""
    return Answered(200, received.query.get("hub.challenge", "").encode())


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


class Foreign:
    """A server that answers each request by `answer`; the requests are in `received`."""

    def __init__(self, answer: Callable[[Received], Answered]) -> None:
        self.answer = answer
        self.received: list[Received] = []
        foreign = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536

            def do_GET(self) -> None:
                self.reply()

            def do_POST(self) -> None:
                self.reply()

            def reply(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", "0")))
                one = Received(self.command, self.path, headers, body)
                foreign.received.append(one)
                said = foreign.answer(one)
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body)

            def log_message(self, *args: object) -> None:
                return

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def of(self, method: str) -> list[Received]:
        return [one for one in self.received if one.method == method]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def foreign(answer: Callable[[Received], Answered] = confirm) -> Iterator[Foreign]:
    server = Foreign(answer)
    try:
        yield server
    finally:
        server.close()
