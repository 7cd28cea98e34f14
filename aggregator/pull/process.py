"""Foreign markup into drafts and clean drafts. These functions run in isolation: plain bytes in and out.

[ parse ─▶ normalize ─▶ sanitize ─▶ fingerprint ]: the inner part of `pull` (see pipeline.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.clean import overlong_urls as overlong
from aggregator.clean.clean_entry import ContentSettings, clean, clean_about
from aggregator.clean.scrub import scrub_document, scrub_draft, visible_base
from aggregator.codec import digest, pack, unpack
from aggregator.errors import PostError
from aggregator.model.document import FeedDocument, Link, RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.model.problems import Problem
from aggregator.parse import parse
from aggregator.posts import PostSettings, read_post
from aggregator.text.masking import MARK, NOTHING_HIDDEN, Hidden, unmarked

MOST_TOLD = 5  # addresses of one document that are too long, by name


@dataclass(frozen=True, slots=True)
class ProcessedEntry:
    """`draft` and `clean` are packed; None where the caller knew the item already."""

    item: str
    draft: bytes | None = None
    clean: bytes | None = None


@dataclass(frozen=True, slots=True)
class ProcessedFeed:
    """`about` is packed; `updated` the document's own date; `deleted` upstream ids of what it says was withdrawn."""

    about: bytes
    updated: datetime | None
    entries: tuple[ProcessedEntry, ...]
    complete: bool
    problems: tuple[Problem, ...]
    deleted: tuple[str, ...] = ()
    pace: PollHints = NO_HINT
    cut_off: bool = False
    opt_out: str = ""


@dataclass(frozen=True, slots=True)
class ProcessedPost:
    """`fault` says why the post could not be read; then there is no entry."""

    path: str
    entry: ProcessedEntry | None = None
    claimed: datetime | None = None
    waits_until: datetime | None = None
    hidden: bool = False
    repaired: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    fault: Problem | None = None


@dataclass(frozen=True, slots=True)
class FeedBody:
    """`hidden`: what of its address, and of what was sent with it, is to stand in nothing that is made of it."""

    source_id: str
    url: str
    content_type: str
    body: bytes
    hidden: Hidden = NOTHING_HIDDEN


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A sighting's draft, packed, of a source with something `hidden`. `home`: what is its channel's link."""

    id: int
    draft: bytes
    home: str
    hidden: Hidden


def process_feed(feed: FeedBody, known: frozenset[str], settings: ContentSettings) -> ProcessedFeed:
    """Every entry that is not `known` by its item, cleaned; raises ParseError where the body is no feed."""
    document, base = _read(feed)
    problems = list(document.problems)
    problems += _few([f"the feed: {one}" for one in overlong.in_about(document.about, feed.url, settings)])
    too_long: list[str] = []
    entries = []
    for draft in document.drafts:
        try:
            draft = replace(draft, base=draft.base or base)  # noqa: PLW2901
            entries.append(_refine(draft, known, settings))
            too_long += _too_long(draft, settings) if entries[-1].draft else []
        except MemoryError:
            raise  # concerns all: what is left out for want of memory would pass for gone
        except Exception as error:  # noqa: BLE001 - whatever one entry does to us, the others go on
            problems.append(_lost(draft, error))
    problems += _few(too_long)
    about = clean_about(document.about, base=base, settings=settings)
    named = tuple(replace(one, where=feed.source_id, message=unmarked(one.message)) for one in problems)
    return ProcessedFeed(
        pack(about),
        about.updated,
        tuple(entries),
        document.complete,
        named,
        document.deleted,
        document.pace,
        document.cut_off,
        document.opt_out,
    )


def _read(feed: FeedBody) -> tuple[FeedDocument, str]:
    """The document without what is hidden, and the address that its references resolve against. Under a hidden one the
    parser resolves nothing: that takes the channel's link, which is read with the rest."""
    base = visible_base(feed.hidden.marked(feed.url), "")
    document = parse(feed.body, url="" if MARK in base else base, content_type=feed.content_type)
    return scrub_document(document, base, feed.hidden) if feed.hidden else (document, base)


def process_posts(
    files: Sequence[tuple[str, bytes]], settings: PostSettings, content: ContentSettings
) -> list[ProcessedPost]:
    """Each file (path, bytes) on its own; never raises for what is in one."""
    return [_refine_post(path, data, settings, content) for path, data in files]


def clean_again(drafts: Sequence[tuple[int, bytes]], settings: ContentSettings) -> list[tuple[int, bytes]]:
    """(sighting id, packed clean draft) for each (sighting id, packed draft)."""
    return [(id_, pack(_clean(unpack(draft, RawEntry), settings))) for id_, draft in drafts]


def scrub_again(drafts: Sequence[StoredDraft], settings: ContentSettings) -> list[tuple[int, ProcessedEntry]]:
    """(sighting id, its draft without what is hidden, and what is derived from that) for each."""
    return [(one.id, _refine(_scrubbed(one), frozenset(), settings)) for one in drafts]


def _scrubbed(one: StoredDraft) -> RawEntry:
    return scrub_draft(unpack(one.draft, RawEntry), one.home, one.hidden)


def _refine(draft: RawEntry, known: frozenset[str], settings: ContentSettings) -> ProcessedEntry:
    item = digest(draft)
    if item in known:
        return ProcessedEntry(item)
    return ProcessedEntry(item, pack(draft), pack(_clean(draft, settings)))


def _clean(draft: RawEntry, settings: ContentSettings) -> CleanEntry:
    return clean(draft, base=draft.base, settings=settings)


def _refine_post(path: str, data: bytes, settings: PostSettings, content: ContentSettings) -> ProcessedPost:
    try:
        post = read_post(data, path, settings)
        if post.hidden:
            return ProcessedPost(path, hidden=True, repaired=post.repaired, problems=post.problems)
        draft = replace(post.draft, base=_base_of(post.draft), tags=post.tags)
        entry = _refine(draft, frozenset(), content)
    except PostError as error:
        where = f"{path}:{error.line}" if error.line else path
        return ProcessedPost(path, fault=Problem(where, error.kind, error.message))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one post does to us, the others go on
        return ProcessedPost(
            path, fault=Problem(path, "front-matter", f"cannot be read: {type(error).__name__}: {error}")
        )
    claimed = draft.published or draft.updated
    too_long = tuple(Problem(path, "front-matter", str(one)) for one in overlong.in_draft(draft, content)[:MOST_TOLD])
    problems = (*post.problems, *too_long)
    return ProcessedPost(path, entry, claimed, draft.published, repaired=post.repaired, problems=problems)


def _base_of(draft: RawEntry) -> str:
    """A post's relative references resolve against its own address, where it has one."""
    alternate = (link for link in draft.links if link.rel == "alternate")
    return next(alternate, Link("")).href


def _too_long(draft: RawEntry, settings: ContentSettings) -> list[str]:
    found = overlong.in_draft(draft, settings)
    name = overlong.name_of(draft) or "an entry without title and id"
    return [f"{name}: {one}" for one in found]


def _few(messages: Sequence[str]) -> list[Problem]:
    rest = len(messages) - MOST_TOLD
    told = [*messages[:MOST_TOLD], *([f"… and {rest} more addresses that are too long"] if rest > 0 else [])]
    return [Problem("", "parse", message) for message in told]


def _lost(draft: RawEntry, error: Exception) -> Problem:
    name = draft.id or (draft.title.value if draft.title else "") or "an entry without id and title"
    return Problem("", "parse", f"{name[:200]}: {type(error).__name__}: {error}")
