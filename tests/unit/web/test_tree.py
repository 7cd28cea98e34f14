"""The published tree over HTTP, asked through real sockets."""

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
from aggregator.web import MovedFeeds, ServedFiles, Site, StateReader, TreeAnswers, application, application_of
from aggregator.web import files as documents
from aggregator.web import uvicorn_server as running
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
class Shop:
    """A tree that is served. What a test changes takes effect with its next request."""

    root: Path
    port: int = 0
    moved: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    seconds: float = 120

    def ask(self, path: str | bytes, method: str = "GET", **headers: str) -> Reply:
        with Client(self.port) as client:
            return client.ask(path, method, **headers)

    def put(self, path: str, text: str | bytes = WORDS, *, at: float = OLD) -> Path:
        """As publishing does it: another file takes the place."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        new = self.root.parent / "new"
        new.write_bytes(text.encode() if isinstance(text, str) else text)
        os.utime(new, (at, at))
        return new.replace(file)


async def poll_now(_: Request) -> Response:
    return PlainTextResponse("polled")


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("shop") / "feeds")
    shop.root.mkdir()
    site = Site("https://planet.example/planet/", "https://hub.example/?a=1&b=<2>")
    signposts = MovedFeeds(lambda: shop.moved, pause=0)
    tree = TreeAnswers(site, ServedFiles(shop.root), signposts, lambda: shop.seconds)
    own = [Route("/api/poll", poll_now, methods=["POST"])]
    with served(application(tree, trouble=lambda: shop.trouble, routes=own)) as port:
        shop.port = port
        yield shop


@pytest.fixture
def shop(open_shop: Shop) -> Shop:
    open_shop.moved, open_shop.trouble, open_shop.seconds = {}, "", 120
    return open_shop


@pytest.fixture
def published(shop: Shop, planet: Planet) -> Shop:
    """A planet's whole tree, in a shop of the same address."""
    for n in range(3):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-11-0{n + 1}\ncategories: [News, Deep]\n---\n{WORDS}")
    planet.run()
    for file in (planet.root / "feeds").rglob("*"):
        if file.is_file():
            shop.put(str(file.relative_to(planet.root / "feeds")), file.read_bytes())
    return shop


def paths(shop: Shop) -> list[str]:
    return sorted(str(file.relative_to(shop.root)) for file in shop.root.rglob("*") if file.is_file())


def test_every_published_file_is_served_with_all_that_belongs_to_it(published: Shop) -> None:
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
            assert reply.headers["vary"] == "Accept-Encoding"
            assert reply.headers["accept-ranges"] == "none"
            assert reply.headers["x-content-type-options"] == "nosniff"
            assert reply.headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in reply.headers["content-security-policy"]
            assert "script" not in reply.headers["content-security-policy"]
            assert "server" not in reply.headers
            assert ("link" in reply.headers) == (path.rpartition("/")[2] in {"atom.xml", "rss.xml", "feed.json"})


def test_a_page_may_still_have_its_style_and_images(published: Shop) -> None:
    """The policy of the page itself, which knows the digest of its style, is the narrower one of both."""
    reply = published.ask("/all/")
    assert b"style-src 'sha256-" in reply.body
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
    assert "'unsafe-inline'" in policy["style-src"]
    assert "sha256" not in policy["style-src"]  # a digest beside it would void it
    assert (policy["img-src"], policy["media-src"]) == ("* data:", "*")
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"


def test_feeds_name_their_own_address_and_the_hub(shop: Shop) -> None:
    shop.put("a b/ü/atom.xml")
    own = "https://planet.example/planet/a%20b/%C3%BC/atom.xml"
    hub = '<https://hub.example/?a=1&b=%3C2%3E>; rel="hub"'
    assert shop.ask("/a%20b/%C3%BC/atom.xml").headers["link"] == f'<{own}>; rel="self", {hub}'


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("sitemap.xml", "application/xml; charset=utf-8"),
        ("own.css", "text/css; charset=utf-8"),
        ("Photo.JPG", "image/jpeg"),
        ("CNAME", "application/octet-stream"),
    ],
)
def test_a_file_that_somebody_put_there_has_its_type(shop: Shop, name: str, media_type: str) -> None:
    shop.put(f"more/{name}")
    assert shop.ask(f"/more/{name}").headers["content-type"] == media_type


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_coding_is_another_representation(shop: Shop, coding: str) -> None:
    shop.put("all/atom.xml")
    plain = shop.ask("/all/atom.xml", Accept_Encoding="identity")
    coded = shop.ask("/all/atom.xml", Accept_Encoding=f"deflate, {coding}")
    again = shop.ask("/all/atom.xml", Accept_Encoding=coding)
    decode = brotli.decompress if coding == "br" else gzip.decompress
    assert (coded.headers["content-encoding"], decode(coded.body)) == (coding, plain.body)
    assert "content-encoding" not in plain.headers
    assert len(coded.body) < len(plain.body) / 4
    assert again.body == coded.body
    assert coded.headers["etag"] == plain.headers["etag"][:-1] + f'-{coding}"'
    assert shop.ask("/all/atom.xml", Accept_Encoding=coding, If_None_Match=plain.headers["etag"]).status == 200
    assert shop.ask("/all/atom.xml", Accept_Encoding=coding, If_None_Match=coded.headers["etag"]).status == 304


def test_small_and_compressed_files_go_as_they_are_unless_that_is_refused(shop: Shop) -> None:
    shop.put("small.html", "few words")
    shop.put("photo.png", WORDS)
    for path in ("/small.html", "/photo.png"):
        assert "content-encoding" not in shop.ask(path, Accept_Encoding="gzip, br").headers
        refusing = shop.ask(path, Accept_Encoding="gzip, identity;q=0")
        assert refusing.headers["content-encoding"] == "gzip"
        assert shop.ask(path, Accept_Encoding="identity;q=0").status == 406


@pytest.mark.parametrize("path", ["/all/atom.xml", "/all/", "/nothing", "/folder", "/readyz", "/small.html"])
@pytest.mark.parametrize("coding", ["", "br", "gzip"])
def test_head_says_what_get_says(shop: Shop, path: str, coding: str) -> None:
    for name in ("all/atom.xml", "all/index.html", "folder/index.html"):
        shop.put(name)
    shop.put("small.html", "few words")
    with Client(shop.port) as client:
        head = client.ask(path, "HEAD", Accept_Encoding=coding)
        get = client.ask(path, "GET", Accept_Encoding=coding)
    assert (head.status, head.headers | {"date": ""}) == (get.status, get.headers | {"date": ""})


def test_who_has_it_already_is_told_so_and_no_more(shop: Shop) -> None:
    shop.put("all/atom.xml")
    tag = shop.ask("/all/atom.xml").headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', f'W/"a,b",{tag} , "c"', "*"):
        reply = shop.ask("/all/atom.xml", If_None_Match=known)
        assert reply.status == 304
        assert reply.headers.keys() == {"date", "etag", "cache-control", "vary"}
        assert reply.headers["etag"] == tag
    for unknown in ('"other"', tag.strip('"'), f'"W/{tag}', ""):
        assert shop.ask("/all/atom.xml", If_None_Match=unknown).status == 200


def test_several_lines_of_a_header_are_one_list(shop: Shop) -> None:
    shop.put("all/atom.xml")
    tag = shop.ask("/all/atom.xml").headers["etag"]
    with Client(shop.port) as client:
        lines = f'If-None-Match: "other"\r\nIf-None-Match: {tag}\r\n'.encode()
        client.socket.sendall(b"GET /all/atom.xml HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n")
        assert client.reply().status == 304


def test_dates_count_only_where_no_tag_is_named(shop: Shop) -> None:
    shop.put("dates/atom.xml")
    date = "Tue, 14 Nov 2023 22:13:20 GMT"
    assert shop.ask("/dates/atom.xml", If_Modified_Since=date).status == 304
    assert shop.ask("/dates/atom.xml", If_Modified_Since="Tuesday, 14-Nov-23 22:13:20 GMT").status == 304
    assert shop.ask("/dates/atom.xml", If_Modified_Since="Tue Nov 14 22:13:20 2023").status == 304
    assert shop.ask("/dates/atom.xml", If_Modified_Since="Tue, 14 Nov 2023 22:13:19 GMT").status == 200
    assert shop.ask("/dates/atom.xml", If_Modified_Since="yesterday").status == 200
    assert shop.ask("/dates/atom.xml", If_Modified_Since=date, If_None_Match='"other"').status == 200


@pytest.mark.parametrize(("seconds", "said"), [(12.9, 12), (9999, 300), (-5, 0)])
def test_it_may_be_kept_until_the_next_run_and_five_minutes_at_most(shop: Shop, seconds: float, said: int) -> None:
    shop.put("all/atom.xml")
    shop.seconds = seconds
    assert shop.ask("/all/atom.xml").headers["cache-control"] == f"public, max-age={said}"


def test_a_folder_shows_its_index(shop: Shop) -> None:
    shop.put("ai/index.html", "AI")
    shop.put("index.html", "All")
    assert shop.ask("/?q=1").body == b"All"
    assert shop.ask("/ai/").body == shop.ask("/ai/index.html?x").body == b"AI"
    redirect = shop.ask("/ai?from=mail&x=%20")
    assert (redirect.status, redirect.headers["location"]) == (301, "/ai/?from=mail&x=%20")
    assert redirect.headers["cache-control"] == "public, max-age=120"  # not for ever, as it would be without
    (shop.root / "bare/below").mkdir(parents=True, exist_ok=True)
    for missing in ("/bare", "/bare/", "/ai/index.html/", "/ai/index.html/x"):
        assert shop.ask(missing).status == 404


def test_moved_feeds_are_found_at_their_new_address(shop: Shop) -> None:
    shop.moved = {"old": "new/home", "deep/old": "other", "first": "old"}
    for path in ("old/atom.xml", "old/sub/atom.xml", "old/index.html", "new/home/atom.xml"):
        shop.put(path)
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
        reply = shop.ask(path)
        assert (reply.status, reply.headers["location"]) == (301, where)
    assert shop.ask("/old/sub/atom.xml").status == 200
    shop.moved = {"old": "old/sub"}
    assert shop.ask("/old/sub/atom.xml").status == 200
    shop.moved = {}  # a name that returns takes its own address back
    assert shop.ask("/old/atom.xml").status == 200


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
def test_no_trick_leads_out_of_the_tree(shop: Shop, path: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    (shop.root.parent / "secret").write_text("secret")
    shop.put("ai/index.html")
    shop.put(".hidden", "secret")
    shop.put(".aggregator-staging/0", "secret")
    for name, target in {
        "outside.txt": "../secret",
        "outside": "..",
        "to-hidden": ".hidden",
        "circle": "circle",
    }.items():
        if not (shop.root / name).is_symlink():
            (shop.root / name).symlink_to(target)
    if not (shop.root / "pipe").exists():
        os.mkfifo(shop.root / "pipe")
    reply = shop.ask(path)
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
def test_what_is_no_request_is_refused_in_order(shop: Shop, line: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with Client(shop.port) as client:
        client.socket.sendall(line + b"\r\nHost: x\r\n\r\n")
        assert client.reply().status in {400, 404, 405}
    assert capfd.readouterr().err == ""


def test_an_absolute_address_means_its_path(shop: Shop) -> None:
    shop.put("ai/index.html", "AI")
    assert shop.ask("http://any.example/ai/").body == b"AI"


def test_links_that_stay_in_the_tree_are_followed(shop: Shop) -> None:
    shop.put("ai/index.html", "AI")
    if not (shop.root / "latest").is_symlink():
        (shop.root / "latest").symlink_to("ai")
    assert shop.ask("/latest/").body == b"AI"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_what_is_published_can_only_be_read(shop: Shop, method: str) -> None:
    shop.put("all/atom.xml")
    reply = shop.ask("/all/atom.xml", method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert shop.ask("/all/atom.xml", "OPTIONS").headers["allow"] == "GET, HEAD, OPTIONS"
    assert shop.ask("/all/atom.xml", "OPTIONS").status == shop.ask("*", "OPTIONS").status == 204


def test_bodies_of_questions_are_ignored(shop: Shop) -> None:
    shop.put("all/atom.xml", "first")
    with Client(shop.port) as client:
        for body in (b"x" * 10, b"x" * 200_000):
            client.send("/all/atom.xml", body=body, Content_Length=str(len(body)))
            assert client.reply().body == b"first"
        assert client.ask("/all/atom.xml").body == b"first"


def test_questions_may_be_sent_before_answers_came(shop: Shop) -> None:
    shop.put("1.html", "one")
    shop.put("2.html", "two")
    with Client(shop.port) as client:
        for path in ("/1.html", "/2.html", "/nothing", "/1.html"):
            client.send(path)
        assert [client.reply().status for _ in range(4)] == [200, 200, 404, 200]


def test_an_offer_to_speak_otherwise_is_declined(shop: Shop) -> None:
    shop.put("1.html", "one")
    assert (
        shop.ask("/1.html", Connection="Upgrade, HTTP2-Settings", Upgrade="h2c", HTTP2_Settings="AAMAAABk").status
        == 200
    )
    assert shop.ask("/1.html", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Key="x").status == 200


def test_a_replaced_file_is_another_document_at_once(shop: Shop) -> None:
    shop.put("all/atom.xml", "first", at=OLD)
    first = shop.ask("/all/atom.xml")
    shop.put("all/atom.xml", "other", at=OLD)  # as long, and in the same second
    second = shop.ask("/all/atom.xml", If_None_Match=first.headers["etag"])
    assert (second.status, second.body) == (200, b"other")
    assert shop.ask("/all/atom.xml", If_Modified_Since=first.headers["last-modified"]).status == 200
    shop.put("all/atom.xml", "first", at=OLD - 1000)  # an older one came back
    assert shop.ask("/all/atom.xml", If_Modified_Since=second.headers["last-modified"]).body == b"first"
    (shop.root / "all/atom.xml").unlink()
    assert shop.ask("/all/atom.xml").status == 404


def test_a_date_to_come_is_not_told(shop: Shop) -> None:
    shop.put("all/atom.xml", at=time.time() + 1000)
    assert "last-modified" not in shop.ask("/all/atom.xml").headers


def test_tag_and_body_belong_together_whatever_is_replaced_meanwhile(shop: Shop) -> None:
    shop.put("all/atom.xml")
    done = threading.Event()

    tags: set[str] = set()

    def replace() -> None:
        for n in range(40_000):
            shop.put("all/atom.xml", f"{WORDS}{n}")
            if n > 400 and len(tags) > 20:
                break
        done.set()

    thread = threading.Thread(target=replace)
    thread.start()
    with Client(shop.port) as client:
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


def test_no_file_is_opened_to_say_that_it_did_not_change(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("all/atom.xml")
    tag = shop.ask("/all/atom.xml").headers["etag"]
    monkeypatch.setattr(ServedFiles, "_descriptor", None)
    assert shop.ask("/all/atom.xml", If_None_Match=tag).status == 304
    assert shop.ask("/all/atom.xml").status == 200


def test_many_who_ask_at_once_wait_for_one_reading(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("all/rss.xml", "asked by many")
    readings: list[str] = []
    read = ServedFiles.read

    def slowly(self: ServedFiles, path: str) -> object:
        readings.append(path)
        time.sleep(0.2)
        return read(self, path)

    monkeypatch.setattr(ServedFiles, "read", slowly)
    clients = [Client(shop.port) for _ in range(8)]
    for client in clients:
        client.send("/all/rss.xml")
    assert {client.reply().body for client in clients} == {b"asked by many"}
    for client in clients:
        client.close()
    assert len(readings) == 2  # once to know it, once for its bytes


def test_a_file_beyond_measure_is_sent_piece_by_piece(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_IN_MEMORY", 1000)
    monkeypatch.setattr(documents, "CHUNK", 700)
    data = os.urandom(3000)
    shop.put("film.mp4", data)
    reply = shop.ask("/film.mp4", Accept_Encoding="gzip")
    assert reply.body == data
    assert reply.headers["etag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert shop.ask("/film.mp4", If_None_Match=reply.headers["etag"]).status == 304
    assert shop.ask("/film.mp4", "HEAD").headers["content-length"] == "3000"
    assert shop.ask("/film.mp4", Accept_Encoding="gzip, identity;q=0").status == 406


def test_a_disk_that_fails_is_a_matter_of_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("all/feed.json")

    def fail(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ServedFiles, "_descriptor", fail)
    reply = shop.ask("/all/feed.json")
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")


def test_the_program_answers_for_itself(shop: Shop) -> None:
    health = shop.ask("/healthz")
    assert (health.status, health.body) == (200, b"ok")
    assert health.headers["content-type"] == "text/plain; charset=utf-8"
    assert shop.ask("/readyz").status == 200
    shop.trouble = "nothing is published yet"
    assert (shop.ask("/readyz").status, shop.ask("/readyz").body) == (503, b"nothing is published yet")
    assert shop.ask("/healthz").status == 200
    assert shop.ask("/api/poll", "POST").body == b"polled"
    for path in ("/api", "/api/x", "/healthz/", "/readyz/x"):
        reply = shop.ask(path)
        assert reply.status == 404
        assert reply.headers["x-content-type-options"] == "nosniff"
    wrong = shop.ask("/healthz", "POST")
    assert (wrong.status, set(wrong.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


def test_a_long_head_is_refused(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    for cookie in ("x" * 40_000, "x" * 400_000):
        with Client(shop.port) as client:
            client.send("/", Cookie=cookie)
            assert client.reply().status == 431
    with Client(shop.port) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\nCookie: ")
        with pytest.raises(ConnectionError):
            client.socket.sendall(b"x" * 100_000_000)  # one that hardly ever ends
    assert capfd.readouterr().err == ""


def test_who_keeps_us_waiting_is_cut_off(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(GuardedProtocol, "LOOK_EVERY", 0.1)
    shop.put("1.html", "one")
    starts = [
        b"",
        b"GET / HTTP/1.1\r\nHos",
        b"GET /1.html HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nfew",
        b"GET /1.html HTTP/1.1\r\nHost: x\r\n\r\n\r\n\r\n",
    ]
    clients = [Client(shop.port) for _ in starts]
    for client, start in zip(clients, starts, strict=True):
        client.socket.sendall(start)
    for client, start in zip(clients, starts, strict=True):
        if b"1.html" in start:
            assert client.reply().body == b"one"
        assert client.is_closed()
        client.close()


def test_who_does_not_take_the_answer_is_cut_off(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "LOOK_EVERY", 0.1)
    shop.put("big.png", os.urandom(12 * 2**20))
    with Client(shop.port) as client:
        client.send("/big.png")
        time.sleep(0.5)
        assert client.bytes_left() < 12 * 2**20


def test_who_takes_it_slowly_gets_all_of_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "LOOK_EVERY", 0.1)
    data = os.urandom(12 * 2**20)
    shop.put("slow.png", data)
    with Client(shop.port) as client:
        client.send("/slow.png", Connection="close")
        received = b""
        while piece := client.socket.recv(2**20):
            received += piece
            time.sleep(0.03)
    assert received.endswith(data)


def test_it_ends_within_seconds_even_while_an_answer_is_not_taken(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(documents, "MOST_IN_MEMORY", 2**20)
    monkeypatch.setattr(running, "GRACE", 0.2)
    shop.put("big.png", os.urandom(30 * 2**20))
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(shop.root), MovedFeeds(dict), lambda: 5)
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


def test_at_the_limit_who_keeps_us_waiting_longest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_most_connections", lambda: 4)
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(tmp_path), MovedFeeds(dict), lambda: 5)
    with served(application(tree, trouble=str)) as port, ExitStack() as at_end:
        slow = [at_end.enter_context(Client(port)) for _ in range(3)]
        for client in slow:
            client.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
            time.sleep(0.02)
        for _ in range(3):
            assert at_end.enter_context(Client(port)).ask("/healthz").status == 200
        assert all(client.is_closed() for client in slow)


def test_where_everybody_is_being_answered_others_are_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_most_connections", lambda: 3)
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


def test_without_a_tree_it_says_what_to_do(tmp_path: Path) -> None:
    tree = TreeAnswers(Site("https://x.example/"), ServedFiles(tmp_path / "feeds"), MovedFeeds(dict), lambda: 5)
    with served(application(tree, trouble=str)) as port, Client(port) as client:
        reply = client.ask("/")
        assert (reply.status, b"nothing is published here yet" in reply.body) == (404, True)
        (tmp_path / "feeds").mkdir()
        (tmp_path / "feeds/index.html").write_text("now")
        assert client.ask("/").body == b"now"


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
def test_a_request_has_one_host(planet: Planet, head: bytes, status: int) -> None:
    """RFC 9112 3.2; what a proxy and we might read otherwise of two is refused."""
    planet.run()
    with planet.app() as app:
        application = application_of(app, StateReader(Store(app.store.path), app.output))
        with served(application) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(head)
            assert client.recv(12).split()[1] == b"%d" % status


def test_a_precondition_that_fails_is_told(planet: Planet) -> None:
    planet.run()
    with planet.app() as app:
        application = application_of(app, StateReader(Store(app.store.path), app.output))
        with served(application) as port, Client(port) as client:
            tag = client.ask("/all/atom.xml").headers["etag"]
            assert client.ask("/all/atom.xml", If_Match=tag).status == 200
            assert client.ask("/all/atom.xml", If_Match='"another"').status == 412
            assert client.ask("/all/atom.xml", "HEAD", If_Match='"another"', If_None_Match=tag).status == 412
            assert client.ask("/all/atom.xml", If_Match=tag, If_None_Match=tag).status == 304
            assert client.ask("/all/atom.xml", If_Unmodified_Since="Thu, 01 Jan 1970 00:00:10 GMT").status == 412
            assert client.ask("/nothing", If_Match='"another"').status == 404


@pytest.mark.parametrize("path", ["/status", "/status/events"])
def test_a_page_elsewhere_cannot_read_our_status_under_a_name_of_its_own(planet: Planet, path: str) -> None:
    """DNS rebinding: its name leads to us, and its scripts ask in the reader's browser."""
    planet.run()
    planet.config["server"] = {"public_url": "https://feeds.example/"}
    hosts = {"evil.example": b"421", "planet.example": b"200", "feeds.example": b"200", "127.0.0.1:8080": b"200"}
    with planet.app() as app:
        application = application_of(app, StateReader(Store(app.store.path), app.output))
        with served(application) as port:
            for host, status in hosts.items():
                with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                    client.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                    assert client.recv(12).split()[1] == status
