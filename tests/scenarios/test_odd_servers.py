"""Servers that break the rules of HTTP, in a whole run."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.planet import Planet, rss

FEED = rss({"title": "Whole", "link": "https://blog.example/1", "guid": "1"}).encode()


@contextmanager
def sending(body: bytes) -> Iterator[str]:
    """A server that announces 99 bytes more than it has; its address."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                continue
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + 99) + body)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


def test_a_whole_document_of_a_cut_answer_is_published_and_told_of(planet: Planet) -> None:
    with sending(FEED) as url:
        planet.config["sources"] = [{"id": "odd", "url": url}]
        report = planet.run()
    assert planet.titles() == ["Whole"]
    assert report.sources.failed == 0
    assert [(one.where, one.kind) for one in report.problems] == [("odd", "truncated")]


def test_half_a_document_fails_the_pull(planet: Planet) -> None:
    with sending(FEED[:-9]) as url:
        planet.config["sources"] = [{"id": "odd", "url": url}]
        report = planet.run()
    assert report.sources.failed == 1
    assert [(one.kind, one.transient) for one in report.problems] == [("truncated", True)]
