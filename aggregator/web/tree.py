"""Answers GET and HEAD for every file of the tree."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from cachetools import LRUCache
from starlette.types import Receive, Scope, Send

from aggregator.text.page_paths import page_slug
from aggregator.web.conditional import Precondition, evaluate
from aggregator.web.files import ServedFile, ServedFiles
from aggregator.web.headers import (
    BY_OPENING,
    GUARDS,
    Header,
    document_headers,
    entity_tag,
    fresh_for,
    links,
    unchanged_headers,
)
from aggregator.web.negotiation import IDENTITY, choose, encode
from aggregator.web.paths import INDEX, address_of, file_of, location, moved_address, other_forms
from aggregator.web.state_reader import MovedFeeds

T = TypeVar("T")

ENCODED_BYTES = 64 * 2**20  # encoded bodies that are kept, more than the largest of them (files.MOST_IN_MEMORY)
NOT_FOUND = "404.html"
STYLES = "static/"
SMALL = 1000  # bytes; smaller files fit one packet uncompressed
RETRY_LATER: Header = (b"retry-after", b"60")
METHODS: Header = (b"allow", b"GET, HEAD, OPTIONS")


@dataclass(frozen=True, slots=True)
class Site:
    """The public addresses: `url` where the tree is published; `hub` of WebSub, "" for none; `prefix` of every path,
    where a proxy serves the tree below its root.
    """

    url: str
    hub: str = ""
    prefix: str = "/"


class Answer(NamedTuple):
    """`large`: a file whose bytes are sent from the disk instead of `body`."""

    status: int
    headers: tuple[Header, ...]
    body: bytes = b""
    large: ServedFile | None = None


@dataclass(frozen=True, slots=True)
class _Unread:
    """A file that has to be read, and encoded in this coding, before it is sent."""

    coding: str


class TreeAnswers:
    """`next_change` returns the seconds until the tree may change, for which caches may keep an answer. `counts` gets
    the number of answers by status. `gone_pages` returns the slugs of withdrawn entries.

    The usual request, whether a file changed, costs one stat(2). Threads read and compress files, once for all requests
    that come at the same time.
    """

    def __init__(
        self,
        site: Site,
        documents: ServedFiles,
        moved_feeds: MovedFeeds,
        next_change: Callable[[], float],
        counts: Counter[int] | None = None,
        gone_pages: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._site = site
        self._documents = documents
        self._moved_feeds = moved_feeds
        self._next_change = next_change
        self._counts = Counter() if counts is None else counts
        self._gone_pages = gone_pages
        self._bodies: LRUCache[tuple[str, str], bytes] = LRUCache(ENCODED_BYTES, len)  # by SHA-256 and coding
        self._tasks: dict[tuple[str, str], asyncio.Task[Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - no body is read
        answer = await self._answer(scope)
        self._counts[answer.status] += 1
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.large and scope["method"] != "HEAD":
            await self._send_large(answer.large, send)
        else:
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    async def _send_large(self, document: ServedFile, send: Send) -> None:
        """Ends early where the file was replaced or cannot be read; the server then closes the connection."""
        chunks = self._documents.chunks(document)
        left = document.size
        with suppress(OSError):
            while left > 0 and (chunk := await asyncio.to_thread(next, chunks, b"")):
                chunk = chunk[:left]
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": left > 0})

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] == "OPTIONS":
            return Answer(204, (METHODS, *GUARDS))
        if scope["method"] not in {"GET", "HEAD"}:
            return plain(405, "files here can only be read, by GET and HEAD", METHODS)
        address = address_of(scope["raw_path"])
        if address is None:
            return plain(404, "there is no such address")
        if self._moved_feeds.is_due():
            await self._moved_feeds.refresh()
        moved = moved_address(address, self._moved_feeds.moved)
        if moved is not None:
            return self._redirect(moved, scope) if moved else plain(410, "this feed ended")
        try:
            return await self._answer_from_disk(address, scope)
        except OSError:
            return plain(503, "this file cannot be read at the moment", RETRY_LATER)

    async def _answer_from_disk(self, address: str, scope: Scope) -> Answer:
        path = file_of(address)
        document = self._documents.known(path) or await self._read(path)
        if document is not None:
            return await self._answer_with(document, scope)
        if path == address and await self._read(f"{address}/{INDEX}"):
            return self._redirect(f"{address}/", scope)
        if page_slug(path) in self._gone_pages():
            return plain(410, "this entry was withdrawn")
        missing = "nothing is published here yet; `aggregator run` does that"
        answer = plain(404, "there is no such address" if address else missing)
        if await asyncio.to_thread(self._documents.has_any, other_forms(path)):
            answer = plain(410, "this page is not kept in this form")
        return await self._with_page(answer) if is_opened(by_name(scope["headers"])) else answer

    async def _with_page(self, answer: Answer) -> Answer:
        """The answer with the page of the tree for what is not there, if there is one."""
        read = await self._once((NOT_FOUND, ""), partial(self._documents.read, NOT_FOUND))
        if read is None or not read[1]:
            return answer
        kind = (b"content-type", read[0].kind.media_type.encode())
        head = (kind, (b"content-length", b"%d" % len(read[1])), BY_OPENING, (b"cache-control", b"no-cache"))
        return answer._replace(headers=(*head, *GUARDS), body=read[1])

    def at_once(self, method: bytes, path: bytes, headers: Mapping[bytes, bytes]) -> Answer | None:
        """What `__call__` would answer, where nothing has to be waited for: of a file that is known and did not
        change."""
        if method not in {b"GET", b"HEAD"} or self._moved_feeds.is_due():
            return None
        address = address_of(path)
        if address is None or moved_address(address, self._moved_feeds.moved) is not None:
            return None
        document = self._documents.known(file_of(address))
        answer = self._ready_answer(document, headers) if document else None
        if isinstance(answer, _Unread) or answer is None or answer.large:
            return None
        self._counts[answer.status] += 1
        return answer

    async def _answer_with(self, document: ServedFile, scope: Scope) -> Answer:
        headers = by_name(scope["headers"])
        answer = self._ready_answer(document, headers)
        if not isinstance(answer, _Unread):
            return answer
        coding = answer.coding
        made = await self._once((document.path, coding), partial(self._encode, document.path, coding))
        if made is None:  # removed meanwhile, or too large now
            return plain(503, "this file changes at the moment", RETRY_LATER)
        document, body = made
        self._bodies[document.sha256, coding] = body
        return self._whole(document, coding, body, opened=is_opened(headers))

    def _ready_answer(self, document: ServedFile, headers: Mapping[bytes, bytes]) -> "Answer | _Unread":
        shrinks = document.kind.shrinks and document.size >= SMALL and not document.is_large
        coding = choose(headers.get(b"accept-encoding"), shrinks=shrinks)
        if coding is None or (document.is_large and coding != IDENTITY):
            return plain(406, "this file is not available in a coding that the request accepts")
        tag = entity_tag(document, coding)
        match evaluate(tag, document.modified, headers):
            case Precondition.FAILED:
                return plain(412, "a precondition of the request does not hold")
            case Precondition.UNCHANGED:
                return Answer(304, unchanged_headers(document, coding, self._seconds(document)))
        opened = is_opened(headers)
        if document.is_large:
            return self._whole(document, coding, None, opened=opened)
        body = self._bodies.get((document.sha256, coding))
        return _Unread(coding) if body is None else self._whole(document, coding, body, opened=opened)

    def _whole(self, document: ServedFile, coding: str, body: bytes | None, *, opened: bool) -> Answer:
        length = document.size if body is None else len(body)
        headers = document_headers(document, coding, length, self._seconds(document), opened=opened)
        if document.kind.is_feed:
            headers += (links(self._site.url + document.path, self._site.hub),)
        return Answer(200, headers, body or b"", document if body is None else None)

    def _seconds(self, document: ServedFile) -> float:
        """How long a cache may use the file without asking. Pages and their style sheets change together."""
        return 0 if document.path.startswith(STYLES) else self._next_change()

    def _redirect(self, address: str, scope: Scope) -> Answer:
        """A 301 with a short age: a category that returns takes its old address back."""
        where = location(address, scope["query_string"], prefix=self._site.prefix)
        return plain(301, "this address moved", (b"location", where), fresh_for(self._next_change()))

    async def _read(self, path: str) -> ServedFile | None:
        read = await self._once((path, ""), partial(self._documents.read, path))
        return read[0] if read else None

    def _encode(self, path: str, coding: str) -> tuple[ServedFile, bytes] | None:
        """Reads the file again, so that the tag belongs to the body even where the file was replaced."""
        read = self._documents.read(path)
        return (read[0], encode(read[1], coding)) if read and not read[0].is_large else None

    async def _once(self, what: tuple[str, str], work: Callable[[], T]) -> T:
        task: asyncio.Task[T] | None = self._tasks.get(what)
        if task is None:
            task = self._tasks[what] = asyncio.create_task(asyncio.to_thread(work))
            task.add_done_callback(lambda _: self._tasks.pop(what, None))
        return await asyncio.shield(task)


def plain(status: int, sentence: str, *more: Header) -> Answer:
    """An answer of one sentence, which must not repeat anything of the request."""
    body = f"{HTTPStatus(status).phrase}: {sentence}\n".encode()
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    stale = [] if any(name == b"cache-control" for name, _ in more) else [(b"cache-control", b"no-cache")]
    return Answer(status, (*head, *more, *stale, *GUARDS), body)


def is_opened(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a person opens the address in a window of a browser (Fetch Metadata, Sec-Fetch-Dest)."""
    return headers.get(b"sec-fetch-dest") == b"document"


def by_name(headers: Sequence[Header]) -> dict[bytes, bytes]:
    """Several lines of one name become one list."""
    lines: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        lines.setdefault(name, []).append(value)
    return {name: b",".join(values) for name, values in lines.items()}
