"""Frozen data as compact bytes and back: raw entries, clean entries and documents in the store."""

import hashlib
import json
import sys
import zlib
from collections.abc import Collection
from dataclasses import fields
from typing import Any, TypeVar

import msgspec

from aggregator.errors import DamagedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

T = TypeVar("T")

_OPTIONS = {int(zstd.CompressionParameter.compression_level): 3, int(zstd.CompressionParameter.checksum_flag): 1}
_ZSTD = b"\x28\xb5\x2f\xfd"  # what each frame begins with (RFC 8878, 3.1.1); short rows and old ones are zlib's
_SHORT = 500  # bytes, up to which zlib is faster: to open a frame of Zstandard takes 20 µs for any length
# One for the process: making a compressor costs more than compressing a row. It is safe to share between threads.
_compressor = zstd.ZstdCompressor(options=_OPTIONS)
# TypeError: a number or text in place of bytes; ValueError: text that is not UTF-8.
_UNREADABLE = (msgspec.MsgspecError, zlib.error, zstd.ZstdError, TypeError, ValueError, OverflowError, RecursionError)


def encode(value: Any) -> bytes:
    """Uncompressed MessagePack, to send data between processes: several times as fast as pickle."""
    return msgspec.msgpack.encode(value)


def decode(data: bytes, kind: type[T]) -> T:
    return msgspec.msgpack.decode(data, type=kind)


def pack(value: Any) -> bytes:
    """A dataclass as compressed MessagePack. Equal values give equal bytes."""
    encoded = msgspec.msgpack.encode(value)
    if len(encoded) < _SHORT:
        return zlib.compress(encoded, 3)
    return _compressor.compress(encoded, zstd.ZstdCompressor.FLUSH_FRAME)


def unpack(data: bytes, kind: type[T]) -> T:
    """The dataclass that was packed; raises DamagedError if the bytes do not decode to one."""
    try:
        packed = zstd.decompress(data) if data.startswith(_ZSTD) else zlib.decompress(data)
        return msgspec.msgpack.decode(packed, type=kind)
    except _UNREADABLE as error:
        raise _damaged(kind, error) from error


def unpack_or(data: bytes | None, kind: type[T], default: T) -> T:
    """`default` if there are no bytes or they are damaged. Only for display: a decision calls `unpack`, so that damage
    is repaired and reported."""
    try:
        return unpack(data, kind) if data else default
    except DamagedError:
        return default


def to_json(value: Any) -> str:
    """A dataclass as the text of a JSON column."""
    return msgspec.json.encode(value).decode()


def from_json(text: str, kind: type[T]) -> T:
    """The value of a JSON column; raises DamagedError if it is not a `kind`."""
    try:
        return msgspec.json.decode(text, type=kind)
    except _UNREADABLE as error:
        raise _damaged(kind, error) from error


def _damaged(kind: Any, error: Exception) -> DamagedError:
    return DamagedError(f"the state holds a damaged {getattr(kind, '__name__', kind)}: {error}")


def digest(value: Any) -> str:
    """SHA-256 of a value's MessagePack, hexadecimal."""
    return hashlib.sha256(msgspec.msgpack.encode(value)).hexdigest()


def record_digest(record: Any, added: Collection[str]) -> str:
    """The `digest` of a dataclass without those of its fields that were `added` later and are empty, so that a digest
    which was stored before stays equal."""
    values = {one.name: getattr(record, one.name) for one in fields(record)}
    return digest({name: value for name, value in values.items() if value or name not in added})


def frozen_text(name: str, record: Any) -> str:
    """A dataclass as text under `name`, for digests that must outlive a rename of its class. Where that changes,
    posts are read or feeds rendered again. tests/unit/test_codec.py holds the texts that are in use."""
    values = ", ".join(f"{one.name}={getattr(record, one.name)!r}" for one in fields(record))
    return f"{name}({values})"


def readable_json(document: Any) -> str:
    """Indented JSON, its text not escaped. Values without a JSON form become their `str`."""
    try:
        return msgspec.json.format(msgspec.json.encode(document, enc_hook=str)).decode()
    except UnicodeEncodeError:  # half a surrogate pair, as in a file name that is not UTF-8: escaped
        return json.dumps(msgspec.to_builtins(document, enc_hook=str), indent=2)
