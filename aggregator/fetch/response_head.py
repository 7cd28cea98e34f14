"""The head of a response (RFC 9112 4 and 5), read as leniently as curl and browsers read it. Pure.

What is mended here is known to servers in use: old line folding, a blank before a colon, names that are none, lengths
said twice. Where two readings are possible, RFC 9112 6.3 says how long the body is; where it says that a response
cannot be read, it is not. A connection whose head was mended is not used again, so that another reading of the same
bytes, by a proxy on the way, cannot become the answer to another request.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from aggregator.errors import FetchError

Headers = list[tuple[bytes, bytes]]
Length = int | Literal["chunked", "until close"]
"""The length of a body: bytes, or what shows its end."""

LONGEST_LINE = 64 * 1024  # bytes
MOST_LINES = 500
LONGEST_HEAD = 512 * 1024  # bytes

_TOKEN = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # RFC 9110 5.6.2
_BLANKS = b" \t"
_NO_VALUE = bytes.maketrans(b"\r\n\0", b"   ")  # RFC 9110 5.5: these are replaced, or the message is refused
_EXACT_STARTS = frozenset({b"HTTP/1.1 ", b"HTTP/1.0 "})
_FRAMING = (b"connection", b"content-length", b"transfer-encoding")
_NO_BODY = frozenset({204, 304})  # and 1xx (RFC 9112 6.3, rule 1)
_MOST_DIGITS = 18  # of a length; no answer of more digits is ever read


class Head(NamedTuple):
    """`stays_open`: the connection may serve the next request. `headers` hold at most one Content-Length, and none
    where another header overrules it.
    """

    status: int
    headers: Headers
    length: Length
    stays_open: bool


def read_head(lines: Sequence[bytes]) -> Head:
    """`lines`: the status line and the headers, without line ends and without the empty line. Raises FetchError."""
    version, status, is_exact = _status_line(lines[0])
    headers = _exact_headers(lines[1:])
    if headers is None:
        headers, is_exact = _mended_headers(lines[1:]), False
    said = _said(headers)
    length, written = _length(said)
    if written is not None:
        headers, is_exact = _with_length(headers, written), False
    is_exact = is_exact and (length != "chunked" or version == b"HTTP/1.1")
    has_body = status >= 200 and status not in _NO_BODY
    return Head(status, headers, length if has_body else 0, is_exact and _stays_open(version, said))


def check_first_line(line: bytes) -> None:
    """Raises FetchError unless it is a status line."""
    _status_line(line)


def check_size(lines: int, size: int, longest: int) -> None:
    """`size`: bytes of the lines so far; `longest`: of the longest or last one, whole or not. Raises FetchError."""
    if longest > LONGEST_LINE:
        raise _too_large(f"a line has more than {LONGEST_LINE:,} bytes") if lines else _not_http()
    if lines > MOST_LINES:
        raise _too_large(f"it has more than {MOST_LINES:,} lines")
    if size > LONGEST_HEAD:
        raise _too_large(f"it has more than {LONGEST_HEAD:,} bytes")


def _not_http() -> FetchError:
    return FetchError("status", "what the server answered is not HTTP", transient=False)


def _too_large(what: str) -> FetchError:
    return FetchError("too-large", f"the header of the answer is too large: {what}", transient=False)


def _status_line(line: bytes) -> tuple[bytes, int, bool]:
    """The version in capital letters, the status, and whether the line is as RFC 9112 4 wants it."""
    is_exact = line[:9] in _EXACT_STARTS and line[12:13] in {b"", b" "}
    version, status = (line[:8], line[9:12]) if is_exact else [*line.split(None, 2), b"", b""][:2]
    if len(status) != 3 or not status.isdigit() or status[:1] == b"0":
        raise _not_http()
    if not is_exact and not _is_version(version := version.upper()):
        raise _not_http()
    return version, int(status), is_exact


def _is_version(word: bytes) -> bool:
    """HTTP with any version, as proxies write `HTTP/2 200`; ICY is that of radio servers."""
    name, _, number = word.partition(b"/")
    if name == b"ICY":
        return not number
    major, _, minor = number.partition(b".")
    return name == b"HTTP" and len(major) == 1 and len(minor) <= 1 and (major + minor).isdigit()


def _exact_headers(lines: Sequence[bytes]) -> Headers | None:
    """The headers if each line is as RFC 9112 5 wants it, which is what nearly all servers send; else None."""
    text = b"\n".join(lines)
    if b"\r" in text or b"\0" in text:
        return None
    headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not (colon and name) or name.translate(None, _TOKEN):
            return None
        headers.append((name, value.strip(_BLANKS)))
    return headers


def _mended_headers(lines: Sequence[bytes]) -> Headers:
    """A line that is no header is left out, with what is folded under it (5.2)."""
    headers: list[tuple[bytes, list[bytes]]] = []
    is_kept = False
    for line in lines:
        if line[0] in _BLANKS:
            if is_kept:
                headers[-1][1].append(line)
            continue
        written, colon, value = line.partition(b":")
        name = written.rstrip(_BLANKS)
        is_kept = bool(colon and name) and not name.translate(None, _TOKEN)
        if is_kept:
            headers.append((name, [value]))
    return [(name, b" ".join(part.translate(_NO_VALUE).strip(_BLANKS) for part in parts)) for name, parts in headers]


def _said(headers: Headers) -> dict[bytes, list[bytes]]:
    """The values of the headers that concern framing, by their names in lower case."""
    said: dict[bytes, list[bytes]] = {name: [] for name in _FRAMING}
    for name, value in headers:
        lowered = name.lower()
        if lowered in said:
            said[lowered].append(value)
    return said


def _length(said: Mapping[bytes, list[bytes]]) -> tuple[Length, bytes | None]:
    """RFC 9112 6.3; and the Content-Length that should have been sent, b"" for none, None if all is as it should be."""
    written = _words(said[b"transfer-encoding"])
    codings = [one for one in written if one != b"identity"]  # no coding any more (7)
    lengths = said[b"content-length"]
    if codings:
        is_exact = written == [b"chunked"] and not lengths
        return "chunked" if codings[-1] == b"chunked" else "until close", None if is_exact else b""
    if not lengths:
        return "until close", None
    length = _content_length(lengths)
    number = b"%d" % length
    return length, None if lengths == [number] and not written else number


def _with_length(headers: Headers, written: bytes) -> Headers:
    others = [one for one in headers if one[0].lower() != b"content-length"]
    return [*others, (b"Content-Length", written)] if written else others


def _content_length(said: Sequence[bytes]) -> int:
    """One number, however often it is said (RFC 9110 8.6). Raises FetchError."""
    if len(said) == 1 and said[0].isdigit() and len(said[0]) <= _MOST_DIGITS:
        return int(said[0])
    numbers = {one.strip(_BLANKS) for value in said for one in value.split(b",")}
    if not all(number.isdigit() for number in numbers):
        raise FetchError("status", "the answer has a Content-Length that is no number", transient=False)
    lengths = {number.lstrip(b"0") or b"0" for number in numbers}
    if len(lengths) > 1:
        raise FetchError("status", "the answer has two Content-Lengths that differ", transient=False)
    digits = lengths.pop()
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _stays_open(version: bytes, said: Mapping[bytes, list[bytes]]) -> bool:
    """RFC 9112 9.3."""
    options = _words(said[b"connection"])
    if b"close" in options or b"upgrade" in options:
        return False
    return version == b"HTTP/1.1" or (version == b"HTTP/1.0" and b"keep-alive" in options)


def _words(values: Sequence[bytes]) -> list[bytes]:
    return [word for value in values for one in value.lower().split(b",") if (word := one.strip(_BLANKS))]
