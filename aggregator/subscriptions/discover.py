"""Finds the feed at a URL: the URL itself, or one that its page names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import AggregatorError, FetchError, ParseError, UsageError
from aggregator.fetch import Answer, Fetcher, FetchSettings, Request
from aggregator.model.document import FeedDocument
from aggregator.parse import parse
from aggregator.parse.autodiscovery import Found, common_places, feeds_named, longest_named
from aggregator.parse.feed_links import feeds_in_header, feeds_linked
from aggregator.subscriptions.imports.found import Found as Subscriptions
from aggregator.subscriptions.imports.found import Remark, Subscription, as_name
from aggregator.subscriptions.imports.read import read_subscriptions
from aggregator.text.encoding import decode
from aggregator.text.masking import showable
from aggregator.text.normalize import one_line
from aggregator.text.urls import LONGEST
from aggregator.worker_pool import WorkerPool

NO_CONNECTION = frozenset({"tls", "connect", "timeout"})  # kinds of errors that http may not have


class NoFeedError(AggregatorError):
    """The URL is not a feed and leads to none."""

    exit_status = 1


@dataclass(frozen=True, slots=True)
class Discovery:
    """`feed`, with its `answer`, if the URL is a feed or one was found at a common path; else `named`: the feeds that
    the page names."""

    feed: Found | None = None
    named: tuple[Found, ...] = ()
    answer: Answer | None = None


async def discover(
    fetching: FetchSettings, pool: WorkerPool, url: str, *, guess: bool = False, plain: bool = False
) -> Discovery:
    """Fetches `url` once. If it is a page without a feed and `guess` is set, tries common paths until one is a feed.
    `plain`: asks by http, too, if no secure connection comes about.

    Raises NoFeedError, and UsageError if `url` is not a URL.
    """
    async with Fetcher(fetching) as fetcher:
        url, answer = await _ask_either(fetcher, url) if plain else (url, await _ask(fetcher, url))
        return await _in_answer(fetcher, pool, url, answer, guess=guess)


async def list_or_feed(fetching: FetchSettings, pool: WorkerPool, url: str) -> Subscriptions:
    """Fetches `url` once: a list of subscriptions; or a feed, or a page that names some, of which the first is taken.
    Raises NoFeedError."""
    async with Fetcher(fetching) as fetcher:
        answer = await _ask(fetcher, url)
        try:
            return read_subscriptions(answer.body, showable(url))
        except UsageError:
            found = await _in_answer(fetcher, pool, url, answer, guess=False)
    first, *others = [found.feed] if found.feed else found.named
    left_out = [Remark(1, showable(one.url), "another feed that the page names") for one in others]
    return Subscriptions("a feed", (Subscription(1, first.url, as_name(first.title)),), tuple(left_out))


async def _in_answer(fetcher: Fetcher, pool: WorkerPool, url: str, answer: Answer, *, guess: bool) -> Discovery:
    try:
        return await _feed(pool, url, answer)
    except ParseError as error:
        if error.kind != "not-a-feed":
            raise NoFeedError(f"{showable(url)} is a feed that cannot be read: {error}") from error
        link = answer.headers.get("link", "")
        named, longest = await pool.call(feeds_in, answer.body, answer.content_type, answer.url, link)
        if named:
            return Discovery(named=named)
        if guess and (found := await _guess(fetcher, pool, answer.url)):
            return found
        raise NoFeedError(f"{showable(url)} is {_text(error)}{_advice(error, longest, guessed=guess)}") from error


async def fetch_named(fetching: FetchSettings, pool: WorkerPool, named: Found) -> Discovery:
    """Fetches a feed that a page named. Raises NoFeedError."""
    async with Fetcher(fetching) as fetcher:
        answer = await _ask(fetcher, named.url)
    try:
        return await _feed(pool, named.url, answer)
    except ParseError as error:
        raise NoFeedError(f"the page names {showable(named.url)} as its feed, but that is {_text(error)}") from error


async def read_local_feed(file: Path, pool: WorkerPool, most: int) -> Found:
    """Reads a local file, which must be a feed of at most `most` bytes. Raises UsageError."""
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
        raise UsageError(f"{file} is {_text(error)}") from error
    return Found(str(file), _title(document))


async def _ask(fetcher: Fetcher, url: str) -> Answer:
    try:
        return await fetcher.fetch(Request(url))
    except FetchError as error:
        raise NoFeedError(f"{showable(url)} gave no usable answer: {error}") from error


async def _ask_either(fetcher: Fetcher, url: str) -> tuple[str, Answer]:
    """The answer by https or by http, and the address that gave it. The first error is told."""
    try:
        return url, await _ask(fetcher, url)
    except NoFeedError as error:
        if not (isinstance(error.__cause__, FetchError) and error.__cause__.kind in NO_CONNECTION):
            raise
        plain = f"http://{url.removeprefix('https://')}"
        try:
            return plain, await fetcher.fetch(Request(plain))
        except FetchError:
            raise error from error.__cause__


async def _feed(pool: WorkerPool, url: str, answer: Answer) -> Discovery:
    """The URL of a feed that moved permanently is the one it moved to."""
    call = pool.call(parse, answer.body, url=answer.url, content_type=answer.content_type, limit=1)
    return Discovery(feed=Found(answer.moved_to or url, _title(await call)), answer=answer)


def _title(document: FeedDocument) -> str:
    return one_line(document.about.title)


def feeds_in(page: bytes, content_type: str, url: str, link: str = "") -> tuple[tuple[Found, ...], int]:
    """The feeds that a page names, and the length of the longest URL among them. Runs in a worker process, since the
    page is foreign. A `Link` field counts where the page itself names none, and a plain link where that names none."""
    text = decode(page, content_type)
    found = feeds_named(text, url) or feeds_in_header(link, url) or feeds_linked(text, url)
    return found, longest_named(text)


async def _guess(fetcher: Fetcher, pool: WorkerPool, url: str) -> Discovery | None:
    """Tries common paths one after the other, at the pace of any pull, up to the first feed."""
    for place in common_places(url):
        try:
            return await _feed(pool, place, await fetcher.fetch(Request(place)))
        except (FetchError, ParseError):
            continue
    return None


def _text(error: ParseError) -> str:
    return str(error) if error.kind == "not-a-feed" else f"a feed that cannot be read: {error}"


def _advice(error: ParseError, longest: int, *, guessed: bool) -> str:
    if "OPML" in str(error):
        return "; save it, and add its feeds with `aggregator import FILE`"
    if longest > LONGEST:
        return f", and names a feed by a URL of {longest:,} characters; at most {LONGEST:,} are allowed"
    if guessed:
        return ", and no common path has a feed; find the URL of the feed on the page"
    return ", and names none; --try-common-paths also tries /feed, /atom.xml and other common paths"


def numbered(named: Sequence[Found]) -> list[str]:
    return [f"{i}  {showable(one.url)}  {one.kind}{_suffix(one.title)}" for i, one in enumerate(named, 1)]


def _suffix(title: str) -> str:
    return f", {title}" if title else ""
