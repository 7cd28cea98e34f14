"""Reads the entries of one document of our own tree. Runs in a worker process, because it may have been edited.

The document is parsed like any feed; then everything that publishing adds to an entry is removed again.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from typing import Any

from aggregator.clean.clean_entry import ContentSettings, clean_about
from aggregator.codec import pack
from aggregator.errors import ParseError
from aggregator.model.document import CategoryTerm, FeedInfo, Link, Person, RawEntry, Text
from aggregator.model.problems import Problem
from aggregator.parse import parse
from aggregator.text.added_lines import footer_at, without_byline
from aggregator.text.entry_ids import is_public_id
from aggregator.text.json_values import or_empty
from aggregator.text.local_pictures import LOCAL
from aggregator.text.normalize import SINCE
from aggregator.text.removed_text import is_removed_text
from aggregator.text.title_template import untitled

MOST = 100_000  # entries of one document

_HREF = re.compile(r'<a href="([^"]*)"')
_TOMBSTONE = re.compile(rb'<at:deleted-entry [^<>]*ref="([^"<>]+)" when="([0-9T:.-]{19,26}Z)"/>')
_SLUG = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)\.html")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """`url`: where the file is published; `pages`: prefixes of the URLs of our entry pages; `titles`: the
    templates that its titles may have been made by."""

    path: str
    url: str
    body: bytes
    pages: tuple[str, ...]
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """An entry in one document of ours.

    `draft`: packed; without the link to our page, the footer with other sources, and its source. `slug`: of our page.
    `source`: the feed that the entry was taken from; `address`: its URL as published; `source_id`: its id in our
    config. `terms`: the levels of the entry's categories. `also`: where other sources published it. All of them are
    empty where the document does not have them.
    """

    public_id: str
    published: datetime
    updated: datetime
    draft: bytes
    terms: tuple[CategoryTerm, ...]
    slug: str = ""
    source: FeedInfo | None = None
    source_id: str = ""
    address: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TreeWithdrawal:
    """`at`: when the entry was withdrawn; `published`: its date, None where only a tombstone tells of it."""

    public_id: str
    at: datetime
    published: datetime | None = None

    @property
    def is_stub(self) -> bool:
        return self.published is not None


@dataclass(frozen=True, slots=True)
class TreeDocument:
    """`format`: atom, rss or json. `atom_id`: the feed's id, "" for none. `complete`: no entry was left out;
    `withdrawn`: what its tombstones or stubs tell, which are no entries."""

    format: str
    atom_id: str
    entries: tuple[TreeEntry, ...]
    complete: bool
    problems: tuple[Problem, ...]
    withdrawn: tuple[TreeWithdrawal, ...] = ()


def read_document(file: TreeFile, settings: ContentSettings) -> TreeDocument:
    """Raises ParseError where the file cannot be read as a feed."""
    document = parse(file.body, url=file.url, limit=MOST)
    is_json, is_rss = document.format.startswith("json"), _family(document.format) == "rss"
    head, items = _raw(file.body) if is_json else ({}, {})
    entries, problems = [], [replace(problem, where=file.path) for problem in document.problems]
    drafts = [draft for draft in document.drafts if not is_stub(draft)]
    for draft in drafts:
        try:
            own = _without_language(_with_content(draft) if is_rss else draft, document.about.language)
            entries.append(_entry(own, items.get(draft.id, {}), file, settings))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad entry must not stop the others
            problems.append(Problem(file.path, "parse", f"{(draft.id or 'an entry')[:200]} is left out: {error}"))
    atom_id = or_empty(str, head.get("id")) if is_json else document.about.id
    complete = document.complete and len(entries) == len(drafts)
    withdrawn = (*_tombstones(file.body), *_stubs(document.drafts))
    return TreeDocument(_family(document.format), atom_id, tuple(entries), complete, tuple(problems), withdrawn)


def is_stub(draft: RawEntry) -> bool:
    """Whether it overwrites a withdrawn entry and is none itself: one known word is its title and its text, and it has
    no author, category, source or link (a guid may be read as one)."""
    texts = [text.value.strip() for text in (draft.title, draft.summary, draft.content) if text]
    links = [link for link in draft.links if link.href != draft.id]
    others = (links, draft.authors, draft.terms, draft.source)
    return len(texts) > 1 and len({*texts}) == 1 and is_removed_text(texts[0]) and not any(others)


def _tombstones(body: bytes) -> Iterator[TreeWithdrawal]:
    """As `render.tombstones` writes them, in the order of the document."""
    for ref, when in _TOMBSTONE.findall(body):
        with suppress(ValueError):  # edited by hand
            public_id, at = unescape(ref.decode()), datetime.fromisoformat(when.decode())
            if is_public_id(public_id) and at >= SINCE:
                yield TreeWithdrawal(public_id, at)


def _stubs(drafts: Iterable[RawEntry]) -> Iterator[TreeWithdrawal]:
    for draft in filter(is_stub, drafts):
        if is_public_id(draft.id) and draft.published and draft.published >= SINCE:
            yield TreeWithdrawal(draft.id, draft.updated or draft.published, draft.published)


def _family(version: str) -> str:
    name = version.rstrip("0123456789")
    return name if name in {"atom", "json"} else "rss"


def _raw(body: bytes) -> tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]:
    """The `_aggregator` object of a JSON Feed, and its items by id."""
    feed = json.loads(body)
    items = (item for item in feed.get("items", ()) if isinstance(item, dict) and isinstance(item.get("id"), str))
    return or_empty(dict, feed.get("_aggregator")), {item["id"]: item for item in items}


def _entry(draft: RawEntry, item: Mapping[str, Any], file: TreeFile, settings: ContentSettings) -> TreeEntry:
    """`item`: the item of a JSON Feed, else empty. Raises ParseError for an entry that is not ours."""
    extra = or_empty(dict, item.get("_aggregator"))
    published, updated = draft.published or draft.updated, draft.updated or draft.published
    if not is_public_id(draft.id):
        raise ParseError("parse", "its id is not one that this program assigns")
    if published is None or updated is None or min(published, updated) < SINCE:
        raise ParseError("parse", "its dates are missing or too early")
    slug = next(_slugs(draft.links, file.pages), "")
    also = _footer_links(draft.content) or _footer_links(draft.summary) or tuple(_also_in_json(extra))
    links = (link for link in draft.links if not (link.rel == "related" and link.href in also))
    source = _source(draft.source, settings)
    places = [f"{page}{slug}/" for page in file.pages] if slug else []
    bare = replace(
        draft,
        title=_own_title(draft.title, source, file.titles),
        authors=() if source and draft.authors in ((Person(source.title),), source.authors) else draft.authors,
        links=tuple(link for link in links if not (slug and link.rel == "alternate")),
        content=_with_pictures_beside(_without_lines(draft.content, source), places),
        summary=_with_pictures_beside(_without_lines(draft.summary, source), places),
        image=_beside(draft.image, places),
        source=None,
    )
    return TreeEntry(
        public_id=draft.id,
        published=published,
        updated=updated,
        draft=pack(_with_comments(bare)),
        terms=_levels(draft, item),
        slug=slug,
        source=source,
        source_id=or_empty(str, or_empty(dict, extra.get("source")).get("feed")),
        address=_fetched(draft.source) if draft.source else "",
        also=also,
    )


def _with_content(draft: RawEntry) -> RawEntry:
    """The one text of an item is its content: RSS has it in `description`, as JSON Feed has any in `content_html`."""
    return replace(draft, summary=None, content=draft.summary) if draft.summary and not draft.content else draft


def _without_language(draft: RawEntry, language: str) -> RawEntry:
    """Removes a language that the entry has only from its feed."""
    if draft.language != language:
        return draft
    texts = (replace(text, language="") if text else None for text in (draft.title, draft.summary, draft.content))
    title, summary, content = texts
    return replace(draft, language="", title=title, summary=summary, content=content)


def _levels(draft: RawEntry, item: Mapping[str, Any]) -> tuple[CategoryTerm, ...]:
    """Every JSON tag counts, because without schemes two levels of one name look the same."""
    tags = [CategoryTerm(tag) for tag in or_empty(list, item.get("tags")) if isinstance(tag, str)]
    return tuple(tag for tag in tags if tag in draft.terms) if tags else draft.terms


def _slugs(links: Sequence[Link], pages: Sequence[str]) -> Iterator[str]:
    """The slug of our page, which an entry without another URL has."""
    for link in links:
        for beginning in pages if link.rel == "alternate" else ():
            rest = link.href.removeprefix(beginning)
            if rest != link.href and (match := _SLUG.fullmatch(rest)):
                yield match[1]


def _also_in_json(extra: Mapping[str, Any]) -> Iterator[str]:
    for other in or_empty(list, extra.get("also_published_by")):
        if isinstance(other, dict) and (href := or_empty(str, other.get("url"))):
            yield href


def _footer_links(text: Text | None) -> tuple[str, ...]:
    at = footer_at(text.value) if text else -1
    return tuple(map(unescape, _HREF.findall(text.value[at:]))) if text and at >= 0 else ()


def _without_lines(text: Text | None, source: FeedInfo | None) -> Text | None:
    if text is None:
        return None
    at = footer_at(text.value)
    value = text.value[:at] if at >= 0 else text.value
    return replace(text, value=without_byline(value, source.title if source else ""))


def _own_title(title: Text | None, source: FeedInfo | None, templates: Iterable[str]) -> Text | None:
    """The title without what a template of feeds.titles added to it."""
    if title is None or source is None:
        return title
    for template in templates:
        own = untitled(template, title.value, source.title)
        if own != title.value:
            return replace(title, value=own)
    return title


def _with_comments(draft: RawEntry) -> RawEntry:
    """Reads a single bare `replies` link (RFC 4685) as the comments page: that is how we publish it in Atom."""
    replies = [link for link in draft.links if link.rel == "replies"]
    if draft.comments or len(replies) != 1 or replies[0] != Link(replies[0].href, "replies"):
        return draft
    links = tuple(link for link in draft.links if link.rel != "replies")
    return replace(draft, links=links, comments=replies[0].href)


def _beside(image: str, places: Sequence[str]) -> str:
    place = next(filter(image.startswith, places), "")
    return LOCAL + image.removeprefix(place) if place else image


def _with_pictures_beside(text: Text | None, places: Sequence[str]) -> Text | None:
    """The text with the addresses that pictures beside a post have until it is published. `places`: the addresses of
    the folder of its page."""
    for place in places:
        text = replace(text, value=text.value.replace(f' src="{place}', f' src="{LOCAL}')) if text else None
    return text


def _fetched(source: FeedInfo) -> str:
    """Where we fetched it: `via`, which is written where the source gives another address for itself."""
    return next((link.href for link in source.links if link.rel == "via"), source.self_link)


def _source(about: FeedInfo | None, settings: ContentSettings) -> FeedInfo | None:
    """Removes an author equal to the title: we publish it for sources without one, and entries must not inherit it."""
    if about is None:
        return None
    cleaned = clean_about(about, base="", settings=settings)
    return replace(cleaned, authors=()) if cleaned.authors == (Person(cleaned.title),) else cleaned
