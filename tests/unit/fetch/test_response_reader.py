"""Responses as servers really send them, off a socket: what is read, what is refused, and which connection is kept."""

import asyncio
import random
from contextlib import closing, suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch import Answer, Fetcher, Request, Validators
from aggregator.fetch.connection import LenientProtocol
from aggregator.fetch.response_reader import ReceivedBody, ResponseReader
from tests.support.upstream import Script, Server, fetcher, reply, settings

DOC = b"<rss><channel><title>A</title></channel></rss>"
JSON = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "a]}"}]}'
OK = b"HTTP/1.1 200 OK\r\n"
SAID = b"Content-Length: %d\r\n" % len(DOC)
CHUNKS = b"10\r\n%s\r\n%x\r\n%s\r\n" % (DOC[:16], len(DOC) - 16, DOC[16:])
CHUNKED = b"Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"


def whole(head: bytes, body: bytes = DOC) -> bytes:
    return head + b"\r\n" + body


# The bytes of a response, after which the server closes; and the body that is read, or the kind of the failure.
READ: dict[str, tuple[bytes, bytes | str]] = {
    # how long the body is
    "a length": (whole(OK + SAID), DOC),
    "no length": (whole(OK), DOC),
    "chunks": (whole(OK + CHUNKED, CHUNKS + END), DOC),
    "a length beside chunks": (whole(OK + SAID + CHUNKED, CHUNKS + END), DOC),
    "a wrong length beside chunks": (whole(OK + b"Content-Length: 3\r\n" + CHUNKED, CHUNKS + END), DOC),
    "a huge length beside chunks": (whole(OK + b"Content-Length: %d\r\n" % 10**30 + CHUNKED, CHUNKS + END), DOC),
    "a senseless length beside chunks": (whole(OK + CHUNKED + b"Content-Length: -1\r\n", CHUNKS + END), DOC),
    "the same length twice": (whole(OK + SAID + SAID), DOC),
    "the same length in one header": (whole(OK + b"Content-Length: 46, 46\r\n"), DOC),
    "the same length with a nought": (whole(OK + b"Content-Length: 046\r\n" + SAID), DOC),
    "two lengths": (whole(OK + SAID + b"Content-Length: 5\r\n"), "status"),
    "two lengths in one header": (whole(OK + b"Content-Length: 46, 5\r\n"), "status"),
    "a negative length": (whole(OK + b"Content-Length: -46\r\n"), "status"),
    "a signed length": (whole(OK + b"Content-Length: +46\r\n"), "status"),
    "a length in words": (whole(OK + b"Content-Length: many\r\n"), "status"),
    "an empty length": (whole(OK + b"Content-Length:\r\n"), "status"),
    "a length in hexadecimal": (whole(OK + b"Content-Length: 0x2e\r\n"), "status"),
    "a length of thirty digits": (whole(OK + b"Content-Length: %d\r\n" % 10**30), "too-large"),
    "a length of 5,000 digits": (whole(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n"), "too-large"),
    "a body longer than its length": (whole(OK + SAID, DOC + b"<!-- and more -->"), DOC),
    "another response after the body": (whole(OK + SAID, DOC + reply(200, b"<rss>other</rss>")), DOC),
    "a body shorter than its length, whole": (whole(OK + b"Content-Length: 99\r\n"), DOC),
    "a body shorter than its length, cut": (whole(OK + b"Content-Length: 99\r\n", DOC[:-3]), "truncated"),
    "JSON shorter than its length, whole": (whole(OK + b"Content-Length: 999\r\n", JSON), JSON),
    "JSON shorter than its length, cut": (whole(OK + b"Content-Length: 999\r\n", JSON[:-1]), "truncated"),
    "JSON cut in a text that holds its end": (whole(OK + b"Content-Length: 999\r\n", JSON[:-4]), "truncated"),
    "text shorter than its length": (whole(OK + b"Content-Length: 99\r\n", b"short"), "truncated"),
    "nothing where something was announced": (whole(OK + b"Content-Length: 99\r\n", b""), "truncated"),
    "no length, cut, as nobody can tell": (whole(OK, DOC[:-3]), DOC[:-3]),
    "a length of nought": (whole(OK + b"Content-Length: 0\r\n", b""), b""),
    # chunks
    "no last chunk, whole": (whole(OK + CHUNKED, CHUNKS), DOC),
    "no last chunk, cut": (whole(OK + CHUNKED, CHUNKS[:30]), "truncated"),
    "no line end after the last chunk": (whole(OK + CHUNKED, CHUNKS + b"0\r\n"), DOC),
    "half of the last chunk, whole": (whole(OK + CHUNKED, CHUNKS + b"0"), DOC),
    "extensions": (whole(OK + CHUNKED, b"2E;a=b;c\r\n" + DOC + b"\r\n0;last\r\n\r\n"), DOC),
    "trailers": (whole(OK + CHUNKED, CHUNKS + b"0\r\nX-Sum: 1\r\nETag: b\r\n\r\n"), DOC),
    "a size with blanks and noughts": (whole(OK + CHUNKED, b" 0002e \r\n" + DOC + b"\r\n000\r\n\r\n"), DOC),
    "chunks with bare line ends": (whole(OK + CHUNKED, (CHUNKS + END).replace(b"\r", b"")), DOC),
    "more after the last chunk": (whole(OK + CHUNKED, CHUNKS + END + b"<rss/>"), DOC),
    "a body without chunks that claims to have them": (whole(OK + CHUNKED), "truncated"),
    "a size that is no number": (whole(OK + CHUNKED, b"-5\r\n" + DOC), "truncated"),
    "a size of seventeen digits": (whole(OK + CHUNKED, b"1" * 17 + b"\r\n" + DOC), "truncated"),
    "a chunk longer than its size": (whole(OK + CHUNKED, b"5\r\n" + DOC + b"\r\n" + END), "truncated"),
    "chunks in any case, twice": (whole(OK + b"transfer-encoding: Chunked\r\n" + CHUNKED, CHUNKS + END), DOC),
    "identity": (whole(OK + b"Transfer-Encoding: identity\r\n" + SAID, DOC + b"more"), DOC),
    "identity, chunked": (whole(OK + b"Transfer-Encoding: identity, chunked\r\n", CHUNKS + END), DOC),
    "a coding of the transfer that is not chunked": (whole(OK + b"Transfer-Encoding: x\r\n" + SAID), DOC),
    "chunks from HTTP/1.0": (whole(b"HTTP/1.0 200 OK\r\n" + CHUNKED, CHUNKS + END), DOC),
    # the status line
    "small letters": (whole(b"http/1.1 200 ok\r\n" + SAID), DOC),
    "HTTP/2": (whole(b"HTTP/2 200\r\n" + SAID), DOC),
    "HTTP/2.0": (whole(b"HTTP/2.0 200 OK\r\n" + SAID), DOC),
    "ICY": (whole(b"ICY 200 OK\r\n" + SAID), DOC),
    "no reason": (whole(b"HTTP/1.1 200\r\n" + SAID), DOC),
    "a reason that is empty": (whole(b"HTTP/1.1 200 \r\n" + SAID), DOC),
    "a reason of bytes": (whole(b"HTTP/1.1 200 \xff\xfe\r\n" + SAID), DOC),
    "two blanks": (whole(b"HTTP/1.1  200  OK\r\n" + SAID), DOC),
    "an empty line before": (b"\r\n" + whole(OK + SAID), DOC),
    "interim answers before": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" + whole(OK), DOC),
    "a status of two digits": (whole(b"HTTP/1.1 20 OK\r\n"), "status"),
    "a status of four digits": (whole(b"HTTP/1.1 2000 OK\r\n"), "status"),
    "a status with its reason": (whole(b"HTTP/1.1 200OK\r\n"), "status"),
    "a status of nought": (whole(b"HTTP/1.1 000 No\r\n"), "status"),
    "no status": (whole(b"HTTP/1.1\r\n"), "status"),
    "a version of letters": (whole(b"HTTP/a.b 200 OK\r\n"), "status"),
    "a version of many digits": (whole(b"HTTP/11.1 200 OK\r\n"), "status"),
    "another protocol": (b"RTSP/1.0 200 OK\r\n\r\n", "status"),
    "mail": (b"220 mail.example ESMTP\r\n", "status"),
    "a document alone": (DOC + b"\r\n\r\n", "status"),
    "one line without end": (b"a" * 70_000, "status"),
    # the headers
    "bare line ends": (whole(OK + SAID).replace(b"\r", b""), DOC),
    "mixed line ends": (OK + SAID.replace(b"\r", b"") + b"X: y\r\n\n" + DOC, DOC),
    "a blank before the colon": (whole(OK + b"Content-Length : 46\r\nX-A\t: b\r\n", DOC + b"more"), DOC),
    "blanks around a value": (whole(OK + b"Content-Length: \t 46 \t\r\n", DOC + b"more"), DOC),
    "an empty name": (whole(OK + b": a\r\n" + SAID), DOC),
    "a name of two words": (whole(OK + b"Two Words: a\r\n" + SAID), DOC),
    "a name beyond ASCII": (whole(OK + b"X-\xc3\xbc: a\r\n" + SAID), DOC),
    "a name with a control character": (whole(OK + b"X\x00Y: a\r\n" + SAID), DOC),
    "a line without a colon": (whole(OK + b"nonsense\r\n" + SAID), DOC),
    "a folded value": (whole(OK + b"X-A: b\r\n c\r\n\td\r\n" + SAID), DOC),
    "a folded length": (whole(OK + b"Content-Length:\r\n 46\r\n", DOC + b"more"), DOC),
    "a fold under nothing": (whole(OK + b" Content-Length: 3\r\n" + SAID), DOC),
    "a fold under a line left out": (whole(OK + b"a b: c\r\n Content-Length: 3\r\n" + SAID), DOC),
    "zero bytes in a value": (whole(OK + b"X-A: \0\0b\r\n" + SAID), DOC),
    "a carriage return in a value": (whole(OK + b"X-A: b\rContent-Length: 3\r\n" + SAID), DOC),
    "a value of 20 kB": (whole(OK + b"X-A: " + b"b" * 20_000 + b"\r\n" + SAID), DOC),
    "a value of 60 kB": (whole(OK + b"X-A: " + b"b" * 60_000 + b"\r\n" + SAID), DOC),
    "a value of 70 kB": (whole(OK + b"X-A: " + b"b" * 70_000 + b"\r\n" + SAID), "too-large"),
    "200 lines": (whole(OK + b"X-A: b\r\n" * 200 + SAID), DOC),
    "498 lines and a length": (whole(OK + b"X-A: b\r\n" * 498 + SAID), DOC),
    "501 lines": (whole(OK + b"X-A: b\r\n" * 500 + SAID), "too-large"),
    "400 lines of 2 kB": (whole(OK + (b"X-A: " + b"b" * 2000 + b"\r\n") * 400 + SAID), "too-large"),
    "a head that ends early": (OK + SAID, "connect"),
    "nothing": (b"", "connect"),
    # other statuses
    "203": (whole(b"HTTP/1.1 203 Said\r\n" + SAID), DOC),
    "204": (whole(b"HTTP/1.1 204 None\r\n", b""), "status"),
    "101": (whole(b"HTTP/1.1 101 Other\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"), "status"),
    "404 with a broken body": (whole(b"HTTP/1.1 404 No\r\n" + CHUNKED), "status"),
}


def sends(said: bytes) -> Script:
    async def run(writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    return run


def answer(said: bytes | Script, etag: str = "") -> Answer:
    async def story() -> Answer:
        async with Server({"/": said}) as server, fetcher() as ours:
            return await ours.fetch(Request(server.url("/"), Validators(etag)))

    return asyncio.run(story())


@pytest.mark.parametrize("name", READ)
def test_what_servers_send_is_read_as_curl_reads_it(name: str) -> None:
    said, expected = READ[name]
    if isinstance(expected, bytes):
        assert answer(sends(said)).body == expected
    else:
        with pytest.raises(FetchError) as caught:
            answer(sends(said))
        assert caught.value.kind == expected


@pytest.mark.variants(quick=15)
@pytest.mark.parametrize("name", [name for name, (said, _) in READ.items() if len(said) < 5000])
def test_it_does_not_matter_how_the_bytes_arrive(name: str) -> None:
    """A few bytes at a time."""
    said, expected = READ[name]

    async def slowly(writer: asyncio.StreamWriter) -> None:
        size = random.Random(name).randint(1, 40)
        for begin in range(0, len(said), size):
            writer.write(said[begin : begin + size])
            await asyncio.sleep(0)

    try:
        found: bytes | str = answer(slowly).body
    except FetchError as error:
        found = error.kind
    assert found == expected


def test_a_folded_value_is_one_value() -> None:
    assert answer(whole(OK + SAID + b"X-A: b\r\n \t c\r\nX-B: d\r\n")).headers["x-a"] == "b c"


def test_a_document_that_came_whole_is_taken_with_a_note() -> None:
    assert "document is whole" in answer(sends(READ["no last chunk, whole"][0])).note
    assert answer(sends(READ["chunks"][0])).note == ""
    assert answer(sends(READ["a body longer than its length"][0])).note == ""


def test_a_304_has_no_body_whatever_it_announces() -> None:
    said = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 46\r\nETag: a\r\n\r\n"
    assert answer(said, "a").status == 304


def test_a_broken_connection_cuts_a_body_of_unknown_length() -> None:
    async def breaks(writer: asyncio.StreamWriter) -> None:
        writer.write(whole(OK, DOC[:-3]))
        await asyncio.sleep(0.02)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER of no time: closing sends RST
        writer.transport.abort()

    with pytest.raises(FetchError) as caught:
        answer(breaks)
    assert (caught.value.kind, caught.value.transient) == ("truncated", True)


# ── which connection is used again ──────────────────────────────────────────────────────────────────────────

KEPT = ["a length", "chunks", "extensions", "trailers", "no reason", "a value of 20 kB", "200 lines"]
CLOSED = [
    "a length beside chunks", "the same length twice", "a body longer than its length", "small letters", "HTTP/2",
    "another response after the body", "bare line ends", "a blank before the colon", "an empty name", "a folded value",
    "more after the last chunk", "chunks with bare line ends", "zero bytes in a value", "chunks from HTTP/1.0",
    "identity, chunked",
]  # fmt: skip


@pytest.mark.parametrize(("name", "connections"), [*((name, 1) for name in KEPT), *((name, 3) for name in CLOSED)])
def test_a_connection_with_a_mended_answer_is_not_used_again(name: str, connections: int) -> None:
    async def story() -> int:
        async with Server({"/": READ[name][0]}) as server, fetcher() as ours:
            for _ in range(3):
                assert (await ours.fetch(Request(server.url("/")))).body == DOC
            return server.connections

    assert asyncio.run(story()) == connections


def test_bytes_that_arrive_after_an_answer_are_nobodys() -> None:
    """The server answers, and when nobody asks sends another answer on the same connection."""
    poison = reply(200, b"<rss>poison</rss>")

    async def answers_twice(writer: asyncio.StreamWriter) -> None:
        writer.write(whole(OK + SAID))
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(poison)
        await asyncio.sleep(0.3)

    async def story(pause: float) -> list[bytes]:
        async with Server({"/": answers_twice}) as server, fetcher() as ours:
            bodies = []
            for _ in range(2):
                bodies.append((await ours.fetch(Request(server.url("/")))).body)
                await asyncio.sleep(pause)
            return bodies

    assert asyncio.run(story(0.05)) == [DOC, DOC]


def test_bytes_that_have_arrived_unseen_end_the_connection_too() -> None:
    """They are in the kernel, and the loop has had no time to look."""

    arrived = asyncio.Event()

    async def answers_twice(writer: asyncio.StreamWriter) -> None:
        writer.write(whole(OK + SAID))
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(reply(200, b"<rss>poison</rss>"))
        arrived.set()
        await asyncio.sleep(0.3)

    async def story() -> bytes:
        async with Server({"/": answers_twice}) as server, fetcher() as ours:
            await ours.fetch(Request(server.url("/")))
            await arrived.wait()
            return (await ours.fetch(Request(server.url("/")))).body

    assert asyncio.run(story()) == DOC


# ── what is sent without sense ──────────────────────────────────────────────────────────────────────────────

WELL = [said for said, expected in READ.values() if isinstance(expected, bytes) and len(said) < 2000]
KINDS = ["cut", "delete", "double", "change", "insert"]
DAMAGE = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 999), st.binary(max_size=3)),
    min_size=1,
    max_size=4,
)


Damage = list[tuple[str, int, bytes]]


def damaged(said: bytes, damage: Damage) -> bytes:
    for kind, where, data in damage:
        at = where % (len(said) + 1)
        if kind == "cut":
            said = said[:at]
        elif kind == "delete":
            said = said[:at] + said[at + len(data) :]
        elif kind == "double":
            said = said[:at] + said[at // 2 :]
        elif kind == "change":
            said = said[:at] + data + said[at + len(data) :]
        else:
            said = said[:at] + data + said[at:]
    return said


@pytest.mark.torture
@hypothesis_settings(max_examples=300, deadline=None)
@given(st.sampled_from(WELL), DAMAGE, st.integers(1, 400))
def test_whatever_is_read_ends_or_fails_with_our_error(well: bytes, damage: Damage, size: int) -> None:
    """The reader alone: as many bytes of a body as were sent at most, and an end when the connection ends."""
    loop = asyncio.new_event_loop()
    with closing(loop):
        protocol = LenientProtocol(loop)
        body, begun, closed = ReceivedBody(protocol, 2**16, loop), [], []
        reader = ResponseReader(body, lambda message, _: begun.append(message), lambda: closed.append(True))
        said = damaged(well, damage)
        try:
            for at in range(0, len(said), size):
                if not reader.has_ended:
                    reader.feed(said[at : at + size])
        except FetchError:
            return
        reader.feed_eof()
        assert body.total_bytes <= len(said)
        assert len(begun) <= 1
        assert body.is_eof() == bool(begun)
        assert closed or not body.is_eof() or not body.was_cut


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(WELL), DAMAGE), min_size=1, max_size=4))
def test_whatever_a_server_sends_the_next_answer_on_its_connection_is_the_next_one(
    said: list[tuple[bytes, Damage]],
) -> None:
    """The server keeps the connection after what it sent. A damaged answer is read, or fails within the time limit."""

    async def story() -> None:
        routes: dict[str, bytes | Script] = {"/good": reply(200, b"<rss>good</rss>")}
        patient, hasty = settings(), settings(timeout=timedelta(seconds=0.1))
        async with Server(routes) as server, Fetcher(patient) as ours:
            for number, (well, damage) in enumerate(said):
                routes[f"/{number}"] = damaged(well, damage) or b"?"
                ours._settings = hasty
                with suppress(FetchError):
                    assert b"good" not in (await ours.fetch(Request(server.url(f"/{number}")))).body
                ours._settings = patient
                assert (await ours.fetch(Request(server.url("/good")))).body == b"<rss>good</rss>"

    asyncio.run(story())
