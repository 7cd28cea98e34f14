"""Decodes content codings (RFC 9110 8.4) in bounded steps.

A body of 300 bytes can expand to 200 MB. Decoding yields at most 64 KiB per step and counts bytes at each stage, so
that a bomb costs one step more than the limit in memory and time. A coding that does not reach its own end is a
truncated body, even if the transport reports no error.
"""

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import brotli

from aggregator.errors import FetchError
from aggregator.fetch.document_shape import is_document

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"

_STEP = 64 * 1024
_MOST_STACKED = 2
_WINDOW_LOG = 23  # 8 MiB, the largest window of a zstd body (RFC 9659)
_GZIP_START = b"\x1f"  # the first byte of gzip's magic number 1f 8b; text never begins with it
# Seen in Content-Encoding by mistake (a charset, say); none of them is a coding.
_MEANINGLESS = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "7bit", "8bit"})


class Body:
    """Collects one body: `feed` what comes off the wire, then `finish`. At most `limit` bytes at each stage.

    `received` counts the bytes on the wire. A name that is no coding (a charset, `aws-chunked`) is passed over when the
    rest decodes to a document.
    """

    def __init__(self, content_encoding: str, limit: int) -> None:
        self.received = 0
        self._limit = limit
        self._names, self._unknown = _names(content_encoding)
        self._stages: list[_Coding] = []
        self._counts = [0] * (_MOST_STACKED + 1)
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        if not self.received:
            self._begin(data)
        self.received += len(data)
        try:
            for piece in self._through(data, 0):
                self._body += piece
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as error:
            self._check_unknown()
            raise _broken(self._names, str(error)) from error

    def finish(self) -> bytes:
        if self.received:
            self._check_unknown()
        if not all(stage.is_whole() for stage in self._stages):
            raise _broken(self._names, "it ends in the middle")
        return self.so_far()

    def so_far(self) -> bytes:
        return bytes(self._body)

    def _check_unknown(self) -> None:
        if self._unknown and not is_document(self.so_far()):
            raise _unreadable(f"the coding {self._unknown[:40]!r}, which was not offered (offered: {ACCEPTED})")

    def _begin(self, data: bytes) -> None:
        # Stages begin with the first byte, because an empty body is valid in every coding. A file feed.xml.gz is often
        # served without Content-Encoding; no feed begins with that byte.
        if not self._names and data.startswith(_GZIP_START):
            self._names = ("gzip",)
        self._stages = [_CODINGS[name]() for name in reversed(self._names)]

    def _through(self, data: bytes, depth: int) -> Iterator[bytes]:
        self._counts[depth] += len(data)
        if self._counts[depth] > self._limit:
            raise too_large(self._limit)
        if depth == len(self._stages):
            yield data
            return
        for piece in self._stages[depth].decode(data):
            yield from self._through(piece, depth + 1)


def too_large(limit: int) -> FetchError:
    message = f"the answer is larger than fetch.max_bytes allows ({limit:,} bytes)"
    return FetchError("too-large", message, transient=False)


def _names(content_encoding: str) -> tuple[tuple[str, ...], str]:
    """The codings, in the order in which the server applied them, and the first name of none, or ""."""
    listed = [name.strip().lower() for name in content_encoding.split(",")]
    names = tuple(name for name in listed if name in _CODINGS)
    if len(names) > _MOST_STACKED:
        raise _unreadable(f"{len(names)} codings on top of each other, at most {_MOST_STACKED} are undone")
    return names, next((name for name in listed if name not in _CODINGS and name not in _MEANINGLESS), "")


def _unreadable(what: str) -> FetchError:
    # `parse`: the whole answer came, but cannot be read.
    return FetchError("parse", f"the answer has {what}", transient=False)


def _broken(names: Sequence[str], why: str) -> FetchError:
    # `truncated`: a damaged body cannot be distinguished from one that was cut.
    message = f"the body is not whole {', '.join(names)} data: {why}"
    return FetchError("truncated", message, transient=True)


class _Coding(Protocol):
    def decode(self, data: bytes) -> Iterator[bytes]: ...

    def is_whole(self) -> bool: ...


class _Zlib:
    """One zlib, gzip or raw deflate stream. `rest` holds what follows its end."""

    def __init__(self, window_bits: int) -> None:
        self._stream = zlib.decompressobj(window_bits)

    def decode(self, data: bytes) -> Iterator[bytes]:
        yield self._stream.decompress(data, _STEP)
        # Output may remain inside when all input is consumed; an empty input releases it. After the end of the stream,
        # `unconsumed_tail` still holds what follows.
        while not self._stream.eof:
            rest = self._stream.unconsumed_tail
            piece = self._stream.decompress(rest, _STEP)
            if not (rest or piece):
                return
            yield piece

    def is_whole(self) -> bool:
        return self._stream.eof

    @property
    def rest(self) -> bytes:
        return self._stream.unused_data


class _ZstdFrame:
    """One zstd frame. `rest` holds what follows its end."""

    def __init__(self) -> None:
        self._frame = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})

    def decode(self, data: bytes) -> Iterator[bytes]:
        yield self._frame.decompress(data, _STEP)
        while not (self._frame.eof or self._frame.needs_input):
            yield self._frame.decompress(b"", _STEP)

    def is_whole(self) -> bool:
        return self._frame.eof

    @property
    def rest(self) -> bytes:
        return self._frame.unused_data


class _Series:
    """Concatenated members (RFC 1952 2.2, RFC 8878 3.1); only zero padding may follow the last."""

    def __init__(self, member: Callable[[], "_Zlib | _ZstdFrame"]) -> None:
        self._make = member
        self._member = member()
        self._padding = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.is_whole():
                self._after_member(data)
                if self._padding:
                    return
            yield from self._member.decode(data)
            data = self._member.rest if self._member.is_whole() else b""

    def is_whole(self) -> bool:
        return self._member.is_whole()

    def _after_member(self, data: bytes) -> None:
        self._padding = self._padding or data.startswith(b"\0")
        if not self._padding:
            self._member = self._make()
        elif data.strip(b"\0"):
            raise EOFError("other data follows its end")


class _Deflate:
    """`deflate` means zlib (RFC 9110 8.4.1.2), but some servers send a raw stream; the first two bytes differ."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: _Zlib | None = None

    def decode(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return
            self._stream = _Zlib(zlib.MAX_WBITS if _is_zlib(data) else -zlib.MAX_WBITS)
            self._head = b""
        if not self._stream.is_whole():
            yield from self._stream.decode(data)
            data = self._stream.rest if self._stream.is_whole() else b""
        if data.strip(b"\0"):
            raise EOFError("other data follows its end")

    def is_whole(self) -> bool:
        return self._stream is not None and self._stream.is_whole()


def _is_zlib(data: bytes) -> bool:
    """RFC 1950 2.2: method 8, and the two bytes as a number are a multiple of 31."""
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def decode(self, data: bytes) -> Iterator[bytes]:
        # The library doubles its buffer when it passes the limit, so half a step keeps it within one. It asks for input
        # while it still holds output: only an empty piece means that all output came.
        piece = self._stream.process(data, output_buffer_limit=_STEP // 2)
        while piece:
            yield piece
            piece = self._stream.process(b"", output_buffer_limit=_STEP // 2)

    def is_whole(self) -> bool:
        return bool(self._stream.is_finished())


def _gzip() -> _Coding:
    return _Series(lambda: _Zlib(16 + zlib.MAX_WBITS))


_CODINGS: dict[str, Callable[[], _Coding]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": lambda: _Series(_ZstdFrame),
}
