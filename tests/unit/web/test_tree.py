"""Serving the published tree, tested through real sockets."""

import gzip
import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import brotli
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.store import Store
from aggregator.web import (
    MovedFeeds,
    ServedFiles,
    Site,
    StateReader,
    TreeAnswers,
    application,
    application_of,
    files,
    uvicorn_server,
)
from aggregator.web.http_limits import GuardedProtocol
from tests.support.planet import Planet
from tests.support.serving import Client, Reply, served

WORDS = "<p>many words of every kind stand here, so that there is something to compress</p>\n" * 40
OLD = 1_700_000_000  # when most files here were written
TYPES = {
    "atom.xml": "application/atom+xml; charset=utf-8",
    "rss.xml": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
    "opml.xml": "text/x-opml; charset=utf-8",
    "index.json": "application/json",
    "index.html": "text/html; charset=utf-8",
}


@dataclass
class TreeServer:
    """A served tree. Changes by a test take effect with its next request."""

    root: Path
    port: int = 0
    moved: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    seconds: float = 120

    def ask(self, path: str | bytes, method: str = "GET", **headers: str) -> Reply:
        with Client(self.port) as client:
            return client.ask(path, method, **headers)

    def put(self, path: str, text: str | bytes = WORDS, *, at: float = OLD) -> Path:
        """Replaces the file, as publishing does."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        new = self.root.parent / "new"
        new.write_bytes(text.encode() if isinstance(text, str) else text)
        os.utime(new, (at, at))
        return new.replace(file)


async def poll_now(_: Request) -> Response:
    return PlainTextResponse("polled")


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TreeServer]:
    server = TreeServer(tmp_path_factory.mktemp("server") / "feeds")
    server.root.mkdir()
    site = Site("https://planet.example/planet/", "https://hub.example/?a=1&b=<2>")
    moved_feeds = MovedFeeds(lambda: server.moved, pause=0)
    tree = TreeAnswers(site, ServedFiles(server.root), moved_feeds, lambda: server.seconds)
    own = [Route("/api/poll", poll_now, methods=["POST"])]
    with served(application(tree, trouble=lambda: server.trouble, routes=own)) as port:
        server.port = port
        yield server


@pytest.fixture
def server(running_server: TreeServer) -> TreeServer:
    running_server.moved, running_server.trouble, running_server.seconds = {}, "", 120
    return running_server


@pytest.fixture
def published(server: TreeServer, planet: Planet) -> TreeServer:
    """A planet's whole tree, in a server of the same address."""
    for n in range(3):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-11-0{n + 1}\ncategories: [News, Deep]\n---\n{WORDS}")
    planet.run()
    for file in (planet.root / "feeds").rglob("*"):
        if file.is_file():
            server.put(str(file.relative_to(planet.root / "feeds")), file.read_bytes())
    return server


def paths(server: TreeServer) -> list[str]:
    return sorted(str(file.relative_to(server.root)) for file in server.root.rglob("*") if file.is_file())


def test_every_published_file_is_served_with_its_headers(published: TreeServer) -> None:
    listed = json.loads((published.root / "index.json").read_bytes())["feeds"]
    digests = {one["href"]: one["sha256"] for row in listed for one in row["formats"].values()}
    assert "news/deep/atom.xml" in digests
    with Client(published.port) as client:
        for path in digests.keys() | {"index.html", "index.json", "opml.xml", "entries/post-1.html"}:
            data = (published.root / path).read_bytes()
            reply = client.ask(f"/{path}")
            assert (reply.status, reply.body) == (200, data)
            assert reply.headers["content-type"] == TYPES.get(path.rpartition("/")[2], TYPES["index.html"])
            assert reply.headers["etag"] == f'"{digests.get(path) or hashlib.sha256(data).hexdigest()}"'
            assert reply.headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
            assert reply.headers["cache-control"] == "public, max-age=120"
            by_opening = path.endswith(("atom.xml", "rss.xml"))
            assert reply.headers["vary"] == ("Accept-Encoding, Sec-Fetch-Dest" if by_opening else "Accept-Encoding")
            assert reply.headers["accept-ranges"] == "none"
            assert reply.headers["x-content-type-options"] == "nosniff"
            assert reply.headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in reply.headers["content-security-policy"]
            assert "script" not in reply.headers["content-security-policy"]
            assert "server" not in reply.headers
            assert ("link" in reply.headers) == (path.rpartition("/")[2] in {"atom.xml", "rss.xml", "feed.json"})


def test_a_page_may_still_have_its_style_and_images(published: TreeServer) -> None:
    """The page's own policy is the stricter one."""
    reply = published.ask("/all/")
    assert b"style-src 'self'" in reply.body
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
    assert "'unsafe-inline'" in policy["style-src"]
    assert "sha256" not in policy["style-src"]  # a digest beside it would void it
    assert (policy["img-src"], policy["media-src"]) == ("* data:", "*")
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"


def test_feeds_name_their_own_address_and_the_hub(server: TreeServer) -> None:
    server.put("a b/ü/atom.xml")
    own = "https://planet.example/planet/a%20b/%C3%BC/atom.xml"
    hub = '<https://hub.example/?a=1&b=%3C2%3E>; rel="hub"'
    assert server.ask("/a%20b/%C3%BC/atom.xml").headers["link"] == f'<{own}>; rel="self", {hub}'


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("sitemap.xml", "application/xml; charset=utf-8"),
        ("own.css", "text/css; charset=utf-8"),
        ("Photo.JPG", "image/jpeg"),
        ("CNAME", "application/octet-stream"),
        ("book.EPUB", "application/epub+zip"),
    ],
)
def test_a_file_that_somebody_put_there_has_its_type(server: TreeServer, name: str, media_type: str) -> None:
    server.put(f"more/{name}")
    assert server.ask(f"/more/{name}").headers["content-type"] == media_type


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_coding_is_another_representation(server: TreeServer, coding: str) -> None:
    server.put("all/atom.xml")
    plain = server.ask("/all/atom.xml", Accept_Encoding="identity")
    coded = server.ask("/all/atom.xml", Accept_Encoding=f"deflate, {coding}")
    again = server.ask("/all/atom.xml", Accept_Encoding=coding)
    decode = brotli.decompress if coding == "br" else gzip.decompress
    assert (coded.headers["content-encoding"], decode(coded.body)) == (coding, plain.body)
    assert "content-encoding" not in plain.headers
    assert len(coded.body) < len(plain.body) / 4
    assert again.body == coded.body
    assert coded.headers["etag"] == plain.headers["etag"][:-1] + f'-{coding}"'
    assert server.ask("/all/atom.xml", Accept_Encoding=coding, If_None_Match=plain.headers["etag"]).status == 200
    assert server.ask("/all/atom.xml", Accept_Encoding=coding, If_None_Match=coded.headers["etag"]).status == 304


def test_small_and_compressed_files_go_as_they_are_unless_that_is_refused(server: TreeServer) -> None:
    server.put("small.html", "few words")
    server.put("photo.png", WORDS)
    for path in ("/small.html", "/photo.png"):
        assert "content-encoding" not in server.ask(path, Accept_Encoding="gzip, br").headers
        refusing = server.ask(path, Accept_Encoding="gzip, identity;q=0")
        assert refusing.headers["content-encoding"] == "gzip"
        assert server.ask(path, Accept_Encoding="identity;q=0").status == 406


@pytest.mark.parametrize("path", ["/all/atom.xml", "/all/", "/nothing", "/folder", "/readyz", "/small.html"])
@pytest.mark.parametrize("coding", ["", "br", "gzip"])
def test_head_says_what_get_says(server: TreeServer, path: str, coding: str) -> None:
    for name in ("all/atom.xml", "all/index.html", "folder/index.html"):
        server.put(name)
    server.put("small.html", "few words")
    with Client(server.port) as client:
        head = client.ask(path, "HEAD", Accept_Encoding=coding)
        get = client.ask(path, "GET", Accept_Encoding=coding)
    assert (head.status, head.headers | {"date": ""}) == (get.status, get.headers | {"date": ""})


def test_a_matching_etag_gets_304_with_the_required_headers_only(server: TreeServer) -> None:
    server.put("all/atom.xml")
    tag = server.ask("/all/atom.xml").headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', f'W/"a,b",{tag} , "c"', "*"):
        reply = server.ask("/all/atom.xml", If_None_Match=known)
        assert reply.status == 304
        assert reply.headers.keys() == {"date", "etag", "cache-control", "vary"}
        assert reply.headers["etag"] == tag
    for unknown in ('"other"', tag.strip('"'), f'"W/{tag}', ""):
        assert server.ask("/all/atom.xml", If_None_Match=unknown).status == 200


def test_several_lines_of_a_header_are_one_list(server: TreeServer) -> None:
    server.put("all/atom.xml")
    tag = server.ask("/all/atom.xml").headers["etag"]
    with Client(server.port) as client:
        lines = f'If-None-Match: "other"\r\nIf-None-Match: {tag}\r\n'.encode()
        client.socket.sendall(b"GET /all/atom.xml HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n")
        assert client.reply().status == 304


def test_dates_are_compared_only_without_an_etag(server: TreeServer) -> None:
    server.put("dates/atom.xml")
    date = "Tue, 14 Nov 2023 22:13:20 GMT"
    assert server.ask("/dates/atom.xml", If_Modified_Since=date).status == 304
    assert server.ask("/dates/atom.xml", If_Modified_Since="Tuesday, 14-Nov-23 22:13:20 GMT").status == 304
    assert server.ask("/dates/atom.xml", If_Modified_Since="Tue Nov 14 22:13:20 2023").status == 304
    assert server.ask("/dates/atom.xml", If_Modified_Since="Tue, 14 Nov 2023 22:13:19 GMT").status == 200
    assert server.ask("/dates/atom.xml", If_Modified_Since="yesterday").status == 200
    assert server.ask("/dates/atom.xml", If_Modified_Since=date, If_None_Match='"other"').status == 200


@pytest.mark.parametrize(("seconds", "said"), [(12.9, 12), (9999, 300), (-5, 0)])
def test_max_age_ends_at_the_next_run_and_after_five_minutes_at_most(
    server: TreeServer, seconds: float, said: int
) -> None:
    server.put("all/atom.xml")
    server.seconds = seconds
    assert server.ask("/all/atom.xml").headers["cache-control"] == f"public, max-age={said}"


def test_a_folder_shows_its_index(server: TreeServer) -> None:
    server.put("ai/index.html", "AI")
    server.put("index.html", "All")
    assert server.ask("/?q=1").body == b"All"
    assert server.ask("/ai/").body == server.ask("/ai/index.html?x").body == b"AI"
    redirect = server.ask("/ai?from=mail&x=%20")
    assert (redirect.status, redirect.headers["location"]) == (301, "/ai/?from=mail&x=%20")
    assert redirect.headers["cache-control"] == "public, max-age=120"  # not for ever, as it would be without
    (server.root / "bare/below").mkdir(parents=True, exist_ok=True)
    for missing in ("/bare", "/bare/", "/ai/index.html/", "/ai/index.html/x"):
        assert server.ask(missing).status == 404


def test_a_feed_that_a_person_ended_is_gone(server: TreeServer) -> None:
    server.moved = {"old": "ended", "ended": "", "deep/ended": ""}
    for path in (
        "/ended",
        "/ended/",
        "/ended/atom.xml",
        "/ended/archive/1/1/atom.xml",
        "/deep/ended/",
        "/old/atom.xml",
    ):
        answer = server.ask(path)
        assert answer.status == 410, path
    assert server.ask("/ended/below/").status == 404


def test_moved_feeds_are_found_at_their_new_address(server: TreeServer) -> None:
    server.moved = {"old": "new/home", "deep/old": "other", "first": "old"}
    for path in ("old/atom.xml", "old/sub/atom.xml", "old/index.html", "new/home/atom.xml"):
        server.put(path)
    wanted = {
        "/old": "/new/home/",
        "/old/": "/new/home/",
        "/old/atom.xml?page=2": "/new/home/atom.xml?page=2",
        "/old/archive/1/3/atom.xml": "/new/home/atom.xml",
        "/old/archive/1/3/": "/new/home/",
        "/deep/old/feed.json": "/other/feed.json",
        "/first/rss.xml": "/new/home/rss.xml",
    }
    for path, where in wanted.items():
        reply = server.ask(path)
        assert (reply.status, reply.headers["location"]) == (301, where)
    assert server.ask("/old/sub/atom.xml").status == 200
    server.moved = {"old": "old/sub"}
    assert server.ask("/old/sub/atom.xml").status == 200
    server.moved = {}  # a name that returns takes its own address back
    assert server.ask("/old/atom.xml").status == 200


def test_the_page_and_the_pictures_of_a_withdrawn_entry_are_gone(tmp_path: Path) -> None:
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries/back.html").write_text("Back")
    gone = lambda: {"old", "back"}  # noqa: E731
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(tmp_path), MovedFeeds(dict), lambda: 5, gone_pages=gone)
    with served(application(tree, trouble=str)) as port, Client(port) as client:
        for path in ("/entries/old.html", "/entries/old", "/entries/old/", "/entries/old/picture.png"):
            assert client.ask(path).status == 410, path
        assert b"old" not in client.ask("/entries/old.html").body
        assert client.ask("/entries/back.html").status == 200
        assert [client.ask(path).status for path in ("/entries/other.html", "/old", "/old.html", "/entries/")] == [
            404
        ] * 4


def test_below_a_proxys_folder_addresses_begin_with_it(tmp_path: Path) -> None:
    (tmp_path / "ai").mkdir()
    (tmp_path / "ai/index.html").write_text("AI")
    site = Site("https://x.example/planet/", prefix="/planet/")
    tree = TreeAnswers(site, ServedFiles(tmp_path), MovedFeeds(lambda: {"a": "b"}), lambda: 5)
    with served(application(tree, trouble=str)) as port, Client(port) as client:
        assert client.ask("/ai").headers["location"] == "/planet/ai/"
        assert client.ask("/a/atom.xml").headers["location"] == "/planet/b/atom.xml"
        assert client.ask("/planet/ai/").status == 404


TRICKS = [
    b"/../secret",
    b"/ai/../../secret",
    b"/%2e%2e/secret",
    b"/%2e%2e%2fsecret",
    b"/ai/%2e%2e/index.html",
    b"/..%5csecret",
    b"/..\\secret",
    b"/ai/./index.html",
    b"/ai%2findex.html",
    b"/ai/index.html%00",
    b"/ai/index.html%00.png",
    b"/%0d%0aSet-Cookie:x",
    b"//ai/index.html",
    b"//evil.example/ai",
    b"/ai//index.html",
    b"//",
    b"/%ff%fe",
    b"/%c0%ae%c0%ae/secret",
    b"/ai/%zz",
    b"/.hidden",
    b"/%2ehidden",
    b"/.aggregator-staging/0",
    b"/.well-known/x",
    b"/outside.txt",
    b"/outside/secret",
    b"/to-hidden",
    b"/circle",
    b"/pipe",
    b"/" + b"a" * 5000,
    b"/" + b"a/" * 900,
    b"/etc/passwd",
    b"/C:/secret",
]


@pytest.mark.parametrize("path", TRICKS)
def test_no_path_leads_out_of_the_tree(server: TreeServer, path: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    (server.root.parent / "secret").write_text("secret")
    server.put("ai/index.html")
    server.put(".hidden", "secret")
    server.put(".aggregator-staging/0", "secret")
    for name, target in {
        "outside.txt": "../secret",
        "outside": "..",
        "to-hidden": ".hidden",
        "circle": "circle",
    }.items():
        if not (server.root / name).is_symlink():
            (server.root / name).symlink_to(target)
    if not (server.root / "pipe").exists():
        os.mkfifo(server.root / "pipe")
    reply = server.ask(path)
    assert reply.status in {400, 404}
    assert b"secret" not in reply.body
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "line",
    [
        b"GET ../x HTTP/1.1",
        b"GET x HTTP/1.1",
        b"GET http://evil.example HTTP/1.1",
        b"GET /\xff\xfe HTTP/1.1",
        b"GET / HTTP/9.9",
        b"CONNECT x:80 HTTP/1.1",
        b"nonsense",
    ],
)
def test_malformed_requests_get_an_error_status(
    server: TreeServer, line: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with Client(server.port) as client:
        client.socket.sendall(line + b"\r\nHost: x\r\n\r\n")
        assert client.reply().status in {400, 404, 405}
    assert capfd.readouterr().err == ""


def test_an_absolute_address_means_its_path(server: TreeServer) -> None:
    server.put("ai/index.html", "AI")
    assert server.ask("http://any.example/ai/").body == b"AI"


def test_links_that_stay_in_the_tree_are_followed(server: TreeServer) -> None:
    server.put("ai/index.html", "AI")
    if not (server.root / "latest").is_symlink():
        (server.root / "latest").symlink_to("ai")
    assert server.ask("/latest/").body == b"AI"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_get_405(server: TreeServer, method: str) -> None:
    server.put("all/atom.xml")
    reply = server.ask("/all/atom.xml", method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert server.ask("/all/atom.xml", "OPTIONS").headers["allow"] == "GET, HEAD, OPTIONS"
    assert server.ask("/all/atom.xml", "OPTIONS").status == server.ask("*", "OPTIONS").status == 204


def test_request_bodies_are_ignored(server: TreeServer) -> None:
    server.put("all/atom.xml", "first")
    with Client(server.port) as client:
        for body in (b"x" * 10, b"x" * 200_000):
            client.send("/all/atom.xml", body=body, Content_Length=str(len(body)))
            assert client.reply().body == b"first"
        assert client.ask("/all/atom.xml").body == b"first"


def test_requests_may_be_pipelined(server: TreeServer) -> None:
    server.put("1.html", "one")
    server.put("2.html", "two")
    with Client(server.port) as client:
        for path in ("/1.html", "/2.html", "/nothing", "/1.html"):
            client.send(path)
        assert [client.reply().status for _ in range(4)] == [200, 200, 404, 200]


def test_an_upgrade_is_declined(server: TreeServer) -> None:
    server.put("1.html", "one")
    assert (
        server.ask("/1.html", Connection="Upgrade, HTTP2-Settings", Upgrade="h2c", HTTP2_Settings="AAMAAABk").status
        == 200
    )
    assert server.ask("/1.html", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Key="x").status == 200


def test_a_replaced_file_is_another_document_at_once(server: TreeServer) -> None:
    server.put("all/atom.xml", "first", at=OLD)
    first = server.ask("/all/atom.xml")
    server.put("all/atom.xml", "other", at=OLD)  # as long, and in the same second
    second = server.ask("/all/atom.xml", If_None_Match=first.headers["etag"])
    assert (second.status, second.body) == (200, b"other")
    assert server.ask("/all/atom.xml", If_Modified_Since=first.headers["last-modified"]).status == 200
    server.put("all/atom.xml", "first", at=OLD - 1000)  # an older one came back
    assert server.ask("/all/atom.xml", If_Modified_Since=second.headers["last-modified"]).body == b"first"
    (server.root / "all/atom.xml").unlink()
    assert server.ask("/all/atom.xml").status == 404


def test_a_future_date_is_not_sent(server: TreeServer) -> None:
    server.put("all/atom.xml", at=time.time() + 1000)
    assert "last-modified" not in server.ask("/all/atom.xml").headers


def test_etag_and_body_match_while_files_are_replaced(server: TreeServer) -> None:
    server.put("all/atom.xml")
    done = threading.Event()

    tags: set[str] = set()

    def replace() -> None:
        for n in range(40_000):
            server.put("all/atom.xml", f"{WORDS}{n}")
            if n > 400 and len(tags) > 20:
                break
        done.set()

    thread = threading.Thread(target=replace)
    thread.start()
    with Client(server.port) as client:
        while not done.is_set():
            for coding in ("identity", "gzip", "br"):
                reply = client.ask("/all/atom.xml", Accept_Encoding=coding)
                decode = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}[coding]
                assert (
                    reply.headers["etag"].strip('"').partition("-")[0] == hashlib.sha256(decode(reply.body)).hexdigest()
                )
                tags.add(reply.headers["etag"])
    thread.join()
    assert len(tags) > 20


def test_a_304_opens_no_file(server: TreeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.put("all/atom.xml")
    tag = server.ask("/all/atom.xml").headers["etag"]
    monkeypatch.setattr(ServedFiles, "_descriptor", None)
    assert server.ask("/all/atom.xml", If_None_Match=tag).status == 304
    assert server.ask("/all/atom.xml").status == 200


def test_simultaneous_requests_share_one_read(server: TreeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.put("all/rss.xml", "asked by many")
    readings: list[str] = []
    read = ServedFiles.read

    def slowly(self: ServedFiles, path: str) -> object:
        readings.append(path)
        time.sleep(0.2)
        return read(self, path)

    monkeypatch.setattr(ServedFiles, "read", slowly)
    clients = [Client(server.port) for _ in range(8)]
    for client in clients:
        client.send("/all/rss.xml")
    assert {client.reply().body for client in clients} == {b"asked by many"}
    for client in clients:
        client.close()
    assert len(readings) == 2  # once to know it, once for its bytes


def test_a_large_file_is_sent_in_chunks(server: TreeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_IN_MEMORY", 1000)
    monkeypatch.setattr(files, "CHUNK", 700)
    data = os.urandom(3000)
    server.put("film.mp4", data)
    reply = server.ask("/film.mp4", Accept_Encoding="gzip")
    assert reply.body == data
    assert reply.headers["etag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert server.ask("/film.mp4", If_None_Match=reply.headers["etag"]).status == 304
    assert server.ask("/film.mp4", "HEAD").headers["content-length"] == "3000"
    assert server.ask("/film.mp4", Accept_Encoding="gzip, identity;q=0").status == 406


def test_a_disk_error_gets_503(server: TreeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.put("all/feed.json")

    def fail(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ServedFiles, "_descriptor", fail)
    reply = server.ask("/all/feed.json")
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")


def test_routes_of_the_program(server: TreeServer) -> None:
    health = server.ask("/healthz")
    assert (health.status, health.body) == (200, b"ok")
    assert health.headers["content-type"] == "text/plain; charset=utf-8"
    assert server.ask("/readyz").status == 200
    server.trouble = "nothing is published yet"
    assert (server.ask("/readyz").status, server.ask("/readyz").body) == (503, b"nothing is published yet")
    assert server.ask("/healthz").status == 200
    assert server.ask("/api/poll", "POST").body == b"polled"
    for path in ("/api", "/api/x", "/healthz/", "/readyz/x"):
        reply = server.ask(path)
        assert reply.status == 404
        assert reply.headers["x-content-type-options"] == "nosniff"
    wrong = server.ask("/healthz", "POST")
    assert (wrong.status, set(wrong.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


def test_a_long_head_is_refused(server: TreeServer, capfd: pytest.CaptureFixture[str]) -> None:
    for cookie in ("x" * 40_000, "x" * 400_000):
        with Client(server.port) as client:
            client.send("/", Cookie=cookie)
            assert client.reply().status == 431
    with Client(server.port) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\nCookie: ")
        with pytest.raises(ConnectionError):
            client.socket.sendall(b"x" * 100_000_000)  # one that hardly ever ends
    assert capfd.readouterr().err == ""


def test_slow_requests_are_cut_off(server: TreeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(GuardedProtocol, "CHECK_SECONDS", 0.1)
    server.put("1.html", "one")
    starts = [
        b"",
        b"GET / HTTP/1.1\r\nHos",
        b"GET /1.html HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nfew",
        b"GET /1.html HTTP/1.1\r\nHost: x\r\n\r\n\r\n\r\n",
    ]
    clients = [Client(server.port) for _ in starts]
    for client, start in zip(clients, starts, strict=True):
        client.socket.sendall(start)
    for client, start in zip(clients, starts, strict=True):
        if b"1.html" in start:
            assert client.reply().body == b"one"
        assert client.is_closed()
        client.close()


def test_a_client_that_does_not_read_is_cut_off(server: TreeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "CHECK_SECONDS", 0.1)
    server.put("big.png", os.urandom(12 * 2**20))
    with Client(server.port) as client:
        client.send("/big.png")
        time.sleep(0.5)
        assert client.bytes_left() < 12 * 2**20


def test_a_client_that_reads_slowly_gets_the_whole_body(server: TreeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "CHECK_SECONDS", 0.1)
    data = os.urandom(12 * 2**20)
    server.put("slow.png", data)
    with Client(server.port) as client:
        client.send("/slow.png", Connection="close")
        received = b""
        while piece := client.socket.recv(2**20):
            received += piece
            time.sleep(0.03)
    assert received.endswith(data)


@pytest.mark.torture
def test_shutdown_does_not_wait_for_a_client_that_does_not_read(
    server: TreeServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "MOST_IN_MEMORY", 2**20)
    monkeypatch.setattr(uvicorn_server, "GRACE", 0.2)
    server.put("big.png", os.urandom(30 * 2**20))
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(server.root), MovedFeeds(dict), lambda: 5)
    with served(application(tree, trouble=str)) as port:
        client, idle = Client(port), Client(port)
        client.send("/big.png")
        assert client.socket.recv(10) == b"HTTP/1.1 2"
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert client.bytes_left() < 30 * 2**20
    assert idle.is_closed()
    client.close()
    idle.close()
    assert capfd.readouterr().err == ""


def test_at_the_limit_the_slowest_connection_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn_server, "_most_connections", lambda: 4)
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(tmp_path), MovedFeeds(dict), lambda: 5)
    with served(application(tree, trouble=str)) as port, ExitStack() as at_end:
        slow = [at_end.enter_context(Client(port)) for _ in range(3)]
        for client in slow:
            client.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
            time.sleep(0.02)
        for _ in range(3):
            assert at_end.enter_context(Client(port)).ask("/healthz").status == 200
        assert all(client.is_closed() for client in slow)


def test_at_the_limit_of_busy_connections_others_get_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn_server, "_most_connections", lambda: 3)
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(tmp_path), MovedFeeds(dict), lambda: 5)
    gate = threading.Event()

    def trouble() -> str:
        gate.wait(10)
        return ""

    with served(application(tree, trouble=trouble)) as port, ExitStack() as at_end:
        at_end.callback(gate.set)
        busy = [at_end.enter_context(Client(port)) for _ in range(3)]
        for client in busy:
            client.send("/readyz")
        time.sleep(0.05)
        assert at_end.enter_context(Client(port)).ask("/healthz").status == 503
        gate.set()


def test_without_a_tree_the_answer_says_what_to_do(tmp_path: Path) -> None:
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(tmp_path / "feeds"), MovedFeeds(dict), lambda: 5)
    with served(application(tree, trouble=str)) as port, Client(port) as client:
        reply = client.ask("/")
        assert (reply.status, b"nothing is published here yet" in reply.body) == (404, True)
        (tmp_path / "feeds").mkdir()
        (tmp_path / "feeds/index.html").write_text("now")
        assert client.ask("/").body == b"now"


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200),
    ],
)
def test_a_request_must_have_one_host(planet: Planet, head: bytes, status: int) -> None:
    """RFC 9112 3.2: a proxy may read another one of two Host headers than this server."""
    planet.run()
    with planet.app() as app:
        application = application_of(app, StateReader(Store(app.store.at), app.output))
        with served(application) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(head)
            assert client.recv(12).split()[1] == b"%d" % status


def test_a_failed_precondition_gets_412(planet: Planet) -> None:
    planet.run()
    with planet.app() as app:
        application = application_of(app, StateReader(Store(app.store.at), app.output))
        with served(application) as port, Client(port) as client:
            tag = client.ask("/all/atom.xml").headers["etag"]
            assert client.ask("/all/atom.xml", If_Match=tag).status == 200
            assert client.ask("/all/atom.xml", If_Match='"another"').status == 412
            assert client.ask("/all/atom.xml", "HEAD", If_Match='"another"', If_None_Match=tag).status == 412
            assert client.ask("/all/atom.xml", If_Match=tag, If_None_Match=tag).status == 304
            assert client.ask("/all/atom.xml", If_Unmodified_Since="Thu, 01 Jan 1970 00:00:10 GMT").status == 412
            assert client.ask("/nothing", If_Match='"another"').status == 404


@pytest.mark.parametrize("path", ["/status", "/status/events"])
def test_status_is_refused_under_foreign_host_names(planet: Planet, path: str) -> None:
    """DNS rebinding: the foreign name resolves to this server, and scripts of its page send requests."""
    planet.run()
    planet.config["server"] = {"public_url": "https://feeds.example/"}
    hosts = {"evil.example": b"421", "planet.example": b"200", "feeds.example": b"200", "127.0.0.1:8080": b"200"}
    with planet.app() as app:
        application = application_of(app, StateReader(Store(app.store.at), app.output))
        with served(application) as port:
            for host, status in hosts.items():
                with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                    client.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                    assert client.recv(12).split()[1] == status


def test_somebody_who_opens_a_missing_address_gets_the_page_for_it(server: TreeServer) -> None:
    page = server.put("404.html", "<p>Nothing is here</p>")
    reply = server.ask("/nothing", Sec_Fetch_Dest="document")
    assert (reply.status, reply.body, reply.headers["content-type"]) == (
        404,
        b"<p>Nothing is here</p>",
        TYPES["index.html"],
    )
    assert reply.headers["vary"] == "Sec-Fetch-Dest"
    assert b"no such address" in server.ask("/nothing").body
    head = server.ask("/nothing", "HEAD", Sec_Fetch_Dest="document")
    assert (head.status, head.body, head.headers["content-length"]) == (404, b"", reply.headers["content-length"])
    page.unlink()
    assert b"no such address" in server.ask("/nothing", Sec_Fetch_Dest="document").body


def test_style_sheets_are_asked_for_each_time(server: TreeServer) -> None:
    """A new page with an old style sheet would look wrong."""
    server.put("static/pages.css", "p {}")
    reply = server.ask("/static/pages.css")
    assert reply.headers["cache-control"] == "public, max-age=0"
    again = server.ask("/static/pages.css", If_None_Match=reply.headers["etag"])
    assert (again.status, again.headers["cache-control"]) == (304, "public, max-age=0")


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml"])
def test_a_feed_that_somebody_opens_has_the_same_bytes_as_xml(published: TreeServer, file: str) -> None:
    """Browsers show application/atom+xml as plain text, or save it; they style application/xml."""
    usual = published.ask(f"/all/{file}")
    opened = published.ask(f"/all/{file}", Sec_Fetch_Dest="document")
    assert opened.headers["content-type"] == "application/xml; charset=utf-8"
    assert (opened.body, opened.headers["etag"]) == (usual.body, usual.headers["etag"])
    for other in ("empty", "iframe", "DOCUMENT"):
        assert published.ask(f"/all/{file}", Sec_Fetch_Dest=other).headers["content-type"] == TYPES[file]
    for dest in ("empty", "document"):
        again = published.ask(f"/all/{file}", Sec_Fetch_Dest=dest, If_None_Match=usual.headers["etag"])
        assert (again.status, again.headers["vary"]) == (304, "Accept-Encoding, Sec-Fetch-Dest")


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("file", ["all/feed.json", "opml.xml", "index.html"])
def test_other_files_are_the_same_for_everybody(published: TreeServer, file: str) -> None:
    opened, usual = published.ask(f"/{file}", Sec_Fetch_Dest="document"), published.ask(f"/{file}")
    assert opened.headers["content-type"] == usual.headers["content-type"]
    assert opened.headers["vary"] == "Accept-Encoding"


def test_a_form_that_is_not_kept_is_gone(tmp_path: Path) -> None:
    """A page of a feed, or a page of an archive in some format, beside which others are left."""
    for path in ("all/atom.xml", "all/archive/1/1/atom.xml", "entries/one.html"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("There")
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(tmp_path), MovedFeeds(dict), lambda: 5)
    with served(application(tree, trouble=str)) as port, Client(port) as client:
        for path in ("/all/", "/all/index.html", "/all/archive/1/1/rss.xml", "/all/archive/1/1/"):
            assert client.ask(path).status == 410, path
        for path in ("/all/rss.xml", "/all/archive/1/2/rss.xml", "/all/archive/1/1/x.xml", "/entries/", "/index.html"):
            assert client.ask(path).status == 404, path
        assert client.ask("/all/archive/1/1/atom.xml").status == 200
