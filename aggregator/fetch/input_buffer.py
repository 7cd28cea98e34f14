"""Bytes off the wire, read by lines and by lengths. Reading goes on where it stopped when more bytes arrive."""


class InputBuffer:
    """What arrived and was not read. A copy is made for each arrival only: many short lines cost no more than few."""

    __slots__ = ("_at", "_data", "has_bare_line_end")

    def __init__(self) -> None:
        self._data = b""
        self._at = 0
        self.has_bare_line_end = False

    def __len__(self) -> int:
        return len(self._data) - self._at

    def feed(self, data: bytes) -> None:
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._at = 0

    def line(self) -> bytes | None:
        """The next line, without its end, CRLF or a bare LF (RFC 9112 2.2); None while its end has not arrived."""
        end = self._data.find(b"\n", self._at)
        if end < 0:
            return None
        line, self._at = self._data[self._at : end], end + 1
        if line.endswith(b"\r"):
            return line[:-1]
        self.has_bare_line_end = True
        return line

    def block(self) -> bytes:
        """All lines before the next empty one, if it has arrived and all of them end in CRLF; else b""."""
        end = self._data.find(b"\r\n\r\n", self._at)
        if end <= self._at:
            return b""
        block = self._data[self._at : end]
        if block.count(b"\n") != block.count(b"\r\n") or block.startswith(b"\r\n"):
            return b""
        self._at = end + 4
        return block

    def take(self, most: int) -> bytes:
        """Up to `most` bytes, b"" when none are left."""
        begin, self._at = self._at, min(self._at + most, len(self._data))
        return self._data[begin : self._at]

    def take_all(self) -> bytes:
        return self.take(len(self))
