"""GET and HEAD for every file of the tree."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.types import Receive, Scope, Send

from aggregator.web.body_cache import Bodies
from aggregator.web.conditional import HEADERS, Verdict, judge
from aggregator.web.encoding import IDENTITY, choose, encode
from aggregator.web.files import ServedFile, ServedFiles
from aggregator.web.headers import (
    GUARDS,
    Header,
    document_headers,
    entity_tag,
    fresh_for,
    links,
    unchanged_headers,
)
from aggregator.web.moved_feeds import MovedFeeds
from aggregator.web.paths import INDEX, address_of, file_of, location, moved_address

T = TypeVar("T")

SMALL = 1000  # bytes: they fit one packet as they are
AGAIN: Header = (b"retry-after", b"60")
METHODS: Header = (b"allow", b"GET, HEAD, OPTIONS")
ASKED = {b"accept-encoding", *HEADERS}


@dataclass(frozen=True, slots=True)
class Site:
    """How the tree is known outside: `url` is where it is published, `hub` who tells of its changes; `prefix`
    stands before every address where a proxy serves us below its root.
    """

    url: str
    hub: str = ""
    prefix: str = "/"


@dataclass(frozen=True, slots=True)
class Answer:
    """`large`: its bytes are sent from the disk."""

    status: int
    headers: list[Header]
    body: bytes = b""
    large: ServedFile | None = None


class TreeAnswers:
    """`next_change` says in how many seconds the tree may change; until then nobody need ask again. `counts`: how many
    answers had which status, from here on.

    The usual question, whether a document changed, costs one stat(2). Work of the disk and of compression is done in
    threads, and once for all who ask at the same time.
    """

    def __init__(
        self,
        site: Site,
        documents: ServedFiles,
        signposts: MovedFeeds,
        next_change: Callable[[], float],
        counts: Counter[int] | None = None,
    ) -> None:
        self._site = site
        self._documents = documents
        self._signposts = signposts
        self._next_change = next_change
        self._counts = Counter() if counts is None else counts
        self._bodies = Bodies()
        self._at_work: dict[tuple[str, str], asyncio.Task[Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - no body is read
        answer = await self._answer(scope)
        self._counts[answer.status] += 1
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.large and scope["method"] != "HEAD":
            await self._send_large(answer.large, send)
        else:
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    async def _send_large(self, document: ServedFile, send: Send) -> None:
        """Left incomplete, so that the connection is closed, where the file was replaced meanwhile or fails."""
        chunks = self._documents.chunks(document)
        left = document.size
        with suppress(OSError):
            while left > 0 and (chunk := await asyncio.to_thread(next, chunks, b"")):
                chunk = chunk[:left]
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": left > 0})

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] == "OPTIONS":
            return Answer(204, [METHODS, *GUARDS])
        if scope["method"] not in {"GET", "HEAD"}:
            return plain(405, "what is published here can only be read", METHODS)
        address = address_of(scope["raw_path"])
        if address is None:
            return plain(404, "there is no such address")
        if self._signposts.is_due():
            await self._signposts.refresh()
        if moved := moved_address(address, self._signposts.moved):
            return self._redirect(moved, scope)
        try:
            return await self._answer_from_disk(address, scope)
        except OSError:
            return plain(503, "this file cannot be read at the moment", AGAIN)

    async def _answer_from_disk(self, address: str, scope: Scope) -> Answer:
        path = file_of(address)
        document = self._documents.known(path) or await self._read(path)
        if document is not None:
            return await self._answer_with(document, scope)
        if path == address and await self._read(f"{address}/{INDEX}"):
            return self._redirect(f"{address}/", scope)
        missing = "nothing is published here yet; `aggregator run` does that"
        return plain(404, "there is no such address" if address else missing)

    async def _answer_with(self, document: ServedFile, scope: Scope) -> Answer:
        asked = _asked(scope["headers"])
        shrinks = document.kind.shrinks and document.size >= SMALL and not document.is_large
        coding = choose(asked.get(b"accept-encoding"), shrinks=shrinks)
        if coding is None or (document.is_large and coding != IDENTITY):
            return plain(406, "this file is not to be had in the codings that are asked for")
        tag = entity_tag(document, coding)
        match judge(tag, document.modified, asked):
            case Verdict.FAILED:
                return plain(412, "what stands here is not what the request asks for")
            case Verdict.UNCHANGED:
                return Answer(304, unchanged_headers(tag, self._next_change()))
        if document.is_large:
            return self._whole(document, coding, None)
        body = self._bodies.get(document.sha256, coding)
        if body is None:
            made = await self._once((document.path, coding), partial(self._make, document.path, coding))
            if made is None:  # gone this moment, or grown beyond measure
                return plain(503, "this file changes at the moment", AGAIN)
            document, body = made
            self._bodies.put(document.sha256, coding, body)
        return self._whole(document, coding, body)

    def _whole(self, document: ServedFile, coding: str, body: bytes | None) -> Answer:
        length = document.size if body is None else len(body)
        headers = document_headers(document, coding, length, self._next_change())
        if document.kind.is_feed:
            headers.append(links(self._site.url + document.path, self._site.hub))
        return Answer(200, headers, body or b"", document if body is None else None)

    def _redirect(self, address: str, scope: Scope) -> Answer:
        """Permanent, and yet not for ever: a name that returns takes its own address back."""
        where = location(address, scope["query_string"], prefix=self._site.prefix)
        return plain(301, "this address moved", (b"location", where), fresh_for(self._next_change()))

    async def _read(self, path: str) -> ServedFile | None:
        read = await self._once((path, ""), partial(self._documents.read, path))
        return read[0] if read else None

    def _make(self, path: str, coding: str) -> tuple[ServedFile, bytes] | None:
        """Of the bytes that stand there now, whichever they are: tag and body belong together."""
        read = self._documents.read(path)
        return (read[0], encode(read[1], coding)) if read and not read[0].is_large else None

    async def _once(self, what: tuple[str, str], work: Callable[[], T]) -> T:
        task: asyncio.Task[T] | None = self._at_work.get(what)
        if task is None:
            task = self._at_work[what] = asyncio.create_task(asyncio.to_thread(work))
            task.add_done_callback(lambda _: self._at_work.pop(what, None))
        return await asyncio.shield(task)


def plain(status: int, sentence: str, *more: Header) -> Answer:
    """An answer in words; nothing of what was asked is repeated in it."""
    body = f"{HTTPStatus(status).phrase}: {sentence}\n".encode()
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    stale = [] if any(name == b"cache-control" for name, _ in more) else [(b"cache-control", b"no-cache")]
    return Answer(status, [*head, *more, *stale, *GUARDS], body)


def _asked(headers: list[Header]) -> dict[bytes, bytes]:
    """The headers that matter; one that comes in several lines is one list."""
    asked: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in ASKED:
            asked.setdefault(name, []).append(value)
    return {name: b",".join(values) for name, values in asked.items()}
