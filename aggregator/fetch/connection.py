"""One connection: what arrives on it is read by `response_reader`, and only the answer to a request is."""

import select
import sys
from asyncio import AbstractEventLoop
from typing import Any, Protocol

from aiohttp.http_parser import RawResponseMessage

from aggregator.errors import FetchError
from aggregator.fetch.obs_text import VerbatimProtocol
from aggregator.fetch.response_reader import ReceivedBody, ResponseReader


class HasFileno(Protocol):
    def fileno(self) -> int: ...


class LenientProtocol(VerbatimProtocol):
    """aiohttp's protocol with our reader of responses. It is not used again after an answer that was mended, that
    was cut, or that more bytes followed.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        super().__init__(loop)
        self._reader: ResponseReader | None = None

    def set_response_params(self, **options: Any) -> None:
        """A request follows."""
        body = ReceivedBody(self, options["read_bufsize"], self._loop)
        self._reader = ResponseReader(body, self._begin, self.force_close)
        self._parser = self._reader  # type: ignore[assignment]  # only two methods of a parser are called
        self._drain_tail()  # what came before the first request

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        if reader is None:
            super().data_received(data)
        elif reader.has_ended:
            if data and self.transport is not None:  # nobody has asked
                self.force_close()
                self.transport.close()
        elif data:
            try:
                reader.feed(data)
            except FetchError as error:
                self._refuse(reader, error)

    def connection_lost(self, exc: BaseException | None) -> None:
        if exc is not None and self._reader is not None:
            self._reader.cut()
        super().connection_lost(exc)

    def is_connected(self) -> bool:
        """Whether it may be used: bytes that arrived after an answer would be taken for the next one."""
        return super().is_connected() and not self._has_unasked_bytes()

    def _begin(self, message: RawResponseMessage, body: ReceivedBody) -> None:
        self._payload = body
        self.feed_data((message, body), 0)

    def _refuse(self, reader: ResponseReader, error: FetchError) -> None:
        self.force_close()
        if self.transport is not None:
            self.transport.close()
        reader.fail(error)
        self.set_exception(error)

    def _has_unasked_bytes(self) -> bool:
        if self.transport is None or self._reader is None or not self._reader.has_ended:
            return False
        return is_readable(self.transport.get_extra_info("socket"))


def is_readable(connection: HasFileno) -> bool:
    """Whether bytes have arrived, or its end."""
    if sys.platform == "win32":
        return bool(select.select([connection], [], [], 0)[0])
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
