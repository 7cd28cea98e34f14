"""The fetcher against servers on loopback: requests, answers and refusals."""

import asyncio
import contextlib
import gzip
import shutil
import socket
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.errors import FetchError, PutOffError
from aggregator.fetch import Answer, Fetcher, Request, Validators
from aggregator.fetch.network_guard import Guard
from tests.support.upstream import LOOPBACK, Script, Server, fetcher, redirect, reply, settings

Routes = Mapping[str, bytes | Script]
ETAG = Validators('W/"v1"', "Mon, 23 Nov 2026 12:00:00 GMT")


def fetch(
    routes: Routes, path: str = "/", *, limits: Mapping[str, Any] | None = None, **request: Any
) -> tuple[Answer, Server]:
    async def story() -> tuple[Answer, Server]:
        async with Server(routes) as server, fetcher(**limits or {}) as ours:
            return await ours.fetch(Request(server.url(path), **request)), server

    return asyncio.run(story())


def fail(routes: Routes, path: str = "/", **request: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(routes, path, **request)
    return caught.value


def script(*parts: bytes, pause: float = 0, abort: bool = False) -> Script:
    async def run(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if abort:
            writer.transport.abort()

    return run


def endless(head: bytes, part: bytes, pause: float = 0) -> Script:
    async def run(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return run


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_first_request_is_plain() -> None:
    _, server = fetch({"/": reply()})
    headers = server.asked[0].headers
    assert headers["user-agent"] == "Tester/1.0 (+https://planet.example/)"
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert headers["accept"].startswith("application/atom+xml")
    assert set(headers) == {"host", "user-agent", "accept", "accept-encoding"}


def test_the_target_goes_out_byte_for_byte() -> None:
    target = "/%7Euser/a%2Fb//c;v=1?z=%2f&sig=a+b%3D%3d&x=~&q='(*)!&empty="
    _, server = fetch({target: reply()}, target)
    assert server.asked[0].target == target


def test_validators_go_out_verbatim() -> None:
    odd = Validators('W/"ä \\"', "yesterday, about noon")
    _, server = fetch({"/": reply(304, b"")}, validators=odd)
    assert server.asked[0].headers["if-none-match"] == odd.etag
    assert server.asked[0].headers["if-modified-since"] == odd.last_modified


def test_cookies_are_never_sent_back_and_no_referrer_is() -> None:
    async def story() -> Server:
        routes = {"/": redirect("/b"), "/b": reply(set_cookie="id=1; Path=/")}
        async with Server(routes) as server, fetcher() as ours:
            for _ in range(3):
                await ours.fetch(Request(server.url("/")))
        return server

    for asked in asyncio.run(story()).asked:
        assert not {"cookie", "referer"} & set(asked.headers)


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetch({"/": reply()})[0].status == 200


def test_a_login_in_the_address_is_sent_but_not_shown() -> None:
    async def story() -> tuple[Answer, Server]:
        async with Server({"/": reply()}) as server, fetcher() as ours:
            return await ours.fetch(Request(server.url("/", host="me:p%40ss@127.0.0.1"))), server

    answer, server = asyncio.run(story())
    assert server.asked[0].headers["authorization"] == "Basic bWU6cEBzcw=="
    assert "p%40ss" not in answer.url


@pytest.mark.parametrize("headers", [{"x-key": "a\r\nb: c"}, {"x-key": "a\nb"}, {"x\r\n": "a"}])
def test_a_header_cannot_smuggle_another(headers: dict[str, str]) -> None:
    assert fail({"*": reply()}, headers=headers).kind == "config"


def test_connections_are_kept_for_the_next_request() -> None:
    async def story() -> int:
        async with Server({"*": reply(304, b"")}) as server, fetcher() as ours:
            for _ in range(5):
                await ours.fetch(Request(server.url("/"), ETAG))
            return server.connections

    assert asyncio.run(story()) == 1


# ── taking ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_fields_of_an_answer() -> None:
    packed = gzip.compress(b"<feed/>")
    routes = {"/": reply(200, packed, content_encoding="gzip", content_type="text/xml", ETag='"2"', X_Two="b")}
    answer, server = fetch(routes)
    assert (answer.status, answer.body, answer.received) == (200, b"<feed/>", len(packed))
    assert answer.validators == Validators('"2"', "")
    assert (answer.content_type, answer.headers["x-two"]) == ("text/xml", "b")
    assert (answer.url, answer.moved_to) == (server.url("/"), "")


def test_unchanged_keeps_validators_and_takes_new_ones() -> None:
    answer, _ = fetch({"/": reply(304, b"", etag='"v2"')}, validators=ETAG)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.validators == Validators('"v2"', ETAG.last_modified)


def test_a_304_without_validators_is_an_error() -> None:
    assert fail({"/": reply(304, b"")}).status == 304


def tagged(etag: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\netag: " + etag + b"\r\n\r\n"


@pytest.mark.parametrize("etag", [b'"' + b"x" * 1023 + b'"', b'"' + b"\xff" * 1023 + b'"', b'"a\x01b"', b'"a\x7fb"'])
def test_a_validator_that_is_very_long_or_not_legal_is_not_kept(etag: bytes) -> None:
    assert fetch({"/": tagged(etag)})[0].validators == Validators()


@pytest.mark.parametrize(
    "etag",
    [
        b'"a\xffb"',
        b'W/"' + bytes(range(0x80, 0x100)) + b'"',
        b'"' + b"x" * 1022 + b'"',
        b'"' + b"\xff" * 1022 + b'"',
        '"ä 漢 \U0001f600"'.encode(),
        '"\uf780\uf7ff"'.encode(),
        b'"\xc3\xbc\xff\xef\x9e"',
    ],
)
def test_a_validator_goes_back_as_it_came_byte_for_byte(etag: bytes) -> None:
    """The encoding of obs-text is not defined (RFC 9110 5.5)."""
    answer, _ = fetch({"/": tagged(etag)})
    kept = Validators(answer.validators.etag.encode().decode(), "")  # as the state keeps it: UTF-8
    _, server = fetch({"/": reply(304, b"")}, validators=kept)
    assert server.asked[0].headers["if-none-match"].encode("utf-8", "surrogateescape") == etag


def test_a_body_of_unknown_length_ends_with_the_connection() -> None:
    assert fetch({"/": script(b"HTTP/1.0 200 OK\r\n\r\n<rss/>")})[0].body == b"<rss/>"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (script(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"), "truncated"),
        (script(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort", abort=True, pause=0.02), "truncated"),
        (script(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n"), "truncated"),
        (reply(200, gzip.compress(b"x" * 1000)[:-4], content_encoding="gzip"), "truncated"),
        (reply(200, b"x", content_encoding="compress"), "parse"),
        (reply(200, b"x" * 200_000), "too-large"),
        (reply(200, gzip.compress(bytes(10_000_000)), content_encoding="gzip"), "too-large"),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000), "too-large"),
        (endless(b"HTTP/1.1 200 OK\r\n", b"x-a: " + b"b" * 1000 + b"\r\n"), "too-large"),
        (endless(b"HTTP/1.1 200 OK\r\nx-a: ", b"b" * 10_000), "too-large"),
        (script(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "status"),
        (script(b"<rss></rss>\r\n\r\n"), "status"),
        (reply(200, b"x", content_length="-5"), "status"),
        (script(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"), "status"),
        (script(), "connect"),
        (script(b"HTTP/1.1 200", abort=True, pause=0.02), "connect"),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.02), "timeout"),
        (endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), "timeout"),
    ],
    ids=lambda value: value if isinstance(value, str) else "said",
)
def test_a_hostile_server_causes_one_error(said: bytes | Script, kind: str) -> None:
    limits = {"timeout": timedelta(seconds=0.3), "max_bytes": 100_000}
    assert fail({"/": said}, limits=limits).kind == kind


def test_a_server_that_says_nothing_is_cut() -> None:
    limits = {"timeout": timedelta(seconds=0.2)}
    assert fail({"/": script(b"", pause=30)}, limits=limits).kind == "timeout"


def test_an_announced_size_over_the_limit_is_not_even_read() -> None:
    error = fail({"/": script(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", pause=30)})
    assert (error.kind, error.transient) == ("too-large", False)


def test_a_closed_port_is_a_connect_fault() -> None:
    async def story() -> None:
        async with Server({}) as server:
            url = server.url("/")
        async with fetcher() as ours:
            await ours.fetch(Request(url))

    with pytest.raises(FetchError, match="refused") as caught:
        asyncio.run(story())
    assert (caught.value.kind, caught.value.transient) == ("connect", True)


def test_a_host_that_takes_no_connection_costs_connect_timeout() -> None:
    """A listener whose queue is full, so that the kernel lets every further connection wait."""

    async def story() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as held:
            for _ in range(8):
                queued = held.enter_context(socket.socket())
                queued.setblocking(False)
                queued.connect_ex(full.getsockname())
            async with fetcher(connect_timeout=timedelta(seconds=0.2)) as ours:
                await ours.fetch(Request(f"http://127.0.0.1:{full.getsockname()[1]}/"))

    with pytest.raises(FetchError, match="connect_timeout") as caught:
        asyncio.run(story())
    assert (caught.value.kind, caught.value.transient) == ("timeout", True)


@pytest.mark.parametrize(("status", "transient"), [(404, False), (410, False), (403, False), (429, True), (503, True)])
def test_a_refusal_says_whether_and_when_to_come_back(status: int, transient: bool) -> None:
    error = fail({"/": reply(status, b"no", retry_after="120")})
    assert (error.kind, error.status, error.transient) == ("status", status, transient)
    assert error.retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    "wall",
    [
        reply(403, b"", cf_mitigated="challenge"),
        reply(503, b"<title>Just a moment...</title>", content_type="text/html; charset=UTF-8"),
        reply(403, gzip.compress(b"<p>Checking your browser"), content_type="text/html", content_encoding="gzip"),
        reply(403, b"<title>Just a moment...</title>" + b" " * 100_000, content_type="text/html"),
        reply(202, b"", x_amzn_waf_action="challenge"),
    ],
)
def test_a_wall_against_robots_is_named(wall: bytes) -> None:
    assert fail({"/": wall}).kind == "bot-wall"


def test_cancelling_passes_through() -> None:
    async def story() -> None:
        async with Server({"/": script(b"", pause=30)}) as server, fetcher() as ours:
            task = asyncio.create_task(ours.fetch(Request(server.url("/"))))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(story())


# ── redirects ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location", ["/b?x=1", "b?x=1", "http://{place}/b?x=1#part", "//{place}/b?x=1", "./c/../b?x=1"]
)
def test_redirects_are_followed_in_every_form(status: int, location: str) -> None:
    async def story() -> tuple[Answer, Server]:
        routes: dict[str, bytes | Script] = {"/b?x=1": reply()}
        async with Server(routes) as server, fetcher() as ours:
            routes["/a"] = redirect(location.format(place=f"127.0.0.1:{server.port}"), status)
            return await ours.fetch(Request(server.url("/a"), ETAG)), server

    answer, server = asyncio.run(story())
    assert answer.url == server.url("/b?x=1")
    assert answer.moved_to == (answer.url if status in {301, 308} else "")
    assert [asked.headers["if-none-match"] for asked in server.asked] == [ETAG.etag] * 2


@pytest.mark.parametrize(
    ("statuses", "moved"), [((301, 308), "/2"), ((301, 302), "/1"), ((302, 301), ""), ((308, 301, 307, 301), "/2")]
)
def test_only_what_permanent_redirects_reach_is_remembered(statuses: Sequence[int], moved: str) -> None:
    routes = {f"/{number}": redirect(f"/{number + 1}", status) for number, status in enumerate(statuses)}
    answer, server = fetch(routes | {f"/{len(statuses)}": reply()}, "/0")
    assert answer.moved_to == (server.url(moved) if moved else "")


def test_five_redirects_are_followed_and_no_more() -> None:
    routes = {f"/{number}": redirect(f"/{number + 1}") for number in range(7)} | {"/7": reply()}
    assert fetch(routes, "/2")[0].status == 200
    assert fail(routes, "/1").kind == "redirect"


@pytest.mark.parametrize(
    "location",
    [
        "/",
        "",
        "   ",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "unix:///run/docker.sock",
        "http://",
        "http://me:secret@127.0.0.1/",
        "//me@127.0.0.1/",
        "http://[::1",
        "http://127.0.0.1:99999/",
    ],
)
def test_a_redirect_that_leads_nowhere_is_a_fault(location: str) -> None:
    error = fail({"/": redirect(location)})
    assert (error.kind, error.transient) == ("redirect", False)
    assert "secret" not in error.message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/", "//192.168.0.1/", "http://0xa9fea9fe/"]
)
def test_a_redirect_inside_is_refused(status: int, location: str) -> None:
    assert fail({"/": redirect("/b", status), "/b": redirect(location, status)}).kind == "forbidden-address"


SECRETS = {"Authorization": "Bearer t", "X-Api-Key": "k", "Cookie": "session=s", "Private-Token": "p"}


def test_own_headers_go_to_the_own_origin_only() -> None:
    """Another port is another origin; after one hop elsewhere they are not sent again."""

    async def story() -> tuple[Server, Server]:
        home_routes: dict[str, bytes | Script] = {"/a": redirect("/b"), "/d": reply()}
        away_routes: dict[str, bytes | Script] = {}
        async with Server(home_routes) as home, Server(away_routes) as away, fetcher() as ours:
            home_routes["/b"] = redirect(away.url("/c"))
            away_routes["/c"] = redirect(home.url("/d"))
            await ours.fetch(Request(home.url("/a"), headers=SECRETS))
            return home, away

    home, away = asyncio.run(story())
    secret = {name.lower() for name in SECRETS}
    sent = {asked.target: secret & {name.lower() for name in asked.headers} for asked in home.asked + away.asked}
    assert sent == {"/a": secret, "/b": secret, "/c": set(), "/d": set()}


def test_a_turn_at_the_next_host_does_not_count_against_the_deadline() -> None:
    """The redirect leads to a host that has just been asked and wants half a second between requests."""

    async def story() -> int:
        routes: dict[str, bytes | Script] = {}
        limits = settings(gap=timedelta(seconds=0.5), timeout=timedelta(seconds=0.3))
        async with Server({"/": reply()}) as busy, Server(routes) as first, Fetcher(limits) as ours:
            routes["/"] = redirect(busy.url("/"))
            await ours.fetch(Request(busy.url("/")))
            return (await ours.fetch(Request(first.url("/")))).status

    assert asyncio.run(story()) == 200


# ── the guard ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "127.0.0.1."])
def test_nothing_reaches_loopback_unless_it_was_opened(host: str) -> None:
    async def story() -> Server:
        async with Server({"*": reply()}) as server, fetcher(allow_networks=()) as ours:
            with pytest.raises(FetchError) as caught:
                await ours.fetch(Request(server.url("/", host=host)))
            assert (caught.value.kind, caught.value.transient) == ("forbidden-address", False)
            return server

    assert asyncio.run(story()).connections == 0


def test_the_last_check_holds_when_the_others_fail() -> None:
    """Even if a literal went past the first check, no socket is opened for it."""

    async def story() -> Server:
        async with Server({"*": reply()}) as server, fetcher(allow_networks=()) as ours:
            ours._guard = Guard(LOOPBACK)  # the first check is fooled; connector and sockets keep theirs
            with pytest.raises(FetchError, match="allow_networks"):
                await ours.fetch(Request(server.url("/")))
            return server

    assert asyncio.run(story()).connections == 0


# ── TLS ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed one for feeds.example, key and certificate in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, and the standard library cannot make a certificate")
    made = tmp_path_factory.mktemp("tls") / "both.pem"
    command = (
        f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=feeds.example"
    )
    words = [*command.split(), "-addext", "subjectAltName=DNS:feeds.example", "-keyout", str(made), "-out", "-"]
    output = subprocess.run(words, check=True, capture_output=True).stdout
    made.write_bytes(made.read_bytes() + output)
    return made


async def over_tls(certificate: Path, host: str) -> Answer:
    async def resolve(name: str) -> Sequence[str]:
        return ["127.0.0.1"]

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with Server({"/": reply()}, ssl=context) as server, Fetcher(settings(), resolve=resolve) as ours:
        return await ours.fetch(Request(server.url("/", host=host)))


def test_what_the_machine_trusts_is_trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asyncio.run(over_tls(certificate, "feeds.example")).status == 200


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_for_another_host_or_by_nobody_is_a_tls_fault(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(FetchError) as caught:
        asyncio.run(over_tls(certificate, "other.example" if trusted else "feeds.example"))
    assert (caught.value.kind, caught.value.transient) == ("tls", False)


def test_a_server_without_tls_is_a_tls_fault() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, fetcher() as ours:
            await ours.fetch(Request(f"https://127.0.0.1:{port}/"))

    with pytest.raises(FetchError) as caught:
        asyncio.run(story())
    assert caught.value.kind == "tls"


def test_a_paused_host_gets_no_request_not_even_one_that_waits_in_its_queue() -> None:
    """`refused` runs before the next request has its turn. A redirect to that host fails as well."""
    later = datetime(2026, 11, 23, 13, tzinfo=UTC)

    async def story() -> tuple[list[Any], Server, Server, list[str]]:
        refusals = []
        async with (
            Server({"*": reply(429, b"", retry_after="60")}) as server,
            Server({"/": redirect(server.url("/3"))}) as other,
            Fetcher(settings(per_host=1), now=lambda: later - timedelta(hours=1)) as ours,
        ):

            async def refused(error: FetchError) -> None:
                await asyncio.sleep(0)
                refusals.append(error.host)
                ours.pause_host(error.host, later)

            urls = [server.url("/1"), server.url("/2")]
            answers = [ours.fetch(Request(url), refused=refused) for url in urls]
            found = list(await asyncio.gather(*answers, return_exceptions=True))
            found += await asyncio.gather(ours.fetch(Request(other.url("/")), refused=refused), return_exceptions=True)
            return found, server, other, refusals

    found, server, other, refusals = asyncio.run(story())
    assert [type(error) for error in found] == [FetchError, PutOffError, PutOffError]
    assert [asked.target for asked in server.asked] == ["/1"]
    assert refusals == [f"127.0.0.1:{server.port}"] == [found[0].host] == [found[1].host]
    assert [asked.target for asked in other.asked] == ["/"]
    assert "2026-11-23 13:00" in str(found[1])
