"""The chunked coding, and its limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch import chunked_body
from aggregator.fetch.chunked_body import ChunkedBody
from aggregator.fetch.input_buffer import InputBuffer


def read(said: bytes, size: int = 100_000) -> tuple[bytes, ChunkedBody, InputBuffer]:
    body, buffer, found = ChunkedBody(), InputBuffer(), b""
    for at in range(0, len(said), size):
        buffer.feed(said[at : at + size])
        found += body.read(buffer)
    return found, body, buffer


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(1, 20), st.binary(max_size=4))
def test_a_body_does_not_depend_on_how_it_arrives(chunks: list[bytes], size: int, after: bytes) -> None:
    said = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n" + after
    found, body, buffer = read(said, size)
    assert (found, body.is_whole, body.has_ended) == (b"".join(chunks), True, True)
    assert buffer.take_all() == after


def test_a_line_without_end_ends_the_body() -> None:
    _, body, _ = read(b"1;" + b"a" * 70_000)
    assert (body.has_ended, body.is_whole) == (True, False)


def test_trailers_without_end_end_the_body() -> None:
    _, body, _ = read(b"0\r\n" + b"a: b\r\n" * 501)
    assert (body.has_ended, body.is_whole) == (True, True)


def test_a_body_of_ever_more_chunks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunked_body, "_MOST_CHUNKS", 1000)
    assert len(read(b"1\r\na\r\n" * 1000)[0]) == 1000
    with pytest.raises(FetchError) as caught:
        read(b"1\r\na\r\n" * 1001)
    assert caught.value.kind == "too-large"
