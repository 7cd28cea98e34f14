"""What is answered at once is what the ASGI application answers, byte for byte but the date."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from aggregator.web import MovedFeeds, ServedFiles, Site, TreeAnswers, application
from aggregator.web.fast_path import AtOnce, at_once_of
from tests.support.serving import Client, served

FEED, PAGE, SMALL, NEW = "/all/atom.xml", "/all/index.html", "/small.txt", "/新.xml"
HEAD = "HTTP/1.1\r\nHost: x\r\n"


@dataclass
class Servers:
    """The same tree, with answers at once and without; `counts`: answers of the first by status."""

    fast: int
    plain: int
    tree: TreeAnswers
    counts: Counter[int]
    root: Path


@dataclass
class OnlyAtOnce:
    """An application that fails when it is asked."""

    at_once: AtOnce

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("asked", 500)(scope, receive, send)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    root = tmp_path_factory.mktemp("tree")
    (root / "all").mkdir()
    for path, text in ((FEED, "<feed/>" * 400), (PAGE, "<p>page</p>" * 400), (SMALL, "small"), (NEW, "新")):
        (root / path[1:]).write_text(text)
    counts = Counter[int]()

    def made(counts: Counter[int]) -> TreeAnswers:
        moved = MovedFeeds(lambda: {"old": "all", "ended": ""}, pause=3600)
        return TreeAnswers(Site("https://planet.example/"), ServedFiles(root), moved, lambda: 60, counts)

    tree, other = made(counts), application(made(Counter()), trouble=str)

    async def without(scope: Scope, receive: Receive, send: Send) -> None:
        await other(scope, receive, send)

    with served(application(tree, trouble=str)) as fast, served(without) as plain:
        found = Servers(fast, plain, tree, counts, root)
        for port, path, coding in product((fast, plain), (FEED, PAGE, SMALL, quote(NEW)), ("", "br", "gzip")):
            with Client(port) as client:
                for _ in range(2):  # reads the file, then encodes it
                    client.ask(path, accept_encoding=coding)
        yield found


def said(port: int, request: bytes) -> bytes:
    """All that the server sends for requests of which the last closes the connection, without its dates."""
    with Client(port) as client:
        client.socket.sendall(request)
        received = b""
        while piece := client.socket.recv(2**16):
            received += piece
    assert received.startswith(b"HTTP/1.1 ")
    return b"\r\n".join(line for line in received.split(b"\r\n") if not line.startswith(b"date: "))


LAST = f"GET /healthz {HEAD}Connection: close\r\n\r\n"
LINES = st.lists(
    st.sampled_from([
        "If-None-Match: {tag}", "If-None-Match: W/{tag}", 'If-None-Match: "other", {tag}', "If-None-Match: *",
        'If-None-Match: "other"', "If-Match: {tag}", 'If-Match: "other"', "If-Match: *",
        "If-Modified-Since: Tue, 01 Jan 2999 00:00:00 GMT", "If-Modified-Since: nonsense",
        "If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT", "Accept-Encoding: gzip", "Accept-Encoding: br;q=0.5,gzip",
        "Accept-Encoding: identity;q=0, *;q=0", "Sec-Fetch-Dest: document", "Upgrade: websocket", "Connection: upgrade",
        "Content-Length: 0", "Expect: 100-continue", "X-Other: 1",
    ]),
    max_size=4,
)  # fmt: skip
PATHS = st.sampled_from(
    [FEED, PAGE, SMALL, NEW, quote(NEW), f"{FEED}?a=b", "/all/", "/all/%61tom.xml", f"http://x{FEED}", "/old/atom.xml",
     "/ended/atom.xml", "/none.xml", "/.hidden", "//all/atom.xml", "/all/atom.xml/", "/healthz", "/%68ealthz",
     "/readyz", f"{FEED}#a"]
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["GET", "HEAD", "OPTIONS", "POST"]), PATHS, LINES)
def test_it_says_what_the_application_says(servers: Servers, method: str, path: str, lines: list[str]) -> None:
    with Client(servers.plain) as client:
        tag = client.ask(FEED).headers["etag"]
    told = "".join(f"{line}\r\n" for line in lines).replace("{tag}", tag)
    request = f"{method} {path} {HEAD}{told}\r\n{LAST}".encode()
    assert said(servers.fast, request) == said(servers.plain, request)


@pytest.mark.parametrize(
    "request_",
    [
        f"GET {FEED} HTTP/1.0\r\n\r\n",
        f"GET {FEED} {HEAD}Connection: close\r\n\r\n",
        f"GET {FEED} HTTP/1.1\r\n\r\n",
        f"GET {FEED} {HEAD}Host: y\r\n\r\n",
    ],
)
def test_requests_that_are_not_usual_are_left_to_the_application(servers: Servers, request_: str) -> None:
    assert said(servers.fast, request_.encode()) == said(servers.plain, request_.encode())


@pytest.mark.parametrize("path", ["/none.xml", FEED])
def test_answers_keep_the_order_of_requests_that_came_together(servers: Servers, path: str) -> None:
    """One that has to wait is not overtaken."""
    asked = (path, FEED, SMALL, PAGE, path, FEED)
    request = ("".join(f"GET {one} {HEAD}\r\n" for one in asked) + LAST).encode()
    together = said(servers.fast, request)
    assert together == said(servers.plain, request)
    assert together.count(b"HTTP/1.1 ") == len(asked) + 1


def test_known_files_do_not_reach_the_application(servers: Servers) -> None:
    with served(OnlyAtOnce(servers.tree.at_once)) as port, Client(port) as client:
        assert [client.ask(path).status for path in (FEED, "/none.xml", SMALL, PAGE)] == [200, 500, 200, 200]


def test_known_files_are_answered_at_once_and_counted(servers: Servers) -> None:
    before, counted = at_once_of(application(servers.tree, trouble=str)), servers.counts[200]
    assert before(b"GET", FEED.encode(), {b"host": b"x"})
    assert servers.counts[200] == counted + 1
    with Client(servers.fast) as client:
        tag = client.ask(FEED).headers["etag"]
        unchanged = before(b"GET", FEED.encode(), {b"if-none-match": tag.encode()})
        assert unchanged
        assert before(b"GET", quote(NEW).encode(), {})
        assert (unchanged.status, unchanged.body) == (304, b"")
        for other in (b"/none.xml", b"/old/atom.xml", b"/healthz", b"/%68ealthz", NEW.encode()):
            assert before(b"GET", other, {}) is None
        assert before(b"POST", FEED.encode(), {}) is None


def test_a_file_that_changed_is_read_again(servers: Servers) -> None:
    changing = servers.root / "changing.json"
    with Client(servers.fast) as client:
        for text in ("[1]", "[1, 2]", "[1, 2, 3]"):
            changing.write_text(text)
            assert [client.ask("/changing.json").body.decode() for _ in range(3)] == [text] * 3
