"""HTML pages: one for each feed, local post and the health of sources, and the index. No scripts, one inline style.

The user's templates folder can replace any template, or `style.css`, by name.
"""

import base64
import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.bccache import Bucket
from markupsafe import Markup

from aggregator.errors import AggregatorError
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.published import FeedListing, MovedFeed, SourceListing
from aggregator.model.rendered import RenderedDocument
from aggregator.model.status import PublicHealth
from aggregator.render.added_lines import footer
from aggregator.render.attachments import attached
from aggregator.render.attribution import authors, display_name, enclosures, license_of, rights
from aggregator.render.category_tree import largest, letters
from aggregator.render.media_types import language_tag, media_type
from aggregator.render.page_html import content_html
from aggregator.render.page_links import (
    NOTHING_NEARBY,
    Nearby,
    below,
    groups,
    label,
    name_filter,
    trail_filter,
    turns_filter,
)
from aggregator.render.plain_text import first_words, legal
from aggregator.text.date_formats import rfc3339, utc
from aggregator.text.generator import GENERATOR

RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ps sd ug ur yi".split())  # languages, by their RFC 5646 subtag
TEMPLATES = Path(__file__).parent / "templates"
SUBSCRIPTIONS = (
    ("atom", "Atom", "application/atom+xml", "atom.xml"),
    ("rss", "RSS", "application/rss+xml", "rss.xml"),
    ("json", "JSON Feed", "application/feed+json", "feed.json"),
)


class TemplateCache(BytecodeCache):
    """Compiled templates, by name and text, so that a daemon compiles each once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


TEMPLATE_CACHE = TemplateCache()
ARTICLES = Markup("<!-- entries -->")  # a placeholder; foreign text cannot contain it, because `<` is escaped
CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
ANNOUNCED = 8  # categories that the index links to for feed readers


class TemplateUseError(AggregatorError):
    """A template cannot be read, or uses something that does not exist."""

    exit_status = 2


class PageFormat:
    """Raises TemplateUseError for a faulty template when a page needs it."""

    def __init__(self, site: Site, formats: Sequence[str], templates: Path | None) -> None:
        self._environment = environment(site, templates)
        self._templates: dict[str, Template] = {}
        self._subscriptions = [row for row in SUBSCRIPTIONS if row[0] in formats]
        self._environment.globals["subscriptions"] = self._subscriptions

    def entry(self, entry: Entry) -> bytes:
        return _encoded(self._render("article.html", entry=entry, on_its_own=False))

    def document(
        self, feed: Feed, address: str, entries: Sequence[bytes], nearby: Nearby = NOTHING_NEARBY
    ) -> RenderedDocument:
        context = {"feed": feed, "address": address, "nearby": nearby, "below": below(feed, nearby)}
        frame = self._page("feed.html", **context, articles=ARTICLES if entries else "")
        before, *after = frame.split(ARTICLES.encode())
        if len(after) == 1:
            return RenderedDocument(before, entries, after=after[0])
        return RenderedDocument(b"\n".join(entries).join((before, *after)))  # a template may use them twice, or never

    def entry_page(self, entry: Entry) -> bytes:
        return self._page("entry.html", entry=entry, on_its_own=True)

    def health(self, feed: Feed, sources: Sequence[PublicHealth]) -> bytes:
        return self._page("health.html", feed=feed, sources=sources)

    def index(
        self, listings: Sequence[FeedListing], sources: Sequence[SourceListing] = (), moved: Sequence[MovedFeed] = ()
    ) -> bytes:
        everything = next((listing for listing in listings if listing.id == "all"), None)
        main = [everything] if everything else []
        return self._page(
            "index.html",
            listings=listings,
            everything=everything,
            announced=[*self._announced(main, 3), *self._announced(largest(listings)[:ANNOUNCED], 1)],
            changed=max((listing.updated for listing in listings), default=None),
            groups=groups(listings),
            largest=largest(listings),
            sources=sources,
            moved=moved,
        )

    def _announced(self, listings: Iterable[FeedListing], most: int) -> Iterator[tuple[str, str, str]]:
        """(title, type, href) of the first formats of each feed, by which feed readers find them from the index."""
        for listing in listings:
            editions = dict(listing.editions)
            for key, name, media, _ in [row for row in self._subscriptions if row[0] in editions][:most]:
                yield f"{listing.title} ({name})", media, editions[key].href

    def feed_style(self) -> bytes:
        """The style sheet of feeds in browsers."""
        return _source(self._environment, "feed.css").encode()

    def _page(self, template: str, **context: Any) -> bytes:
        return _encoded(self._render(template, **context))

    def _render(self, template: str, **context: Any) -> str:
        try:
            if template not in self._templates:
                self._templates[template] = self._environment.get_template(template)
            return self._templates[template].render(context)
        except TemplateError as error:
            raise TemplateUseError(f"{template}: {error}") from error


def _encoded(page: str) -> bytes:
    """The page without characters that XML forbids. Few pages have any, so bytes are tested first, which is faster."""
    try:
        data = page.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return legal(page).encode()
    is_legal = len(data.translate(None, CONTROLS)) == len(data) and "\ufffe" not in page and "\uffff" not in page
    return data if is_legal else legal(page).encode()


def environment(site: Site, templates: Path | None) -> Environment:
    folders = [templates, TEMPLATES] if templates else [TEMPLATES]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        auto_reload=False,
        bytecode_cache=TEMPLATE_CACHE,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "rfc3339": rfc3339,
        "shown": _time_filter(site.timezone),
        "day": _date_filter(site.timezone),
        "name": name_filter(site),
        "label": label,
        "letters": letters,
        "trail": trail_filter(site),
        "turns": turns_filter(site),
        "headline": _headline,
        "direction": _direction,
        "authors": _author_names,
        "rights": rights,
        "license": license_of,
        "enclosures": enclosures,
        "media_type": media_type,
        "attached": attached,
        "language": language_tag,
        "way": text_direction,
        "prose": _page_html,
        "href": _href,
        "footer": partial(footer, site=site),
    }
    environment.globals |= {"site": site, "generator": GENERATOR} | _style(environment)
    return environment


def _style(environment: Environment) -> dict[str, Any]:
    """The style sheet and its digest: the page's content security policy allows this style only."""
    css = _source(environment, "style.css")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return {"style": Markup(css), "style_digest": Markup(digest)}  # noqa: S704 - the package's or the user's own file


def _source(environment: Environment, name: str) -> str:
    """The unrendered text of a template file: the user's, else ours."""
    if environment.loader:
        return environment.loader.get_source(environment, name)[0]
    return (TEMPLATES / name).read_text("utf-8")


def _time_filter(timezone: str) -> Callable[[datetime], str]:
    """Returns a filter for times: to the minute, in the site's time zone, with the offset."""
    zone = _zone(timezone)

    def shown(moment: datetime) -> str:
        text = utc(moment).astimezone(zone).isoformat(sep=" ", timespec="minutes")
        return text.removesuffix("+00:00") + (" UTC" if text.endswith("+00:00") else "")

    return shown


def _date_filter(timezone: str) -> Callable[[datetime], str]:
    zone = _zone(timezone)
    return lambda moment: utc(moment).astimezone(zone).date().isoformat()


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TemplateUseError(f"no such time zone: {timezone}") from error


def _headline(entry: Entry) -> str:
    """The title, or the first words of an untitled entry."""
    return entry.clean.title or first_words(entry.clean.content or entry.clean.summary) or entry.link or entry.id


def text_direction(language: str) -> str:
    """The direction of a language, by its tag: rtl, or ltr, also for unknown ones."""
    return "rtl" if language.lower().partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def _page_html(markup: str, below: int) -> Markup:
    return Markup(content_html(markup, below))  # noqa: S704 - sanitized before it came here


def _direction(entry: Entry) -> str:
    """The direction of the entry: that of its language, else of the first letter of its headline."""
    if text_direction(entry.clean.language) == "rtl":
        return "rtl"
    strong = (unicodedata.bidirectional(sign) for sign in _headline(entry))
    return "rtl" if next((one for one in strong if one in {"L", "R", "AL"}), "L") != "L" else "ltr"


def _author_names(entry: Entry) -> list[str]:
    """The names of authors, without one that repeats the source's name."""
    source = entry.attribution.title if entry.attribution else ""
    return [name for name in map(display_name, authors(entry)) if name and name != source]


def _href(address: str) -> str:
    """The address if a page may link to it, else "": autoescape does not stop `javascript:`."""
    return address if address.lower().startswith(("http://", "https://", "mailto:")) else ""
