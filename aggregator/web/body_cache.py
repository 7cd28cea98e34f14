"""A cache of encoded bodies that drops the least recently used."""

from collections import OrderedDict

KEPT_BYTES = 64 * 2**20


class BodyCache:
    """The key is the SHA-256 of the decoded body, and the coding. `most`: bytes in all."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def get(self, sha256: str, coding: str) -> bytes | None:
        body = self._kept.get((sha256, coding))
        if body is not None:
            self._kept.move_to_end((sha256, coding))
        return body

    def put(self, sha256: str, coding: str, body: bytes) -> None:
        old = self._kept.pop((sha256, coding), b"")
        self._kept[sha256, coding] = body
        self._size += len(body) - len(old)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1])
