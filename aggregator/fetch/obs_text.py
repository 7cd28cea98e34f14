"""Bytes from 0x80 on in entity tags (obs-text, RFC 9110 5.5): kept as text, and sent back as the same bytes.

aiohttp writes headers as UTF-8. UTF-8 is sent back unchanged; any other byte is kept as a private-use character, which
the connection writes as that byte.
"""

from asyncio import BaseTransport, Transport
from typing import Any, cast

from aiohttp.client_proto import ResponseHandler

FIRST, LAST = 0xF780, 0xF7FF  # stand for the bytes 0x80 to 0xFF
_LEADS = (b"\xef\x9e", b"\xef\x9f")  # of these characters in UTF-8


def read_octets(value: bytes) -> str:
    """Text from which `to_octets` makes the same bytes again."""
    if value.isascii():
        return value.decode("ascii")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text or any(FIRST <= ord(one) <= LAST for one in text):
        return "".join(chr(octet) if octet < 0x80 else chr(0xF700 + octet) for octet in value)
    return text


def to_octets(data: bytes) -> bytes:
    """The head of a request as sent: private-use characters become their bytes."""
    if not any(lead in data for lead in _LEADS):
        return data
    text = data.decode("utf-8", "surrogateescape")
    parts = (
        bytes([ord(one) - 0xF700]) if FIRST <= ord(one) <= LAST else one.encode("utf-8", "surrogateescape")
        for one in text
    )
    return b"".join(parts)


class VerbatimProtocol(ResponseHandler):
    """aiohttp's protocol on a transport that writes such characters as bytes. Requests have no bodies here."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast("Transport", _Verbatim(cast("Transport", transport))))


class _Verbatim:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._transport.write(to_octets(bytes(data)))

    def writelines(self, pieces: Any) -> None:
        self.write(b"".join(pieces))
