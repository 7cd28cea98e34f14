"""Asking an address for its feed: it is one, or it is a page that names some."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import AggregatorError, FetchError, ParseError, UsageError
from aggregator.fetch import Answer, Fetcher, FetchSettings, Request
from aggregator.model.document import FeedDocument
from aggregator.parse import parse
from aggregator.parse.autodiscovery import Found, common_places, feeds_named, longest_named
from aggregator.text.encoding import decode
from aggregator.text.masking import showable
from aggregator.text.normalize import one_line
from aggregator.text.urls import LONGEST
from aggregator.worker_pool import WorkerPool


class NoFeedError(AggregatorError):
    """What an address answers is neither a feed nor leads to one."""

    exit_status = 1


@dataclass(frozen=True, slots=True)
class Looked:
    """`feed` where the address is one itself, with what it answered; else what its page names, or what was found where
    feeds often are."""

    feed: Found | None = None
    named: tuple[Found, ...] = ()
    answer: Answer | None = None


async def look(fetching: FetchSettings, pool: WorkerPool, url: str, *, guess: bool = False) -> Looked:
    """Asks `url` once; where it is a page that names no feed, and `guess`, the usual places until one answers.

    Raises NoFeedError, and UsageError where that is no address.
    """
    async with Fetcher(fetching) as fetcher:
        answer = await _ask(fetcher, url)
        try:
            return await _feed(pool, url, answer)
        except ParseError as error:
            if error.kind != "not-a-feed":
                raise NoFeedError(f"{showable(url)} is a feed that cannot be read: {error}") from error
            named, longest = await pool.call(feeds_in, answer.body, answer.content_type, answer.url)
            if named:
                return Looked(named=named)
            if guess and (found := await _guess(fetcher, pool, answer.url)):
                return found
            raise NoFeedError(f"{showable(url)} is {_what(error)}{_way_out(error, longest, guessed=guess)}") from error


async def choose(fetching: FetchSettings, pool: WorkerPool, named: Found) -> Looked:
    """The feed that a page named, asked for once: it must be there. Raises NoFeedError."""
    async with Fetcher(fetching) as fetcher:
        answer = await _ask(fetcher, named.url)
    try:
        return await _feed(pool, named.url, answer)
    except ParseError as error:
        raise NoFeedError(f"the page names {showable(named.url)} as its feed, but that is {_what(error)}") from error


async def look_into(file: Path, pool: WorkerPool, most: int) -> Found:
    """A local file, which must be a feed. Raises UsageError."""
    try:
        with file.open("rb") as stream:
            body = stream.read(most + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if len(body) > most:
        raise UsageError(f"{file} is larger than fetch.max_bytes ({most} bytes)")
    try:
        document = await pool.call(parse, body, url="", limit=1)
    except ParseError as error:
        raise UsageError(f"{file} is {_what(error)}") from error
    return Found(str(file), _title(document))


async def _ask(fetcher: Fetcher, url: str) -> Answer:
    try:
        return await fetcher.fetch(Request(url))
    except FetchError as error:
        raise NoFeedError(f"{showable(url)} gives no answer that can be used: {error}") from error


async def _feed(pool: WorkerPool, url: str, answer: Answer) -> Looked:
    """One that moved for good is known by where it moved to."""
    call = pool.call(parse, answer.body, url=answer.url, content_type=answer.content_type, limit=1)
    return Looked(feed=Found(answer.moved_to or url, _title(await call)), answer=answer)


def _title(document: FeedDocument) -> str:
    title = document.about.title
    return one_line(title)


def feeds_in(page: bytes, content_type: str, url: str) -> tuple[tuple[Found, ...], int]:
    """What the bytes of a page name, and the length of the longest address there; in isolation, as all that is
    foreign."""
    text = decode(page, content_type)
    return feeds_named(text, url), longest_named(text)


async def _guess(fetcher: Fetcher, pool: WorkerPool, url: str) -> Looked | None:
    """One after the other, in turns as any pull's, and no further than the first that is a feed."""
    for place in common_places(url):
        try:
            return await _feed(pool, place, await fetcher.fetch(Request(place)))
        except (FetchError, ParseError):
            continue
    return None


def _what(error: ParseError) -> str:
    return str(error) if error.kind == "not-a-feed" else f"a feed that cannot be read: {error}"


def _way_out(error: ParseError, longest: int, *, guessed: bool) -> str:
    if "OPML" in str(error):
        return "; save it, and `aggregator import FILE` takes in what it lists"
    if longest > LONGEST:
        return f", and names a feed by an address of {longest:,} characters, where {LONGEST:,} are the most"
    if guessed:
        return ", and none is where feeds often are; look on the page for the address of its feed"
    return ", and names none; --try-common-paths also asks where feeds often are (/feed, /atom.xml, …)"


def numbered(named: Sequence[Found]) -> list[str]:
    return [f"{i}  {showable(one.url)}  {one.kind}{_after(one.title)}" for i, one in enumerate(named, 1)]


def _after(title: str) -> str:
    return f", {title}" if title else ""
