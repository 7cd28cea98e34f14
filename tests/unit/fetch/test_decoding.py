"""Bodies come out whole or not at all, and no larger than allowed."""

import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch.decoding import Body

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LIMIT = 1_000_000
TEXT = b"".join(b"<item>%d</item>" % number for number in range(5_000))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
# Skippable frame (RFC 8878 3.1.2).
SKIPPABLE = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"


def decode(encoding: str, data: bytes, *, size: int = 16_384, limit: int = LIMIT) -> bytes:
    body = Body(encoding, limit)
    for start in range(0, len(data), size):
        body.feed(data[start : start + size])
    return body.finish()


def kind_of(encoding: str, data: bytes, limit: int = LIMIT) -> str:
    with pytest.raises(FetchError) as caught:
        decode(encoding, data, limit=limit)
    return caught.value.kind


@pytest.mark.variants(quick=5)
@pytest.mark.parametrize("size", [1, 7, 16_384])
@pytest.mark.parametrize("encoding", PACK)
def test_the_body_does_not_depend_on_how_it_was_cut(encoding: str, size: int) -> None:
    assert decode(encoding, PACK[encoding](TEXT), size=size) == TEXT


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2_000), st.sampled_from(sorted(PACK)), st.integers(1, 50))
def test_every_coding_gives_back_what_went_in(data: bytes, encoding: str, size: int) -> None:
    assert decode(encoding.upper(), PACK[encoding](data), size=size) == data


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("deflate", raw_deflate(TEXT)),
        ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
        ("gzip", gzip.compress(TEXT) + b"\0" * 512),
        ("zstd", zstd.compress(TEXT[:100]) + SKIPPABLE + zstd.compress(TEXT[100:])),
        ("gzip, br", brotli.compress(gzip.compress(TEXT))),
        ("zstd,gzip", gzip.compress(zstd.compress(TEXT))),
        ("", gzip.compress(TEXT)),
        ("", TEXT),
        ("identity", TEXT),
        ("UTF-8", TEXT),
        ("none, gzip", gzip.compress(TEXT)),
        ("aws-chunked", TEXT),
        ("iso-8859-1", TEXT),
        ("text/xml", TEXT),
        ("x" * 5000, TEXT),
        ("gzip, aws-chunked", gzip.compress(TEXT)),
        ("aws-chunked,gzip,", gzip.compress(TEXT)),
        ("aws-chunked", gzip.compress(TEXT)),
    ],
)
@pytest.mark.parametrize("size", [1, 16_384])
def test_what_servers_really_send_is_read(encoding: str, data: bytes, size: int) -> None:
    assert decode(encoding, data, size=size) == TEXT


@pytest.mark.parametrize("encoding", ["", *PACK])
def test_nothing_at_all_is_an_empty_body(encoding: str) -> None:
    assert decode(encoding, b"") == b""


@pytest.mark.variants(quick=5)
@pytest.mark.parametrize("encoding", PACK)
@pytest.mark.parametrize("cut", [1, 5, 300])
def test_a_body_cut_short_is_a_fault(encoding: str, cut: int) -> None:
    packed = PACK[encoding](TEXT)
    assert kind_of(encoding, packed[:-cut]) == "truncated"
    assert kind_of(encoding, packed[:cut]) == "truncated"


@pytest.mark.parametrize("encoding", PACK)
def test_other_data_after_the_end_is_a_fault(encoding: str) -> None:
    assert kind_of(encoding, PACK[encoding](TEXT) + b"<html>") == "truncated"


@pytest.mark.parametrize("encoding", PACK)
def test_what_is_not_in_the_coding_is_a_fault(encoding: str) -> None:
    assert kind_of(encoding, b"<?xml version='1.0'?><rss/>") == "truncated"


def test_the_second_member_may_be_cut_too() -> None:
    assert kind_of("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:-9]) == "truncated"


@pytest.mark.parametrize("body", [b'{"items": []}', b"\xef\xbb\xbf\n<rss/>", "<rss/>".encode("utf-16"), b"[]", b""])
def test_under_a_name_that_is_no_coding_a_document_is_itself(body: bytes) -> None:
    assert decode("aws-chunked", body) == body


@pytest.mark.parametrize("body", [b"\x1f\x9d\x90<rss/>", b"5;chunk-signature=a\r\n<rss/>", b"text", b"\0\0\0"])
def test_under_a_name_that_is_no_coding_anything_else_is_not_read(body: bytes) -> None:
    assert kind_of("aws-chunked", body) == "parse"


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip, gzip", "br, lzma", "x" * 5000])
def test_a_coding_that_was_not_offered_is_named(encoding: str) -> None:
    assert kind_of(encoding, b"x") == "parse"


# Made by the test alone that throws them.
BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(bytes(50_000_000)),
    "deflate": lambda: zlib.compress(bytes(50_000_000)),
    "br": lambda: brotli.compress(bytes(50_000_000), quality=5),
    "zstd": lambda: zstd.compress(bytes(50_000_000)),
    "": lambda: bytes(LIMIT + 1),
    "gzip, gzip": lambda: gzip.compress(gzip.compress(bytes(50_000_000))),
    "br, gzip": lambda: gzip.compress(brotli.compress(bytes(50_000_000), quality=5)),
}


@pytest.mark.variants(quick=4)
@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_costs_the_limit_and_no_more(encoding: str) -> None:
    bomb = BOMBS[encoding]()
    tracemalloc.start()
    try:
        assert kind_of(encoding, bomb) == "too-large"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * LIMIT + 1_000_000


def test_a_zstd_window_larger_than_8_mib_is_refused() -> None:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    assert kind_of("zstd", packer.compress(TEXT) + packer.flush()) == "truncated"


def test_the_limit_itself_is_allowed() -> None:
    assert len(decode("gzip", gzip.compress(bytes(LIMIT)))) == LIMIT
    assert len(decode("", bytes(LIMIT))) == LIMIT


def test_what_came_over_the_wire_is_counted() -> None:
    body = Body("gzip", LIMIT)
    packed = gzip.compress(TEXT)
    body.feed(packed)
    assert (body.finish(), body.received) == (TEXT, len(packed))
