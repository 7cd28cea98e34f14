"""A document republished in memory: parse ─▶ clean ─▶ a feed of its entries ─▶ render."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.clean.clean_entry import ContentSettings, clean, clean_about
from aggregator.model.document import FeedDocument
from aggregator.model.entry import Attribution, CleanEntry, Entry, Level
from aggregator.model.feed import Feed, Site
from aggregator.parse import parse
from aggregator.render import Renderer
from aggregator.text.entry_ids import is_public_id

URL = "https://blog.example/feed.xml"
AT = datetime(2026, 1, 1, tzinfo=UTC)
SITE = Site("Planet", "https://planet.example/")


def cleaned(body: bytes, url: str = URL) -> tuple[CleanEntry, ...]:
    return tuple(_cleaned(parse(body, url=url), url))


def republished(body: bytes, form: str, url: str = URL) -> bytes:
    """The document as one of our formats: atom, rss or json."""
    document = parse(body, url=url)
    entries = tuple(_entries(document, url))
    feed = Feed("all", "tag:planet.example,2024:feed/all", "All", "https://planet.example/all/", AT, entries=entries)
    rendered = Renderer(SITE).feed(feed, form)
    assert rendered.problems == ()
    return rendered.data


def _cleaned(document: FeedDocument, url: str) -> Iterator[CleanEntry]:
    for draft in document.drafts:
        based = replace(draft, base=draft.base or url)
        yield clean(based, base=based.base, settings=ContentSettings())


def _entries(document: FeedDocument, url: str) -> Iterator[Entry]:
    about = clean_about(document.about, base=url, settings=ContentSettings())
    source = Attribution("blog", about.title or "blog", url, about.id, about.link, AT, about.authors)
    for place, draft in enumerate(_cleaned(document, url)):
        published = draft.published or draft.updated or AT
        yield Entry(
            id=draft.id if is_public_id(draft.id) else f"tag:planet.example,2024:blog/{place}",
            link=draft.link,
            published=published,
            updated=draft.updated or published,
            first_seen_at=AT,
            changed_at=AT,
            clean=draft,
            levels=tuple(Level(term.term, term.label or term.term, term.scheme) for term in draft.terms),
            attribution=source,
        )
