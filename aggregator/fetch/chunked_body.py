"""The chunked transfer coding (RFC 9112 7.1). Extensions and trailers are passed over."""

from aggregator.errors import FetchError
from aggregator.fetch.input_buffer import InputBuffer
from aggregator.fetch.response_head import LONGEST_LINE, MOST_LINES

_MOST_CHUNKS = 250_000  # reading one takes a microsecond, in which nothing else is done
_HEXADECIMAL = b"0123456789abcdefABCDEF"
_MOST_DIGITS = 16


class ChunkedBody:
    """One body. `is_whole`: its last chunk came. `has_ended`: nothing more of it is read, because it is whole with its
    trailers, or because its chunks are not chunks.
    """

    def __init__(self) -> None:
        self.is_whole = False
        self.has_ended = False
        self._left = 0  # bytes of this chunk
        self._is_after_data = False
        self._chunks = 0
        self._trailers = 0

    def read(self, buffer: InputBuffer) -> bytes:
        """The bytes of all chunks that arrived. Raises FetchError (kind `too-large`) for hundreds of thousands."""
        pieces = []
        while not self.has_ended:
            if self._left:
                piece = buffer.take(self._left)
                if not piece:
                    break
                pieces.append(piece)
                self._left -= len(piece)
            else:
                line = buffer.line()
                if line is None:
                    self.has_ended = len(buffer) > LONGEST_LINE
                    break
                self._next(line)
        return b"".join(pieces)

    def _next(self, line: bytes) -> None:
        if self.is_whole:
            self._trailers += 1
            self.has_ended = not line or self._trailers > MOST_LINES
        elif self._is_after_data:
            self._is_after_data = False
            self.has_ended = line != b""
        else:
            self._begin_chunk(line.partition(b";")[0].strip(b" \t"))

    def _begin_chunk(self, size: bytes) -> None:
        if not size or len(size) > _MOST_DIGITS or size.translate(None, _HEXADECIMAL):
            self.has_ended = True
            return
        self._chunks += 1
        if self._chunks > _MOST_CHUNKS:
            raise FetchError("too-large", f"the answer has more than {_MOST_CHUNKS:,} chunks", transient=False)
        self._left = int(size, 16)
        self.is_whole = self._left == 0
        self._is_after_data = not self.is_whole
