"""Content codings (RFC 9110 8.4) undone in bounded steps.

A body of 300 bytes can stand for 200 MB. What arrives is decoded in steps of at most 64 KiB and counted at each
stage, so that a bomb costs one step more than the limit, in memory as in time. A coding that has not come to
its own end is a body cut short, whatever the transport says.
"""

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import brotli

from aggregator.errors import FetchError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"

_STEP = 64 * 1024
_MOST_STACKED = 2
_WINDOW_LOG = 23  # 8 MiB, the most that a zstd body may ask a receiver to hold (RFC 9659)
_GZIP_START = b"\x1f"  # of the two, 1f 8b, the one that text never begins with
# Seen in Content-Encoding where a charset or nothing was meant; nobody encodes anything by these names.
_MEANINGLESS = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "7bit", "8bit"})


class Body:
    """Collects one body: `feed` what comes off the wire, then `finish`. At most `limit` bytes at each stage.

    `received` counts the bytes on the wire.
    """

    def __init__(self, content_encoding: str, limit: int) -> None:
        self.received = 0
        self._limit = limit
        self._names = _names(content_encoding)
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
            raise _broken(self._names, str(error)) from error

    def finish(self) -> bytes:
        if not all(stage.is_whole() for stage in self._stages):
            raise _broken(self._names, "it ends in the middle")
        return self.so_far()

    def so_far(self) -> bytes:
        return bytes(self._body)

    def _begin(self, data: bytes) -> None:
        # Stages are made with the first byte: nothing at all is an empty body in every coding. And a file
        # feed.xml.gz is often served as it lies there, without a word; no feed begins like that.
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


def _names(content_encoding: str) -> tuple[str, ...]:
    """The codings in the order in which they were applied."""
    listed = (name.strip().lower() for name in content_encoding.split(","))
    names = tuple(name for name in listed if name not in _MEANINGLESS)
    if len(names) > _MOST_STACKED:
        raise _unreadable(f"{len(names)} codings on top of each other, at most {_MOST_STACKED} are undone")
    for name in names:
        if name not in _CODINGS:
            raise _unreadable(f"the coding {name[:40]!r}, which was not offered (offered: {ACCEPTED})")
    return names


def _unreadable(what: str) -> FetchError:
    # `parse`: all of the answer came, and it cannot be read.
    return FetchError("parse", f"the answer has {what}", transient=False)


def _broken(names: Sequence[str], why: str) -> FetchError:
    # `truncated`: from here a body that was damaged on the way looks like one that was cut.
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
        # Output may be left inside when all input is used up; an empty input brings it out. After its end the
        # stream still lists what follows as unconsumed.
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
    """Members one after the other (RFC 1952 2.2, RFC 8878 3.1); after the last, nothing but zero padding."""

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
    """`deflate` means zlib (RFC 9110 8.4.1.2), but some servers send the raw stream; two bytes tell which."""

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
        # The library doubles its buffer once past the limit it is given; half a step keeps it within one. It
        # says that it can take more input while it still holds output: only an empty piece means the end.
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
