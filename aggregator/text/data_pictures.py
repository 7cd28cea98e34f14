"""Pictures inside a `data:` address (RFC 2397): which may be shown. Their bytes decide, whatever type they claim."""

import binascii
from urllib.parse import unquote

LARGEST = 64 * 1024  # bytes of one picture
MOST = 256 * 1024  # bytes of all pictures of an entry
_SMALLEST = 100  # bytes; smaller ones are stand-ins of one color, which show nothing
_LONGEST = 4 * LARGEST  # characters, with base64, and some of them escaped
_PREFIX = "data:"
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


KINDS = "PNG, JPEG, GIF or WebP"


def is_data(address: str) -> bool:
    return address.lstrip()[: len(_PREFIX)].lower() == _PREFIX


def data_picture(address: str) -> str:
    """The address with the type that its bytes have; "" if it is no PNG, JPEG, GIF or WebP in base64 of at most
    `LARGEST` bytes. SVG is none: it can hold scripts and load other files. Idempotent; never raises."""
    head, comma, payload = address[:_LONGEST].strip().partition(",")
    if len(address) > _LONGEST or not (comma and is_data(head) and head.lower().rstrip().endswith(";base64")):
        return ""
    payload = "".join(unquote(payload).split()).rstrip("=")
    try:
        data = binascii.a2b_base64(payload + "=" * (-len(payload) % 4), strict_mode=True)
    except ValueError:  # no base64, or not ASCII
        return ""
    kind = kind_of(data)
    if not kind or not _SMALLEST <= len(data) <= LARGEST:
        return ""
    return f"{_PREFIX}{kind};base64,{binascii.b2a_base64(data, newline=False).decode()}"


def size(picture: str) -> int:
    """The bytes of a picture in base64."""
    return (len(picture.rstrip("=")) - picture.find(",") - 1) * 3 // 4


def kind_of(data: bytes) -> str:
    """The media type of a picture by its first bytes; "" if it is no PNG, JPEG, GIF or WebP."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _KINDS if data.startswith(start)), "")
