"""Frozen data as compact bytes and back: what the store keeps of drafts, clean drafts and documents."""

import hashlib
import zlib
from typing import Any, TypeVar

import msgspec

from aggregator.errors import StateError

T = TypeVar("T")


def pack(value: Any) -> bytes:
    """Compressed MessagePack of a dataclass. Equal values give equal bytes."""
    return zlib.compress(msgspec.msgpack.encode(value), 3)


def unpack(data: bytes, kind: type[T]) -> T:
    """The dataclass that was packed; raises StateError where the bytes are no such thing."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(data), type=kind)
    except (msgspec.MsgspecError, zlib.error) as error:
        raise StateError(f"the state holds a damaged {kind.__name__}: {error}") from error


def digest(value: Any) -> str:
    """SHA-256 of a dataclass, hexadecimal."""
    return hashlib.sha256(msgspec.msgpack.encode(value)).hexdigest()
