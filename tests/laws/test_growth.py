"""Linear cost of everything that reads foreign text outside the worker processes: time grows with the length of the
text, and hardly faster.

A row of READERS is one such function, and the shape that it is tried with by default; `make torture` tries every
function with every shape. CPU time counts, the best of three: cost(16 n) <= 8 * cost(4 n), where in proportion would
be 4 and the square would be 16. No call may take a second. A measurement that fails is taken again, up to four times.
Each is tried in two sizes: some read no text that is longer than an address may be.
"""

import asyncio
import gc
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from types import FrameType

import httpx
import pytest
import yarl

from aggregator import opml as outlines
from aggregator.categories import names, patterns
from aggregator.clean import opt_out as optout
from aggregator.config import source_ids as named
from aggregator.config import url_input as addressing
from aggregator.config import validators as values
from aggregator.daemon.log import Log
from aggregator.errors import AggregatorError
from aggregator.fetch import (
    chunked_body,
    cookies,
    decoding,
    document_shape,
    errors,
    input_buffer,
    messages,
    network_guard,
    redirects,
    response_head,
    response_reader,
    transport,
    walls,
)
from aggregator.fetch import url as web_url
from aggregator.fetch.connection import LenientProtocol
from aggregator.parse import repair_json
from aggregator.parse.autodiscovery import common_places, feeds_named, same
from aggregator.parse.feed_links import feeds_in_header, feeds_linked
from aggregator.polling import publisher_hints
from aggregator.status import advice as remedies
from aggregator.text import canonical_url as links
from aggregator.text import entry_ids as identity
from aggregator.text import globs, masking, normalize, slugs
from aggregator.text import urls as addresses
from aggregator.text.encoding import decode
from aggregator.web import conditional, media_types, negotiation, paths, tree
from aggregator.web import status as web_status

NOW = datetime(2026, 11, 29, tzinfo=UTC)
HOME = "https://example.org/feed"
SIZES = (addresses.LONGEST - 192, 2**16)  # characters
MOST_GROWTH = 8
NOTICEABLE = 0.005  # seconds; what takes less is noise
LONGEST = 1.0  # seconds of one call
ATTEMPTS = 4

Read = Callable[[str], object]


def _quiet(read: Read, *refusals: type[Exception]) -> Read:
    """What refuses a text has read it as well."""

    def attempt(text: str) -> object:
        try:
            return read(text)
        except (AggregatorError, *refusals):  # type: ignore[misc]  # mypy cannot unpack types
            return None

    return attempt


def _header(name: str, read: Callable[[Mapping[str, str], datetime], object]) -> Read:
    return lambda text: read({name: text, "date": text}, NOW)


def _raw(name: bytes, read: Callable[[list[tuple[bytes, bytes]]], object]) -> Read:
    return lambda text: read([(name, _bytes(text))] * 2)


def _many_headers(text: str) -> object:
    return messages.response_headers([(b"link", _bytes(piece)) for piece in text])


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _follow(location: str) -> None:
    redirects.Trail(HOME).follow(301, location)


def _wall(text: str) -> bool:
    return walls.shows_wall(_bytes(text))


def _unchanged(text: str) -> conditional.Precondition:
    return conditional.evaluate(b'"a"', 0, {b"if-none-match": _bytes(text) + b'"a"'})


def _matched(text: str) -> conditional.Precondition:
    return conditional.evaluate(b'"a"', 0, {b"if-match": _bytes(text) + b'"b"'})


def _outlines(text: str) -> object:
    return outlines.read_outlines(text)


def _patterns() -> Read:
    several = patterns.Patterns(["python", "py-*", "re:(?i)(a+)+b", "re:.*x.*y$"])
    return lambda text: several.matching(names.Name(text))


def _head(text: str) -> object:
    return response_head.read_head([b"HTTP/1.1 200 OK", *filter(None, _bytes(text).split(b"\n"))])


def _length(text: str) -> object:
    return response_head.read_head([b"HTTP/1.1 200 OK", b"Content-Length: 5," + _bytes(text)])


def _chunks(text: str) -> object:
    buffer = input_buffer.InputBuffer()
    buffer.feed(_bytes(text))
    return chunked_body.ChunkedBody().read(buffer)


def _response(text: str) -> object:
    with closing(asyncio.new_event_loop()) as loop:
        body = response_reader.ReceivedBody(LenientProtocol(loop), 2**30, loop)
        reader = response_reader.ResponseReader(body, lambda message, _: None, lambda: None)
        reader.feed(_bytes(text))
        reader.feed_eof()
        return body


def _replaced(text: str) -> bool:
    return walls.replaces_document(b"<!doctype html>" + _bytes(text), {}, asked=httpx.URL(HOME), here=httpx.URL(HOME))


def _taken(text: str) -> object:
    return cookies.Cookies().take(httpx.URL(HOME), [(b"set-cookie", _bytes(text))] * 4, NOW)


def _cookies() -> Read:
    """The library would read them whoever wants none."""
    with closing(asyncio.new_event_loop()) as loop:
        jar = transport.NoCookies(loop=loop)
    return lambda text: jar.update_cookies_from_headers([text], yarl.URL(HOME))


HIDDEN = masking.Hidden((("aaaaaaaaab", "${KEY}"),), (("key", "keykeykey"),))
LOG = Log({"TOKEN": "aaaaaa", "KEY": "keykeykey/"})

# Name: the function, and the shape of SHAPES that costs it most (or would, were it careless).
READERS: dict[str, tuple[Read, str]] = {
    # addresses
    "showable": (masking.showable, "questions and keys"),
    "absolute": (addresses.absolute, "percents"),
    "absolute, relative": (partial(addresses.absolute, base=HOME), "upwards"),
    "ascii_host": (addresses.ascii_host, "names beyond ASCII"),
    "host_of": (addresses.host_of, "user information"),
    "unwrap": (partial(addresses.unwrap, prefixes=("https://cors.zfour.workers.dev/?",)), "schemes"),
    "placeholder": (partial(addresses.is_placeholder, patterns=("*b*c*d*0",)), "the alphabet"),
    "canonical_link": (links.canonical_link, "parameters"),
    "canonical_link, tracking": (partial(links.canonical_link, tracking=("*a*b*c*d",)), "parameter of many letters"),
    "globs": (partial(globs.matches, globs.glob_parts("*a*b*c*d*0")), "the alphabet"),
    "is_public_id": (identity.is_public_id, "percents"),
    "carried": (identity.as_public_id, "names beyond ASCII"),
    "source_id": (named.source_id, "escapes"),
    "web_address": (_quiet(addressing.web_address), "dots"),
    "addressing.shown": (addressing.shown, "slashes"),
    "check_web_url": (_quiet(values.check_web_url, ValueError), "one address"),
    # an answer: its headers, its redirect, its page
    "fetch.parse": (_quiet(web_url.parse), "one address"),
    "fetch.user_info": (_quiet(web_url.user_info, ValueError), "user information"),
    "fetch.unusable": (lambda text: web_url.unusable(text, text), "questions and keys"),
    "redirect": (_quiet(_follow), "questions and keys"),
    "set-cookie": (_cookies(), "cookies"),
    "as_address": (_quiet(network_guard.as_address), "digits"),
    "response_headers": (_raw(b"link", messages.response_headers), "commas"),
    "response_headers, many": (_many_headers, "letters"),
    "validators": (_raw(b"etag", messages.validators), "quotes"),
    "content-encoding": (_quiet(lambda text: decoding.Body(text, 1)), "commas"),
    "retry-after": (_header("retry-after", errors.retry_after), "digits"),
    "retry-after, a date": (_header("retry-after", errors.retry_after), "parentheses"),
    "bot wall": (_wall, "just a"),
    "bot wall instead of a feed": (_replaced, "just a"),
    "cookies of a redirect": (_taken, "cookies"),
    "head": (_quiet(_head), "headers"),
    "head, folded": (_quiet(_head), "folded lines"),
    "content-length": (_quiet(_length), "commas"),
    "chunks": (_chunks, "chunks"),
    "response": (_quiet(_response), "line ends"),
    "is_document": (lambda text: document_shape.is_document(_bytes(text)), "blanks"),
    "is_whole": (lambda text: document_shape.is_whole(_bytes(text)), "declarations"),
    "is_whole, comments": (lambda text: document_shape.is_whole(b"<a></a>" + _bytes(text)), "whole comments"),
    "is_whole, JSON": (lambda text: document_shape.is_whole(b"[" + _bytes(text)), "quotes"),
    "cache-control": (_header("cache-control", publisher_hints.freshness), "commas"),
    "expires": (_header("expires", publisher_hints.freshness), "parentheses"),
    "x-robots-tag": (lambda text: optout.header_says(text, "aggregator/1"), "words with colons"),
    "content-type": (lambda text: decode(b"<a>", text), "charsets"),
    # a request
    "path": (lambda text: paths.address_of(b"/" + _bytes(text)), "escaped dots"),
    "file_type_of": (media_types.file_type_of, "dots"),
    "location": (lambda text: paths.location("x", _bytes(text)), "percents"),
    "moved_address": (lambda text: paths.moved_address(text, {"a": "b", "b": "a"}), "slashes"),
    "accept-encoding": (lambda text: negotiation.choose(_bytes(text)), "weights"),
    "headers of a request": (
        lambda text: tree.by_name([(b"accept-encoding", _bytes(p)) for p in text]),
        "letters",
    ),
    "if-none-match": (_unchanged, "open tags"),
    "if-match": (_matched, "open tags"),
    "if-modified-since": (lambda text: conditional.parse_date(_bytes(text)[: conditional.LONGEST_DATE]), "parentheses"),
    "accept": (web_status.prefers_json, "weights"),
    "page": (web_status._number, "digits"),
    # a line of the log, a message
    "log.redact": (LOG.redact, "questions and keys"),
    "showable_text": (masking.showable_text, "questions and keys"),
    "Hidden.masked": (HIDDEN.masked, "letters"),
    "Hidden.marked": (HIDDEN.marked, "percents"),
    "remedy": (partial(remedies.sentence, "status"), "answered"),
    # OPML, pages
    "is_opml": (outlines.is_opml, "outlines"),
    "read_outlines": (_outlines, "document types with subsets"),
    "feeds_named": (partial(feeds_named, url=HOME), "tags"),
    "feeds_linked": (partial(feeds_linked, url=HOME), "tags"),
    "feeds_in_header": (partial(feeds_in_header, url=HOME), "parameters"),
    "same": (same, "parameters"),
    "common_places": (_quiet(common_places, ValueError), "upwards"),
    "repair_json": (_quiet(lambda text: repair_json.load('{"a":' + text), ValueError), "quotes"),
    # names
    "one_line": (normalize.one_line, "blanks"),
    "legal": (normalize.legal, "carriage returns"),
    "decode": (normalize.decode, "references"),
    "decode_again": (normalize.decode_again, "references"),
    "fold": (normalize.fold, "combining marks"),
    "shorten": (partial(normalize.shorten, most=200), "combining marks"),
    "bounded": (normalize.bounded, "line ends"),
    "language": (normalize.language, "words with dashes"),
    "email": (normalize.email, "dots"),
    "media_type": (normalize.media_type, "media types"),
    "slugify": (slugs.slugify, "Han"),
    "fold_term": (names.fold_term, "ligatures"),
    "readable": (names.readable, "brackets"),
    "category patterns": (_patterns(), "letters"),
}


def _repeated(piece: str, begin: str = "", end: str = "") -> Callable[[int], str]:
    def shape(length: int) -> str:
        space = max(length - len(begin) - len(end), 0)
        return begin + (piece * (space // len(piece) + 1))[:space] + end

    return shape


def _halves(one: Callable[[int], str], other: Callable[[int], str]) -> Callable[[int], str]:
    return lambda length: one(length // 2) + other(length - length // 2)


SHAPES: dict[str, Callable[[int], str]] = {
    "letters": _repeated("a"),
    "letters, then a sign": _repeated("a", end="!"),
    "the alphabet": _repeated("abcdefghijklmnopqrstuvwxyz"),
    "digits": _repeated("9"),
    "noughts": _repeated("0", end="x"),
    "blanks": _repeated(" "),
    "blanks, then a sign": _repeated(" ", begin="a", end="!"),
    "tabs": _repeated("\t", end="x"),
    "line ends": _repeated("\n"),
    "carriage returns": _repeated("\r\n\r"),
    "zero bytes": _repeated("\0"),
    "words": _repeated("ab "),
    "words with colons": _repeated("a : "),
    "words with dashes": _repeated("ab-"),
    "dots": _repeated("."),
    "names": _repeated("a.", end="!"),
    "names beyond ASCII": _repeated("ü."),
    "one long name beyond ASCII": _repeated("ü", begin="https://", end=".de/"),
    "slashes": _repeated("/"),
    "backslashes": _repeated("\\"),
    "upwards": _repeated("../"),
    "down and up": _repeated("a/../", begin=HOME),
    "escaped dots": _repeated("%2e%2e/"),
    "percents": _repeated("%"),
    "escapes": _repeated("%25", begin=HOME + "/"),
    "half an escape": _repeated("%2"),
    "questions": _repeated("?"),
    "questions and keys": _halves(_repeated("?", begin="ftp://x/"), _repeated("key")),
    "questions and keys, from here": _halves(_repeated("?", begin="https://x/"), _repeated("key")),
    "parameters": _repeated("&key=a", begin=HOME + "?"),
    "parameters without values": _repeated("&token"),
    "keys": _repeated("key"),
    "semicolons": _repeated(";"),
    "equals": _repeated("="),
    "commas": _repeated(","),
    "commas and blanks": _repeated(", "),
    "weights": _repeated("a/b;q=0.5,"),
    "weights without end": _repeated(";q=1", begin="text/html"),
    "media types": _repeated("a/"),
    "charsets": _repeated(";charset ="),
    "user information": _repeated("a@", begin="https://"),
    "passwords": _repeated(":a", begin="https://", end="@x/"),
    "two slashes and a user": _repeated("//a@"),
    "schemes": _repeated("https://"),
    "parameter of many letters": _repeated("abcdefghijklm", begin="https://example.org/?", end="=1"),
    "one address": _repeated("a", begin="https://example.org/?"),
    "one address of every sign": _repeated("a-._~!$&'()*+,;=:@%20", begin="https://example.org/"),
    "an IPv6 host": _repeated("0:", begin="https://[", end="]/"),
    "ports": _repeated("1", begin="https://example.org:"),
    "fragments": _repeated("#"),
    "cookies": _repeated("a=b; "),
    "headers": _repeated("a: b\n"),
    "folded lines": _repeated(" a\n", begin="a:b\n"),
    "chunks": _repeated("1\r\na\r\n"),
    "declarations": _repeated("<!a>"),
    "whole comments": _repeated("<!---->"),
    "quotes": _repeated('"'),
    "open tags": _repeated('"a'),
    "entity tags": _repeated('W/"a", '),
    "apostrophes": _repeated("'\""),
    "parentheses": _repeated("("),
    "dates": _repeated("Mon, 01 Jan 2024 00:00:00 GMT "),
    "brackets": _repeated("[a](/"),
    "braces": _repeated("{"),
    "variables": _repeated("${A"),
    "angles": _repeated("<"),
    "tags": _repeated("<link rel=alternate href='"),
    "outlines": _repeated("<outline "),
    "attributes": _repeated(' a="', begin="<outline"),
    "attributes without values": _repeated(" a", begin="<outline"),
    "outlines in outlines": _repeated('<outline text="a">'),
    "comments": _repeated("<!--"),
    "CDATA": _repeated("<![CDATA["),
    "document types": _repeated("<!DOCTYPE "),
    "document types with subsets": _repeated("<!DOCTYPE [>"),
    "references": _repeated("&amp"),
    "numbers of characters": _repeated("&#0"),
    "stars": _repeated("*a"),
    "pluses": _repeated("+"),
    "dashes": _repeated("-"),
    "fences": _repeated("---\n"),
    "just a": _repeated("just a moment.."),
    "answered": _repeated("the server answered "),
    "combining marks": _repeated("\u0301", begin="a"),
    "marks in the wrong order": _repeated("\u0301\u0323", begin="a"),
    "a host of marks": _repeated("\u0301\u0323", begin="https://a"),
    "ligatures": _repeated("\ufdfa"),
    "dotted capitals": _repeated("İ"),
    "Hangul": _repeated("\u1100\u1161\u11a8"),
    "Han": _repeated("漢字"),
    "invisible": _repeated("\u200b\u2060"),
    "joined emoji": _repeated("👩\u200d"),
    "halves of characters": _repeated("\ud800"),
    "turned round": _repeated("\u202e"),
}


class TooLongError(BaseException):
    """No error that a reader could take for a fault of its text."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Of CPU time. What the standard library does in one go cannot be stopped, and is seen afterwards. The timer is
    one of the wall clock: Linux counts CPU time in steps of 4 ms while a timer waits for it."""
    end = time.process_time() + seconds

    def look(_: int, __: FrameType | None) -> None:
        if time.process_time() > end:
            raise TooLongError

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds / 10)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def cost(read: Read, text: str) -> float:
    began = time.process_time()
    with at_most(LONGEST):
        read(text)
    return time.process_time() - began


def least_cost(read: Read, shape: Callable[[int], str], length: int) -> float:
    """Of three texts, each a character shorter than the one before, so that none is remembered."""
    return min(cost(read, shape(length - less)) for less in range(3))


def check_growth(read: Read, shape: Callable[[int], str]) -> None:
    gc.disable()
    try:
        cost(read, shape(100))  # what is loaded or made once does not count
        for size in SIZES:
            _check_growth(read, shape, size)
    finally:
        gc.enable()


def check_every_shape(read: Read, shapes: Mapping[str, Callable[[int], str]]) -> None:
    """All are tried, though one fails. They are no cases of their own: collecting thousands would slow every run."""
    failed: dict[str, str] = {}
    for name, shape in shapes.items():
        try:
            check_growth(read, shape)
        except AssertionError as error:
            failed[name] = str(error)
    assert not failed


def _check_growth(read: Read, shape: Callable[[int], str], size: int) -> None:
    """What grows too fast does so every time; what only was disturbed by another program passes when tried again."""
    for _ in range(ATTEMPTS):
        try:
            small, large = (least_cost(read, shape, length) for length in (size // 4, size))
        except TooLongError:
            raise AssertionError(f"more than {LONGEST} s of CPU for {size} characters or fewer") from None
        if large <= min(LONGEST, max(MOST_GROWTH * small, NOTICEABLE)):
            return
    raise AssertionError(f"{small * 1000:.1f} ms became {large * 1000:.1f} ms")


@pytest.mark.variants(quick=40)
@pytest.mark.parametrize("name", READERS)
def test_the_time_for_hostile_text_grows_with_its_length(name: str) -> None:
    read, shape = READERS[name]
    check_growth(read, SHAPES[shape])


@pytest.mark.torture
@pytest.mark.parametrize("name", READERS)
def test_whatever_the_shape_of_the_text(name: str) -> None:
    check_every_shape(READERS[name][0], SHAPES)


def test_there_are_shapes_enough() -> None:
    texts = {make(1000) for make in SHAPES.values()}
    assert len(texts) == len(SHAPES) >= 40


def test_growth_with_the_square_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ATTEMPTS", 1)

    def careless(text: str) -> None:
        for end in range(0, len(text), 8):
            text.count("b", 0, end)

    with pytest.raises(AssertionError, match="became"):
        check_growth(careless, SHAPES["letters"])


def test_a_pattern_that_goes_back_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "LONGEST", 0.2)
    with pytest.raises(AssertionError, match="more than"):
        check_growth(re.compile("a*a*a*b").match, SHAPES["letters"])
