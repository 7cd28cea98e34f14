"""An upstream on loopback that checks how it is polled, after Rachel Kroll's feed reader tests. Tests set the time, so
a week passes in seconds.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

from tests.support.planet import NOON, _Server


@dataclass(frozen=True)
class Hit:
    """One request and what it was answered; names of headers in lower case."""

    at: datetime
    path: str
    headers: Mapping[str, str]
    status: int
    said: Mapping[str, str]


Page = Callable[["Scorer", Mapping[str, str]], tuple[int, dict[str, str], str]]


class Scorer:
    """`pages`: what each path answers, from the request's headers and the time."""

    def __init__(self) -> None:
        self.now = NOON
        self.pages: dict[str, Page] = {}
        self.hits: list[Hit] = []
        scorer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = {name.lower(): value for name, value in self.headers.items()}
                status, said, body = scorer.pages[self.path](scorer, asked)
                said = {"Set-Cookie": "taste=good", "Date": format_datetime(scorer.now, usegmt=True)} | said
                scorer.hits.append(Hit(scorer.now, self.path, asked, status, said))
                data = b"" if status == 304 else body.encode()
                self.send_response_only(status)
                for name, value in (said | {"Content-Length": str(len(data))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                return

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def of(self, path: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.path == path]

    def gaps(self, path: str) -> list[timedelta]:
        times = [hit.at for hit in self.of(path)]
        return [later - earlier for earlier, later in pairwise(times)]

    def misquoted(self, path: str) -> list[Hit]:
        """Requests, all but the first, that do not bring exactly the validators which were last given."""
        known: dict[str, str] = {}
        wrong = []
        for hit in self.of(path):
            brought = {
                name: hit.headers.get(asked)
                for name, asked in (("ETag", "if-none-match"), ("Last-Modified", "if-modified-since"))
                if hit.headers.get(asked)
            }
            if brought != known:
                wrong.append(hit)
            if hit.status in {200, 304}:
                given = {name: hit.said[name] for name in ("ETag", "Last-Modified") if name in hit.said}
                known = given if hit.status == 200 else known | given
        return wrong
