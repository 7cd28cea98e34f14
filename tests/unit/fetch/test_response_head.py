"""The head of a response as plain data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch.response_head import Length, _exact_headers, _mended_headers, read_head

ODD = [b"Content-Length: 5", b"X : y", b" folded", b"A:b", b"Transfer-Encoding: chunked", b"A: \t b \t"]
LINES = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=12).filter(lambda line: b"\n" not in line),
        st.sampled_from(ODD),
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("headers", "length", "stays_open"),
    [
        (["Content-Length: 5"], 5, True),
        (["Transfer-Encoding: chunked"], "chunked", True),
        ([], "until close", True),
        (["Content-Length: 5", "Transfer-Encoding: chunked"], "chunked", False),
        (["Content-Length: 5", "Transfer-Encoding: gzip"], "until close", False),
        (["Transfer-Encoding: chunked, gzip"], "until close", False),
        (["Transfer-Encoding: identity", "Content-Length: 5"], 5, False),
        (["Content-Length: 5", "Connection: close"], 5, False),
        (["Content-Length: 5", "Connection: Keep-Alive, Upgrade"], 5, False),
        (["Content-Length: 5", "connection: X", "Connection: CLOSE"], 5, False),
    ],
)
def test_how_long_a_body_is_and_whether_the_connection_serves_on(
    headers: list[str], length: Length, stays_open: bool
) -> None:
    head = read_head([b"HTTP/1.1 200 OK", *(line.encode() for line in headers)])
    assert (head.length, head.stays_open) == (length, stays_open)


@pytest.mark.parametrize(("connection", "stays_open"), [("keep-alive", True), ("close", False), ("x", False)])
def test_http_1_0_keeps_a_connection_only_if_it_says_so(connection: str, stays_open: bool) -> None:
    lines = [b"HTTP/1.0 200 OK", b"Content-Length: 5", b"Connection: " + connection.encode()]
    assert read_head(lines).stays_open == stays_open


@pytest.mark.parametrize("status", [100, 101, 204, 304])
def test_these_have_no_body(status: int) -> None:
    assert read_head([b"HTTP/1.1 %d X" % status, b"Content-Length: 5"]).length == 0


def test_only_the_length_that_counts_is_passed_on() -> None:
    both = [b"HTTP/1.1 200 OK", b"Content-Length: 5", b"A: b", b"Transfer-Encoding: chunked"]
    assert read_head(both).headers == [(b"A", b"b"), (b"Transfer-Encoding", b"chunked")]
    twice = [b"HTTP/1.1 200 OK", b"Content-Length: 5, 05", b"A: b", b"content-length: 5"]
    assert read_head(twice).headers == [(b"A", b"b"), (b"Content-Length", b"5")]


@given(LINES)
def test_what_is_exact_is_read_as_what_is_mended(lines: list[bytes]) -> None:
    exact = _exact_headers(lines)
    assert exact is None or exact == _mended_headers(lines)


@given(st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.0 404 No", b"http/1.1 200"]), LINES)
def test_a_head_never_carries_what_could_start_another(first: bytes, lines: list[bytes]) -> None:
    try:
        head = read_head([first, *lines])
    except FetchError:
        return
    assert not any(set(b"\r\n\0") & set(name + value) for name, value in head.headers)
    assert all(name and not set(b" \t:") & set(name) for name, _ in head.headers)
    assert sum(name.lower() == b"content-length" for name, _ in head.headers) <= 1
