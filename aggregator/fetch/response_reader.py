"""Reads the response to one request off a connection, and hands it to aiohttp.

It stands where aiohttp has its own parser, because that one refuses what curl reads, and with a body that ends early
drops all that came of it.
"""

from asyncio import AbstractEventLoop
from collections.abc import Callable

from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HeadersParser, RawResponseMessage
from aiohttp.http_writer import HttpVersion11

from aggregator.errors import FetchError
from aggregator.fetch.chunked_body import ChunkedBody
from aggregator.fetch.input_buffer import InputBuffer
from aggregator.fetch.response_head import Head, check_first_line, check_size, read_head

# The session reads only cookies from these, and must not: all others come from `raw_headers`.
_NO_HEADERS, _ = HeadersParser().parse_headers([b""])


class ReceivedBody(StreamReader):
    """`was_cut`: it ended before its announced end."""

    __slots__ = ("was_cut",)

    def __init__(self, protocol: BaseProtocol, limit: int, loop: AbstractEventLoop) -> None:
        super().__init__(protocol, limit, loop=loop)
        self.was_cut = False


Begin = Callable[[RawResponseMessage, ReceivedBody], None]


class ResponseReader:
    """`begin` is called when the head has arrived; `close_after` when the connection must not be used again, always
    before the end of the body.
    """

    __slots__ = (
        "_begin", "_body", "_buffer", "_chunked", "_close_after", "_head", "_left", "_lines", "_size", "has_ended",
    )  # fmt: skip

    def __init__(self, body: ReceivedBody, begin: Begin, close_after: Callable[[], None]) -> None:
        self.has_ended = False
        self._body = body
        self._begin = begin
        self._close_after = close_after
        self._buffer = InputBuffer()
        self._lines: list[bytes] = []
        self._size = 0  # bytes of these lines
        self._head: Head | None = None
        self._left: int | None = None  # bytes of the body; None: until the connection closes
        self._chunked: ChunkedBody | None = None

    def feed(self, data: bytes) -> None:
        """Raises FetchError: not HTTP, or beyond a limit."""
        self._buffer.feed(data)
        if self._head is None:
            self._read_head()
        if self._head is not None and not self.has_ended:
            self._read_body()

    def feed_eof(self) -> None:
        """The server has closed the connection. Without a whole head, nothing was answered."""
        self._end_early(was_cut=not self._may_end())

    def cut(self) -> None:
        """The connection broke."""
        self._end_early(was_cut=True)

    def fail(self, error: FetchError) -> None:
        self.has_ended = True
        self._body.set_exception(error)

    def pause_reading(self) -> None:
        """aiohttp calls it while the body is read slowly. The connection pauses; nothing is held back here."""

    def _read_head(self) -> None:
        if not self._lines and (block := self._buffer.block()):  # nearly always it comes at once
            lines = block.split(b"\r\n")
            check_size(len(lines), len(block), max(map(len, lines)))
            self._take(read_head(lines))
        while self._head is None and self._read_line():
            pass

    def _read_line(self) -> bool:
        """False: it has not arrived. An empty one before the status line is passed over (RFC 9112 2.2)."""
        line = self._buffer.line()
        if line is None:
            check_size(len(self._lines), self._size, len(self._buffer))
            return False
        if line:
            if not self._lines:
                check_first_line(line)
            self._lines.append(line)
            self._size += len(line)
            check_size(len(self._lines), self._size, len(line))
        elif self._lines:
            lines, self._lines, self._size = self._lines, [], 0
            self._take(read_head(lines))
        return True

    def _take(self, head: Head) -> None:
        if not head.stays_open or self._buffer.has_bare_line_end:
            self._close_after()
        if 100 <= head.status < 200 and head.status != 101:  # another head follows an interim one (RFC 9110 15.2)
            return
        self._head = head
        if head.length == "chunked":
            self._chunked = ChunkedBody()
        elif head.length != "until close":
            self._left = head.length
        self._begin(_message(head), self._body)

    def _read_body(self) -> None:
        if self._chunked:
            self._body.feed_data(self._chunked.read(self._buffer))
            if self._chunked.has_ended:
                self._end(was_cut=not self._chunked.is_whole)
        elif self._left is None:
            self._body.feed_data(self._buffer.take_all())
        else:
            piece = self._buffer.take(self._left)
            self._left -= len(piece)
            self._body.feed_data(piece)
            if not self._left:
                self._end(was_cut=False)

    def _may_end(self) -> bool:
        return self._chunked.is_whole if self._chunked else self._left is None

    def _end_early(self, *, was_cut: bool) -> None:
        if self._head is not None and not self.has_ended:
            self._end(was_cut=was_cut)

    def _end(self, *, was_cut: bool) -> None:
        self.has_ended = True
        self._body.was_cut = was_cut
        if was_cut or self._buffer or self._buffer.has_bare_line_end:  # what follows belongs to no request
            self._close_after()
        self._body.feed_eof()


def _message(head: Head) -> RawResponseMessage:
    headers = tuple(head.headers)
    is_chunked = head.length == "chunked"
    return RawResponseMessage(
        HttpVersion11, head.status, "", _NO_HEADERS, headers, not head.stays_open, None, False, is_chunked
    )
