"""Frozen data as compact bytes and back: what the store keeps of drafts, clean drafts and documents."""

import hashlib
import json
import sys
import zlib
from typing import Any, TypeVar

import msgspec

from aggregator.errors import StateError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

T = TypeVar("T")


def plain(value: Any) -> bytes:
    """MessagePack of frozen data: for who reads it at once, several times as fast as pickle."""
    return msgspec.msgpack.encode(value)


def from_plain(data: bytes, kind: type[T]) -> T:
    return msgspec.msgpack.decode(data, type=kind)


def pack(value: Any) -> bytes:
    """Compressed MessagePack of a dataclass. Equal values give equal bytes."""
    return zlib.compress(msgspec.msgpack.encode(value), 3)


def unpack(data: bytes, kind: type[T]) -> T:
    """The dataclass that was packed; raises StateError where the bytes are no such thing."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(data), type=kind)
    except (msgspec.MsgspecError, zlib.error) as error:
        raise StateError(f"the state holds a damaged {kind.__name__}: {error}") from error


def pack_long(value: Any) -> bytes:
    """The same for what says one thing in several ways, far apart: a window of megabytes finds it again."""
    return zstd.compress(msgspec.msgpack.encode(value), 3)


def unpack_long(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(zstd.decompress(data), type=kind)
    except (msgspec.MsgspecError, zstd.ZstdError) as error:
        raise StateError(f"the state holds a damaged {kind.__name__}: {error}") from error


def digest(value: Any) -> str:
    """SHA-256 of a dataclass, hexadecimal."""
    return hashlib.sha256(msgspec.msgpack.encode(value)).hexdigest()


def readable_json(document: Any) -> str:
    """Indented, in the script that its words are written in. What JSON has no form for stands as its text."""
    try:
        return msgspec.json.format(msgspec.json.encode(document, enc_hook=str)).decode()
    except UnicodeEncodeError:  # half a surrogate pair, as in the name of a file that is not UTF-8: escaped
        return json.dumps(document, indent=2, default=str)
