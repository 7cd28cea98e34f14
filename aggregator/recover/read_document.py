"""What one document of our own tree says of its entries. Runs in isolation: somebody may have edited it.

Our feeds are read as any other feed is; what is undone here is what publishing adds to an entry.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
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
from aggregator.text.entry_ids import is_public_id
from aggregator.text.footer import footer_at
from aggregator.text.normalize import SINCE

MOST = 100_000  # entries of one document

_HREF = re.compile(r'<a href="([^"]*)"')
_SLUG = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)\.html")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """`url`: where it is published; `pages`: what the addresses of our pages of entries begin with."""

    path: str
    url: str
    body: bytes
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecalledEntry:
    """One entry as one document of ours shows it.

    `draft` is packed, without the link to a page of ours (that is `slug`), without the line that names other sources
    and without `source`, which stands here: where it was taken from. `address` is that source's as it was written,
    `source_id` its id in our config; "" where the document does not say. `terms` are the levels of its categories.
    `also`: addresses at which other sources published it.
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
class RecalledDocument:
    """`format`: atom, rss or json. `atom_id`: the feed's own id, "" where it has none. `complete`: nothing was lost."""

    format: str
    atom_id: str
    entries: tuple[RecalledEntry, ...]
    complete: bool
    problems: tuple[Problem, ...]


def read_document(file: TreeFile, settings: ContentSettings) -> RecalledDocument:
    """Raises ParseError where the file is no feed that can be read."""
    document = parse(file.body, url=file.url, limit=MOST)
    is_json = document.format.startswith("json")
    head, items = _raw(file.body) if is_json else ({}, {})
    entries, problems = [], [replace(problem, where=file.path) for problem in document.problems]
    for draft in document.drafts:
        try:
            own = _without_language(draft, document.about.language)
            entries.append(_entry(own, items.get(draft.id, {}), file.pages, settings))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one entry does to us, the others go on
            problems.append(Problem(file.path, "parse", f"{(draft.id or 'an entry')[:200]} is left out: {error}"))
    atom_id = _string(head, "id") if is_json else document.about.id
    complete = document.complete and len(entries) == len(document.drafts)
    return RecalledDocument(_family(document.format), atom_id, tuple(entries), complete, tuple(problems))


def _family(version: str) -> str:
    name = version.rstrip("0123456789")
    return name if name in {"atom", "json"} else "rss"


def _raw(body: bytes) -> tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]:
    """What `_aggregator` says of a JSON Feed, and its items as they stand, by their ids."""
    feed = json.loads(body)
    items = (item for item in feed.get("items", ()) if isinstance(item, dict))
    return _mapping(feed, "_aggregator"), {item["id"]: item for item in items if isinstance(item.get("id"), str)}


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _string(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _entry(draft: RawEntry, item: Mapping[str, Any], pages: Sequence[str], settings: ContentSettings) -> RecalledEntry:
    """`item`: as JSON has it, else empty. Raises ParseError for what cannot be one of ours."""
    said = _mapping(item, "_aggregator")
    published, updated = draft.published or draft.updated, draft.updated or draft.published
    if not is_public_id(draft.id):
        raise ParseError("parse", "its id is none that we give")
    if published is None or updated is None or min(published, updated) < SINCE:
        raise ParseError("parse", "its dates are none that we give")
    slug = next(_slugs(draft.links, pages), "")
    also = _footer_links(draft.content) or _footer_links(draft.summary) or tuple(_said_also(said))
    links = (link for link in draft.links if not (link.rel == "related" and link.href in also))
    source = _source(draft.source, settings)
    bare = replace(
        draft,
        authors=() if item and source and draft.authors == (Person(source.title),) else draft.authors,
        links=tuple(link for link in links if not (slug and link.rel == "alternate")),
        content=_unfooted(draft.content),
        summary=_unfooted(draft.summary),
        source=None,
    )
    return RecalledEntry(
        public_id=draft.id,
        published=published,
        updated=updated,
        draft=pack(_with_comments(bare)),
        terms=_levels(draft, item),
        slug=slug,
        source=source,
        source_id=_string(_mapping(said, "source"), "feed"),
        address=draft.source.self_link if draft.source else "",
        also=also,
    )


def _without_language(draft: RawEntry, language: str) -> RawEntry:
    """What is said in the language of the feed says nothing of its own."""
    if draft.language != language:
        return draft
    texts = (replace(text, language="") if text else None for text in (draft.title, draft.summary, draft.content))
    title, summary, content = texts
    return replace(draft, language="", title=title, summary=summary, content=content)


def _levels(draft: RawEntry, item: Mapping[str, Any]) -> tuple[CategoryTerm, ...]:
    """JSON has no schemes to tell two levels of one name apart, so each tag counts."""
    tags = [CategoryTerm(tag) for tag in _list(item, "tags") if isinstance(tag, str)]
    return tuple(tag for tag in tags if tag in draft.terms) if tags else draft.terms


def _slugs(links: Sequence[Link], pages: Sequence[str]) -> Iterator[str]:
    """Of the page that we publish for an entry that has no other address."""
    for link in links:
        for beginning in pages if link.rel == "alternate" else ():
            rest = link.href.removeprefix(beginning)
            if rest != link.href and (match := _SLUG.fullmatch(rest)):
                yield match[1]


def _said_also(said: Mapping[str, Any]) -> Iterator[str]:
    for other in _list(said, "also_published_by"):
        if isinstance(other, dict) and (href := _string(other, "url")):
            yield href


def _footer_links(text: Text | None) -> tuple[str, ...]:
    at = footer_at(text.value) if text else -1
    return tuple(map(unescape, _HREF.findall(text.value[at:]))) if text and at >= 0 else ()


def _unfooted(text: Text | None) -> Text | None:
    at = footer_at(text.value) if text else -1
    return replace(text, value=text.value[:at]) if text and at >= 0 else text


def _with_comments(draft: RawEntry) -> RawEntry:
    """Atom tells the page of comments as a bare link to replies (RFC 4685)."""
    replies = [link for link in draft.links if link.rel == "replies"]
    if draft.comments or len(replies) != 1 or replies[0] != Link(replies[0].href, "replies"):
        return draft
    links = tuple(link for link in draft.links if link.rel != "replies")
    return replace(draft, links=links, comments=replies[0].href)


def _source(about: FeedInfo | None, settings: ContentSettings) -> FeedInfo | None:
    """A source without an author is published with itself as its author, which is none for its entries to inherit."""
    if about is None:
        return None
    cleaned = clean_about(about, base="", settings=settings)
    return replace(cleaned, authors=()) if cleaned.authors == (Person(cleaned.title),) else cleaned
