"""HTML pages: one for each feed, local post and the health of sources, and the index. No scripts, one style sheet.

A page is in the language of its feed, else of the site; the page of an entry is in that of the entry, within words in
that of the site.

The user's templates folder can replace any template, or `style.css`, by name.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, Template, TemplateError
from markupsafe import Markup

from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.published import FeedListing, MovedFeed, River, SourceListing
from aggregator.model.rendered import UP, RenderedDocument
from aggregator.model.status import PublicHealth
from aggregator.render.category_tree import largest
from aggregator.render.chips import ROOT, linked_only, marked
from aggregator.render.front_page import category_pages, days
from aggregator.render.human_dates import HumanDates
from aggregator.render.nearby import NOTHING_NEARBY, Nearby
from aggregator.render.page_links import (
    below,
    groups,
    way_up,
)
from aggregator.render.page_templates import TemplateUseError, environment, template_source, time_zone
from aggregator.render.plain_text import legal
from aggregator.render.words import Words
from aggregator.text.generator import GENERATOR
from aggregator.translations import msgid

SUBSCRIPTIONS = (
    ("atom", "Atom", "application/atom+xml", "atom.xml"),
    ("rss", "RSS", "application/rss+xml", "rss.xml"),
    ("json", "JSON Feed", "application/feed+json", "feed.json"),
)


ARTICLES = Markup("<!-- entries -->")  # a placeholder; foreign text cannot contain it, because `<` is escaped
FEED_GREETING = msgid("This is a feed. To subscribe, give the address of this page to a feed reader: ")  # in feed.css
CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
ANNOUNCED = 8  # categories that the index links to for feed readers


class PageFormat:
    """Raises TemplateUseError for a faulty template when a page needs it."""

    def __init__(self, site: Site, formats: Sequence[str], templates: Path | None) -> None:
        self._site = site
        self._user_templates = templates
        self._front = _front_template(templates)
        self._words = Words.of(site.language)
        self._dates = HumanDates(time_zone(site.timezone), self._words)
        self._environments: dict[Words, Environment] = {}
        self._templates: dict[tuple[str, Words], Template] = {}
        self._subscriptions = [row for row in SUBSCRIPTIONS if row[0] in formats]
        files = [*(["index.html"] if site.has_pages else []), *(file for *_, file in self._subscriptions), ""]
        self._globals = {"subscriptions": self._subscriptions, "feed_file": files[0]}

    def build(self, entry: Entry, language: str = "") -> bytes:
        """The article, with UP where it leads to other pages. `language`: of the page, "" for the site's."""
        words = Words.of(language or self._site.language)
        return marked(_encoded(self._render("article.html", words, entry=entry, on_its_own=False, root=ROOT)))

    def write(self, built: bytes) -> bytes:
        return built

    def document(
        self, feed: Feed, address: str, entries: Sequence[bytes], nearby: Nearby = NOTHING_NEARBY
    ) -> RenderedDocument:
        up = way_up(feed)
        context = {"feed": feed, "address": address, "nearby": nearby, "below": below(feed, nearby)}
        words = Words.of(feed.language or self._site.language)
        frame = self._page("feed.html", up, words, **context, articles=ARTICLES if entries else "")
        linked = nearby.linked
        articles = entries if linked is None else [linked_only(one, linked) for one in entries]
        before, *after = frame.split(ARTICLES.encode())
        if len(after) == 1:
            return RenderedDocument(before, articles, after=after[0], up=up.encode())
        whole = b"\n".join(articles).replace(UP, up.encode())
        return RenderedDocument(whole.join((before, *after)))  # a template may use them twice, or never

    def entry_page(self, entry: Entry) -> bytes:
        words = Words.of(self._site.language, entry.clean.language)
        return self._page("entry.html", "../", words, entry=entry, on_its_own=True)

    def health(self, feed: Feed, sources: Sequence[PublicHealth]) -> bytes:
        return self._page("health.html", "../", Words.of(feed.language), feed=feed, sources=sources)

    def not_found(self) -> bytes:
        """The page for addresses that do not exist. It is shown at any address, so its links begin at the host."""
        return self._page("404.html", urlsplit(self._site.url).path or "/", self._words)

    def index(
        self,
        listings: Sequence[FeedListing],
        sources: Sequence[SourceListing] = (),
        moved: Sequence[MovedFeed] = (),
        river: River | None = None,
    ) -> bytes:
        """Without `river` the page is a list of the feeds."""
        everything = next((listing for listing in listings if listing.id == "all"), None)
        main = [everything] if everything else []
        return self._page(
            self._front if river else "index.html",
            "",
            self._words,
            listings=listings,
            everything=everything,
            announced=[*self._announced(main, 3), *self._announced(largest(listings)[:ANNOUNCED], 1)],
            changed=max((listing.updated for listing in listings), default=None),
            groups=groups(listings, self._words, beside=sources if river else ()),
            largest=largest(listings),
            sources=sources,
            moved=moved,
            names={listing.id: listing.title for listing in listings},
            river=river,
            source_pages={source.id: source.page for source in sources},
            days=days(river.entries, category_pages(listings), self._dates) if river else [],
        )

    def _announced(self, listings: Iterable[FeedListing], most: int) -> Iterator[tuple[str, str, str]]:
        """(title, type, href) of the first formats of each feed, by which feed readers find them from the index."""
        for listing in listings:
            editions = dict(listing.editions)
            for key, name, media, _ in [row for row in self._subscriptions if row[0] in editions][:most]:
                yield f"{listing.title} ({name})", media, editions[key].href

    def _formats(self, listing: FeedListing, most: int) -> list[tuple[str, str]]:
        """(name, href) of the first formats of a feed."""
        editions = dict(listing.editions)
        there = [(name.split()[0], editions[key].href) for key, name, *_ in self._subscriptions if key in editions]
        return there[:most]

    def feed_style(self) -> bytes:
        """The style sheet of feeds in browsers, which tells in the language of the site what they are."""
        css = template_source(self._environment(self._words), "feed.css")
        return css.replace(FEED_GREETING, self._words.phrase(FEED_GREETING)).encode()

    def page_style(self) -> bytes:
        """The style sheet of pages. It bears our mark, also where it is the user's."""
        css = template_source(self._environment(self._words), "style.css")
        return (css if GENERATOR in css else f"/* {GENERATOR}: style.css of site.templates */\n{css}").encode()

    def _page(self, template: str, root: str, words: Words, **context: Any) -> bytes:
        """`root`: the way from the page to the root of the tree."""
        return _encoded(self._render(template, words, root=root, **context))

    def _render(self, template: str, words: Words, **context: Any) -> str:
        try:
            if (template, words) not in self._templates:
                found = self._templates[template, words] = self._environment(words).get_template(template)
                found.globals = dict(found.globals)  # it is copied for each page, and a ChainMap only slowly
            return self._templates[template, words].render(context)
        except TemplateError as error:
            raise TemplateUseError(f"{template}: {error}") from error

    def _environment(self, words: Words) -> Environment:
        if words not in self._environments:
            self._environments[words] = environment(self._site, self._user_templates, words)
            self._environments[words].globals |= self._globals
            self._environments[words].filters["formats"] = self._formats
        return self._environments[words]


def _encoded(page: str) -> bytes:
    """The page without characters that XML forbids. Few pages have any, so bytes are tested first, which is faster."""
    try:
        data = page.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return legal(page).encode()
    is_legal = len(data.translate(None, CONTROLS)) == len(data) and "\ufffe" not in page and "\uffff" not in page
    return data if is_legal else legal(page).encode()


def _front_template(templates: Path | None) -> str:
    """A user's own index.html is the front page, unless there is a front.html beside it."""
    is_own = templates is not None and (templates / "index.html").is_file()
    return "index.html" if is_own and not (templates and (templates / "front.html").is_file()) else "front.html"
