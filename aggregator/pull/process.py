"""Foreign markup to raw and clean entries: [ parse ─▶ normalize ─▶ sanitize ─▶ fingerprint ], the inner part of `pull`.

These functions run in a worker process that may be killed at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from aggregator.clean import overlong_urls, unusable_addresses
from aggregator.clean.clean_entry import ContentSettings, clean, clean_about
from aggregator.clean.scrub import scrub_document, scrub_draft, visible_base
from aggregator.codec import pack, record_digest, unpack
from aggregator.dedup.comparable import NOT_SIGNED, Signing, comparable
from aggregator.errors import PostError
from aggregator.model.document import ADDED_FIELDS, FeedDocument, Link, RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.model.problems import Problem
from aggregator.parse import parse
from aggregator.pull.unchanged_entries import in_document_order, known_markup, packed_markup
from aggregator.text.dates import NO_CONTEXT, DateContext, shape
from aggregator.text.masking import MARK, NOTHING_HIDDEN, Hidden, cut, unmarked

if TYPE_CHECKING:
    from aggregator.posts import PostSettings

LONGEST_FAULT = 100  # characters of what is wrong with a date
ADDRESSES = "addresses that are left out"
MOST_REPORTED = 5  # overlong URLs, and shapes of unreadable dates, of one document that are reported one by one


@dataclass(frozen=True, slots=True)
class ProcessedEntry:
    """`item`: digest of the raw entry. `draft`, `clean` and `comparable` are packed; None if the caller knew the
    item."""

    item: str
    draft: bytes | None = None
    clean: bytes | None = None
    comparable: bytes | None = None


@dataclass(frozen=True, slots=True)
class ProcessedFeed:
    """`about`: packed FeedInfo; `updated`: the document's own date; `deleted`: upstream ids of withdrawn entries;
    `read`: packed ReadMarkup for the next document, None where that must be read whole."""

    about: bytes
    updated: datetime | None
    entries: tuple[ProcessedEntry, ...]
    complete: bool
    problems: tuple[Problem, ...]
    deleted: tuple[str, ...] = ()
    poll_hints: PollHints = NO_HINT
    cut_off: bool = False
    opt_out: str = ""
    date_order: str = ""
    cloud: str = ""
    read: bytes | None = None


@dataclass(frozen=True, slots=True)
class ProcessedPost:
    """`fault`: why the post could not be read; then `entry` is None. `goes_out_at`, `expires_at` and `dated_by_path`:
    those of the Post. `digest`: of the bytes of its file, "" where they are not known; `is_same`: they are those that
    were read before, and were not read again."""

    path: str
    entry: ProcessedEntry | None = None
    claimed: datetime | None = None
    goes_out_at: datetime | None = None
    expires_at: datetime | None = None
    dated_by_path: bool = False
    hidden: bool = False
    repaired: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    fault: Problem | None = None
    digest: str = ""
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class PostBody:
    """A file of a posts folder; `link`: the link under which its post was published, "" if it was not."""

    path: str
    data: bytes
    link: str = ""


@dataclass(frozen=True, slots=True)
class FeedBody:
    """`hidden`: secrets of the URL and the request headers, which must not appear in any result. `dates`: what is known
    of the source's dates. `read`: packed ReadMarkup, how its last document was read."""

    source_id: str
    url: str
    content_type: str
    body: bytes
    hidden: Hidden = NOTHING_HIDDEN
    dates: DateContext = NO_CONTEXT
    read: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """The packed raw entry of a sighting whose source has secrets (`hidden`). `home`: the link of its channel."""

    id: int
    draft: bytes
    home: str
    hidden: Hidden


def process_feed(
    feed: FeedBody, known: frozenset[str], settings: ContentSettings, signing: Signing = NOT_SIGNED
) -> ProcessedFeed:
    """Cleans every entry whose item is not in `known`. Raises ParseError if the body is not a feed."""
    document, base = _read(feed, known)
    problems = list(document.problems)
    of_feed = [f"the feed: {one}" for one in overlong_urls.in_about(document.about, feed.url, settings)]
    problems += _first_few("parse", of_feed, ADDRESSES)
    left_out: list[str] = []
    date_faults: dict[str, str] = {}  # by shape
    entries: list[ProcessedEntry] = []
    cleans: list[CleanEntry | None] = []
    for draft, faults in zip(document.drafts, document.date_faults, strict=True):
        try:
            draft = draft if draft.base else replace(draft, base=base)  # noqa: PLW2901
            entry, cleaned = _process_entry(draft, known, settings)
            entries.append(entry)
            cleans.append(cleaned)
            if cleaned:
                left_out += (f"{_name(draft)}: {one}" for one in _left_out(draft, cleaned, settings))
                for fault in faults:
                    date_faults.setdefault(shape(fault), f"{_name(draft)}: {cut(fault, LONGEST_FAULT)}")
        except MemoryError:
            raise  # fails the pull: entries left out for want of memory would count as gone
        except Exception as error:  # noqa: BLE001 - one bad entry must not lose the others
            problems.append(_lost(draft, error))
    problems += _first_few("parse", left_out, ADDRESSES)
    problems += _first_few("date", [*date_faults.values()], "dates that cannot be read")
    about = clean_about(document.about, base=base, settings=settings)
    named = tuple(replace(one, where=feed.source_id, message=unmarked(one.message)) for one in problems)
    compared = list(map(partial(_with_comparable, signing.learned(cleans)), entries, cleans))
    ordered = in_document_order(compared, {at: ProcessedEntry(item) for at, item in document.unchanged.items()})
    return ProcessedFeed(
        pack(about),
        about.updated,
        ordered,
        document.complete,
        named,
        document.deleted,
        document.poll_hints,
        document.cut_off,
        document.opt_out,
        document.date_order,
        unmarked(document.cloud),
        packed_markup(document, [one.item for one in ordered]),
    )


def load_parsers() -> None:
    """Imports what `process_feed` imports with its first document."""
    import aggregator.parse.feed  # noqa: F401


def _with_comparable(signing: Signing, entry: ProcessedEntry, cleaned: CleanEntry | None) -> ProcessedEntry:
    if not (cleaned and entry.draft and entry.clean):
        return entry
    return replace(entry, comparable=comparable(cleaned, signing, (entry.draft, entry.clean)))


def _read(feed: FeedBody, known: frozenset[str]) -> tuple[FeedDocument, str]:
    """The document without secrets, and the base of its relative references. If the URL holds a secret, the parser
    resolves nothing: `scrub_document` does, with the channel's link."""
    base = visible_base(feed.hidden.marked(feed.url), "")
    url = "" if MARK in base else base
    read = partial(parse, feed.body, url=url, content_type=feed.content_type, context=feed.dates)
    if feed.hidden:  # items are digests of entries without secrets
        return scrub_document(replace(read(), markup=()), base, feed.hidden)
    return read(known=known_markup(feed.read, known)), base


def process_posts(
    files: Sequence[PostBody],
    settings: "PostSettings",
    content: ContentSettings,
    now: datetime,
    signing: Signing = NOT_SIGNED,
) -> list[ProcessedPost]:
    """Reads each file alone; the content of a file never makes it raise."""
    return [_process_post(file, settings, content, now, signing) for file in files]


def clean_again(drafts: Sequence[tuple[int, bytes]], settings: ContentSettings) -> list[tuple[int, bytes]]:
    """(sighting id, packed clean draft) for each (sighting id, packed draft)."""
    return [(id_, pack(_clean(unpack(draft, RawEntry), settings))) for id_, draft in drafts]


def scrub_again(drafts: Sequence[StoredDraft], settings: ContentSettings) -> list[tuple[int, ProcessedEntry]]:
    """(sighting id, its raw and clean entry without secrets) for each."""
    return [(one.id, _process_entry(_scrubbed(one), frozenset(), settings)[0]) for one in drafts]


def _scrubbed(one: StoredDraft) -> RawEntry:
    return scrub_draft(unpack(one.draft, RawEntry), one.home, one.hidden)


def _process_entry(
    draft: RawEntry, known: frozenset[str], settings: ContentSettings
) -> tuple[ProcessedEntry, CleanEntry | None]:
    """The entry, and what cleaning made of it; None if it is known."""
    item = record_digest(draft, ADDED_FIELDS)
    if item in known:
        return ProcessedEntry(item), None
    cleaned = _clean(draft, settings)
    return ProcessedEntry(item, pack(draft), pack(cleaned)), cleaned


def _clean(draft: RawEntry, settings: ContentSettings) -> CleanEntry:
    return clean(draft, base=draft.base, settings=settings)


def _process_post(
    file: PostBody, settings: "PostSettings", content: ContentSettings, now: datetime, signing: Signing
) -> ProcessedPost:
    from aggregator.posts import read_post  # slow to load, and few planets have posts

    path = file.path
    try:
        post = read_post(file.data, path, settings, file.link)
        if post.hidden:
            return ProcessedPost(path, hidden=True, repaired=post.repaired, problems=post.problems)
        draft = replace(post.draft, base=_base_of(post.draft), tags=post.tags, published=post.date_at(now))
        entry, cleaned = _process_entry(draft, frozenset(), content)
        entry = _with_comparable(signing, entry, cleaned)
    except PostError as error:
        where = f"{path}:{error.line}" if error.line else path
        return ProcessedPost(path, fault=Problem(where, error.kind, error.message))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad post must not lose the others
        return ProcessedPost(
            path, fault=Problem(path, "front-matter", f"cannot be read: {type(error).__name__}: {error}")
        )
    claimed = draft.published or draft.updated
    left_out = _left_out(draft, cleaned, content) if cleaned else []
    found = _first_few("front-matter", left_out, ADDRESSES)
    problems = (*post.problems, *(replace(one, where=path) for one in found))
    return ProcessedPost(
        path,
        entry,
        claimed,
        post.goes_out_at,
        post.expires_at,
        dated_by_path=post.dated_by_path,
        repaired=post.repaired,
        problems=problems,
    )


def _base_of(draft: RawEntry) -> str:
    """Base of a post's relative references: its own link, if any."""
    alternate = (link for link in draft.links if link.rel == "alternate")
    return next(alternate, Link("")).href


def _left_out(draft: RawEntry, cleaned: CleanEntry, settings: ContentSettings) -> list[str]:
    """A message for each address that cleaning left out."""
    too_long = map(str, overlong_urls.in_draft(draft, settings))
    return [*too_long, *unusable_addresses.in_draft(draft, cleaned, settings)]


def _name(draft: RawEntry) -> str:
    return overlong_urls.name_of(draft) or "an entry without title and id"


def _first_few(kind: str, messages: Sequence[str], what: str) -> list[Problem]:
    """`what`: the rest, in the plural."""
    rest = len(messages) - MOST_REPORTED
    reported = [*messages[:MOST_REPORTED], *([f"… and {rest} more {what}"] if rest > 0 else [])]
    return [Problem("", kind, message) for message in reported]


def _lost(draft: RawEntry, error: Exception) -> Problem:
    return Problem("", "parse", f"{_name(draft)}: {type(error).__name__}: {error}")
